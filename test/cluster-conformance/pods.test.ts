import { expect, it } from 'vitest';
import { failure, pick } from './client.ts';
import { pod } from './fixtures.ts';
import { conformance } from './target.ts';

conformance('Pods', (context) => {
  const pods = () => `/api/v1/namespaces/${context().namespace}/pods`;
  const resources = (object: unknown) => pick(object, 'spec.containers.0.resources');
  const resize = (name: string, change: object) =>
    context().admin.patch(`${pods()}/${name}/resize`, 'strategic', { spec: { containers: [{ name: 'main', resources: change }] } });
  const running = (name: string, ready = true) =>
    context().admin.patch(`${pods()}/${name}/status`, 'merge', {
      status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
    });

  it('binds a pod to a node once', async () => {
    const { admin } = context();
    await admin.create(pods(), pod('bindable'));
    const binding = {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name: 'bindable' },
      target: { apiVersion: 'v1', kind: 'Node', name: 'n1' },
    };
    await admin.create(`${pods()}/bindable/binding`, binding);
    const bound = await admin.get(`${pods()}/bindable`);
    expect(bound).toMatchObject({ spec: { nodeName: 'n1' }, status: { conditions: [{ type: 'PodScheduled', status: 'True' }] } });
    expect((await failure(admin.create(`${pods()}/bindable/binding`, binding))).code).toBe(409);
  });

  it('changes nothing but images and the like in a running pod', async () => {
    const { admin } = context();
    await admin.create(pods(), pod('settled'));
    expect(
      pick(
        await admin.patch(`${pods()}/settled`, 'strategic', { spec: { containers: [{ name: 'main', image: 'main:2' }] } }),
        'spec.containers.0.image',
      ),
    ).toBe('main:2');
    const error = await failure(
      admin.patch(`${pods()}/settled`, 'strategic', { spec: { containers: [{ name: 'main', resources: { requests: { cpu: '200m' } } }] } }),
    );
    expect(error.code).toBe(422);
    expect(error.status.message).toContain('pod updates may not change fields other than');
  });

  it('resizes resources through the resize subresource, and counts a generation', async () => {
    const { admin } = context();
    const made = await admin.create(pods(), pod('resized'));
    const changed = await resize('resized', { requests: { cpu: '200m' }, limits: { memory: '256Mi' } });
    expect(resources(changed)).toEqual({ requests: { cpu: '200m', memory: '64Mi' }, limits: { memory: '256Mi' } });
    expect(changed.metadata.generation).toBe(made.metadata.generation + 1);
  });

  it('lets an optimiser apply sizes, and owns them in its name', async () => {
    const { admin } = context();
    await admin.create(pods(), pod('applied'));
    const body = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'applied' },
      spec: { containers: [{ name: 'main', resources: { requests: { cpu: '300m' } } }] },
    };
    const changed = await admin.patch(`${pods()}/applied/resize?fieldManager=neap&force=true`, 'apply', body);
    expect(resources(changed)).toMatchObject({ requests: { cpu: '300m', memory: '64Mi' } });
    expect(changed.metadata.managedFields).toEqual(
      expect.arrayContaining([expect.objectContaining({ manager: 'neap', operation: 'Apply', subresource: 'resize' })]),
    );
  });

  it.each<[string, object, string]>([
    [
      'a change of the QoS class',
      { requests: { cpu: '1', memory: '128Mi' }, limits: { cpu: '1', memory: '128Mi' } },
      'Pod QOS Class may not change as a result of resizing',
    ],
    ['a request above its limit', { requests: { memory: '256Mi' } }, 'must be less than or equal to memory limit'],
    ['taking a limit away', { limits: { memory: null } }, 'cannot be removed'],
    ['other resources', { requests: { 'ephemeral-storage': '1Gi' } }, 'only cpu and memory resources are mutable'],
  ])('refuses to resize by %s', async (title, change, message) => {
    const { admin } = context();
    const name = title.toLowerCase().replaceAll(' ', '-');
    await admin.create(pods(), pod(name));
    const error = await failure(resize(name, change));
    expect(error.code).toBe(422);
    expect(error.status.message).toContain(message);
  });

  it('refuses to change anything but resources by resizing', async () => {
    const { admin } = context();
    await admin.create(pods(), pod('renamed'));
    const error = await failure(
      admin.patch(`${pods()}/renamed/resize`, 'strategic', { spec: { containers: [{ name: 'main', image: 'other:1' }] } }),
    );
    expect(error.code).toBe(422);
  });

  it('evicts a pod that no budget protects', async () => {
    const { admin } = context();
    await admin.create(pods(), pod('loose'));
    await admin.create(`${pods()}/loose/eviction`, { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'loose' } });
    expect((await failure(admin.get(`${pods()}/loose`))).code).toBe(404);
  });

  it('refuses with 429 to evict below a budget, and books what it grants', async () => {
    const { admin, namespace } = context();
    const budgets = `/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets`;
    for (const name of ['g1', 'g2', 'g3']) {
      await admin.create(pods(), pod(name, undefined, { app: 'guarded' }));
      await running(name);
    }
    const budget = await admin.create(budgets, {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'guard' },
      spec: { minAvailable: 2, selector: { matchLabels: { app: 'guarded' } } },
    });
    // Where no controller counts, the test does.
    const status = {
      observedGeneration: budget.metadata.generation,
      currentHealthy: 3,
      desiredHealthy: 2,
      expectedPods: 3,
      disruptionsAllowed: 1,
    };
    await admin.patch(`${budgets}/guard/status`, 'merge', { status });
    const evict = (name: string) =>
      admin.create(`${pods()}/${name}/eviction`, { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name } });
    await evict('g1');
    expect(pick(await admin.get(`${budgets}/guard`), 'status.disruptionsAllowed')).toBe(0);
    const refused = await failure(evict('g2'));
    expect(refused.code).toBe(429);
    expect(refused.status.message).toBe("Cannot evict pod as it would violate the pod's disruption budget.");
    expect(refused.status.details.causes[0]?.reason).toBe('DisruptionBudget');
    expect((await admin.get(`${pods()}/g2`)).metadata.name).toBe('g2');
  });

  it('applies the limit range of its namespace', async () => {
    const { admin } = context();
    const base = '/api/v1/namespaces/ranged';
    await admin.create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'ranged' } });
    await admin.create(`${base}/limitranges`, {
      apiVersion: 'v1',
      kind: 'LimitRange',
      metadata: { name: 'bounds' },
      spec: {
        limits: [{ type: 'Container', default: { cpu: '500m' }, defaultRequest: { cpu: '50m' }, min: { cpu: '20m' }, max: { cpu: '1' } }],
      },
    });
    expect(resources(await admin.create(`${base}/pods`, pod('plain', {})))).toEqual({ requests: { cpu: '50m' }, limits: { cpu: '500m' } });
    const error = await failure(admin.create(`${base}/pods`, pod('large', { requests: { cpu: '2' }, limits: { cpu: '2' } })));
    expect(error.code).toBe(403);
    expect(error.status.message).toContain('maximum cpu usage per Container is 1, but limit is 2');
  });

  it('keeps to the quota of its namespace', async () => {
    const { admin } = context();
    const base = '/api/v1/namespaces/rationed';
    await admin.create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'rationed' } });
    await admin.create(`${base}/resourcequotas`, {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'ration' },
      spec: { hard: { 'requests.cpu': '1', pods: '2' } },
    });
    // A real quota counts nothing before its controller has.
    await admin.patch(`${base}/resourcequotas/ration/status`, 'merge', {
      status: { hard: { 'requests.cpu': '1', pods: '2' }, used: { 'requests.cpu': '0', pods: '0' } },
    });
    await admin.create(`${base}/pods`, pod('one', { requests: { cpu: '600m' } }));
    const error = await failure(admin.create(`${base}/pods`, pod('two', { requests: { cpu: '600m' } })));
    expect(error.code).toBe(403);
    expect(error.status.message).toContain(
      'exceeded quota: ration, requested: requests.cpu=600m, used: requests.cpu=600m, limited: requests.cpu=1',
    );
  });
});
