import { HOUR_SECONDS } from '../../../common/units.ts';
import type { GeneratedCluster, GeneratedPod, GeneratedWorkload } from '../../../predictor/source/generated/cluster.ts';
import { podsWithin } from '../../../predictor/source/generated/facts.ts';
import { oomKills } from '../../../predictor/source/generated/usage-series.ts';
import { containersOf, type Labels, type PodContainer, podUid, series, times } from './series.ts';

const KSM: Labels = { job: 'kube-state-metrics' };
const isOfJob = (pod: GeneratedPod): boolean => pod.owner?.kind === 'Job';
/** When the pod's object goes away. */
const objectEnd = (pod: GeneratedPod): number => (pod.endUnixSeconds ?? Number.POSITIVE_INFINITY) + (isOfJob(pod) ? HOUR_SECONDS : 0);

interface StateFamily {
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  /** One entry a series: its labels and its value over time; undefined where there is no sample. */
  readonly of: (at: PodContainer) => readonly { labels: Labels; value: (unixSeconds: number) => number | undefined }[];
  /** Once a pod, not once a container. */
  readonly isOfPod?: boolean;
}

const podLabels = ({ workload, pod }: PodContainer): Labels => ({
  namespace: workload.ref.namespace,
  pod: pod.name,
  uid: podUid(pod),
  ...KSM,
});
const one = () => 1;
const alive = (pod: GeneratedPod, t: number): boolean => pod.endUnixSeconds === undefined || t < pod.endUnixSeconds;

function resourceFamily(name: string, pick: 'Request' | 'Limit'): StateFamily {
  return {
    name,
    type: 'gauge',
    of: (at) => {
      const resources = at.container.resources[at.pod.revision];
      const labels = { ...podLabels(at), container: at.container.name, node: at.pod.node };
      const cpu = resources?.[`cpu${pick}Millicores`];
      const memory = resources?.[`memory${pick}Bytes`];
      return [
        ...(cpu === undefined ? [] : [{ labels: { ...labels, resource: 'cpu', unit: 'core' }, value: () => cpu / 1000 }]),
        ...(memory === undefined ? [] : [{ labels: { ...labels, resource: 'memory', unit: 'byte' }, value: () => memory }]),
      ];
    },
  };
}

function killsBefore(at: PodContainer, unixSeconds: number): number {
  return oomKills(at, at.cluster.fromUnixSeconds, unixSeconds + 1).length;
}

const POD_FAMILIES: readonly StateFamily[] = [
  {
    name: 'kube_pod_info',
    type: 'gauge',
    isOfPod: true,
    of: (at) => [
      {
        labels: {
          ...podLabels(at),
          node: at.pod.node,
          created_by_kind: at.pod.owner?.kind ?? '<none>',
          created_by_name: at.pod.owner?.name ?? '<none>',
        },
        value: one,
      },
    ],
  },
  {
    name: 'kube_pod_owner',
    type: 'gauge',
    isOfPod: true,
    of: (at) => [{ labels: { ...podLabels(at), ...ownerLabels(at.pod.owner) }, value: one }],
  },
  {
    name: 'kube_pod_labels',
    type: 'gauge',
    isOfPod: true,
    of: (at) => {
      const own = Object.entries(at.workload.labels).map(([key, value]) => [`label_${key.replace(/[^A-Za-z0-9_]/g, '_')}`, value]);
      return [{ labels: { ...podLabels(at), ...Object.fromEntries(own) }, value: one }];
    },
  },
  {
    name: 'kube_pod_status_phase',
    type: 'gauge',
    isOfPod: true,
    of: (at) => [
      { labels: { ...podLabels(at), phase: 'Running' }, value: (t) => (alive(at.pod, t) ? 1 : 0) },
      { labels: { ...podLabels(at), phase: 'Succeeded' }, value: (t) => (alive(at.pod, t) ? 0 : 1) },
    ],
  },
  resourceFamily('kube_pod_container_resource_requests', 'Request'),
  resourceFamily('kube_pod_container_resource_limits', 'Limit'),
  {
    name: 'kube_pod_container_status_running',
    type: 'gauge',
    of: (at) => [{ labels: { ...podLabels(at), container: at.container.name }, value: (t) => (alive(at.pod, t) ? 1 : 0) }],
  },
  {
    name: 'kube_pod_container_status_restarts',
    type: 'counter',
    of: (at) => [{ labels: { ...podLabels(at), container: at.container.name }, value: (t) => killsBefore(at, t) }],
  },
  {
    name: 'kube_pod_container_status_last_terminated_reason',
    type: 'gauge',
    of: (at) => [
      {
        labels: { ...podLabels(at), container: at.container.name, reason: 'OOMKilled' },
        value: (t) => (killsBefore(at, t) > 0 ? 1 : undefined),
      },
    ],
  },
];

/** kube-state-metrics v2 of the whole cluster, a sample every `every` seconds. */
export function* kubeStateLines(cluster: GeneratedCluster, every: number): Generator<string> {
  for (const family of POD_FAMILIES) {
    yield `# TYPE ${family.name} ${family.type}`;
    for (const at of containersOf(cluster)) {
      if (!family.isOfPod || at.container === at.workload.containers[0]) yield* podSeriesLines(family, at, every);
    }
  }
  for (const family of OWNER_FAMILIES) {
    yield `# TYPE ${family.name} gauge`;
    for (const workload of cluster.workloads) yield* ownerLines(family, { cluster, workload, every });
  }
  yield* autoscalerLines(cluster, every);
  yield* nodeLines(cluster, every);
}

function* podSeriesLines(family: StateFamily, at: PodContainer, every: number): Generator<string> {
  const name = family.type === 'counter' ? `${family.name}_total` : family.name;
  for (const { labels, value } of family.of(at)) {
    const text = series(name, labels);
    for (const t of times(at, { from: at.pod.startUnixSeconds, to: objectEnd(at.pod), every })) {
      const v = value(t);
      if (v !== undefined) yield `${text} ${v} ${t}`;
    }
  }
}

function ownerLabels(owner: GeneratedPod['owner']): Labels {
  if (owner === undefined) return { owner_kind: '<none>', owner_name: '<none>', owner_is_controller: '<none>' };
  return { owner_kind: owner.kind, owner_name: owner.name, owner_is_controller: 'true' };
}

interface OwnerFamily {
  readonly kind: 'ReplicaSet' | 'Job';
  readonly name: string;
  readonly label: string;
}

const OWNER_FAMILIES: readonly OwnerFamily[] = [
  { kind: 'ReplicaSet', name: 'kube_replicaset_owner', label: 'replicaset' },
  { kind: 'Job', name: 'kube_job_owner', label: 'job_name' },
];

/** ReplicaSets stay behind their last pod (`revisionHistoryLimit`), Jobs as long as their pods. */
function* ownerLines(
  family: OwnerFamily,
  { cluster, workload, every }: { cluster: GeneratedCluster; workload: GeneratedWorkload; every: number },
): Generator<string> {
  const container = workload.containers[0];
  if (container === undefined) return;
  const { namespace, kind, name } = workload.ref;
  const owner = ownerLabels(kind === family.kind ? undefined : { kind, name });
  const isGone = workload.pods.every((pod) => pod.endUnixSeconds !== undefined);
  const written = new Set<string>();
  for (const pod of podsWithin(workload, cluster.fromUnixSeconds, cluster.endUnixSeconds)) {
    if (pod.owner?.kind !== family.kind || written.has(pod.owner.name)) continue;
    written.add(pod.owner.name);
    const text = series(family.name, { namespace, [family.label]: pod.owner.name, ...owner, ...KSM });
    const to = family.kind === 'Job' || isGone ? objectEnd(pod) : Number.POSITIVE_INFINITY;
    const span = { from: pod.startUnixSeconds, to, every };
    for (const t of times({ cluster, workload, pod, container }, span)) yield `${text} 1 ${t}`;
  }
}

function* autoscalerLines(cluster: GeneratedCluster, every: number): Generator<string> {
  for (const [name, extra] of [
    ['kube_horizontalpodautoscaler_info', 'target'],
    ['kube_horizontalpodautoscaler_spec_target_metric', 'metric'],
  ] as const) {
    yield `# TYPE ${name} gauge`;
    for (const { ref, autoscaler } of cluster.workloads) {
      if (autoscaler === undefined) continue;
      const own =
        extra === 'target'
          ? { scaletargetref_api_version: 'apps/v1', scaletargetref_kind: ref.kind, scaletargetref_name: ref.name }
          : { metric_name: 'cpu', metric_target_type: 'utilization' };
      const text = series(name, { namespace: ref.namespace, horizontalpodautoscaler: ref.name, ...own, ...KSM });
      for (const t of stateTimes(cluster, every)) yield `${text} ${extra === 'target' ? 1 : 60} ${t}`;
    }
  }
}

function* nodeLines(cluster: GeneratedCluster, every: number): Generator<string> {
  yield '# TYPE kube_node_status_capacity gauge';
  for (const node of cluster.nodes) {
    for (const [resource, unit, value] of [
      ['cpu', 'core', node.millicores / 1000],
      ['memory', 'byte', node.bytes],
    ] as const) {
      const text = series('kube_node_status_capacity', { node: node.name, resource, unit, ...KSM });
      for (const t of stateTimes(cluster, every)) yield `${text} ${value} ${t}`;
    }
  }
}

function* stateTimes({ fromUnixSeconds, endUnixSeconds }: GeneratedCluster, every: number): Generator<number> {
  for (let t = Math.ceil(fromUnixSeconds / every) * every; t <= endUnixSeconds; t += every) yield t;
}
