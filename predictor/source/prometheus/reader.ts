import { NeapError } from '../../../common/errors.ts';
import type { Resource, WorkloadKey, WorkloadRef } from '../../core/workload.ts';
import { RESOURCES } from '../../core/workload.ts';
import type { HistoryRequest, HistorySink, HistorySummary, ReadCounters, WorkloadFilter } from '../history-source.ts';
import { noReads } from '../history-source.ts';
import { type CompiledFilter, compileFilter } from '../workload-filter.ts';
import type { CallContext, PrometheusApi } from './api.ts';
import { readAutoscalers } from './autoscalers.ts';
import type { Dialect } from './dialect.ts';
import { readEvents } from './events.ts';
import { workloadFacts } from './facts.ts';
import { readNewestSample } from './freshness.ts';
import { inOrder } from './in-order.ts';
import { readOwners } from './owner-query.ts';
import type { OwnerTable } from './owners.ts';
import { type PodResources, readFormerPods, readPodResources } from './pod-resources.ts';
import { createPodTimeFold, LASTING_OWNERS, type PodTime, podTimeExpression } from './pod-time.ts';
import { Presence } from './presence.ts';
import { readSelectedPods, type SelectedPods } from './selected-pods.ts';
import {
  dayRanges,
  inPieces,
  type SlotGrid,
  type SlotLimit,
  type SlotRange,
  slotGrid,
  slotLimit,
  slotStart,
  slotsSeenAhead,
} from './slots.ts';
import { createUsageFold, type FoldedUsage } from './usage-fold.ts';
import { lookbackSeconds, type Survey, survey, USUAL_SCRAPE_SECONDS, usageExpression, usageMetric } from './usage-query.ts';
import type { TimeWindow } from './windows.ts';

export interface ReaderParts {
  readonly api: PrometheusApi;
  /** Kept between reads. */
  readonly owners: OwnerTable;
  /** Kept between reads: the pods that a filter selects. */
  readonly selectedPods: (filter: WorkloadFilter) => SelectedPods;
  readonly dialect: (window: TimeWindow, context: CallContext) => Promise<Dialect>;
  readonly nowUnixSeconds: () => number;
  readonly sampleBudget: number;
}

/** Days of history that are asked for at a time; two resources each. */
const DAYS_AT_A_TIME = 2;
/** Units of progress beside the days: what there is, owners, and the state at the end. */
const OTHER_STEPS = 3;

type ReadContext = CallContext & { readonly counters: ReadCounters };

interface Resolved {
  readonly ref: WorkloadRef;
  readonly key: WorkloadKey;
}

/** Reads a window of history: owners first, then usage day by day, then what only the end of the window can tell. */
export async function readHistory(parts: ReaderParts, request: HistoryRequest, sink: HistorySink): Promise<HistorySummary> {
  const { api, owners } = parts;
  const { fromUnixSeconds, toUnixSeconds, filter } = request;
  const counters = noReads();
  const context = { signal: request.signal, counters };
  const { namespaces } = filter;
  const compiled = compileFilter(filter);
  const nowUnixSeconds = parts.nowUnixSeconds();
  const grid = slotGrid(fromUnixSeconds, toUnixSeconds, request.stepSeconds);
  const ended = slotGrid(fromUnixSeconds, Math.min(toUnixSeconds, nowUnixSeconds), request.stepSeconds).slots;
  const readToUnixSeconds = slotStart(grid, ended);
  const time = { fromUnixSeconds, toUnixSeconds: slotStart(grid, grid.slots) };
  if (grid.slots === 0) {
    return { readToUnixSeconds, newestSampleUnixSeconds: undefined, workloads: new Map(), counters };
  }
  const days = dayRanges(grid);
  let done = 0;
  const progress = (stage: string): void => request.onProgress?.({ stage, done: done++, total: days.length + OTHER_STEPS });

  progress('looking at what the server has');
  const dialect = await parts.dialect(time, context);
  const density = await surveyUsage(api, dialect, { filter, time }, context);
  counters.duplicates += density.duplicates;

  progress('reading owners');
  await readOwners(api, { dialect, namespaces, time, owners }, context);
  const selected = compiled.requirements.length === 0 ? undefined : parts.selectedPods(filter);
  if (selected) await readSelectedPods(api, { dialect, namespaces, filter: compiled, time, selected }, context);
  const withoutOwner = new Set<string>();
  const resolve = podFilter(owners, compiled, selected, (pod) => withoutOwner.add(pod));

  const presence = new Presence();
  const limit = (): SlotLimit => slotLimit(parts.sampleBudget, density.series);
  const limits: Record<Resource, SlotLimit> & { podTime: SlotLimit } = { cpu: limit(), memory: limit(), podTime: limit() };
  const passing = dialect.owners === 'kube-state-metrics' && owners.hasOtherKinds(LASTING_OWNERS);
  const base = { api, dialect, namespaces, grid, density, nowUnixSeconds, sampleBudget: parts.sampleBudget };
  const readDay = async (day: SlotRange): Promise<readonly FoldedUsage[]> => {
    const times = passing ? await inPieces(day, limits.podTime, counters, (piece) => readPodTime({ ...base, piece }, context)) : [];
    const ofDay = await Promise.all(
      RESOURCES.map((resource) =>
        inPieces(day, limits[resource], counters, (piece) =>
          readUsage({ ...base, resource, piece, resolve, podTime: podTimeOf(times, piece) }, context),
        ),
      ),
    );
    return ofDay
      .flat()
      .filter((folded) => folded !== undefined)
      .sort((a, b) => a.chunk.fromUnixSeconds - b.chunk.fromUnixSeconds);
  };
  progress('reading usage');
  await inOrder(days, DAYS_AT_A_TIME, readDay, async (ofDay) => {
    for (const folded of ofDay) {
      count(counters, folded);
      presence.add(folded);
      await sink.usage(folded.chunk);
    }
    progress('reading usage');
  });
  counters.podsWithoutOwner = withoutOwner.size;

  request.onProgress?.({
    stage: 'reading requests, limits and events',
    done: days.length + OTHER_STEPS - 1,
    total: days.length + OTHER_STEPS,
  });
  const newestSampleUnixSeconds = await newestSample(parts, dialect, { namespaces, presence, stepSeconds: request.stepSeconds }, context);
  // Where the history ends before the window, what was last known counts, not an empty present.
  const timeUnixSeconds = newestSampleUnixSeconds ?? time.toUnixSeconds;
  const [resources, events, hpaResources] = await Promise.all([
    readResources({ parts, dialect, filter, time, timeUnixSeconds, presence, resolve }, context),
    readEvents(
      api,
      {
        dialect,
        namespaces,
        time: { ...time, fromUnixSeconds: request.eventsFromUnixSeconds },
        pointLimit: slotLimit(parts.sampleBudget, density.series).slots,
        resolve: (namespace, pod) => resolve(namespace, pod)?.key,
      },
      context,
    ),
    readAutoscalers(api, { dialect, namespaces, timeUnixSeconds }, context),
  ]);
  const workloads = workloadFacts({ presence, resources, events, hpaResources, resolve });
  request.onProgress?.({ stage: 'done', done: days.length + OTHER_STEPS, total: days.length + OTHER_STEPS });
  return { readToUnixSeconds, newestSampleUnixSeconds, workloads, counters };
}

interface ResourcesOptions {
  readonly parts: ReaderParts;
  readonly dialect: Dialect;
  readonly filter: WorkloadFilter;
  readonly time: TimeWindow;
  readonly timeUnixSeconds: number;
  readonly presence: Presence;
  readonly resolve: (namespace: string, pod: string) => Resolved | undefined;
}

/** What pods ask for now; of workloads without pods now (a CronJob between two runs), what the last ones asked for. */
async function readResources(options: ResourcesOptions, context: ReadContext): Promise<PodResources> {
  const { parts, dialect, presence, resolve } = options;
  const { namespaces } = options.filter;
  const now = await readPodResources(parts.api, { dialect, namespaces, timeUnixSeconds: options.timeUnixSeconds }, context);
  const keyOf = (pod: string): WorkloadKey | undefined => {
    const slash = pod.indexOf('/');
    return resolve(pod.slice(0, slash), pod.slice(slash + 1))?.key;
  };
  const missing = new Set(presence.containers().keys());
  for (const [pod, { containers }] of now.pods) {
    const key = containers.size > 0 ? keyOf(pod) : undefined;
    if (key !== undefined) missing.delete(key);
  }
  if (missing.size === 0) return now;
  const ofMissing = [...new Set([...missing].map((key) => key.slice(0, key.indexOf('/'))))].sort();
  const former = await readFormerPods(parts.api, { dialect, namespaces: ofMissing, time: options.time }, context);
  const pods = new Map(now.pods);
  for (const [pod, state] of former) {
    const key = keyOf(pod);
    const { running = false, ranLately = false } = now.pods.get(pod) ?? {};
    if (key !== undefined && missing.has(key)) pods.set(pod, { ...state, running, ranLately });
  }
  return { ...now, pods };
}

async function newestSample(
  { api }: ReaderParts,
  dialect: Dialect,
  at: { readonly namespaces: readonly string[]; readonly presence: Presence; readonly stepSeconds: number },
  context: CallContext,
): Promise<number | undefined> {
  const atUnixSeconds = at.presence.newestUnixSeconds;
  return atUnixSeconds === undefined ? undefined : readNewestSample(api, dialect, { ...at, atUnixSeconds }, context);
}

const NO_SURVEY: Survey = { series: 0, duplicates: 0, scrapeIntervalSeconds: USUAL_SCRAPE_SECONDS };

async function surveyUsage(
  api: PrometheusApi,
  dialect: Dialect,
  { filter: { namespaces }, time }: { readonly filter: WorkloadFilter; readonly time: TimeWindow },
  context: ReadContext,
): Promise<Survey> {
  const metric = dialect.cpu ?? dialect.memory;
  if (metric === undefined) return NO_SURVEY;
  try {
    return await survey(api, metric, { namespaces }, time, context);
  } catch (error) {
    if (!(error instanceof NeapError) || error.retry !== 'split') throw error;
    // Too much to count is no reason to give up: the size of pieces is then found by trying.
    context.counters.splits++;
    return NO_SURVEY;
  }
}

/** A pod's workload, undefined where the filter leaves it out. */
function podFilter(
  owners: OwnerTable,
  filter: CompiledFilter,
  selected: SelectedPods | undefined,
  onUnknown: (pod: string) => void,
): (namespace: string, pod: string) => Resolved | undefined {
  return (namespace, pod) => {
    if (selected && !selected.has(`${namespace}/${pod}`)) return undefined;
    const resolved = owners.resolve(namespace, pod);
    if (!resolved.known) onUnknown(`${namespace}/${pod}`);
    return filter.matchesKind(resolved.ref.kind) ? resolved : undefined;
  };
}

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
  readonly resolve: (namespace: string, pod: string) => Resolved | undefined;
  readonly podTime: PodTime | undefined;
}

/** One query: all workloads, one resource, one piece of time. undefined where the server has no such metric. */
async function readUsage(options: UsagePiece, context: CallContext): Promise<FoldedUsage | undefined> {
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
        resolve: (namespace, pod) => options.resolve(namespace, pod)?.key,
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

/** For how long the pods were there that come and go. */
async function readPodTime(options: Piece, context: CallContext): Promise<PodTimePiece> {
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
        scrapeIntervalSeconds: density.scrapeIntervalSeconds,
      }),
    context,
  );
  return { piece, of };
}

/** The times of a day, cut to a piece of it. */
function podTimeOf(times: readonly PodTimePiece[], { first, end }: SlotRange): PodTime | undefined {
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

function count(counters: ReadCounters, { tally }: FoldedUsage): void {
  for (const key of Object.keys(tally) as (keyof typeof tally)[]) counters[key] += tally[key];
}
