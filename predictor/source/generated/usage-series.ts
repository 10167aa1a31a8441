import { noiseAt, seedFor } from '../../../common/random.ts';
import { DAY_SECONDS, HOUR_SECONDS, MIB, MINUTE_SECONDS } from '../../../common/units.ts';
import type { Gap, GeneratedCluster, GeneratedContainer, GeneratedPod, GeneratedWorkload } from './cluster.ts';
import { autoscaledPods } from './pods.ts';
import { burstAt, rhythmAt, wanderAt } from './signals.ts';

/** One container of one pod. */
export interface ContainerOfPod {
  readonly cluster: GeneratedCluster;
  readonly workload: GeneratedWorkload;
  readonly container: GeneratedContainer;
  readonly pod: GeneratedPod;
}

/**
 * What the container would use without a limit, millicores, as a function of unix seconds. Defined at any time; only
 * the pod's life and the workload's gaps say where there are samples.
 */
export function cpuDemand({ cluster, workload, container, pod }: ContainerOfPod): (unixSeconds: number) => number {
  const { idle, peak, noise, bursts, startup = 0 } = container.cpu;
  const { rhythm, autoscaler, levelShift } = workload;
  const { holidayDay } = cluster;
  const burstSeed = seedFor(workload.seed, `bursts/${container.name}`);
  const noiseSeed = seedFor(pod.seed, `cpu/${container.name}`);
  const share = pod.load * (workload.revisions[pod.revision]?.cpuFactor ?? 1);
  return (t) => {
    let level = share * rhythmAt(rhythm, t, holidayDay);
    if (levelShift !== undefined && t >= levelShift.atUnixSeconds) level *= levelShift.factor;
    if (autoscaler !== undefined) level *= autoscaler.nominalPods / autoscaledPods(autoscaler, rhythm, t, holidayDay);
    const jitter = 1 + noise * (1.2 * wanderAt(noiseSeed, t, HOUR_SECONDS / 2) + 1.5 * noiseAt(noiseSeed, Math.floor(t / MINUTE_SECONDS)));
    let demand = (idle + (peak - idle) * level) * Math.max(0.2, jitter);
    if (bursts !== undefined) demand += peak * pod.load * burstAt(bursts, burstSeed, t);
    return t - pod.startUnixSeconds < 3 * MINUTE_SECONDS ? Math.max(demand, startup) : demand;
  };
}

/** What the kernel lets through of a demand. */
export function limitedCpu(demandMillicores: number, { container, pod }: ContainerOfPod): number {
  return Math.min(demandMillicores, container.resources[pod.revision]?.cpuLimitMillicores ?? Number.POSITIVE_INFINITY);
}

/**
 * Share of CFS periods that run out of quota. A period is 100 ms, so that single ones run out long before the mean
 * reaches the limit: none up to half of it, all from the limit on.
 */
export function throttledShare(demandMillicores: number, limitMillicores: number): number {
  const over = (demandMillicores / limitMillicores - 0.5) / 0.5;
  return over <= 0 ? 0 : Math.min(1, over ** 3);
}

/** The working set, bytes, as a function of unix seconds. Never above the container's limit. */
export function memoryUse(of: ContainerOfPod): (unixSeconds: number) => number {
  const { workload, container, pod } = of;
  const limit = container.resources[pod.revision]?.memoryLimitBytes ?? Number.POSITIVE_INFINITY;
  const factor = MIB * (workload.revisions[pod.revision]?.memoryFactor ?? 1);
  const noiseSeed = seedFor(pod.seed, `memory/${container.name}`);
  const mib = memoryModel(of);
  return (t) => {
    const value = factor * mib(t) * (1 + 0.006 * wanderAt(noiseSeed, t, HOUR_SECONDS));
    return Math.round(Math.min(value, 0.995 * limit));
  };
}

function memoryModel(of: ContainerOfPod): (unixSeconds: number) => number {
  const { cluster, workload, container, pod } = of;
  const { memory } = container;
  const { levelShift } = workload;
  switch (memory.model) {
    case 'heap':
      return (t) => memory.mib * Math.min(1, 0.6 + (0.4 * (t - pod.startUnixSeconds)) / HOUR_SECONDS);
    case 'leak': {
      const period = leakPeriodSeconds(of) ?? Number.POSITIVE_INFINITY;
      return (t) => memory.baseMib + (memory.mibPerDay * ((t - pod.startUnixSeconds) % period)) / DAY_SECONDS;
    }
    case 'load':
      return (t) => {
        const seen = t - HOUR_SECONDS / 4;
        const shifted = levelShift !== undefined && seen >= levelShift.atUnixSeconds ? levelShift.factor : 1;
        const level = pod.load * shifted * rhythmAt(workload.rhythm, seen, cluster.holidayDay);
        return memory.baseMib + memory.loadMib * level + memory.cacheMib * (1 - Math.exp(-(t - pod.startUnixSeconds) / (2 * DAY_SECONDS)));
      };
  }
}

/** Time from a start to the OOM kill; undefined for a container that does not leak or has no limit. */
function leakPeriodSeconds({ container, pod }: ContainerOfPod): number | undefined {
  const { memory, resources } = container;
  const limit = resources[pod.revision]?.memoryLimitBytes;
  if (memory.model !== 'leak' || limit === undefined) return undefined;
  return Math.round(((limit / MIB - memory.baseMib) / memory.mibPerDay) * DAY_SECONDS);
}

/** Times of the OOM kills in `[from, to)`; the container starts again at once. */
export function oomKills(of: ContainerOfPod, fromUnixSeconds: number, toUnixSeconds: number): number[] {
  const period = leakPeriodSeconds(of);
  if (period === undefined) return [];
  const { startUnixSeconds, endUnixSeconds = toUnixSeconds } = of.pod;
  const out: number[] = [];
  const first = Math.max(1, Math.ceil((fromUnixSeconds - startUnixSeconds) / period));
  for (let t = startUnixSeconds + first * period; t < Math.min(toUnixSeconds, endUnixSeconds); t += period) out.push(t);
  return out;
}

export function isInGap(gaps: readonly Gap[], unixSeconds: number): boolean {
  return gaps.some((gap) => unixSeconds >= gap.fromUnixSeconds && unixSeconds < gap.toUnixSeconds);
}
