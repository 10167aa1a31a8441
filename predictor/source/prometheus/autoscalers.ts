import type { Resource, WorkloadRef } from '../../core/workload.ts';
import type { CallContext, PrometheusApi } from './api.ts';
import type { Dialect } from './dialect.ts';
import { globMatchers, maxBy, PART, range, selector, union } from './promql.ts';
import { SHORTEST_WINDOW_SECONDS } from './windows.ts';

/**
 * Which resources a HorizontalPodAutoscaler scales each workload on. Where the exporter does not tell an autoscaler's
 * target (kube-state-metrics before 2.0), one of the workload's own name counts as its autoscaler: to hold back a
 * recommendation is the smaller mistake.
 */
export async function readAutoscalers(
  api: PrometheusApi,
  {
    dialect,
    namespaces,
    timeUnixSeconds,
  }: { readonly dialect: Dialect; readonly namespaces: readonly string[]; readonly timeUnixSeconds: number },
  context: CallContext,
): Promise<(ref: WorkloadRef) => readonly Resource[]> {
  const { hpa } = dialect;
  if (hpa === undefined) return () => [];
  const namespace = dialect.kubeState.namespace;
  const matchers = globMatchers(namespace, namespaces);
  const last = (rows: string): string => `last_over_time(${rows}${range(SHORTEST_WINDOW_SECONDS)})`;
  const expression = union({
    target: maxBy([namespace, hpa.label, 'metric_name'], last(selector(hpa.target, [['metric_name', '=~', 'cpu|memory'], ...matchers]))),
    info:
      hpa.info === undefined
        ? undefined
        : maxBy([namespace, hpa.label, 'scaletargetref_kind', 'scaletargetref_name'], last(selector(hpa.info, matchers))),
  });
  const resources = new Map<string, Set<Resource>>();
  const targets = new Map<string, string>();
  for (const { labels } of await api.query(expression, timeUnixSeconds, context)) {
    const own = `${labels.get(namespace) ?? ''}/${labels.get(hpa.label) ?? ''}`;
    if (labels.get(PART) === 'info') {
      targets.set(
        `${labels.get(namespace) ?? ''}/${labels.get('scaletargetref_kind') ?? ''}/${labels.get('scaletargetref_name') ?? ''}`,
        own,
      );
      continue;
    }
    const set = resources.get(own) ?? new Set<Resource>();
    resources.set(own, set);
    set.add(labels.get('metric_name') === 'memory' ? 'memory' : 'cpu');
  }
  return (ref) => {
    const own = hpa.info === undefined ? `${ref.namespace}/${ref.name}` : targets.get(`${ref.namespace}/${ref.kind}/${ref.name}`);
    return [...(resources.get(own ?? '') ?? [])].sort();
  };
}
