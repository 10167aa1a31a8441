/** What owns pods, resolved to the top: never a pod name pattern. */
export interface WorkloadRef {
  readonly namespace: string;
  /** Deployment, StatefulSet, DaemonSet, CronJob, Job, ReplicaSet, Rollout, …; Pod for a pod without owner. */
  readonly kind: string;
  readonly name: string;
}

/** `namespace/kind/name`, the form that `neap explain` takes. None of the parts can hold a slash. */
export type WorkloadKey = string & { readonly __key: 'workload' };

export function workloadKey(ref: WorkloadRef): WorkloadKey {
  return `${ref.namespace}/${ref.kind}/${ref.name}` as WorkloadKey;
}

export type Resource = 'cpu' | 'memory';
export const RESOURCES: readonly Resource[] = ['cpu', 'memory'];
