import { expect, it } from 'vitest';
import { failure, pick } from './client.ts';
import { deployment } from './fixtures.ts';
import { conformance } from './target.ts';

conformance('Server-side apply', (context) => {
  const deployments = () => `/apis/apps/v1/namespaces/${context().namespace}/deployments`;
  const managers = (object: { metadata: { managedFields?: readonly { manager: string; operation: string; subresource?: string }[] } }) =>
    (object.metadata.managedFields ?? []).map((m) => `${m.manager} ${m.operation}${m.subresource ? ` ${m.subresource}` : ''}`).sort();
  /** What an optimiser applies: the name of the list's item and the fields that it owns. */
  const requests = (name: string, values: object) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: { template: { spec: { containers: [{ name: 'web', resources: { requests: values } }] } } },
  });
  const web = (object: unknown, path: string) => pick(object, `spec.template.spec.containers.0.${path}`);

  it('makes the object where there is none, and is its only manager', async () => {
    const { admin } = context();
    const made = await admin.apply(`${deployments()}/fresh`, deployment('fresh'), 'alice');
    expect(made.metadata).toMatchObject({ name: 'fresh', generation: 1 });
    expect(managers(made)).toEqual(['alice Apply']);
    expect(pick(made.metadata.managedFields, '0.fieldsV1.f:spec.f:template.f:spec.f:containers')).toMatchObject({
      'k:{"name":"web"}': { '.': {}, 'f:image': {}, 'f:name': {} },
    });
  });

  it('needs a field manager', async () => {
    const { admin } = context();
    expect((await failure(admin.patch(`${deployments()}/unmanaged`, 'apply', deployment('unmanaged')))).code).toBe(400);
  });

  it('changes nothing when the same is applied again', async () => {
    const { admin } = context();
    const made = await admin.apply(`${deployments()}/again`, deployment('again'), 'alice');
    const again = await admin.apply(`${deployments()}/again`, deployment('again'), 'alice');
    expect(again.metadata.resourceVersion).toBe(made.metadata.resourceVersion);
  });

  it('names every field that another manager owns with another value, and takes them by force', async () => {
    const { admin } = context();
    const path = `${deployments()}/contested`;
    await admin.apply(path, deployment('contested'), 'alice');
    const conflict = await failure(admin.apply(path, requests('contested', { cpu: '250m', memory: '2Gi' }), 'neap'));
    expect(conflict.code).toBe(409);
    expect(conflict.status.reason).toBe('Conflict');
    expect(conflict.status.details.causes.map((c) => c.field).sort()).toEqual([
      '.spec.template.spec.containers[name="web"].resources.requests.cpu',
      '.spec.template.spec.containers[name="web"].resources.requests.memory',
    ]);
    expect(conflict.status.details.causes[0]).toMatchObject({ reason: 'FieldManagerConflict', message: 'conflict with "alice"' });
    const forced = await admin.apply(path, requests('contested', { cpu: '250m', memory: '2Gi' }), 'neap', true);
    expect(web(forced, 'resources.requests')).toEqual({ cpu: '250m', memory: '2Gi' });
    expect(web(forced, 'image')).toBe('web:1');
    expect(pick(forced, 'spec.template.spec.containers')).toHaveLength(2);
    expect(managers(forced)).toEqual(['alice Apply', 'neap Apply']);
    // The first one has lost the fields, and hears of it when it applies again.
    expect((await failure(admin.apply(path, deployment('contested'), 'alice'))).code).toBe(409);
  });

  it('shares a field between managers that apply the same value', async () => {
    const { admin } = context();
    const path = `${deployments()}/shared`;
    await admin.apply(path, deployment('shared'), 'alice');
    await admin.apply(path, requests('shared', { cpu: '500m' }), 'neap');
    // Neap lets go: the field stays, because alice still wants it.
    const released = await admin.apply(path, { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'shared' } }, 'neap');
    expect(web(released, 'resources.requests.cpu')).toBe('500m');
    expect(managers(released)).toEqual(['alice Apply']);
  });

  it('removes what its manager applied before and applies no longer', async () => {
    const { admin } = context();
    const path = `${deployments()}/shrinking`;
    const labelled = (labels: object) => ({ ...deployment('shrinking'), metadata: { name: 'shrinking', labels } });
    await admin.apply(path, labelled({ a: '1', b: '2' }), 'alice');
    const less = await admin.apply(path, labelled({ a: '1' }), 'alice');
    expect(less.metadata.labels).toEqual({ a: '1' });
    const one = deployment('shrinking') as { spec: { template: { spec: { containers: object[] } } } };
    one.spec.template.spec.containers.pop();
    expect(pick(await admin.apply(path, one, 'alice'), 'spec.template.spec.containers')).toHaveLength(1);
  });

  it('gives a field to whoever updates it', async () => {
    const { admin } = context();
    const path = `${deployments()}/updated`;
    await admin.apply(path, deployment('updated'), 'alice');
    const scaled = await admin.patch(`${path}?fieldManager=bob`, 'merge', { spec: { replicas: 7 } });
    expect(managers(scaled)).toEqual(['alice Apply', 'bob Update']);
    const conflict = await failure(admin.apply(path, deployment('updated'), 'alice'));
    expect(conflict.status.message).toContain('conflict with "bob" using apps/v1');
    expect(conflict.status.message).toContain('.spec.replicas');
  });

  it('keeps the account of a status apart', async () => {
    const { admin } = context();
    const path = `${deployments()}/told`;
    await admin.apply(path, deployment('told'), 'alice');
    const status = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'told' },
      status: { replicas: 2, conditions: [{ type: 'Available', status: 'True' }] },
    };
    const told = await admin.apply(`${path}/status`, status, 'controller');
    expect(pick(told, 'status.replicas')).toBe(2);
    expect(managers(told)).toEqual(['alice Apply', 'controller Apply status']);
    expect(told.metadata.generation).toBe(1);
    // The main endpoint leaves the status alone.
    const applied = await admin.apply(path, { ...deployment('told'), status: { replicas: 9 } }, 'alice');
    expect(pick(applied, 'status.replicas')).toBe(2);
  });

  it('owns maps of a kind that merge as a whole as a whole', async () => {
    const { admin } = context();
    const made = await admin.apply(`${deployments()}/atomic`, deployment('atomic'), 'alice');
    expect(pick(made.metadata.managedFields, '0.fieldsV1.f:spec.f:selector')).toEqual({});
  });

  it('refuses fields that the schema does not know', async () => {
    const { admin } = context();
    const error = await failure(admin.apply(`${deployments()}/odd`, deployment('odd', { replicaz: 1 }), 'alice'));
    expect(error.status.message).toContain('.spec.replicaz: field not declared in schema');
  });

  it('tries an apply out', async () => {
    const { admin } = context();
    const path = `${deployments()}/tried`;
    await admin.patch(`${path}?fieldManager=alice&dryRun=All`, 'apply', deployment('tried'));
    expect((await failure(admin.get(path))).code).toBe(404);
  });
});
