import type { Resource, WorkloadKey } from './workload.ts';

/** Usage of many containers over the slots `fromUnixSeconds + i · stepSeconds`, i < slots. */
export interface UsageChunk {
  readonly resource: Resource;
  readonly fromUnixSeconds: number;
  readonly stepSeconds: number;
  readonly slots: number;
  readonly containers: readonly ContainerUsage[];
}

/** A slot without any sample is NaN with 0 pods: unknown, never 0. */
export interface ContainerUsage {
  readonly workload: WorkloadKey;
  readonly container: string;
  /** Use of the pod that uses most in the slot; memory is the highest working set within the slot. */
  readonly hottestPod: Float64Array;
  /** Mean over the pods with a sample. */
  readonly meanOverPods: Float64Array;
  /**
   * Pods times the share of the slot that they were there, 2.5 for two and a half; more than 0 exactly where
   * `hottestPod` is known. Money is counted by it, so a pod that lives half a minute must not count as a whole slot.
   */
  readonly pods: Float64Array;
}
