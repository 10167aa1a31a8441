import { decideRequest } from '../forecast/decide.ts';
import { newSeries, type SeriesView } from '../forecast/layout.ts';
import { advanceTo, ingest, initSeries } from '../forecast/state.ts';

/** One recorded series; times ascending. */
export interface TraceSeries {
  readonly name: string;
  /** Unix seconds. */
  readonly t: Float64Array;
  /** Use, in any unit. */
  readonly v: Float64Array;
}

/** The request that was in force for `[fromUnixSeconds, toUnixSeconds)`, decided from samples before that span alone. */
export interface ReplayedDecision {
  readonly series: string;
  readonly fromUnixSeconds: number;
  readonly toUnixSeconds: number;
  readonly request: number;
}

export interface ReplayOptions {
  /** How often a request may be set; decisions fall on its multiples. */
  readonly cadenceSeconds: number;
  /** Share of time that use may exceed the request. */
  readonly riskBudget: number;
  /** How long a request must hold; the cadence where not given. */
  readonly horizonSeconds?: number | undefined;
}

/**
 * Replays a series as if it were happening: every decision sees only samples with a time before its own, and nothing of
 * what comes later; the same series cut off anywhere gives the same decisions up to the cut. Moments at which the
 * forecast refuses yield nothing.
 */
export function* replaySeries(series: TraceSeries, options: ReplayOptions, view: SeriesView = newSeries()): Generator<ReplayedDecision> {
  const { cadenceSeconds, riskBudget } = options;
  const horizonSeconds = options.horizonSeconds ?? cadenceSeconds;
  initSeries(view);
  const last = series.t.at(-1);
  const first = series.t[0];
  if (first === undefined || last === undefined) return;
  let inForce: number | undefined;
  let next = 0;
  for (let now = Math.ceil(first / cadenceSeconds) * cadenceSeconds; now <= last; now += cadenceSeconds) {
    for (; (series.t[next] ?? Number.POSITIVE_INFINITY) < now; next++) ingest(view, series.t[next] as number, series.v[next] as number);
    advanceTo(view, now);
    const decision = decideRequest(view, { nowUnixSeconds: now, horizonSeconds, riskBudget, inForce });
    if (!decision.ok && decision.reason !== 'OnlyZeros') continue;
    // Where nothing was ever used a live request is left alone; a replay has none and goes on with what was used.
    inForce = decision.ok ? decision.value.request : 0;
    yield { series: series.name, fromUnixSeconds: now, toUnixSeconds: now + cadenceSeconds, request: inForce };
  }
}

/** All series one after the other. */
export function* replayAll(all: Iterable<TraceSeries>, options: ReplayOptions): Generator<ReplayedDecision> {
  const view = newSeries();
  for (const series of all) yield* replaySeries(series, options, view);
}

export const DECISIONS_HEADER = 'series,from,to,request';

/** One row of a decisions CSV (unix seconds, the trace's unit). */
export function decisionRow(decision: ReplayedDecision): string {
  return `${decision.series},${decision.fromUnixSeconds},${decision.toUnixSeconds},${decision.request}`;
}
