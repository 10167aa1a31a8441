import type { Resource, WorkloadKey } from '../../core/workload.ts';
import type { Samples } from './answer-parser.ts';
import type { CallContext, PrometheusApi } from './api.ts';
import type { Dialect } from './dialect.ts';
import { createPodTimeFold, type PodTime, podTimeExpression, scrapeGapExpression } from './pod-time.ts';
import { type SlotGrid, type SlotRange, slotStart, slotsSeenAhead } from './slots.ts';
import { createUsageFold, type FoldedUsage } from './usage-fold.ts';
import { lookbackSeconds, type Survey, surveyPoints, usageExpression, usageMetric } from './usage-query.ts';
import { isTooMuch, type TimeWindow } from './windows.ts';

interface Piece {
  readonly api: PrometheusApi;
  readonly dialect: Dialect;
  readonly namespaces: readonly string[];
  readonly grid: SlotGrid;
  readonly piece: SlotRange;
  readonly density: Survey;
  readonly nowUnixSeconds: number;
  readonly sampleBudget: number;
}

interface UsagePiece extends Piece {
  readonly resource: Resource;
  readonly resolve: (namespace: string, pod: string) => WorkloadKey | undefined;
  readonly podTime: PodTime | undefined;
}

/** One query: all workloads, one resource, one piece of time. undefined where the server has no such metric. */
export async function readUsage(options: UsagePiece, context: CallContext): Promise<FoldedUsage | undefined> {
  const { resource, grid, piece, nowUnixSeconds } = options;
  const metric = usageMetric(options.dialect, resource);
  if (metric === undefined) return undefined;
  const lookback = lookbackSeconds(resource, grid.stepSeconds, options.density.scrapeIntervalSeconds);
  const lookbackSlots = Math.ceil(lookback / grid.stepSeconds);
  const fromUnixSeconds = slotStart(grid, piece.first);
  const slotsAhead = slotsSeenAhead(grid, piece, { lookbackSlots, nowUnixSeconds });
  return options.api.queryRange(
    {
      expression: usageExpression(resource, metric, { namespaces: options.namespaces }, lookback),
      startUnixSeconds: fromUnixSeconds,
      endUnixSeconds: slotStart(grid, piece.end + slotsAhead),
      stepSeconds: grid.stepSeconds,
    },
    () =>
      createUsageFold({
        resource,
        forms: metric.forms,
        fromUnixSeconds,
        stepSeconds: grid.stepSeconds,
        slots: piece.end - piece.first,
        resolve: options.resolve,
        nowUnixSeconds,
        sampleLimit: 2 * options.sampleBudget,
        lookbackSlots,
        slotsAhead,
        podTime: options.podTime,
      }),
    context,
  );
}

interface PodTimePiece {
  readonly piece: SlotRange;
  readonly of: PodTime;
}

interface PassingGap {
  readonly api: PrometheusApi;
  readonly dialect: Dialect;
  readonly namespaces: readonly string[];
  readonly density: Survey;
  readonly stepSeconds: number;
  readonly time: TimeWindow;
}

/** Scrape interval of pods that come and go, seen at some points of the window or of the last day; that of all where they do not tell. */
export async function readPassingGap(
  options: PassingGap,
  context: CallContext & { readonly counters: { splits: number } },
): Promise<number> {
  const { api, dialect, density, time } = options;
  const metric = dialect.cpu ?? dialect.memory;
  const lookback = lookbackSeconds('cpu', options.stepSeconds, density.scrapeIntervalSeconds);
  const expression = metric && scrapeGapExpression({ ...options, metric, lookbackSeconds: lookback });
  if (expression === undefined) return density.scrapeIntervalSeconds;
  const { startUnixSeconds, stepSeconds } = surveyPoints(time);
  const fold = () => {
    const gaps: number[] = [];
    return {
      series: (_: ReadonlyMap<string, string>, { count: n, values }: Samples) => {
        gaps.push(...values.subarray(0, n).filter((gap) => gap > 0));
      },
      done: () => gaps.sort((a, b) => a - b)[gaps.length >> 1],
    };
  };
  try {
    const query = { expression, startUnixSeconds, endUnixSeconds: time.toUnixSeconds, stepSeconds };
    return (await api.queryRange(query, fold, context)) ?? density.scrapeIntervalSeconds;
  } catch (error) {
    if (!isTooMuch(error)) throw error;
    context.counters.splits++;
    return density.scrapeIntervalSeconds;
  }
}

/** For how long the pods were there that come and go. */
export async function readPodTime(
  options: Piece & { readonly scrapeIntervalSeconds: number },
  context: CallContext,
): Promise<PodTimePiece> {
  const { dialect, grid, piece, namespaces, density } = options;
  const metric = dialect.cpu ?? dialect.memory;
  if (metric === undefined) return { piece, of: () => undefined };
  const lookback = lookbackSeconds('cpu', grid.stepSeconds, density.scrapeIntervalSeconds);
  const fromUnixSeconds = slotStart(grid, piece.first);
  const of = await options.api.queryRange(
    {
      expression: podTimeExpression({ dialect, metric, namespaces, lookbackSeconds: lookback }),
      startUnixSeconds: fromUnixSeconds + grid.stepSeconds,
      endUnixSeconds: slotStart(grid, piece.end),
      stepSeconds: grid.stepSeconds,
    },
    () =>
      createPodTimeFold({
        forms: metric.forms,
        fromUnixSeconds,
        stepSeconds: grid.stepSeconds,
        slots: piece.end - piece.first,
        lookbackSeconds: lookback,
        scrapeIntervalSeconds: options.scrapeIntervalSeconds,
      }),
    context,
  );
  return { piece, of };
}

/** The times of a day, cut to a piece of it. */
export function podTimeOf(times: readonly PodTimePiece[], { first, end }: SlotRange): PodTime | undefined {
  if (times.length === 0) return undefined;
  return (namespace, pod, container) => {
    let column: Float64Array | undefined;
    for (const { piece, of } of times) {
      const found = of(namespace, pod, container);
      if (found === undefined) continue;
      column ??= new Float64Array(end - first);
      for (let slot = Math.max(first, piece.first); slot < Math.min(end, piece.end); slot++) {
        column[slot - first] = found[slot - piece.first] as number;
      }
    }
    return column;
  };
}
