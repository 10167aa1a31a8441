import type { CallContext, PrometheusApi } from './api.ts';
import { PLAIN_LABELS, type PodLabels, podLabelForms } from './pod-labels.ts';
import { selectorOfNames } from './promql.ts';

/** How this server writes down what we need: found out once, not configured. */
export interface Dialect {
  /** Of all metrics below, those that the server has. */
  readonly names: ReadonlySet<string>;
  readonly cpu: UsageMetric | undefined;
  readonly memory: UsageMetric | undefined;
  /** How cAdvisor's rows say whose they are, never empty. */
  readonly cadvisor: readonly PodLabels[];
  /** How those of kube-state-metrics do. */
  readonly kubeState: readonly PodLabels[];
  readonly owners: OwnerSource;
  readonly requests: ResourceSource;
  readonly limits: ResourceSource;
  readonly hpa: HpaSource | undefined;
  /** Label names of `kube_pod_labels`, or of all kube-state-metrics where the server cannot tell. */
  readonly podLabelNames: ReadonlySet<string>;
}

export interface UsageMetric {
  readonly name: string;
  readonly forms: readonly PodLabels[];
  /** `counter` of seconds, or a `gauge` that a recording rule made. */
  readonly form: 'counter' | 'gauge';
  /** One counter per CPU: they are to be added up first. */
  readonly perCpu: boolean;
}

export type OwnerSource = 'kube-state-metrics' | 'recording-rule' | 'none';

/** `v2`: one metric with a `resource` label; `v1`: one metric a resource. */
export type ResourceSource = 'v2' | 'v1' | 'none';

export interface HpaSource {
  readonly target: string;
  readonly info: string | undefined;
  /** Label that names the autoscaler. */
  readonly label: string;
}

export const CPU = 'container_cpu_usage_seconds_total';
export const MEMORY = 'container_memory_working_set_bytes';
/** What kube-prometheus' rules have made of CPU use over the years, in cores; the newest name first. */
export const CPU_RULES = [
  'node_namespace_pod_container:container_cpu_usage_seconds_total:sum_rate5m',
  'node_namespace_pod_container:container_cpu_usage_seconds_total:sum_irate',
  'node_namespace_pod_container:container_cpu_usage_seconds_total:sum_rate',
];
export const MEMORY_RULE = 'node_namespace_pod_container:container_memory_working_set_bytes';
export const OWNER_RULE = 'namespace_workload_pod:kube_pod_owner:relabel';

export const POD_OWNER = 'kube_pod_owner';
export const REPLICASET_OWNER = 'kube_replicaset_owner';
export const JOB_OWNER = 'kube_job_owner';
export const REPLICATIONCONTROLLER_OWNER = 'kube_replicationcontroller_owner';
export const OWNERS = [POD_OWNER, REPLICASET_OWNER, JOB_OWNER, REPLICATIONCONTROLLER_OWNER];

export const REQUESTS = 'kube_pod_container_resource_requests';
export const LIMITS = 'kube_pod_container_resource_limits';
/** kube-state-metrics v1 has a metric a resource. */
export const V1_SUFFIX = { cpu: '_cpu_cores', memory: '_memory_bytes' } as const;
export const RUNNING = 'kube_pod_container_status_running';
export const CREATED = 'kube_pod_created';
export const RESTARTS = 'kube_pod_container_status_restarts_total';
export const LAST_TERMINATED = 'kube_pod_container_status_last_terminated_reason';
export const TERMINATED = 'kube_pod_container_status_terminated_reason';
export const OOM_EVENTS = 'container_oom_events_total';
export const CFS_PERIODS = 'container_cpu_cfs_periods_total';
export const CFS_THROTTLED = 'container_cpu_cfs_throttled_periods_total';
export const POD_LABELS = 'kube_pod_labels';
const HPA_V2 = 'kube_horizontalpodautoscaler_spec_target_metric';
const HPA_V2_INFO = 'kube_horizontalpodautoscaler_info';
const HPA_V1 = 'kube_hpa_spec_target_metric';

const KUBE_STATE = [
  ...OWNERS,
  ...[REQUESTS, LIMITS].flatMap((name) => [name, name + V1_SUFFIX.cpu, name + V1_SUFFIX.memory]),
  RUNNING,
  CREATED,
  RESTARTS,
  LAST_TERMINATED,
  TERMINATED,
  POD_LABELS,
];
const ALL = [
  CPU,
  MEMORY,
  ...CPU_RULES,
  MEMORY_RULE,
  OWNER_RULE,
  ...KUBE_STATE,
  OOM_EVENTS,
  CFS_PERIODS,
  CFS_THROTTLED,
  HPA_V2,
  HPA_V2_INFO,
  HPA_V1,
];

/** Asks for names and labels within the window: four small requests. */
export async function discoverDialect(
  api: PrometheusApi,
  window: { readonly fromUnixSeconds: number; readonly toUnixSeconds: number },
  context: CallContext,
): Promise<Dialect> {
  const ask = async (path: string, match: string): Promise<ReadonlySet<string>> => {
    const params = new URLSearchParams({ start: String(window.fromUnixSeconds), end: String(window.toUnixSeconds) });
    params.append('match[]', match);
    const { data } = await api.metadata(path, params, context);
    return new Set(Array.isArray(data) ? data.filter((name): name is string => typeof name === 'string') : []);
  };

  const found = await ask('label/__name__/values', selectorOfNames(ALL, []));
  const names = new Set(ALL.filter((name) => found.has(name)));
  const cadvisorNames = [CPU, MEMORY].filter((name) => names.has(name));
  const podNames = KUBE_STATE.filter((name) => names.has(name));
  const none: ReadonlySet<string> = new Set();
  const [cadvisorLabels, kubeStateLabels, cpus] = await Promise.all([
    cadvisorNames.length > 0 ? ask('labels', selectorOfNames(cadvisorNames, [])) : none,
    podNames.length > 0 ? ask('labels', selectorOfNames(podNames, [])) : none,
    names.has(CPU) ? ask('label/cpu/values', CPU) : none,
  ]);
  return dialectOf(names, { cadvisorLabels, kubeStateLabels, cpus });
}

interface LabelSets {
  readonly cadvisorLabels: ReadonlySet<string>;
  readonly kubeStateLabels: ReadonlySet<string>;
  readonly cpus: ReadonlySet<string>;
}

/** Decides from what the server has; pure. */
export function dialectOf(names: ReadonlySet<string>, labels: LabelSets): Dialect {
  const cpuRule = CPU_RULES.find((name) => names.has(name));
  const perCpu = [...labels.cpus].some((cpu) => cpu !== 'total' && cpu !== '');
  const cadvisor = podLabelForms(labels.cadvisorLabels);
  const rule = (name: string | undefined): UsageMetric | undefined =>
    name === undefined ? undefined : { name, forms: [PLAIN_LABELS], form: 'gauge', perCpu: false };
  return {
    names,
    cpu: names.has(CPU) ? { name: CPU, forms: cadvisor, form: 'counter', perCpu } : rule(cpuRule),
    memory: names.has(MEMORY)
      ? { name: MEMORY, forms: cadvisor, form: 'gauge', perCpu: false }
      : rule(names.has(MEMORY_RULE) ? MEMORY_RULE : undefined),
    cadvisor,
    kubeState: podLabelForms(labels.kubeStateLabels),
    owners: names.has(POD_OWNER) ? 'kube-state-metrics' : names.has(OWNER_RULE) ? 'recording-rule' : 'none',
    requests: resourceSource(names, REQUESTS),
    limits: resourceSource(names, LIMITS),
    hpa: hpaSource(names),
    podLabelNames: labels.kubeStateLabels,
  };
}

function resourceSource(names: ReadonlySet<string>, base: string): ResourceSource {
  if (names.has(base)) return 'v2';
  return names.has(base + V1_SUFFIX.cpu) || names.has(base + V1_SUFFIX.memory) ? 'v1' : 'none';
}

function hpaSource(names: ReadonlySet<string>): HpaSource | undefined {
  if (names.has(HPA_V2)) {
    return { target: HPA_V2, info: names.has(HPA_V2_INFO) ? HPA_V2_INFO : undefined, label: 'horizontalpodautoscaler' };
  }
  return names.has(HPA_V1) ? { target: HPA_V1, info: undefined, label: 'hpa' } : undefined;
}
