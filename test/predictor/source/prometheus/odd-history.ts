import { writeFileSync } from 'node:fs';
import { DAY_SECONDS } from '../../../../common/units.ts';

/** Midnight UTC: the history crosses no other day border than the one in its middle. */
export const MIDDLE = 1_760_054_400;
export const FROM = MIDDLE - 3 * 3600;
export const TO = MIDDLE + 3 * 3600;
const SCRAPE = 60;
const GIB = 2 ** 30;

/** How exporters of two ages write the same things. */
export interface OddDialect {
  readonly cadvisor: { readonly pod: string; readonly container: string; readonly perCpu: boolean };
  readonly kubeState: { readonly v1: boolean; readonly exported: boolean };
}

export const TODAY: OddDialect = {
  cadvisor: { pod: 'pod', container: 'container', perCpu: false },
  kubeState: { v1: false, exported: false },
};
export const OLD: OddDialect = {
  cadvisor: { pod: 'pod_name', container: 'container_name', perCpu: true },
  kubeState: { v1: true, exported: true },
};

interface OddPod {
  readonly name: string;
  readonly owner: readonly [kind: string, name: string];
  /** Cores. */
  readonly cpu: number;
  readonly from?: number;
  readonly to?: number;
  /** Scraped by two Prometheus servers; the second one sees half of the use. */
  readonly ha?: boolean;
  /** The counter starts again at this time, under the same name. */
  readonly resetAt?: number;
  readonly gap?: readonly [from: number, to: number];
  readonly requestCores?: number;
  readonly labels?: Readonly<Record<string, string>>;
}

/** All in the namespace shop, all with one container app that uses one GiB for every core. */
const PODS: readonly OddPod[] = [
  { name: 'web-1-old', owner: ['ReplicaSet', 'web-1'], cpu: 2, to: MIDDLE - 3600, requestCores: 4, labels: { app: 'web' } },
  { name: 'web-2-a', owner: ['ReplicaSet', 'web-2'], cpu: 0.5, from: MIDDLE - 3600, ha: true, requestCores: 1, labels: { app: 'web' } },
  {
    name: 'web-2-b',
    owner: ['ReplicaSet', 'web-2'],
    cpu: 1,
    from: MIDDLE - 3600,
    resetAt: MIDDLE + 1830,
    requestCores: 1,
    labels: { app: 'web' },
  },
  { name: 'db-0', owner: ['StatefulSet', 'db'], cpu: 0.25, gap: [MIDDLE - 7200, MIDDLE - 5400], requestCores: 0.5, labels: { app: 'db' } },
  { name: 'mail-9-x', owner: ['Job', 'mail-9'], cpu: 1, from: MIDDLE - 5400, to: MIDDLE - 3600, requestCores: 2 },
  { name: 'lonely', owner: ['<none>', '<none>'], cpu: 0.1 },
  { name: 'static-node-1', owner: ['Node', 'node-1'], cpu: 0.1 },
  { name: 'etl-driver', owner: ['SparkApplication', 'etl'], cpu: 0.1 },
];

/** Writes six hours of history with everything that a source can trip over, as OpenMetrics text. */
export function writeOddHistory(path: string, dialect: OddDialect): void {
  writeFileSync(path, `${[...cadvisor(dialect), ...kubeState(dialect), '# EOF'].join('\n')}\n`);
}

/** Writes what a server holds that keeps only what kube-prometheus' recording rules make. */
export function writeRuleHistory(path: string): void {
  const labels = (pod: OddPod): Labels => ({ namespace: 'shop', pod: pod.name, container: 'app', node: 'node-1' });
  const rows = (name: string, value: (pod: OddPod) => number): string[] =>
    PODS.flatMap((pod) => [...timesOf(pod)].map((t) => line(name, labels(pod), value(pod), t)));
  const owners = PODS.filter(({ owner: [kind] }) => kind === 'ReplicaSet' || kind === 'StatefulSet').flatMap((pod) => {
    const [type, workload] = pod.owner[0] === 'ReplicaSet' ? ['deployment', 'web'] : ['statefulset', pod.owner[1]];
    const owned = { namespace: 'shop', pod: pod.name, workload, workload_type: type };
    return [...timesOf(pod)].map((t) => line('namespace_workload_pod:kube_pod_owner:relabel', owned, 1, t));
  });
  const cpu = rows('node_namespace_pod_container:container_cpu_usage_seconds_total:sum_irate', (pod) => pod.cpu);
  const memory = rows('node_namespace_pod_container:container_memory_working_set_bytes', (pod) => pod.cpu * GIB);
  writeFileSync(path, `${[...cpu, ...memory, ...owners, '# EOF'].join('\n')}\n`);
}

type Labels = Readonly<Record<string, string>>;

function line(name: string, labels: Labels, value: number, time: number): string {
  const text = Object.entries(labels)
    .map(([key, v]) => `${key}="${v}"`)
    .join(',');
  return `${name}{${text}} ${value} ${time}`;
}

function* timesOf(pod: OddPod): Generator<number> {
  for (let t = Math.max(FROM, pod.from ?? FROM); t <= Math.min(TO, pod.to ?? TO); t += SCRAPE) {
    if (pod.gap === undefined || t <= pod.gap[0] || t > pod.gap[1]) yield t;
  }
}

/** The container, its pause container and the sum of the pod: only the first is of interest, the others are huge. */
function cadvisorRows(pod: OddPod, { pod: podLabel, container }: OddDialect['cadvisor']): readonly { labels: Labels; share: number }[] {
  const base = { namespace: 'shop', [podLabel]: pod.name, job: 'kubelet' };
  const app = { ...base, [container]: 'app', id: `/kubepods/${pod.name}/app` };
  const pause = { ...base, [container]: 'POD', id: `/kubepods/${pod.name}/pause` };
  const replicas = [
    { labels: { ...app, prometheus_replica: 'a' }, share: 1 },
    { labels: { ...app, prometheus_replica: 'b' }, share: 0.5 },
  ];
  const others = [pause, { ...base, id: `/kubepods/${pod.name}` }].map((labels) => ({ labels, share: 100 }));
  return [...(pod.ha ? replicas : [{ labels: app, share: 1 }]), ...others];
}

function* cpuSeconds(pod: OddPod, labels: Labels, cores: number): Generator<string> {
  for (const t of timesOf(pod)) {
    const since = pod.resetAt !== undefined && t >= pod.resetAt ? pod.resetAt - 30 : FROM - DAY_SECONDS;
    yield line('container_cpu_usage_seconds_total', labels, (t - since) * cores, t);
  }
}

function* cadvisor({ cadvisor: dialect }: OddDialect): Generator<string> {
  const cpus = dialect.perCpu ? ['cpu00', 'cpu01'] : ['total'];
  const rows = PODS.flatMap((pod) => cadvisorRows(pod, dialect).map((row) => ({ pod, ...row })));
  for (const { pod, labels, share } of rows) {
    for (const cpu of cpus) yield* cpuSeconds(pod, { ...labels, cpu }, (pod.cpu * share) / cpus.length);
  }
  for (const { pod, labels, share } of rows) {
    for (const t of timesOf(pod)) yield line('container_memory_working_set_bytes', labels, pod.cpu * GIB * share, t);
  }
  const throttled = { namespace: 'shop', [dialect.pod]: 'db-0', [dialect.container]: 'app', id: '/kubepods/db-0/app', job: 'kubelet' };
  for (let t = FROM; t <= TO; t += SCRAPE) yield line('container_cpu_cfs_periods_total', throttled, (t - FROM) * 10, t);
  for (let t = FROM; t <= TO; t += SCRAPE) yield line('container_cpu_cfs_throttled_periods_total', throttled, (t - FROM) * 2.5, t);
}

function* kubeState(dialect: OddDialect): Generator<string> {
  const { v1, exported } = dialect.kubeState;
  const own = { job: 'kube-state-metrics' };
  /** The exporter's own pod stands in the plain labels where the true ones had to give way. */
  const of = (pod: OddPod, withContainer: boolean): Labels =>
    exported
      ? {
          ...own,
          namespace: 'monitoring',
          pod: 'ksm-0',
          container: 'ksm',
          exported_namespace: 'shop',
          exported_pod: pod.name,
          ...(withContainer ? { exported_container: 'app' } : {}),
        }
      : { ...own, namespace: 'shop', pod: pod.name, ...(withContainer ? { container: 'app' } : {}) };
  const inShop = (labels: Labels): Labels =>
    exported
      ? { ...own, namespace: 'monitoring', pod: 'ksm-0', exported_namespace: 'shop', ...labels }
      : { ...own, namespace: 'shop', pod: 'ksm-0', ...labels };
  const always: OddPod = { name: '', owner: ['', ''], cpu: 0 };
  const each = function* (
    name: string,
    labels: (pod: OddPod) => Labels | undefined,
    value: (pod: OddPod, t: number) => number,
  ): Generator<string> {
    for (const pod of PODS) {
      const found = labels(pod);
      if (found) for (const t of timesOf({ ...pod, gap: [0, 0] })) yield line(name, found, value(pod, t), t);
    }
  };
  const constant = function* (name: string, labels: Labels, value = 1): Generator<string> {
    for (const t of timesOf(always)) yield line(name, labels, value, t);
  };

  yield* each(
    'kube_pod_owner',
    (p) => ({ ...of(p, false), owner_kind: p.owner[0], owner_name: p.owner[1], owner_is_controller: 'true' }),
    () => 1,
  );
  for (const rs of ['web-1', 'web-2'])
    yield* constant('kube_replicaset_owner', inShop({ replicaset: rs, owner_kind: 'Deployment', owner_name: 'web' }));
  yield* constant('kube_job_owner', inShop({ job_name: 'mail-9', owner_kind: 'CronJob', owner_name: 'mail' }));
  const asking = (p: OddPod): Labels | undefined => (p.requestCores === undefined ? undefined : of(p, true));
  const cores = (p: OddPod): number => p.requestCores ?? 0;
  if (v1) {
    yield* each('kube_pod_container_resource_requests_cpu_cores', asking, cores);
    yield* each('kube_pod_container_resource_limits_memory_bytes', asking, (p) => cores(p) * GIB);
  } else {
    const withResource = (resource: string, unit: string) => (p: OddPod) => asking(p) && { ...asking(p), resource, unit };
    yield* each('kube_pod_container_resource_requests', withResource('cpu', 'core'), cores);
    yield* each('kube_pod_container_resource_limits', withResource('memory', 'byte'), (p) => cores(p) * GIB);
  }
  yield* each(
    'kube_pod_container_status_running',
    (p) => of(p, true),
    () => 1,
  );
  yield* each(
    'kube_pod_created',
    (p) => of(p, false),
    (p) => p.from ?? FROM,
  );
  const [db] = PODS.filter((p) => p.name === 'db-0') as [OddPod];
  for (let t = FROM; t <= TO; t += SCRAPE)
    yield line('kube_pod_container_status_restarts_total', of(db, true), t < MIDDLE ? 3 : t < MIDDLE + 7200 ? 4 : 5, t);
  for (let t = MIDDLE; t <= TO; t += SCRAPE)
    yield line('kube_pod_container_status_last_terminated_reason', { ...of(db, true), reason: 'OOMKilled' }, 1, t);
  if (v1) {
    yield* constant('kube_hpa_spec_target_metric', inShop({ hpa: 'web', metric_name: 'cpu', metric_target_type: 'utilization' }), 60);
  } else {
    yield* constant(
      'kube_horizontalpodautoscaler_spec_target_metric',
      inShop({ horizontalpodautoscaler: 'front', metric_name: 'cpu', metric_target_type: 'utilization' }),
      60,
    );
    yield* constant(
      'kube_horizontalpodautoscaler_info',
      inShop({ horizontalpodautoscaler: 'front', scaletargetref_kind: 'Deployment', scaletargetref_name: 'web' }),
    );
    yield* each(
      'kube_pod_labels',
      (p) => ({ ...of(p, false), ...(p.labels?.app === undefined ? {} : { label_app: p.labels.app }) }),
      () => 1,
    );
  }
}
