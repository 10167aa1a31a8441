import { describe, expect, it } from 'vitest';
import { CPU, dialectOf, MEMORY } from '../../../../predictor/source/prometheus/dialect.ts';
import { PLAIN_LABELS, podOfRow } from '../../../../predictor/source/prometheus/pod-labels.ts';
import { globMatchers, selector, union } from '../../../../predictor/source/prometheus/promql.ts';
import { lookbackSeconds, usageExpression } from '../../../../predictor/source/prometheus/usage-query.ts';

const set = (...items: string[]): ReadonlySet<string> => new Set(items);
const none = set();
const all = { namespaces: [] };

describe('dialectOf', () => {
  it('reads today’s names', () => {
    const names = set(CPU, MEMORY, 'kube_pod_owner', 'kube_pod_container_resource_requests', 'kube_pod_container_resource_limits');
    const labels = set('namespace', 'pod', 'container', 'cpu');
    const dialect = dialectOf(names, { cadvisorLabels: labels, kubeStateLabels: set('namespace', 'pod', 'container'), cpus: set('total') });
    expect(dialect).toMatchObject({ owners: 'kube-state-metrics', requests: 'v2', limits: 'v2', hpa: undefined });
    expect(usageExpression('cpu', dialect.cpu as never, all, 300)).toBe(
      'max by (namespace,pod,container) (rate(container_cpu_usage_seconds_total{container!="",container!="POD"}[300s]))',
    );
    expect(usageExpression('memory', dialect.memory as never, { namespaces: ['shop'] }, 60)).toBe(
      'max by (namespace,pod,container) (max_over_time(container_memory_working_set_bytes{container!="",container!="POD",namespace="shop"}[60s]))',
    );
  });

  it('reads the names before Kubernetes 1.16 and kube-state-metrics 2, and adds CPUs up', () => {
    const names = set(CPU, MEMORY, 'kube_pod_container_resource_requests_cpu_cores', 'kube_hpa_spec_target_metric');
    const cadvisorLabels = set('namespace', 'pod_name', 'container_name', 'cpu');
    const dialect = dialectOf(names, { cadvisorLabels, kubeStateLabels: none, cpus: set('cpu00', 'cpu01') });
    expect(dialect).toMatchObject({ requests: 'v1', limits: 'none', owners: 'none', hpa: { label: 'hpa', info: undefined } });
    expect(usageExpression('cpu', dialect.cpu as never, all, 300)).toBe(
      'max by (namespace,pod_name,container_name) (sum without (cpu) (rate(container_cpu_usage_seconds_total{container_name!="",container_name!="POD"}[300s])))',
    );
  });

  it('reads the exported labels of an exporter that is scraped without honor_labels, and the rows of others too', () => {
    const kubeStateLabels = set('namespace', 'pod', 'container', 'exported_namespace', 'exported_pod', 'exported_container');
    const dialect = dialectOf(set(CPU), { cadvisorLabels: set('namespace', 'pod', 'container'), kubeStateLabels, cpus: none });
    expect(dialect.kubeState.map(({ namespace, pod, container }) => [namespace, pod, container])).toEqual([
      ['exported_namespace', 'exported_pod', 'exported_container'],
      ['namespace', 'pod', 'container'],
    ]);
    expect(dialect.kubeState.map(({ only }) => only)).toEqual([[['exported_namespace', '!=', '']], [['exported_namespace', '=', '']]]);
    expect(dialect.cadvisor).toEqual([PLAIN_LABELS]);
    expect(
      podOfRow(
        new Map([
          ['exported_namespace', 'a'],
          ['exported_pod', 'b'],
          ['namespace', 'x'],
          ['pod', 'y'],
        ]),
        dialect.kubeState,
      ),
    ).toEqual({
      namespace: 'a',
      pod: 'b',
      container: '',
    });
    expect(
      podOfRow(
        new Map([
          ['namespace', 'x'],
          ['pod', 'y'],
          ['container', 'z'],
        ]),
        dialect.kubeState,
      ),
    ).toMatchObject({ pod: 'y', container: 'z' });
  });

  it('drops no rows where one cAdvisor writes old names and another new ones', () => {
    const cadvisorLabels = set('namespace', 'pod', 'container', 'pod_name', 'container_name');
    const { memory } = dialectOf(set(MEMORY), { cadvisorLabels, kubeStateLabels: none, cpus: none });
    expect(usageExpression('memory', memory as never, all, 60)).toBe(
      '(max by (namespace,pod,container) (max_over_time(container_memory_working_set_bytes{container!="",container!="POD",pod!=""}[60s]))' +
        ' or max by (namespace,pod_name,container_name) (max_over_time(container_memory_working_set_bytes{container_name!="",container_name!="POD",pod=""}[60s])))',
    );
  });

  it('falls back to recording rules where raw metrics are missing', () => {
    const rule = 'node_namespace_pod_container:container_cpu_usage_seconds_total:sum_irate';
    const names = set(
      rule,
      'node_namespace_pod_container:container_memory_working_set_bytes',
      'namespace_workload_pod:kube_pod_owner:relabel',
    );
    const dialect = dialectOf(names, { cadvisorLabels: none, kubeStateLabels: none, cpus: none });
    expect(dialect.owners).toBe('recording-rule');
    expect(usageExpression('cpu', dialect.cpu as never, all, 300)).toContain(`avg_over_time(${rule}{`);
  });

  it('knows when there is nothing', () => {
    expect(dialectOf(none, { cadvisorLabels: none, kubeStateLabels: none, cpus: none })).toMatchObject({
      cpu: undefined,
      memory: undefined,
      owners: 'none',
    });
  });
});

describe('queries', () => {
  it('turns patterns into regular expressions and escapes everything else', () => {
    expect(selector('m', globMatchers('ns', ['team-*', 'a.b']))).toBe('m{ns=~"team-.*|a\\\\.b"}');
    expect(selector('m', globMatchers('ns', ['plain']))).toBe('m{ns="plain"}');
    expect(selector('m', globMatchers('ns', []))).toBe('m{}');
    expect(selector('m', [['a', '=', 'x"\\\n']])).toBe('m{a="x\\"\\\\\\n"}');
  });

  it('leaves parts out of a union that the server does not have', () => {
    expect(union({ a: 'x', b: undefined, c: 'y' })).toBe(
      'label_replace(x, "neap_part", "a", "", "") or label_replace(y, "neap_part", "c", "", "")',
    );
    expect(union({ a: undefined })).toBe('');
  });

  it('looks back over the slot, and farther where scrapes are rare', () => {
    expect(lookbackSeconds('cpu', 300, 60)).toBe(300);
    expect(lookbackSeconds('cpu', 60, 15)).toBe(120);
    expect(lookbackSeconds('cpu', 60, 60)).toBe(240);
    expect(lookbackSeconds('memory', 60, 60)).toBe(120);
    expect(lookbackSeconds('memory', 3600, 60)).toBe(3600);
    // Neither a scrape more or less nor scrapes that hardly come change much.
    expect(lookbackSeconds('cpu', 60, 63)).toBe(240);
    expect(lookbackSeconds('cpu', 300, 600)).toBe(1200);
    expect(lookbackSeconds('cpu', 300, 6000)).toBe(1200);
  });
});
