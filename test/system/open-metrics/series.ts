import type { GeneratedCluster, GeneratedContainer, GeneratedPod, GeneratedWorkload } from '../../../predictor/source/generated/cluster.ts';
import { podsWithin } from '../../../predictor/source/generated/facts.ts';
import { isInGap } from '../../../predictor/source/generated/usage-series.ts';

export type Labels = Readonly<Record<string, string>>;

/** `name{key="value",…}`, the start of a sample's line. */
export function series(name: string, labels: Labels): string {
  const text = Object.entries(labels).map(([key, value]) => `${key}="${value.replace(/[\\"]/g, '\\$&')}"`);
  return `${name}{${text.join(',')}}`;
}

export interface PodContainer {
  readonly cluster: GeneratedCluster;
  readonly workload: GeneratedWorkload;
  readonly pod: GeneratedPod;
  readonly container: GeneratedContainer;
}

/** Every pod that lived in the window. */
export function* podsOf(cluster: GeneratedCluster): Generator<{ workload: GeneratedWorkload; pod: GeneratedPod }> {
  for (const workload of cluster.workloads) {
    for (const pod of podsWithin(workload, cluster.fromUnixSeconds, cluster.endUnixSeconds)) yield { workload, pod };
  }
}

export function* containersOf(cluster: GeneratedCluster): Generator<PodContainer> {
  for (const { workload, pod } of podsOf(cluster)) {
    for (const container of workload.containers) yield { cluster, workload, pod, container };
  }
}

/** Times of samples from the pod's start (or the window's) to `end`, without the gaps. */
export function* times({ cluster, workload }: PodContainer, span: { from: number; to: number; every: number }): Generator<number> {
  const first = Math.ceil(Math.max(span.from, cluster.fromUnixSeconds) / span.every) * span.every;
  for (let t = first; t <= cluster.endUnixSeconds && t < span.to; t += span.every) {
    if (!isInGap(workload.gaps, t)) yield t;
  }
}

export const podUid = (pod: GeneratedPod): string =>
  `${pod.seed.toString(16).padStart(8, '0')}-0000-4000-8000-${pod.startUnixSeconds.toString(16).padStart(12, '0')}`;
