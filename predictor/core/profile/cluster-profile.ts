import type { UsageChunk } from '../usage.ts';
import type { Resource, WorkloadKey } from '../workload.ts';
import { addUsage, EMPTY_PROFILE, forgetBefore, type ResourceProfile } from './resource-profile.ts';

export type ContainerProfile = Readonly<Record<Resource, ResourceProfile>>;

/** The profiles of all containers, filled chunk by chunk. Not shared between runs that may fail: `copy` first. */
export interface ClusterProfile {
  add(chunk: UsageChunk): void;
  /** Container names of a workload with usage, sorted. */
  containersOf(workload: WorkloadKey): readonly string[];
  /** Empty profiles for a container that was never seen. */
  get(workload: WorkloadKey, container: string): ContainerProfile;
  /** Drops days before the time, and containers that have none left. */
  forgetBefore(unixSeconds: number): void;
  /** Cheap: days are immutable and shared. */
  copy(): ClusterProfile;
}

type Containers = Map<string, Record<Resource, ResourceProfile>>;

const NEVER_SEEN: ContainerProfile = { cpu: EMPTY_PROFILE, memory: EMPTY_PROFILE };

export function createClusterProfile(workloads: Map<WorkloadKey, Containers> = new Map()): ClusterProfile {
  return {
    add(chunk) {
      for (const usage of chunk.containers) {
        const containers: Containers = workloads.get(usage.workload) ?? new Map();
        workloads.set(usage.workload, containers);
        const profile = containers.get(usage.container) ?? { ...NEVER_SEEN };
        containers.set(usage.container, profile);
        profile[chunk.resource] = addUsage(profile[chunk.resource], {
          fromUnixSeconds: chunk.fromUnixSeconds,
          stepSeconds: chunk.stepSeconds,
          hottestPod: usage.hottestPod,
          meanOverPods: usage.meanOverPods,
          pods: usage.pods,
        });
      }
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
  };
}
