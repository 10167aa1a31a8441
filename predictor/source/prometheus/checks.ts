import { formatDuration } from '../../../common/duration.ts';
import type { SourceCheck } from '../history-source.ts';
import {
  CFS_PERIODS,
  CFS_THROTTLED,
  CPU,
  type Dialect,
  LAST_TERMINATED,
  MEMORY,
  OOM_EVENTS,
  OWNER_RULE,
  POD_LABELS,
  POD_OWNER,
  REPLICASET_OWNER,
  RESTARTS,
  type ResourceSource,
  TERMINATED,
  type UsageMetric,
} from './dialect.ts';
import type { SeriesCounts } from './inspect.ts';
import type { PodLabels } from './pod-labels.ts';

export interface CheckInputs {
  readonly server: string;
  readonly url: string;
  readonly dialect: Dialect;
  readonly counts: SeriesCounts;
  readonly clockSkewSeconds: number | undefined;
  readonly newestSampleUnixSeconds: number | undefined;
  readonly nowUnixSeconds: number;
}

const INSTALL_KUBE_STATE = 'install kube-state-metrics and let the server scrape it';
const SCRAPE_CADVISOR = 'let the server scrape cAdvisor on every node: the kubelet serves it at /metrics/cadvisor';

/** Usage older than this is not "now" any more. */
const FRESH_SECONDS = 900;
/** Clocks under NTP are well within this. */
const SKEW_SECONDS = 30;

/** One row for each thing that recommendations rest on; pure. */
export function sourceChecks(inputs: CheckInputs): readonly SourceCheck[] {
  return [
    { id: 'server', title: 'Server', status: 'ok', found: `${inputs.server} at ${inputs.url}`, remedy: '' },
    usage('cpu', 'CPU usage', inputs.dialect.cpu, inputs.counts.cpu),
    usage('memory', 'Memory usage', inputs.dialect.memory, inputs.counts.memory),
    scrapes(inputs),
    clusters(inputs),
    podOwners(inputs),
    replicaSetOwners(inputs),
    resources('requests', 'Requests', inputs.dialect.requests, inputs),
    resources('limits', 'Limits', inputs.dialect.limits, inputs),
    ooms(inputs.dialect),
    throttling(inputs.dialect),
    labels(inputs.dialect),
    autoscalers(inputs.dialect),
    freshness(inputs),
    clock(inputs.clockSkewSeconds),
  ];
}

function usage(id: 'cpu' | 'memory', title: string, metric: UsageMetric | undefined, containers: number): SourceCheck {
  const raw = id === 'cpu' ? CPU : MEMORY;
  if (metric === undefined) {
    return { id: `usage.${id}`, title, status: 'missing', found: `no ${raw}, nor a recording rule made of it`, remedy: SCRAPE_CADVISOR };
  }
  const how = metric.perCpu ? ', one counter per CPU' : '';
  const found = `${metric.name} by ${labelsOf(metric.forms)}${how}: ${containers} containers at the newest sample`;
  if (containers === 0) return { id: `usage.${id}`, title, status: 'missing', found, remedy: SCRAPE_CADVISOR };
  if (metric.name === raw) return { id: `usage.${id}`, title, status: 'ok', found, remedy: '' };
  return { id: `usage.${id}`, title, status: 'degraded', found, remedy: `keep ${raw} too: a recording rule hides short peaks` };
}

/** A rate over four scrapes is then longer than the usual slot of five minutes. */
const SELDOM_SECONDS = 75;

function scrapes({ counts: { scrapeIntervalSeconds: interval } }: CheckInputs): SourceCheck {
  const base = { id: 'scrapes', title: 'Scrapes' };
  if (interval === undefined) {
    return { ...base, status: 'ok', found: 'no container lasted long enough to tell how often it is scraped', remedy: '' };
  }
  const found = `usage is scraped about every ${formatDuration(interval)}`;
  if (interval <= SELDOM_SECONDS) return { ...base, status: 'ok', found, remedy: '' };
  const effect =
    interval > 360 ? 'CPU use is unknown most of the time' : 'peaks that are shorter than four scrapes look lower than they are';
  return { ...base, status: 'degraded', found: `${found}: ${effect}`, remedy: 'let the server scrape cAdvisor every 30 s or 60 s' };
}

/** How many names a line holds. */
const NAMED_CLUSTERS = 5;

function clusters({ counts }: CheckInputs): SourceCheck {
  const base = { id: 'clusters', title: 'Clusters' };
  const found = counts.clusters;
  if (found.length <= 1) return { ...base, status: 'ok', found: found[0] ?? 'one: usage carries no label cluster', remedy: '' };
  const names = found.slice(0, NAMED_CLUSTERS).join(', ') + (found.length > NAMED_CLUSTERS ? ', …' : '');
  return {
    ...base,
    status: 'degraded',
    found: `${found.length} clusters (${names}): workloads of the same namespace, kind and name are taken for one`,
    remedy: 'give the address, path or tenant header of a server that answers for one cluster only, and run Neap once for each',
  };
}

function labelsOf(
  forms: readonly PodLabels[],
  of: readonly ('namespace' | 'pod' | 'container')[] = ['namespace', 'pod', 'container'],
): string {
  return forms.map((form) => of.map((label) => form[label]).join(', ')).join(' or ');
}

function podOwners({ dialect, counts }: CheckInputs): SourceCheck {
  const base = { id: 'owners.pod', title: 'Owners of pods' };
  if (dialect.owners === 'none') {
    return {
      ...base,
      status: 'missing',
      found: `no ${POD_OWNER}: every pod counts as a workload of its own, of kind Pod`,
      remedy: INSTALL_KUBE_STATE,
    };
  }
  if (dialect.owners === 'recording-rule') {
    return {
      ...base,
      status: 'degraded',
      found: `${OWNER_RULE}: ${counts.podOwners} pods`,
      remedy: `keep ${POD_OWNER} too: the rule knows fewer kinds`,
    };
  }
  return {
    ...base,
    status: 'ok',
    found: `${POD_OWNER} by ${labelsOf(dialect.kubeState, ['namespace', 'pod'])}: ${counts.podOwners} pods at the newest sample`,
    remedy: '',
  };
}

function replicaSetOwners({ dialect, counts }: CheckInputs): SourceCheck {
  const base = { id: 'owners.replicaset', title: 'Owners of ReplicaSets' };
  if (dialect.owners === 'recording-rule') return { ...base, status: 'ok', found: `${OWNER_RULE} names Deployments`, remedy: '' };
  if (dialect.names.has(REPLICASET_OWNER)) {
    return { ...base, status: 'ok', found: `${REPLICASET_OWNER}: ${counts.replicaSetOwners} at the newest sample`, remedy: '' };
  }
  return {
    ...base,
    status: 'degraded',
    found: `no ${REPLICASET_OWNER}: the pods of a Deployment count as those of its ReplicaSets`,
    remedy: dialect.owners === 'none' ? INSTALL_KUBE_STATE : 'let kube-state-metrics export replicasets (--resources)',
  };
}

function resources(id: 'requests' | 'limits', title: string, source: ResourceSource, { dialect, counts }: CheckInputs): SourceCheck {
  if (source !== 'none') {
    const form = source === 'v2' ? 'kube-state-metrics 2' : 'kube-state-metrics 1';
    return {
      id,
      title,
      status: 'ok',
      found: `as ${form} writes them, by ${labelsOf(dialect.kubeState)}: ${counts[id]} series`,
      remedy: '',
    };
  }
  return {
    id,
    title,
    status: 'degraded',
    found: `no kube_pod_container_resource_${id}: what pods ask for today is not known`,
    remedy:
      dialect.owners === 'none' ? INSTALL_KUBE_STATE : 'let kube-state-metrics export pods (--resources), and do not drop this metric',
  };
}

function ooms({ names }: Dialect): SourceCheck {
  const base = { id: 'oom', title: 'OOM kills' };
  const found = [LAST_TERMINATED, RESTARTS, TERMINATED, OOM_EVENTS].filter((name) => names.has(name));
  if (found.length > 0) return { ...base, status: 'ok', found: found.join(', '), remedy: '' };
  return {
    ...base,
    status: 'degraded',
    found: `none of ${LAST_TERMINATED}, ${RESTARTS}, ${OOM_EVENTS}: OOM kills are not known`,
    remedy: `${INSTALL_KUBE_STATE}, with these metrics not dropped`,
  };
}

function throttling({ names }: Dialect): SourceCheck {
  const base = { id: 'throttling', title: 'CPU throttling' };
  const missing = [CFS_THROTTLED, CFS_PERIODS].filter((name) => !names.has(name));
  if (missing.length === 0) return { ...base, status: 'ok', found: `${CFS_THROTTLED}, ${CFS_PERIODS}`, remedy: '' };
  return {
    ...base,
    status: 'degraded',
    found: `no ${missing.join(' and ')}: throttling is not known`,
    remedy: 'keep the cAdvisor metrics container_cpu_cfs_*; there are none where no container has a CPU limit',
  };
}

function labels({ names, podLabelNames }: Dialect): SourceCheck {
  const base = { id: 'labels', title: 'Pod labels' };
  const exported = [...podLabelNames].filter((name) => name.startsWith('label_'));
  if (names.has(POD_LABELS) && exported.length > 0) {
    return { ...base, status: 'ok', found: `${POD_LABELS} with ${exported.length} labels`, remedy: '' };
  }
  return {
    ...base,
    status: 'degraded',
    found: names.has(POD_LABELS)
      ? `${POD_LABELS} carries no labels: selectors cannot be used`
      : `no ${POD_LABELS}: selectors cannot be used`,
    remedy: 'start kube-state-metrics with --metric-labels-allowlist=pods=[*]',
  };
}

function autoscalers({ hpa, owners }: Dialect): SourceCheck {
  const base = { id: 'hpa', title: 'Horizontal autoscalers' };
  if (hpa === undefined && owners === 'kube-state-metrics') {
    return { ...base, status: 'ok', found: 'kube-state-metrics tells of none', remedy: '' };
  }
  if (hpa === undefined) {
    return {
      ...base,
      status: 'degraded',
      found: 'autoscalers are not known: Neap cannot keep out of their way',
      remedy: INSTALL_KUBE_STATE,
    };
  }
  if (hpa.info !== undefined) return { ...base, status: 'ok', found: `${hpa.target}, ${hpa.info}`, remedy: '' };
  return {
    ...base,
    status: 'degraded',
    found: `${hpa.target}, which does not name its target: a workload of the same name counts as the target`,
    remedy: 'use kube-state-metrics 2',
  };
}

function freshness({ newestSampleUnixSeconds: newest, nowUnixSeconds }: CheckInputs): SourceCheck {
  const base = { id: 'freshness', title: 'Newest sample' };
  if (newest === undefined) return { ...base, status: 'missing', found: 'no usage samples in the last year', remedy: SCRAPE_CADVISOR };
  const age = Math.max(0, nowUnixSeconds - newest);
  const found = `${new Date(newest * 1000).toISOString()}, ${formatDuration(age)} old`;
  if (age <= FRESH_SECONDS) return { ...base, status: 'ok', found, remedy: '' };
  return { ...base, status: 'degraded', found, remedy: 'look at the targets page of the server: cAdvisor is not scraped any more' };
}

function clock(skewSeconds: number | undefined): SourceCheck {
  const base = { id: 'clock', title: 'Clocks' };
  if (skewSeconds === undefined) return { ...base, status: 'ok', found: 'the server does not tell its time', remedy: '' };
  const found =
    skewSeconds === 0
      ? 'alike to the second'
      : `the server is ${Math.abs(skewSeconds)} s ${skewSeconds < 0 ? 'behind' : 'ahead of'} this machine`;
  if (Math.abs(skewSeconds) <= SKEW_SECONDS) return { ...base, status: 'ok', found, remedy: '' };
  return { ...base, status: 'degraded', found, remedy: 'set both clocks by NTP: the newest history may be missed or look old' };
}
