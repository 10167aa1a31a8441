import type { Analysis } from '../../operator/analysis/analysis.ts';
import type { WorkloadRef } from '../../predictor/core/workload.ts';
import type { ContainerSeries, WorkloadSeries, WorkloadSeriesRequest } from '../../predictor/source/history-source.ts';
import type { SeriesColumnsDto, SeriesDto } from '../contract/api.ts';

/** What a chart can show on a wide screen; more would only be drawn over each other. */
const MAX_POINTS = 720;

/** Asks for the analysis' own step, so that no peak is lost before `foldSeries` keeps it. */
export function seriesRequest(analysis: Analysis, workload: WorkloadRef, windowSeconds: number): WorkloadSeriesRequest {
  const { stepSeconds, toUnixSeconds } = analysis.window;
  const slots = Math.ceil(windowSeconds / stepSeconds);
  return { workload, fromUnixSeconds: toUnixSeconds - slots * stepSeconds, toUnixSeconds, stepSeconds };
}

/** Folds slots into at most `MAX_POINTS` points: peaks stay peaks, means stay means, a point without any sample is null. */
export function foldSeries(series: WorkloadSeries): SeriesDto {
  const factor = Math.max(1, Math.ceil(series.slots / MAX_POINTS));
  return {
    from: series.fromUnixSeconds,
    stepSeconds: series.stepSeconds * factor,
    containers: [...series.containers].map(([name, { cpu, memory }]) => ({
      name,
      cpu: foldColumns(cpu, series.slots, factor),
      memory: foldColumns(memory, series.slots, factor),
    })),
  };
}

function foldColumns(columns: ContainerSeries, slots: number, factor: number): SeriesColumnsDto {
  return {
    hottest: fold(columns.hottestPod, slots, factor, largest),
    mean: fold(columns.meanOverPods, slots, factor, meanOf),
    request: fold(columns.request, slots, factor, largest),
    limit: fold(columns.limit, slots, factor, largest),
  };
}

function fold(values: Float64Array, slots: number, factor: number, of: (known: Float64Array) => number): (number | null)[] {
  const out: (number | null)[] = [];
  for (let from = 0; from < slots; from += factor) {
    const known = values.subarray(from, Math.min(from + factor, slots)).filter(Number.isFinite);
    out.push(known.length === 0 ? null : of(known));
  }
  return out;
}

function largest(values: Float64Array): number {
  return Math.max(...values);
}

function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
