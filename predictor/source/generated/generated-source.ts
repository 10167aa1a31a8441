import { setImmediate as breathe } from 'node:timers/promises';
import type { ContainerUsage } from '../../core/usage.ts';
import { RESOURCES, type Resource, workloadKey } from '../../core/workload.ts';
import {
  type ContainerSeries,
  type HistoryRequest,
  type HistorySink,
  type HistorySource,
  type HistorySummary,
  noReads,
  type SourceReport,
  type WorkloadFacts,
  type WorkloadSeries,
  type WorkloadSeriesRequest,
} from '../history-source.ts';
import { dayWindows, endOf, type PodLife, SlotFold, type SlotWindow, slotsBetween } from '../slot-fold.ts';
import { compileFilter } from '../workload-filter.ts';
import type { GeneratedCluster, GeneratedContainer, GeneratedPod, GeneratedWorkload } from './cluster.ts';
import { factsOf, isAlive, podsWithin } from './facts.ts';
import { Sampler } from './sampler.ts';

/**
 * The made-up cluster as a source of history, as if a Prometheus had watched it. Makes samples only when asked. Its
 * history ends at `nowUnixSeconds`, which may move on for as long as the cluster `goesOnSeconds`.
 */
export function createGeneratedSource(cluster: GeneratedCluster, nowUnixSeconds = () => cluster.endUnixSeconds): HistorySource {
  const endUnixSeconds = (): number => Math.floor(nowUnixSeconds() / cluster.stepSeconds) * cluster.stepSeconds;
  return {
    title: `generated cluster (seed ${cluster.seed})`,
    inspect: () => Promise.resolve(inspect(cluster, endUnixSeconds())),
    read: (request, sink) => read(cluster, { ...request, toUnixSeconds: Math.min(request.toUnixSeconds, endUnixSeconds()) }, sink),
    readWorkload: (request) =>
      Promise.resolve(readWorkload(cluster, { ...request, toUnixSeconds: Math.min(request.toUnixSeconds, endUnixSeconds()) })),
    close: () => Promise.resolve(),
  };
}

function inspect(cluster: GeneratedCluster, endUnixSeconds: number): SourceReport {
  return {
    server: 'generated cluster',
    checks: [
      {
        id: 'usage.cpu',
        title: 'Usage, owners, requests and limits',
        status: 'ok',
        found: `${cluster.workloads.length} workloads on ${cluster.nodes.length} nodes`,
        remedy: '',
      },
    ],
    newestSampleUnixSeconds: endUnixSeconds - cluster.stepSeconds,
    clockSkewSeconds: undefined,
    requests: 0,
  };
}

async function read(cluster: GeneratedCluster, request: HistoryRequest, sink: HistorySink): Promise<HistorySummary> {
  const filter = compileFilter(request.filter);
  const workloads = cluster.workloads.filter((w) => filter.matchesWorkload(w.ref) && filter.matchesLabels(w.labels));
  const { fromUnixSeconds, stepSeconds, signal } = request;
  const windows = dayWindows(fromUnixSeconds, request.toUnixSeconds, stepSeconds);
  const last = windows.at(-1);
  const reading = new Reading(cluster, new Sampler(cluster.stepSeconds, stepSeconds));
  for (const [i, window] of windows.entries()) {
    for (const resource of RESOURCES) {
      signal?.throwIfAborted();
      const containers = workloads.flatMap((workload) => reading.usage(workload, resource, window));
      if (containers.length > 0) await sink.usage({ resource, ...window, containers });
      await breathe();
    }
    request.onProgress?.({ stage: 'usage', done: i + 1, total: windows.length });
  }
  return reading.summary(workloads, { ...request, toUnixSeconds: last === undefined ? fromUnixSeconds : endOf(last) });
}

/** One read on its way: makes the usage and adds up what the summary tells. */
class Reading {
  private readonly counters = noReads();
  private readonly cluster: GeneratedCluster;
  private readonly sampler: Sampler;
  private readonly lastSamples = new Map<string, number>();
  private newest: number | undefined;

  constructor(cluster: GeneratedCluster, sampler: Sampler) {
    this.cluster = cluster;
    this.sampler = sampler;
  }

  /** Containers without a sample in the window are left out. */
  usage(workload: GeneratedWorkload, resource: Resource, window: SlotWindow): ContainerUsage[] {
    const pods = podsWithin(workload, window.fromUnixSeconds, endOf(window));
    const out: ContainerUsage[] = [];
    for (const container of workload.containers) {
      const fold = new SlotFold(window, resource);
      let samples = 0;
      for (const pod of pods) samples += this.addPod({ workload, container, pod }, resource, { fold, window });
      if (samples > 0) out.push({ workload: workloadKey(workload.ref), container: container.name, ...fold.finish() });
    }
    return out;
  }

  private addPod(
    of: { workload: GeneratedWorkload; container: GeneratedContainer; pod: GeneratedPod },
    resource: Resource,
    { fold, window }: { fold: SlotFold; window: SlotWindow },
  ): number {
    const samples = this.sampler.sample({ cluster: this.cluster, ...of }, resource, window);
    const { t, length } = samples;
    if (length === 0) return 0;
    fold.addPod(samples, lifeOf(of.pod));
    const series = `${of.pod.seed}/${of.container.name}/${resource}`;
    let before = this.lastSamples.get(series);
    if (before === undefined) this.counters.series++;
    for (let i = 0; i < length; i++) {
      this.counters.gaps += slotsBetween(before, t[i] as number, window);
      before = t[i] as number;
    }
    if (before !== undefined) {
      this.lastSamples.set(series, before);
      this.newest = Math.max(this.newest ?? before, before);
    }
    this.counters.samples += length;
    return length;
  }

  summary(
    workloads: readonly GeneratedWorkload[],
    {
      fromUnixSeconds,
      toUnixSeconds,
      eventsFromUnixSeconds,
    }: Pick<HistoryRequest, 'fromUnixSeconds' | 'toUnixSeconds' | 'eventsFromUnixSeconds'>,
  ): HistorySummary {
    const window = { eventsFromUnixSeconds, toUnixSeconds, sampleSeconds: this.sampler.sampleSeconds };
    const facts = workloads
      .filter((workload) => podsWithin(workload, fromUnixSeconds, toUnixSeconds).length > 0)
      .map((workload): [ReturnType<typeof workloadKey>, WorkloadFacts] => {
        return [workloadKey(workload.ref), factsOf(this.cluster, workload, window)];
      });
    return {
      readToUnixSeconds: toUnixSeconds,
      newestSampleUnixSeconds: this.newest,
      workloads: new Map(facts),
      counters: this.counters,
    };
  }
}

const lifeOf = ({ startUnixSeconds, endUnixSeconds }: GeneratedPod): PodLife => ({
  fromUnixSeconds: startUnixSeconds,
  toUnixSeconds: endUnixSeconds ?? Number.POSITIVE_INFINITY,
});

function readWorkload(cluster: GeneratedCluster, request: WorkloadSeriesRequest): WorkloadSeries {
  const { fromUnixSeconds, stepSeconds } = request;
  const slots = Math.max(0, Math.floor((request.toUnixSeconds - fromUnixSeconds) / stepSeconds));
  const key = workloadKey(request.workload);
  const workload = cluster.workloads.find((w) => workloadKey(w.ref) === key);
  const containers = new Map<string, Record<Resource, ContainerSeries>>();
  if (workload === undefined) return { fromUnixSeconds, stepSeconds, slots, containers };
  const sampler = new Sampler(cluster.stepSeconds, stepSeconds);
  const windows = dayWindows(fromUnixSeconds, fromUnixSeconds + slots * stepSeconds, stepSeconds);
  for (const container of workload.containers) {
    const seriesOf = (resource: Resource): ContainerSeries => {
      const series = emptySeries(slots);
      for (const window of windows) {
        const at = (window.fromUnixSeconds - fromUnixSeconds) / stepSeconds;
        const fold = new SlotFold(window, resource);
        for (const pod of podsWithin(workload, window.fromUnixSeconds, endOf(window))) {
          fold.addPod(sampler.sample({ cluster, workload, container, pod }, resource, window), lifeOf(pod));
        }
        const { hottestPod, meanOverPods } = fold.finish();
        series.hottestPod.set(hottestPod, at);
        series.meanOverPods.set(meanOverPods, at);
      }
      fillAsked(series, { workload, container, resource }, request);
      return series;
    };
    containers.set(container.name, { cpu: seriesOf('cpu'), memory: seriesOf('memory') });
  }
  return { fromUnixSeconds, stepSeconds, slots, containers };
}

function emptySeries(slots: number): ContainerSeries {
  const unknown = (): Float64Array => new Float64Array(slots).fill(Number.NaN);
  return { hottestPod: unknown(), meanOverPods: unknown(), request: unknown(), limit: unknown() };
}

/** Request and limit in force at each slot's start, the largest over the pods alive then. */
function fillAsked(
  series: ContainerSeries,
  { workload, container, resource }: { workload: GeneratedWorkload; container: GeneratedContainer; resource: Resource },
  { fromUnixSeconds, stepSeconds }: WorkloadSeriesRequest,
): void {
  const largest = (values: (number | undefined)[]): number => {
    const known = values.filter((v) => v !== undefined);
    return known.length === 0 ? Number.NaN : Math.max(...known);
  };
  for (let slot = 0; slot < series.request.length; slot++) {
    const time = fromUnixSeconds + slot * stepSeconds;
    const asked = workload.pods.filter((pod) => isAlive(pod, time)).map((pod) => container.resources[pod.revision]);
    series.request[slot] = largest(asked.map((a) => (resource === 'cpu' ? a?.cpuRequestMillicores : a?.memoryRequestBytes)));
    series.limit[slot] = largest(asked.map((a) => (resource === 'cpu' ? a?.cpuLimitMillicores : a?.memoryLimitBytes)));
  }
}
