import { type Resource, workloadKey } from '../../core/workload.ts';
import { type ContainerSeries, noReads, type WorkloadSeries, type WorkloadSeriesRequest } from '../history-source.ts';
import type { AnswerFold, CallContext, PrometheusApi } from './api.ts';
import type { Dialect } from './dialect.ts';
import { readOwners } from './owner-query.ts';
import type { OwnerTable } from './owners.ts';
import { type PodLabels, podOfRow } from './pod-labels.ts';
import { amountOf, resourceOfRow, resourceParts } from './pod-resources.ts';
import { anyOf, type Matcher, range, union } from './promql.ts';
import { inPieces, type SlotGrid, type SlotLimit, type SlotRange, slotGrid, slotLimit, slotStart } from './slots.ts';
import { createUsageFold, type FoldedUsage } from './usage-fold.ts';
import { lookbackSeconds, survey, usageExpression, usageMetric } from './usage-query.ts';
import { SHORTEST_WINDOW_SECONDS, type TimeWindow } from './windows.ts';

export interface WorkloadSeriesParts {
  readonly api: PrometheusApi;
  readonly owners: OwnerTable;
  readonly dialect: (window: TimeWindow, context: CallContext) => Promise<Dialect>;
  readonly nowUnixSeconds: () => number;
  readonly sampleBudget: number;
}

/** Names of pods in one query; a pod name has 63 bytes at most, so that this stays within what servers take. */
const PODS_PER_QUERY = 200;
/** With more pods than this the whole namespace is asked for: fewer, larger answers. */
const MOST_PODS = 1000;

/** With how many pods the mean of a slot is made of, so that batches can be put together. */
type Columns = Record<Resource, ContainerSeries & { readonly pods: Uint32Array }>;

interface SeriesJob extends WorkloadSeriesParts {
  readonly request: WorkloadSeriesRequest;
  readonly found: Dialect;
  readonly grid: SlotGrid;
  readonly limit: SlotLimit;
  /** Names of one batch; undefined for the whole namespace. */
  readonly pods: readonly string[] | undefined;
  readonly scrapeIntervalSeconds: number;
  readonly context: CallContext & { readonly counters: ReturnType<typeof noReads> };
}

/** The fine series of one workload: usage, requests and limits of its containers. */
export async function readWorkloadSeries(parts: WorkloadSeriesParts, request: WorkloadSeriesRequest): Promise<WorkloadSeries> {
  const { api, owners } = parts;
  const context = { signal: request.signal, counters: noReads() };
  const grid = slotGrid(request.fromUnixSeconds, request.toUnixSeconds, request.stepSeconds);
  const time = { fromUnixSeconds: request.fromUnixSeconds, toUnixSeconds: slotStart(grid, grid.slots) };
  const namespaces = [request.workload.namespace];
  const found = await parts.dialect(time, context);
  await readOwners(api, { dialect: found, namespaces, time, owners }, context);
  const names = podsOf(parts, request);
  const containers = new Map<string, Columns>();
  const batches = names.length > MOST_PODS ? [undefined] : batchesOf(names, PODS_PER_QUERY);
  const metric = found.cpu ?? found.memory;
  if (grid.slots > 0 && batches.length > 0 && metric !== undefined) {
    const { series, scrapeIntervalSeconds } = await survey(api, metric, { namespaces }, time, context);
    const limit = slotLimit(parts.sampleBudget, series);
    for (const pods of batches) {
      await readBatch({ ...parts, request, found, grid, limit, pods, scrapeIntervalSeconds, context }, containers);
    }
  }
  return { fromUnixSeconds: grid.fromUnixSeconds, stepSeconds: grid.stepSeconds, slots: grid.slots, containers };
}

function podsOf({ owners }: WorkloadSeriesParts, { workload }: WorkloadSeriesRequest): readonly string[] {
  const names = owners.podsOf(workloadKey(workload));
  // A pod that no owner series tells of is a workload of its own.
  return workload.kind === 'Pod' && names.length === 0 ? [workload.name] : names;
}

function batchesOf<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}

async function readBatch(job: SeriesJob, containers: Map<string, Columns>): Promise<void> {
  const whole: SlotRange = { first: 0, end: job.grid.slots };
  const inJob = <T>(ask: (piece: SlotRange) => Promise<T>): Promise<readonly T[]> => inPieces(whole, job.limit, job.context.counters, ask);
  const [cpu, memory] = await Promise.all([
    inJob((piece) => readUsagePiece(job, 'cpu', piece)),
    inJob((piece) => readUsagePiece(job, 'memory', piece)),
    inJob((piece) => readResourcePiece(job, piece, containers)),
  ]);
  for (const folded of [...cpu, ...memory]) if (folded) merge(job.grid, folded, containers);
}

function podMatchers(job: SeriesJob, labels: PodLabels): readonly Matcher[] {
  const namespace: Matcher = [labels.namespace, '=', job.request.workload.namespace];
  return job.pods === undefined ? [namespace] : [namespace, [labels.pod, '=~', anyOf(job.pods)]];
}

function readUsagePiece(job: SeriesJob, resource: Resource, piece: SlotRange): Promise<FoldedUsage | undefined> {
  const metric = usageMetric(job.found, resource);
  if (metric === undefined) return Promise.resolve(undefined);
  const { grid, request } = job;
  const wanted = workloadKey(request.workload);
  const fromUnixSeconds = slotStart(grid, piece.first);
  const scope = { namespaces: [], matchers: (form: PodLabels) => podMatchers(job, form) };
  const lookback = lookbackSeconds(resource, grid.stepSeconds, job.scrapeIntervalSeconds);
  const lookbackSlots = Math.ceil(lookback / grid.stepSeconds);
  return job.api.queryRange(
    rangeOf(grid, piece, usageExpression(resource, metric, scope, lookback)),
    () =>
      createUsageFold({
        resource,
        forms: metric.forms,
        fromUnixSeconds,
        stepSeconds: grid.stepSeconds,
        slots: piece.end - piece.first,
        resolve: (namespace, pod) => (job.owners.resolve(namespace, pod).key === wanted ? wanted : undefined),
        nowUnixSeconds: job.nowUnixSeconds(),
        sampleLimit: 2 * job.sampleBudget,
        lookbackSlots,
        slotsAhead: 0,
      }),
    job.context,
  );
}

/** Requests and limits in force, the largest over the pods, straight into the columns: to write a value twice is harmless. */
async function readResourcePiece(job: SeriesJob, piece: SlotRange, containers: Map<string, Columns>): Promise<void> {
  const { found, grid } = job;
  const lookback = range(Math.max(SHORTEST_WINDOW_SECONDS, grid.stepSeconds));
  const parts = resourceParts(
    found,
    (form) => podMatchers(job, form),
    (rows) => `last_over_time(${rows}${lookback})`,
    // Names of pods only where those of other workloads are to be told from ours.
    (form) => [form.namespace, ...(job.pods === undefined ? [form.pod] : []), form.container],
  );
  const expression = union(parts);
  if (expression === '') return;
  const wanted = workloadKey(job.request.workload);
  const fold = (): AnswerFold<void> => ({
    series(row, { count, times, values }) {
      const asked = resourceOfRow(row);
      if (asked === undefined) return;
      const { namespace, pod, container } = podOfRow(row, found.kubeState);
      if (job.pods === undefined && job.owners.resolve(namespace, pod).key !== wanted) return;
      const column = columnsOf(grid, containers, container)[asked.resource][asked.what];
      for (let i = 0; i < count; i++) {
        const slot = Math.round(((times[i] as number) - grid.fromUnixSeconds) / grid.stepSeconds) - 1;
        const value = amountOf(asked.resource, values[i] as number);
        if (slot >= 0 && slot < grid.slots && Number.isFinite(value) && !(value <= (column[slot] as number))) column[slot] = value;
      }
    },
    done: () => undefined,
  });
  await job.api.queryRange(rangeOf(grid, piece, expression), fold, job.context);
}

function rangeOf(grid: SlotGrid, piece: SlotRange, expression: string) {
  return {
    expression,
    startUnixSeconds: slotStart(grid, piece.first + 1),
    endUnixSeconds: slotStart(grid, piece.end),
    stepSeconds: grid.stepSeconds,
  };
}

function columnsOf(grid: SlotGrid, containers: Map<string, Columns>, name: string): Columns {
  const known = containers.get(name);
  if (known) return known;
  const column = (): Float64Array => new Float64Array(grid.slots).fill(Number.NaN);
  const series = () => ({
    hottestPod: column(),
    meanOverPods: column(),
    request: column(),
    limit: column(),
    pods: new Uint32Array(grid.slots),
  });
  const columns: Columns = { cpu: series(), memory: series() };
  containers.set(name, columns);
  return columns;
}

/** Puts the pieces of time side by side and the batches of pods on top of each other. */
function merge(grid: SlotGrid, { chunk, podsSeen }: FoldedUsage, containers: Map<string, Columns>): void {
  const offset = Math.round((chunk.fromUnixSeconds - grid.fromUnixSeconds) / grid.stepSeconds);
  for (const [index, { container, hottestPod, meanOverPods }] of chunk.containers.entries()) {
    const pods = podsSeen[index] as Uint32Array;
    const into = columnsOf(grid, containers, container)[chunk.resource];
    for (let i = 0; i < chunk.slots; i++) {
      const added = pods[i] as number;
      if (added === 0) continue;
      const slot = offset + i;
      const before = into.pods[slot] as number;
      const hottest = hottestPod[i] as number;
      const mean = meanOverPods[i] as number;
      into.hottestPod[slot] = before === 0 ? hottest : Math.max(hottest, into.hottestPod[slot] as number);
      into.meanOverPods[slot] = before === 0 ? mean : ((into.meanOverPods[slot] as number) * before + mean * added) / (before + added);
      into.pods[slot] = before + added;
    }
  }
}
