import type { Resource } from '../../core/workload.ts';
import type { ContainerFacts, CurrentResources, WorkloadFacts } from '../history-source.ts';
import type { GeneratedCluster, GeneratedContainer, GeneratedPod, GeneratedWorkload } from './cluster.ts';
import { cpuDemand, oomKills, throttledShare } from './usage-series.ts';

export interface FactsWindow {
  readonly fromUnixSeconds: number;
  readonly toUnixSeconds: number;
  /** Time between the looks at the demand that throttling is worked out from. */
  readonly sampleSeconds: number;
}

/** What a source knows of the workload beside its usage. `meanPods` comes from the usage that was read. */
export function factsOf(cluster: GeneratedCluster, workload: GeneratedWorkload, window: FactsWindow & { meanPods: number }): WorkloadFacts {
  const hpaResources: Resource[] = workload.autoscaler === undefined ? [] : ['cpu'];
  const lastSample = window.toUnixSeconds - window.sampleSeconds;
  return {
    ref: workload.ref,
    runningPods: workload.pods.filter((pod) => isAlive(pod, lastSample)).length,
    meanPods: window.meanPods,
    containers: new Map(workload.containers.map((c) => [c.name, containerFacts(cluster, workload, { container: c, window })])),
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

interface ContainerInWindow {
  readonly container: GeneratedContainer;
  readonly window: FactsWindow;
}

function containerFacts(cluster: GeneratedCluster, workload: GeneratedWorkload, { container, window }: ContainerInWindow): ContainerFacts {
  const { fromUnixSeconds, toUnixSeconds } = window;
  let newest: GeneratedPod | undefined;
  let kills = 0;
  let lastKill: { readonly at: number; readonly limit: number | undefined } | undefined;
  let throttled = 0;
  let looks = 0;
  for (const pod of podsWithin(workload, fromUnixSeconds, toUnixSeconds)) {
    const of = { cluster, workload, container, pod };
    const resources = container.resources[pod.revision];
    if (newest === undefined || pod.startUnixSeconds > newest.startUnixSeconds) newest = pod;
    for (const at of oomKills(of, fromUnixSeconds, toUnixSeconds)) {
      kills++;
      if (lastKill === undefined || at > lastKill.at) lastKill = { at, limit: resources?.memoryLimitBytes };
    }
    const limit = resources?.cpuLimitMillicores;
    if (limit === undefined) continue;
    const demand = cpuDemand(of);
    const from = Math.max(fromUnixSeconds, pod.startUnixSeconds);
    const to = Math.min(toUnixSeconds, pod.endUnixSeconds ?? toUnixSeconds);
    for (let t = Math.ceil(from / window.sampleSeconds) * window.sampleSeconds; t < to; t += window.sampleSeconds) {
      throttled += throttledShare(demand(t), limit);
      looks++;
    }
  }
  return {
    current: (newest === undefined ? undefined : container.resources[newest.revision]) ?? NOTHING_SET,
    oomKills: kills,
    oomLimitBytes: lastKill?.limit,
    throttledShare: looks === 0 ? undefined : throttled / looks,
  };
}

const NOTHING_SET: CurrentResources = {
  cpuRequestMillicores: undefined,
  cpuLimitMillicores: undefined,
  memoryRequestBytes: undefined,
  memoryLimitBytes: undefined,
};
