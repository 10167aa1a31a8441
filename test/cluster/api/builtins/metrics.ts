import type { KubeObject } from '../object.ts';
import { at, textOf } from '../object.ts';
import type { ResourceType } from '../resource-type.ts';
import { column, nameColumn } from './define.ts';

/** What the kubelets of a simulated cluster measure now. */
export interface MetricsSource {
  /** PodMetrics of a namespace, of all where left out. */
  pods(namespace: string | undefined): Iterable<KubeObject>;
  /** NodeMetrics. */
  nodes(): Iterable<KubeObject>;
}

/** The kinds of the metrics API, computed when they are asked for and kept nowhere: add them to the server's types. */
export function metricsTypes(source: MetricsSource): readonly ResourceType[] {
  const usage = (resource: string) => column(resource === 'cpu' ? 'CPU' : 'Memory', (o) => textOf(at(o, 'usage', resource)));
  const base = {
    group: 'metrics.k8s.io',
    shortNames: [],
    categories: [],
    verbs: ['get', 'list'] as const,
    storageVersion: 'v1beta1',
    selectableFields: [],
    hasGeneration: false,
    behaviour: {},
    custom: false,
  };
  const version = { name: 'v1beta1', schema: () => undefined, columns: [nameColumn, usage('cpu'), usage('memory')], subresources: [] };
  return [
    {
      ...base,
      plural: 'pods',
      singular: 'pod',
      kind: 'PodMetrics',
      namespaced: true,
      collection: 'pods.metrics.k8s.io',
      versions: [version],
      compute: (namespace) => source.pods(namespace),
    },
    {
      ...base,
      plural: 'nodes',
      singular: 'node',
      kind: 'NodeMetrics',
      namespaced: false,
      collection: 'nodes.metrics.k8s.io',
      versions: [version],
      compute: () => source.nodes(),
    },
  ];
}
