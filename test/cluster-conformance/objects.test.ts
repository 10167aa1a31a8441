import { expect, it } from 'vitest';
import { failure, pick } from './client.ts';
import { configMap, deployment, pod } from './fixtures.ts';
import { conformance } from './target.ts';

conformance('Objects', (context) => {
  const maps = () => `/api/v1/namespaces/${context().namespace}/configmaps`;
  const deployments = () => `/apis/apps/v1/namespaces/${context().namespace}/deployments`;

  it('gives a new object its uid, time and version, and reads it back', async () => {
    const { admin, namespace } = context();
    const made = await admin.create(maps(), configMap('first'));
    expect(made.metadata).toMatchObject({
      name: 'first',
      namespace,
      uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
      resourceVersion: expect.stringMatching(/^\d+$/),
    });
    expect(made.metadata.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(await admin.get(`${maps()}/first`)).toEqual(made);
  });

  it('answers 404 and 409 as Status objects that name the object', async () => {
    const { admin } = context();
    const missing = await failure(admin.get(`${maps()}/nothing`));
    expect(missing.code).toBe(404);
    expect(missing.status).toMatchObject({
      kind: 'Status',
      reason: 'NotFound',
      message: 'configmaps "nothing" not found',
      details: { name: 'nothing', kind: 'configmaps' },
    });
    await admin.create(maps(), configMap('twice'));
    const again = await failure(admin.create(maps(), configMap('twice')));
    expect(again.code).toBe(409);
    expect(again.status).toMatchObject({ reason: 'AlreadyExists', message: 'configmaps "twice" already exists' });
  });

  it('refuses a write in a namespace that is not there', async () => {
    const error = await failure(context().admin.create('/api/v1/namespaces/nowhere/configmaps', configMap('x')));
    expect(error.code).toBe(404);
    expect(error.status.message).toBe('namespaces "nowhere" not found');
  });

  it('makes up the rest of a generated name', async () => {
    const { admin } = context();
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'made-' } };
    const names = [(await admin.create(maps(), body)).metadata.name, (await admin.create(maps(), body)).metadata.name];
    for (const name of names) expect(name).toMatch(/^made-[a-z0-9]{5}$/);
    expect(names[0]).not.toBe(names[1]);
  });

  it('lets only one of two writers with the same version through', async () => {
    const { admin } = context();
    const made = await admin.create(maps(), configMap('raced'));
    const first = await admin.replace(`${maps()}/raced`, { ...made, data: { a: '2' } });
    expect(Number(first.metadata.resourceVersion)).toBeGreaterThan(Number(made.metadata.resourceVersion));
    const second = await failure(admin.replace(`${maps()}/raced`, { ...made, data: { a: '3' } }));
    expect(second.code).toBe(409);
    expect(second.status.reason).toBe('Conflict');
    expect((await admin.get(`${maps()}/raced`)).data).toEqual({ a: '2' });
  });

  it('writes nothing where nothing changes', async () => {
    const { admin } = context();
    const made = await admin.create(maps(), configMap('same'));
    const same = await admin.replace(`${maps()}/same`, made);
    expect(same.metadata.resourceVersion).toBe(made.metadata.resourceVersion);
  });

  it('counts generations by changes of the spec only', async () => {
    const { admin } = context();
    const path = `${deployments()}/counted`;
    expect((await admin.create(deployments(), deployment('counted'))).metadata.generation).toBe(1);
    expect((await admin.patch(path, 'merge', { metadata: { labels: { x: 'y' } } })).metadata.generation).toBe(1);
    expect((await admin.patch(path, 'merge', { spec: { replicas: 3 } })).metadata.generation).toBe(2);
    expect((await admin.patch(`${path}/status`, 'merge', { status: { replicas: 3 } })).metadata.generation).toBe(2);
  });

  it('fills in defaults and writes quantities in their canonical form', async () => {
    const made = await context().admin.create(
      deployments(),
      deployment('defaulted', {
        template: {
          metadata: { labels: { app: 'defaulted' } },
          spec: { containers: [{ name: 'a', image: 'a', resources: { limits: { cpu: '0.5', memory: '2048Mi' } } }] },
        },
      }),
    );
    expect(made.spec).toMatchObject({
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%' } },
    });
    expect(pick(made, 'spec.template.spec')).toMatchObject({
      restartPolicy: 'Always',
      dnsPolicy: 'ClusterFirst',
      terminationGracePeriodSeconds: 30,
      schedulerName: 'default-scheduler',
    });
    expect(pick(made, 'spec.template.spec.containers.0.imagePullPolicy')).toBe('Always');
    expect(pick(made, 'spec.template.spec.containers.0.resources.limits')).toEqual({ cpu: '500m', memory: '2Gi' });
  });

  it('takes limits as requests where a pod names none', async () => {
    const { admin, namespace } = context();
    const made = await admin.create(`/api/v1/namespaces/${namespace}/pods`, pod('limited', { limits: { cpu: '1', memory: '64Mi' } }));
    expect(pick(made, 'spec.containers.0.resources.requests')).toEqual({ cpu: '1', memory: '64Mi' });
    expect(made.status).toMatchObject({ phase: 'Pending', qosClass: 'Guaranteed' });
  });

  it('drops unknown fields with a warning, and refuses them where asked to', async () => {
    const { admin } = context();
    const made = await admin.create(deployments(), { ...deployment('unknown'), surplus: true });
    expect(pick(made, 'surplus')).toBeUndefined();
    expect(admin.lastHeaders.warning).toContain('unknown field \\"surplus\\"');
    const strict = await failure(admin.create(`${deployments()}?fieldValidation=Strict`, deployment('strict', { replicaz: 1 })));
    expect(strict.code).toBe(400);
    expect(strict.status.message).toContain('unknown field "spec.replicaz"');
  });

  it('reports every problem of an object at once, with paths', async () => {
    const bad = deployment('bad', {
      replicas: -1,
      template: { metadata: { labels: { app: 'bad' } }, spec: { containers: [{ name: 'A_b' }] } },
    });
    const error = await failure(context().admin.create(deployments(), bad));
    expect(error.code).toBe(422);
    expect(error.status.reason).toBe('Invalid');
    const fields = error.status.details.causes.map((c) => c.field);
    expect(fields).toEqual(
      expect.arrayContaining(['spec.replicas', 'spec.template.spec.containers[0].name', 'spec.template.spec.containers[0].image']),
    );
  });

  it('refuses values of a wrong type', async () => {
    const error = await failure(context().admin.create(deployments(), deployment('typed', { replicas: 'two' })));
    expect(error.code).toBe(400);
    expect(error.status.message).toContain('Deployment in version "v1" cannot be handled as a Deployment');
  });

  it('never changes a selector or a name', async () => {
    const { admin } = context();
    await admin.create(deployments(), deployment('fixed'));
    const changed = { selector: { matchLabels: { app: 'other' } }, template: { metadata: { labels: { app: 'other' } } } };
    const error = await failure(admin.patch(`${deployments()}/fixed`, 'merge', { spec: changed }));
    expect(error.code).toBe(422);
    expect(error.status.message).toContain('field is immutable');
    expect((await failure(admin.patch(`${deployments()}/fixed`, 'merge', { metadata: { name: 'renamed' } }))).code).toBe(400);
  });

  it('tries a write out without keeping it', async () => {
    const { admin } = context();
    const tried = await admin.create(`${maps()}?dryRun=All`, configMap('tried'));
    expect(tried.metadata.uid).toBeTruthy();
    expect((await failure(admin.get(`${maps()}/tried`))).code).toBe(404);
    const made = await admin.create(maps(), configMap('kept'));
    expect((await admin.patch(`${maps()}/kept?dryRun=All`, 'merge', { data: { a: 'tried' } })).data.a).toBe('tried');
    await admin.delete(`${maps()}/kept?dryRun=All`);
    expect(await admin.get(`${maps()}/kept`)).toEqual(made);
  });

  it('keeps an immutable config map as it is', async () => {
    const { admin } = context();
    await admin.create(maps(), { ...configMap('stone'), immutable: true });
    expect((await failure(admin.patch(`${maps()}/stone`, 'merge', { data: { a: '2' } }))).code).toBe(422);
  });

  it('encodes what a secret is given in plain text', async () => {
    const { admin, namespace } = context();
    const made = await admin.create(`/api/v1/namespaces/${namespace}/secrets`, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'hidden' },
      stringData: { k: 'value' },
    });
    expect(made).toMatchObject({ type: 'Opaque', data: { k: Buffer.from('value').toString('base64') } });
    expect(pick(made, 'stringData')).toBeUndefined();
  });

  it('shows the same event in both of its groups', async () => {
    const { admin, namespace } = context();
    const path = `/apis/events.k8s.io/v1/namespaces/${namespace}/events`;
    await admin.create(path, {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { name: 'told' },
      regarding: { kind: 'Pod', namespace, name: 'p' },
      reason: 'Resized',
      note: 'from 1 to 2',
      type: 'Normal',
      action: 'Resize',
      reportingController: 'example.dev/tests',
      reportingInstance: 'one',
      eventTime: '2026-01-01T00:00:00.000000Z',
    });
    const old = await admin.get(`/api/v1/namespaces/${namespace}/events/told`);
    expect(old).toMatchObject({
      kind: 'Event',
      apiVersion: 'v1',
      message: 'from 1 to 2',
      reason: 'Resized',
      involvedObject: { kind: 'Pod', name: 'p' },
    });
    const found = await admin.get(`/api/v1/namespaces/${namespace}/events?fieldSelector=involvedObject.name=p,reason=Resized`);
    expect(found.items).toHaveLength(1);
  });

  it('shows an autoscaler in both of its versions', async () => {
    const { admin, namespace } = context();
    const base = (version: string) => `/apis/autoscaling/${version}/namespaces/${namespace}/horizontalpodautoscalers`;
    const target = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' };
    await admin.create(base('v1'), {
      apiVersion: 'autoscaling/v1',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'scaler' },
      spec: { scaleTargetRef: target, maxReplicas: 4, targetCPUUtilizationPercentage: 70 },
    });
    const newer = await admin.get(`${base('v2')}/scaler`);
    expect(newer.spec).toMatchObject({
      minReplicas: 1,
      maxReplicas: 4,
      metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } }],
    });
    expect(pick(await admin.get(`${base('v1')}/scaler`), 'spec.targetCPUUtilizationPercentage')).toBe(70);
  });
});
