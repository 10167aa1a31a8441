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
import { LASTING_OWNERS } from './pod-time.ts';
import { Presence } from './presence.ts';
import { readSelectedPods, type SelectedPods } from './selected-pods.ts';
import { dayRanges, inPieces, type SlotLimit, type SlotRange, slotGrid, slotLimit, slotStart } from './slots.ts';
import type { FoldedUsage } from './usage-fold.ts';
import { podTimeOf, readPassingGap, readPodTime, readUsage } from './usage-pieces.ts';
import { type Survey, survey, USUAL_SCRAPE_SECONDS } from './usage-query.ts';
import { isTooMuch, type TimeWindow } from './windows.ts';

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

  const keyOf = (namespace: string, pod: string): WorkloadKey | undefined => resolve(namespace, pod)?.key;

  const presence = new Presence();
  const limit = (): SlotLimit => slotLimit(parts.sampleBudget, density.series);
  const limits: Record<Resource, SlotLimit> & { podTime: SlotLimit } = { cpu: limit(), memory: limit(), podTime: limit() };
  const passing = dialect.owners === 'kube-state-metrics' && owners.hasOtherKinds(LASTING_OWNERS);
  const passingGap = passing
    ? await readPassingGap({ api, dialect, namespaces, density, stepSeconds: grid.stepSeconds, time }, context)
    : 0;
  const base = { api, dialect, namespaces, grid, density, nowUnixSeconds, sampleBudget: parts.sampleBudget };
  const readDay = async (day: SlotRange): Promise<readonly FoldedUsage[]> => {
    const times = passing
      ? await inPieces(day, limits.podTime, counters, (piece) =>
          readPodTime({ ...base, piece, scrapeIntervalSeconds: passingGap }, context),
        )
      : [];
    const ofDay = await Promise.all(
      RESOURCES.map((resource) =>
        inPieces(day, limits[resource], counters, (piece) =>
          readUsage({ ...base, resource, piece, resolve: keyOf, podTime: podTimeOf(times, piece) }, context),
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
        resolve: keyOf,
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
    if (!isTooMuch(error)) throw error;
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

function count(counters: ReadCounters, { tally }: FoldedUsage): void {
  for (const key of Object.keys(tally) as (keyof typeof tally)[]) counters[key] += tally[key];
}
