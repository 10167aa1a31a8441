import { DAY_SECONDS } from '../../../common/units.ts';
import type { Resource } from '../../core/workload.ts';
import type { ContainerFacts, CurrentResources, DayEvents, WorkloadFacts } from '../history-source.ts';
import type { GeneratedCluster, GeneratedContainer, GeneratedPod, GeneratedWorkload } from './cluster.ts';
import { type ContainerOfPod, cpuDemand, oomKills, throttledShare } from './usage-series.ts';

export interface FactsWindow {
  /** Start of a UTC day. */
  readonly eventsFromUnixSeconds: number;
  readonly toUnixSeconds: number;
  /** Time between the looks at the demand that throttling is worked out from. */
  readonly sampleSeconds: number;
}

/** What a source knows of the workload beside its usage. */
export function factsOf(cluster: GeneratedCluster, workload: GeneratedWorkload, window: FactsWindow): WorkloadFacts {
  const hpaResources: Resource[] = workload.autoscaler === undefined ? [] : ['cpu'];
  const lastSample = window.toUnixSeconds - window.sampleSeconds;
  const running = workload.pods.filter((pod) => isAlive(pod, lastSample));
  const newest = newestOf(running) ?? newestOf(workload.pods.filter((pod) => pod.startUnixSeconds < window.toUnixSeconds));
  const containerFacts = (container: GeneratedContainer): ContainerFacts => ({
    runningPods: running.length,
    current: (newest && container.resources[newest.revision]) ?? NOTHING_SET,
    oomKillsKnown: true,
    events: eventsOf({ cluster, workload, container }, window),
  });
  return {
    ref: workload.ref,
    runningPods: running.length,
    containers: new Map(workload.containers.map((container) => [container.name, containerFacts(container)])),
    hpaResources,
  };
}

export function isAlive(pod: GeneratedPod, unixSeconds: number): boolean {
  return pod.startUnixSeconds <= unixSeconds && (pod.endUnixSeconds === undefined || unixSeconds < pod.endUnixSeconds);
}

/** The pods that live at some time of `[from, to)`. */
export function podsWithin(workload: GeneratedWorkload, fromUnixSeconds: number, toUnixSeconds: number): GeneratedPod[] {
  return workload.pods.filter(
    (pod) => pod.startUnixSeconds < toUnixSeconds && (pod.endUnixSeconds === undefined || pod.endUnixSeconds > fromUnixSeconds),
  );
}

function newestOf(pods: readonly GeneratedPod[]): GeneratedPod | undefined {
  return pods.reduce<GeneratedPod | undefined>(
    (newest, pod) => (newest === undefined || pod.startUnixSeconds > newest.startUnixSeconds ? pod : newest),
    undefined,
  );
}

/** CFS periods of 100 ms in a second. */
const CFS_PERIODS_PER_SECOND = 10;

interface DayTally {
  oomKills: number;
  lastKill: { readonly at: number; readonly limit: number | undefined } | undefined;
  cfsPeriods: number;
  throttledPeriods: number;
}

type ContainerOfWorkload = Omit<ContainerOfPod, 'pod'>;

function eventsOf(of: ContainerOfWorkload, window: FactsWindow): DayEvents[] {
  const days = new Map<number, DayTally>();
  const tallyAt = (unixSeconds: number): DayTally => {
    const day = Math.floor(unixSeconds / DAY_SECONDS);
    const tally = days.get(day) ?? { oomKills: 0, lastKill: undefined, cfsPeriods: 0, throttledPeriods: 0 };
    days.set(day, tally);
    return tally;
  };
  const { eventsFromUnixSeconds, toUnixSeconds, sampleSeconds } = window;
  for (const pod of podsWithin(of.workload, eventsFromUnixSeconds, toUnixSeconds)) {
    const ofPod = { ...of, pod };
    const resources = of.container.resources[pod.revision];
    for (const at of oomKills(ofPod, eventsFromUnixSeconds, toUnixSeconds)) {
      const tally = tallyAt(at);
      tally.oomKills++;
      if (tally.lastKill === undefined || at > tally.lastKill.at) tally.lastKill = { at, limit: resources?.memoryLimitBytes };
    }
    const limit = resources?.cpuLimitMillicores;
    if (limit === undefined) continue;
    const demand = cpuDemand(ofPod);
    const from = Math.max(eventsFromUnixSeconds, pod.startUnixSeconds);
    const to = Math.min(toUnixSeconds, pod.endUnixSeconds ?? toUnixSeconds);
    for (let t = Math.ceil(from / sampleSeconds) * sampleSeconds; t < to; t += sampleSeconds) {
      const tally = tallyAt(t);
      const periods = CFS_PERIODS_PER_SECOND * sampleSeconds;
      tally.cfsPeriods += periods;
      tally.throttledPeriods += periods * throttledShare(demand(t), limit);
    }
  }
  return [...days].sort(([a], [b]) => a - b).map(([day, { lastKill, ...tally }]) => ({ day, ...tally, oomLimitBytes: lastKill?.limit }));
}

const NOTHING_SET: CurrentResources = {
  cpuRequestMillicores: undefined,
  cpuLimitMillicores: undefined,
  memoryRequestBytes: undefined,
  memoryLimitBytes: undefined,
};
