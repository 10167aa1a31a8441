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
import { Presence } from './presence.ts';
import { readSelectedPods } from './selected-pods.ts';
import { dayRanges, inPieces, type SlotGrid, type SlotLimit, type SlotRange, slotGrid, slotLimit, slotStart } from './slots.ts';
import { createUsageFold, type FoldedUsage } from './usage-fold.ts';
import { lookbackSeconds, type Survey, survey, usageExpression, usageMetric } from './usage-query.ts';
import type { TimeWindow } from './windows.ts';

export interface ReaderParts {
  readonly api: PrometheusApi;
  /** Kept between reads. */
  readonly owners: OwnerTable;
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
  const selected = await readSelectedPods(api, { dialect, namespaces, filter: compiled, time }, context);
  const withoutOwner = new Set<string>();
  const resolve = podFilter(owners, compiled, selected, (pod) => withoutOwner.add(pod));

  const presence = new Presence();
  const limits: Record<Resource, SlotLimit> = {
    cpu: slotLimit(parts.sampleBudget, density.series),
    memory: slotLimit(parts.sampleBudget, density.series),
  };
  const readDay = async (day: SlotRange): Promise<readonly FoldedUsage[]> => {
    const ofDay = await Promise.all(
      RESOURCES.map((resource) =>
        inPieces(day, limits[resource], counters, (piece) =>
          readUsage(
            { api, dialect, namespaces, resource, grid, piece, density, resolve, nowUnixSeconds, sampleBudget: parts.sampleBudget },
            context,
          ),
        ),
      ),
    );
    return ofDay
      .flat()
      .filter((folded) => folded !== undefined)
      .sort((a, b) => a.chunk.fromUnixSeconds - b.chunk.fromUnixSeconds);
  };
  progress('reading usage');
  await inOrder(days, DAYS_AT_A_TIME, readDay, (ofDay) => {
    for (const folded of ofDay) {
      count(counters, folded);
      presence.add(folded);
      sink.usage(folded.chunk);
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
    readEvents(api, { dialect, namespaces, time, resolve: (namespace, pod) => resolve(namespace, pod)?.key }, context),
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
    if (key !== undefined && missing.has(key)) pods.set(pod, { ...state, running: now.pods.get(pod)?.running === true });
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

const NO_SURVEY: Survey = { series: 0, duplicates: 0, scrapeIntervalSeconds: 60 };

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
  selected: ReadonlySet<string> | undefined,
  onUnknown: (pod: string) => void,
): (namespace: string, pod: string) => Resolved | undefined {
  return (namespace, pod) => {
    if (selected && !selected.has(`${namespace}/${pod}`)) return undefined;
    const resolved = owners.resolve(namespace, pod);
    if (!resolved.known) onUnknown(`${namespace}/${pod}`);
    return filter.matchesKind(resolved.ref.kind) ? resolved : undefined;
  };
}

interface UsagePiece {
  readonly api: PrometheusApi;
  readonly dialect: Dialect;
  readonly namespaces: readonly string[];
  readonly resource: Resource;
  readonly grid: SlotGrid;
  readonly piece: SlotRange;
  readonly density: Survey;
  readonly resolve: (namespace: string, pod: string) => Resolved | undefined;
  readonly nowUnixSeconds: number;
  readonly sampleBudget: number;
}

/** One query: all workloads, one resource, one piece of time. undefined where the server has no such metric. */
async function readUsage(options: UsagePiece, context: CallContext): Promise<FoldedUsage | undefined> {
  const { resource, grid, piece } = options;
  const metric = usageMetric(options.dialect, resource);
  if (metric === undefined) return undefined;
  const lookback = lookbackSeconds(resource, grid.stepSeconds, options.density.scrapeIntervalSeconds);
  const fromUnixSeconds = slotStart(grid, piece.first);
  return options.api.queryRange(
    {
      expression: usageExpression(resource, metric, { namespaces: options.namespaces }, lookback),
      startUnixSeconds: fromUnixSeconds + grid.stepSeconds,
      endUnixSeconds: slotStart(grid, piece.end),
      stepSeconds: grid.stepSeconds,
    },
    () =>
      createUsageFold({
        resource,
        labels: metric.labels,
        fromUnixSeconds,
        stepSeconds: grid.stepSeconds,
        slots: piece.end - piece.first,
        resolve: (namespace, pod) => options.resolve(namespace, pod)?.key,
        nowUnixSeconds: options.nowUnixSeconds,
        sampleLimit: 2 * options.sampleBudget,
      }),
    context,
  );
}

function count(counters: ReadCounters, { tally }: FoldedUsage): void {
  for (const key of Object.keys(tally) as (keyof typeof tally)[]) counters[key] += tally[key];
}
