import { DAY_SECONDS } from '../../../common/units.ts';
import type { ContainerUsage, UsageChunk } from '../usage.ts';
import type { Resource, WorkloadKey } from '../workload.ts';
import { addUsage, EMPTY_PROFILE, forgetBefore, type ResourceProfile } from './resource-profile.ts';

export type ContainerProfile = Readonly<Record<Resource, ResourceProfile>>;

/** Where and when the slots of a chunk lie. */
export type ChunkFrame = Omit<UsageChunk, 'containers'>;

/** The profiles of all containers, filled container by container. Not shared between runs that may fail: `copy` first. */
export interface ClusterProfile {
  /** Adds one container's slots of a chunk; none may be added twice. */
  add(frame: ChunkFrame, usage: ContainerUsage): void;
  /** Container names of a workload with usage, sorted. */
  containersOf(workload: WorkloadKey): readonly string[];
  /** Empty profiles for a container that was never seen. */
  get(workload: WorkloadKey, container: string): ContainerProfile;
  /** Drops days before the time, and containers that have none left. */
  forgetBefore(unixSeconds: number): void;
  /** Cheap: days are immutable and shared. */
  copy(): ClusterProfile;
  coverage(): Coverage;
}

/** When the source had samples of anything at all. */
export interface Coverage {
  /** Time of the oldest sample; undefined without any. */
  readonly fromUnixSeconds: number | undefined;
  /** About how many slots since the time had samples: each day counts as many as its best seen container has. */
  slotsSince(unixSeconds: number, stepSeconds: number): number;
}

type Containers = Map<string, Record<Resource, ResourceProfile>>;

const NEVER_SEEN: ContainerProfile = { cpu: EMPTY_PROFILE, memory: EMPTY_PROFILE };

export function createClusterProfile(workloads: Map<WorkloadKey, Containers> = new Map()): ClusterProfile {
  return {
    add({ resource, fromUnixSeconds, stepSeconds }, { workload, container, hottestPod, meanOverPods, pods }) {
      const containers: Containers = workloads.get(workload) ?? new Map();
      workloads.set(workload, containers);
      const profile = containers.get(container) ?? { ...NEVER_SEEN };
      containers.set(container, profile);
      profile[resource] = addUsage(profile[resource], { fromUnixSeconds, stepSeconds, hottestPod, meanOverPods, pods });
    },
    containersOf: (workload) => [...(workloads.get(workload)?.keys() ?? [])].sort(),
    get: (workload, container) => workloads.get(workload)?.get(container) ?? NEVER_SEEN,
    forgetBefore(unixSeconds) {
      for (const [workload, containers] of workloads) {
        for (const [name, profile] of containers) {
          profile.cpu = forgetBefore(profile.cpu, unixSeconds);
          profile.memory = forgetBefore(profile.memory, unixSeconds);
          if (profile.cpu.days.length + profile.memory.days.length === 0) containers.delete(name);
        }
        if (containers.size === 0) workloads.delete(workload);
      }
    },
    copy: () =>
      createClusterProfile(
        new Map([...workloads].map(([key, containers]) => [key, new Map([...containers].map(([name, p]) => [name, { ...p }]))])),
      ),
    coverage: () => coverageOf([...workloads.values()].flatMap((containers) => [...containers.values()])),
  };
}

function coverageOf(profiles: readonly ContainerProfile[]): Coverage {
  const slotsByDay = new Map<number, number>();
  let oldest = Number.POSITIVE_INFINITY;
  for (const { days } of profiles.flatMap(({ cpu, memory }) => [cpu, memory])) {
    oldest = Math.min(oldest, days[0]?.firstUnixSeconds ?? oldest);
    for (const { day, slots } of days) slotsByDay.set(day, Math.max(slots, slotsByDay.get(day) ?? 0));
  }
  return {
    fromUnixSeconds: Number.isFinite(oldest) ? oldest : undefined,
    slotsSince(unixSeconds, stepSeconds) {
      let sum = 0;
      for (const [day, slots] of slotsByDay) {
        const left = Math.ceil(((day + 1) * DAY_SECONDS - unixSeconds) / stepSeconds);
        if (left > 0) sum += Math.min(slots, left);
      }
      return sum;
    },
  };
}

/** The slots of a chunk before the time, and those from it on; undefined where there are none. */
export function splitChunk(
  chunk: UsageChunk,
  unixSeconds: number,
): readonly [before: UsageChunk | undefined, after: UsageChunk | undefined] {
  const { fromUnixSeconds, stepSeconds, slots } = chunk;
  const cut = Math.min(slots, Math.max(0, Math.ceil((unixSeconds - fromUnixSeconds) / stepSeconds)));
  if (cut === 0) return [undefined, chunk];
  if (cut === slots) return [chunk, undefined];
  const part = (start: number, end: number): UsageChunk => ({
    ...chunk,
    fromUnixSeconds: fromUnixSeconds + start * stepSeconds,
    slots: end - start,
    containers: chunk.containers.map((c) => ({
      ...c,
      hottestPod: c.hottestPod.subarray(start, end),
      meanOverPods: c.meanOverPods.subarray(start, end),
      pods: c.pods.subarray(start, end),
    })),
  });
  return [part(0, cut), part(cut, slots)];
}
