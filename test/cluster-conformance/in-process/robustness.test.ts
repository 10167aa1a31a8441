import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PATCH, StatusError } from '../client.ts';
import { configMap, deployment, pod, widgetDefinition } from '../fixtures.ts';
import { started } from './started.ts';

const DEFAULT = '/namespaces/default';
const cronJob = {
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  metadata: { name: 'a' },
  spec: {
    schedule: '* * * * *',
    jobTemplate: { spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'a', image: 'a' }] } } } },
  },
};
const autoscaler = {
  apiVersion: 'autoscaling/v1',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'a' },
  spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'a' }, maxReplicas: 3, targetCPUUtilizationPercentage: 50 },
};
const quota = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'a' }, spec: { hard: { pods: '100', 'requests.cpu': '10' } } };
const ranges = {
  apiVersion: 'v1',
  kind: 'LimitRange',
  metadata: { name: 'a' },
  spec: { limits: [{ type: 'Container', default: { cpu: '1' }, max: { cpu: '2' } }] },
};
const budget = {
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: 'a' },
  spec: { minAvailable: 1, selector: { matchLabels: { app: 'a' } } },
};
const binding = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'RoleBinding',
  metadata: { name: 'a' },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'a' },
  subjects: [{ kind: 'User', name: 'a' }],
};

const VALID: readonly (readonly [string, object])[] = [
  [`/api/v1${DEFAULT}/pods`, pod('a')],
  [`/api/v1${DEFAULT}/configmaps`, configMap('a')],
  [`/api/v1${DEFAULT}/resourcequotas`, quota],
  [`/api/v1${DEFAULT}/limitranges`, ranges],
  [`/apis/apps/v1${DEFAULT}/deployments`, deployment('a')],
  [`/apis/batch/v1${DEFAULT}/cronjobs`, cronJob],
  [`/apis/autoscaling/v1${DEFAULT}/horizontalpodautoscalers`, autoscaler],
  [`/apis/policy/v1${DEFAULT}/poddisruptionbudgets`, budget],
  [`/apis/rbac.authorization.k8s.io/v1${DEFAULT}/rolebindings`, binding],
  ['/apis/apiextensions.k8s.io/v1/customresourcedefinitions', widgetDefinition('odd.example.dev')],
  [
    `/apis/w.example.dev/v1${DEFAULT}/widgets`,
    { apiVersion: 'w.example.dev/v1', kind: 'Widget', metadata: { name: 'a' }, spec: { size: 3, parts: [{ name: 'a' }], tags: ['x'] } },
  ],
];

/** All places in an object, as the steps that lead there. */
function placesIn(value: unknown, at: readonly string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [[...at, name], ...placesIn(inner, [...at, name])]);
}

function withValue(object: object, place: readonly string[], value: unknown): object {
  const copy = structuredClone(object) as Record<string, unknown>;
  let here = copy;
  for (const step of place.slice(0, -1)) here = here[step] as Record<string, unknown>;
  here[place.at(-1) ?? ''] = value;
  return copy;
}

const nonsense = fc.jsonValue({ maxDepth: 2 });
const write = fc.constantFrom(...VALID).chain(([path, object]) =>
  fc.record({
    path: fc.constant(path),
    body: fc.tuple(fc.constantFrom(...placesIn(object)), nonsense).map(([place, value]) => withValue(object, place, value)),
    how: fc.constantFrom('create' as const, 'replace' as const, ...(Object.keys(PATCH) as (keyof typeof PATCH)[])),
    subresource: fc.constantFrom('', '', '', '/status', '/scale', '/resize'),
  }),
);

describe('Nonsense', () => {
  it('in any field of any kind is refused or pruned, and never breaks the server', async () => {
    const { admin } = await started();
    await admin.create('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', widgetDefinition('w.example.dev'));
    for (const [path, object] of VALID) await admin.create(path, object);
    await fc.assert(
      fc.asyncProperty(write, async ({ path, body, how, subresource }) => {
        const name = path.endsWith('customresourcedefinitions') ? 'widgets.odd.example.dev' : 'a';
        const one = `${path}/${name}${subresource}?fieldManager=tester${how === 'apply' ? '&force=true' : ''}`;
        const sent =
          how === 'create' ? admin.create(path, body) : how === 'replace' ? admin.replace(one, body) : admin.patch(one, how, body);
        const error = await sent.then(
          () => undefined,
          (e: unknown) => e,
        );
        if (!(error instanceof StatusError)) expect(error).toBeUndefined();
        else if (!error.message.includes('field not declared in schema')) expect(error.code, error.message).toBeLessThan(500);
      }),
      { numRuns: 400 },
    );
    for (const [path] of VALID) await admin.get(path, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' });
  });
});
