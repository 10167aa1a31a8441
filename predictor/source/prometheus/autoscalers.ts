import { DAY_SECONDS } from '../../../common/units.ts';
import type { Resource, WorkloadRef } from '../../core/workload.ts';
import type { CallContext, PrometheusApi } from './api.ts';
import type { Dialect } from './dialect.ts';
import { everyForm, podOfRow } from './pod-labels.ts';
import { globMatchers, maxBy, PART, range, selector, union } from './promql.ts';

/**
 * Which resources HorizontalPodAutoscalers scale each workload on, of all that were there in the last day: an exporter
 * that is silent for a while must not take the guard away. A target that the metric calls an average value does not
 * depend on the request and does not count; where it does not tell the type, it does. Where the exporter does not tell an
 * autoscaler's target (kube-state-metrics before 2.0), one of the workload's own name counts as its autoscaler: to hold
 * back a recommendation is the smaller mistake.
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
  const last = (metric: string, by: readonly string[], matchers: readonly (readonly [string, '=~', string])[] = []): string =>
    everyForm(dialect.kubeState, ({ namespace, only }) => {
      const rows = selector(metric, [...matchers, ...only, ...globMatchers(namespace, namespaces)]);
      return maxBy([namespace, hpa.label, ...by], `last_over_time(${rows}${range(DAY_SECONDS)})`);
    });
  const expression = union({
    target: last(hpa.target, ['metric_name', 'metric_target_type'], [['metric_name', '=~', 'cpu|memory']]),
    info: hpa.info === undefined ? undefined : last(hpa.info, ['scaletargetref_kind', 'scaletargetref_name']),
  });
  const resources = new Map<string, Set<Resource>>();
  const autoscalers = new Map<string, Set<string>>();
  for (const { labels } of await api.query(expression, timeUnixSeconds, context)) {
    const { namespace } = podOfRow(labels, dialect.kubeState);
    const own = `${namespace}/${labels.get(hpa.label) ?? ''}`;
    if (labels.get(PART) === 'info') {
      const target = `${namespace}/${labels.get('scaletargetref_kind') ?? ''}/${labels.get('scaletargetref_name') ?? ''}`;
      autoscalers.set(target, (autoscalers.get(target) ?? new Set<string>()).add(own));
    } else if (!VALUE_TYPES.has(labels.get('metric_target_type')?.toLowerCase() ?? '')) {
      const resource = labels.get('metric_name') === 'memory' ? 'memory' : 'cpu';
      resources.set(own, (resources.get(own) ?? new Set<Resource>()).add(resource));
    }
  }
  return (ref) => {
    const ofTarget =
      hpa.info === undefined ? [`${ref.namespace}/${ref.name}`] : (autoscalers.get(`${ref.namespace}/${ref.kind}/${ref.name}`) ?? []);
    return [...new Set([...ofTarget].flatMap((own) => [...(resources.get(own) ?? [])]))].sort();
  };
}

const VALUE_TYPES: ReadonlySet<string> = new Set(['average', 'averagevalue', 'value']);
