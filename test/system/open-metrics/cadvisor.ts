import type { GeneratedCluster } from '../../../predictor/source/generated/cluster.ts';
import { cpuDemand, isInGap, limitedCpu, memoryUse, oomKills, throttledShare } from '../../../predictor/source/generated/usage-series.ts';
import { containersOf, type Labels, type PodContainer, podsOf, podUid, series, times } from './series.ts';

function kubeletLabels({ workload, pod }: Pick<PodContainer, 'workload' | 'pod'>): Labels {
  return {
    namespace: workload.ref.namespace,
    pod: pod.name,
    node: pod.node,
    job: 'kubelet',
  };
}

/** Each start of a container has a cgroup of its own, and so series of its own. */
function containerLabels(of: PodContainer, restarts: number): Labels {
  const { name } = of.container;
  return {
    container: name,
    id: `/kubepods/pod${podUid(of.pod)}/${name}-${restarts}`,
    image: `${name}:1`,
    ...kubeletLabels(of),
  };
}

/** The lives of one container: from each start to the OOM kill that ends it. */
function livesOf(of: PodContainer): { from: number; to: number; restarts: number }[] {
  const { cluster, pod } = of;
  const start = Math.max(pod.startUnixSeconds, cluster.fromUnixSeconds);
  const end = pod.endUnixSeconds ?? cluster.endUnixSeconds + 1;
  const edges = [start, ...oomKills(of, start, end), end];
  return edges.slice(1).map((to, i) => ({ from: edges[i] as number, to, restarts: i }));
}

/** Samples at the cluster's own step. Pods in kube-system also have the series of the whole pod, without container. */
export function* cadvisorLines(cluster: GeneratedCluster): Generator<string> {
  const every = cluster.stepSeconds;
  yield '# TYPE container_cpu_usage_seconds counter';
  for (const of of containersOf(cluster))
    yield* counterLines(of, 'container_cpu_usage_seconds_total', { cpu: 'total' }, (demand) => limitedCpu(demand, of) / 1000);
  for (const pod of wholePods(cluster)) yield* wholePodLines(pod, 'container_cpu_usage_seconds_total', { cpu: 'total' });
  for (const [name, rate] of [
    ['container_cpu_cfs_periods', () => 10],
    ['container_cpu_cfs_throttled_periods', (demand: number, limit: number) => 10 * throttledShare(demand, limit)],
  ] as const) {
    yield `# TYPE ${name} counter`;
    for (const of of containersOf(cluster)) {
      const limit = of.container.resources[of.pod.revision]?.cpuLimitMillicores;
      if (limit !== undefined) yield* counterLines(of, `${name}_total`, {}, (demand) => rate(demand, limit));
    }
  }
  yield '# TYPE container_memory_working_set_bytes gauge';
  for (const of of containersOf(cluster)) {
    const use = memoryUse(of);
    for (const life of livesOf(of)) {
      const name = series('container_memory_working_set_bytes', containerLabels(of, life.restarts));
      for (const t of times(of, { ...life, every })) yield `${name} ${use(t)} ${t}`;
    }
  }
  for (const pod of wholePods(cluster)) yield* wholePodLines(pod, 'container_memory_working_set_bytes', {});
}

/** A counter that grows by `perSecond(demand)` from each sample to the next, over gaps too, and starts anew with the container. */
function* counterLines(of: PodContainer, name: string, extra: Labels, perSecond: (demandMillicores: number) => number): Generator<string> {
  const { cluster } = of;
  const every = cluster.stepSeconds;
  const demand = cpuDemand(of);
  for (const life of livesOf(of)) {
    const text = series(name, { ...containerLabels(of, life.restarts), ...extra });
    const first = Math.ceil(life.from / every) * every;
    // What was used before the first sample is in it, unless the series began before the window.
    let total = life.from > cluster.fromUnixSeconds ? perSecond(demand(life.from)) * (first - life.from) : 0;
    for (let t = first; t < life.to && t <= cluster.endUnixSeconds; t += every) {
      if (!isInGap(of.workload.gaps, t)) yield `${text} ${total.toFixed(3)} ${t}`;
      total += perSecond(demand(t)) * every;
    }
  }
}

function* wholePods(cluster: GeneratedCluster): Generator<PodContainer[]> {
  for (const { workload, pod } of podsOf(cluster)) {
    if (workload.ref.namespace === 'kube-system') yield workload.containers.map((container) => ({ cluster, workload, pod, container }));
  }
}

function* wholePodLines(containers: readonly PodContainer[], name: string, extra: Labels): Generator<string> {
  const first = containers[0];
  if (first === undefined) return;
  const text = series(name, { id: `/kubepods/pod${podUid(first.pod)}`, ...kubeletLabels(first), ...extra });
  const every = first.cluster.stepSeconds;
  const demands = containers.map((of) => ({ of, demand: cpuDemand(of), memory: memoryUse(of) }));
  let cpuSeconds = 0;
  const to = first.pod.endUnixSeconds ?? Number.POSITIVE_INFINITY;
  for (const t of times(first, { from: first.pod.startUnixSeconds, to, every })) {
    const bytes = demands.reduce((sum, { memory }) => sum + memory(t), 0);
    yield `${text} ${extra.cpu === undefined ? bytes : cpuSeconds.toFixed(3)} ${t}`;
    cpuSeconds += (demands.reduce((sum, { of, demand }) => sum + limitedCpu(demand(t), of), 0) / 1000) * every;
  }
}
