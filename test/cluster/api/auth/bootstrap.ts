import type { Fields, KubeObject } from '../object.ts';

const RBAC_VERSION = 'rbac.authorization.k8s.io/v1';
const ALL = ['*'];
const READ = ['get', 'list', 'watch'];
const WRITE = ['create', 'delete', 'deletecollection', 'patch', 'update'];
const WORKLOADS: readonly Fields[] = [
  {
    apiGroups: [''],
    resources: [
      'configmaps',
      'events',
      'persistentvolumeclaims',
      'pods',
      'pods/status',
      'replicationcontrollers',
      'replicationcontrollers/scale',
      'services',
      'serviceaccounts',
      'namespaces',
      'limitranges',
      'resourcequotas',
    ],
  },
  {
    apiGroups: ['apps'],
    resources: [
      'controllerrevisions',
      'daemonsets',
      'deployments',
      'deployments/scale',
      'replicasets',
      'replicasets/scale',
      'statefulsets',
      'statefulsets/scale',
    ],
  },
  { apiGroups: ['autoscaling'], resources: ['horizontalpodautoscalers'] },
  { apiGroups: ['batch'], resources: ['cronjobs', 'jobs'] },
  { apiGroups: ['policy'], resources: ['poddisruptionbudgets'] },
];
const withVerbs = (verbs: readonly string[]): Fields[] => WORKLOADS.map((rule) => ({ ...rule, verbs }));
const SECRETS = {
  apiGroups: [''],
  resources: ['secrets', 'pods/eviction', 'pods/resize', 'serviceaccounts/token'],
  verbs: [...READ, ...WRITE],
};
const LEASES = { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: [...READ, ...WRITE] };

const clusterRole = (
  name: string,
  rules: readonly Fields[],
  more: { labels?: Readonly<Record<string, string>>; aggregate?: string } = {},
): KubeObject => ({
  apiVersion: RBAC_VERSION,
  kind: 'ClusterRole',
  metadata: { name, labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults', ...more.labels } },
  rules,
  ...(more.aggregate
    ? {
        aggregationRule: {
          clusterRoleSelectors: [{ matchLabels: { [`rbac.authorization.k8s.io/aggregate-to-${more.aggregate}`]: 'true' } }],
        },
      }
    : {}),
});

const binding = (name: string, group: string): KubeObject => ({
  apiVersion: RBAC_VERSION,
  kind: 'ClusterRoleBinding',
  metadata: { name, labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' } },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
  subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: group }],
});

const DISCOVERY_PATHS = [
  '/api',
  '/api/*',
  '/apis',
  '/apis/*',
  '/healthz',
  '/livez',
  '/openapi',
  '/openapi/*',
  '/readyz',
  '/version',
  '/version/',
];

/** What every cluster holds from the start. */
export const BOOTSTRAP_OBJECTS: readonly KubeObject[] = [
  ...['default', 'kube-system', 'kube-public', 'kube-node-lease'].map(
    (name): KubeObject => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }),
  ),
  clusterRole('cluster-admin', [
    { apiGroups: ALL, resources: ALL, verbs: ALL },
    { nonResourceURLs: ALL, verbs: ALL },
  ]),
  clusterRole(
    'admin',
    [
      ...withVerbs([...READ, ...WRITE]),
      SECRETS,
      LEASES,
      { apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles', 'rolebindings'], verbs: [...READ, ...WRITE] },
    ],
    { aggregate: 'admin' },
  ),
  clusterRole('edit', [...withVerbs([...READ, ...WRITE]), SECRETS, LEASES], { aggregate: 'edit' }),
  clusterRole('view', withVerbs(READ), { aggregate: 'view' }),
  clusterRole('system:discovery', [{ nonResourceURLs: DISCOVERY_PATHS, verbs: ['get'] }]),
  clusterRole('system:public-info-viewer', [
    { nonResourceURLs: ['/healthz', '/livez', '/readyz', '/version', '/version/'], verbs: ['get'] },
  ]),
  clusterRole('system:basic-user', [
    { apiGroups: ['authorization.k8s.io'], resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'], verbs: ['create'] },
    { apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'], verbs: ['create'] },
  ]),
  clusterRole('system:auth-delegator', [
    { apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'], verbs: ['create'] },
    { apiGroups: ['authorization.k8s.io'], resources: ['subjectaccessreviews'], verbs: ['create'] },
  ]),
  binding('cluster-admin', 'system:masters'),
  binding('system:discovery', 'system:authenticated'),
  binding('system:basic-user', 'system:authenticated'),
  binding('system:public-info-viewer', 'system:unauthenticated'),
  { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'system-cluster-critical' }, value: 2_000_000_000 },
  { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'system-node-critical' }, value: 2_000_001_000 },
];
