import type { Bursts, Rhythm } from './signals.ts';

/** How a made-up workload behaves: plain data, times relative to the end of the history. */
export interface WorkloadSpec {
  readonly namespace: string;
  /** What owns the pods at the top. `Rollout` stands for custom owners of ReplicaSets, `Pod` for a pod without owner. */
  readonly kind: 'Deployment' | 'StatefulSet' | 'DaemonSet' | 'CronJob' | 'Job' | 'Rollout' | 'Pod';
  readonly name: string;
  /** Pods at a time; a DaemonSet has one a node whatever stands here. */
  readonly pods: number;
  readonly tier: 'front' | 'backend' | 'data' | 'batch' | 'system';
  readonly rhythm: Rhythm;
  readonly containers: readonly ContainerSpec[];
  /** The first `count` pods carry `factor` times the load of the others. */
  readonly hotPods?: { readonly count: number; readonly factor: number };
  /** From then on the load is `factor` times what it was. */
  readonly levelShift?: { readonly daysBeforeEnd: number; readonly factor: number };
  /** New ReplicaSet, new pods, with the resources that stand in the containers' `after`. */
  readonly rollout?: { readonly daysBeforeEnd: number; readonly cpuFactor: number; readonly memoryFactor: number };
  /** A HorizontalPodAutoscaler on CPU utilisation that moves the pods between these numbers from hour to hour. */
  readonly autoscaler?: { readonly minPods: number; readonly maxPods: number };
  /** A CronJob's. */
  readonly schedule?: Schedule;
  /** A Job's one run. */
  readonly run?: { readonly daysBeforeEnd: number; readonly hours: number };
  /** The workload came into being this late. */
  readonly bornHoursBeforeEnd?: number;
  /** The workload was deleted this early. */
  readonly goneDaysBeforeEnd?: number;
  /** Times without any sample: the node's exporter or the scrape was down. */
  readonly gaps?: readonly { readonly daysBeforeEnd: number; readonly hours: number }[];
}

/** When a CronJob's pods run, and for how long. */
export interface Schedule {
  readonly everySeconds: number;
  /** After the full period, counted from midnight UTC. */
  readonly offsetSeconds: number;
  readonly shortestSeconds: number;
  readonly longestSeconds: number;
}

export interface ContainerSpec {
  readonly name: string;
  readonly cpu: CpuSpec;
  readonly memory: MemorySpec;
  readonly asks: Asks;
  /** What it asks for after the rollout; as before where this is missing. */
  readonly after?: Asks;
}

/** Load of one pod, millicores: `idle`, plus up to `peak − idle` with the rhythm. */
export interface CpuSpec {
  readonly idle: number;
  readonly peak: number;
  /** Standard noise as a share of the load. */
  readonly noise: number;
  readonly bursts?: Bursts;
  /** A run-up of 3 minutes at this many millicores after each start. */
  readonly startup?: number;
}

export type MemorySpec =
  /** Follows the load with a delay; `cacheMib` fills over days. */
  | { readonly model: 'load'; readonly baseMib: number; readonly loadMib: number; readonly cacheMib: number }
  /** A managed heap, taken soon after the start and kept. */
  | { readonly model: 'heap'; readonly mib: number }
  /** Grows until the limit kills the container, then starts again. */
  | { readonly model: 'leak'; readonly baseMib: number; readonly mibPerDay: number };

/** Request and limit, millicores and MiB; undefined where a person set none. */
export interface Asks {
  readonly cpu: readonly [request: number | undefined, limit: number | undefined];
  readonly memory: readonly [request: number | undefined, limit: number | undefined];
}
