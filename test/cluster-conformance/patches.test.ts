import { expect, it } from 'vitest';
import { failure, pick } from './client.ts';
import { configMap, deployment } from './fixtures.ts';
import { conformance } from './target.ts';

conformance('Patches', (context) => {
  const maps = () => `/api/v1/namespaces/${context().namespace}/configmaps`;
  const deployments = () => `/apis/apps/v1/namespaces/${context().namespace}/deployments`;
  const container = (object: unknown, name: string) =>
    (pick(object, 'spec.template.spec.containers') as { name: string }[]).find((c) => c.name === name);

  it('applies JSON patches, all operations or none', async () => {
    const { admin } = context();
    await admin.create(maps(), configMap('j', { a: '1', b: '2' }));
    const changed = await admin.patch(`${maps()}/j`, 'json', [
      { op: 'test', path: '/data/a', value: '1' },
      { op: 'replace', path: '/data/a', value: '9' },
      { op: 'add', path: '/metadata/labels', value: { 'x/y': 'z' } },
      { op: 'move', from: '/data/b', path: '/data/c' },
      { op: 'copy', from: '/data/c', path: '/data/d' },
      { op: 'add', path: '/metadata/labels/x~1w', value: 'v' },
    ]);
    expect(changed.data).toEqual({ a: '9', c: '2', d: '2' });
    expect(changed.metadata.labels).toEqual({ 'x/y': 'z', 'x/w': 'v' });
    const refused = await failure(
      admin.patch(`${maps()}/j`, 'json', [
        { op: 'remove', path: '/data/a' },
        { op: 'test', path: '/data/c', value: 'other' },
      ]),
    );
    expect(refused.code).toBe(422);
    expect((await admin.get(`${maps()}/j`)).data).toEqual(changed.data);
    expect((await failure(admin.patch(`${maps()}/j`, 'json', [{ op: 'remove', path: '/data/zz' }]))).code).toBe(422);
    expect((await failure(admin.patch(`${maps()}/j`, 'json', { data: {} }))).code).toBe(400);
  });

  it('merges, replaces lists and removes by null in merge patches', async () => {
    const { admin } = context();
    await admin.create(deployments(), deployment('m'));
    const changed = await admin.patch(`${deployments()}/m`, 'merge', {
      metadata: { annotations: { a: 'b' } },
      spec: { template: { spec: { containers: [{ name: 'only', image: 'only:1' }] } } },
    });
    expect(pick(changed, 'spec.template.spec.containers')).toHaveLength(1);
    const removed = await admin.patch(`${deployments()}/m`, 'merge', { metadata: { annotations: null } });
    expect(removed.metadata.annotations).toBeUndefined();
  });

  it('merges lists by key in strategic merge patches', async () => {
    const { admin } = context();
    await admin.create(deployments(), deployment('s'));
    const path = `${deployments()}/s`;
    const changed = await admin.patch(path, 'strategic', {
      spec: {
        template: {
          spec: {
            containers: [
              { name: 'web', env: [{ name: 'B', value: '2' }], ports: [{ containerPort: 81 }], resources: { requests: { cpu: '250m' } } },
            ],
          },
        },
      },
    });
    expect(pick(changed, 'spec.template.spec.containers')).toHaveLength(2);
    expect(container(changed, 'web')).toMatchObject({
      image: 'web:1',
      env: expect.arrayContaining([
        { name: 'A', value: '1' },
        { name: 'B', value: '2' },
      ]),
      ports: expect.arrayContaining([
        { containerPort: 80, protocol: 'TCP' },
        { containerPort: 81, protocol: 'TCP' },
      ]),
      resources: { requests: { cpu: '250m', memory: '1Gi' } },
    });
    const deleted = await admin.patch(path, 'strategic', {
      spec: { template: { spec: { containers: [{ name: 'side', $patch: 'delete' }] } } },
    });
    expect(pick(deleted, 'spec.template.spec.containers.#')).toBeUndefined();
    expect(container(deleted, 'side')).toBeUndefined();
    const replaced = await admin.patch(path, 'strategic', {
      spec: { template: { spec: { containers: [{ name: 'web', env: [{ $patch: 'replace' }, { name: 'C', value: '3' }] }] } } },
    });
    expect(container(replaced, 'web')).toMatchObject({ env: [{ name: 'C', value: '3' }] });
  });

  it('keeps only the retained keys, and orders lists, as kubectl asks for', async () => {
    const { admin } = context();
    await admin.create(deployments(), deployment('r'));
    const path = `${deployments()}/r`;
    const recreated = await admin.patch(path, 'strategic', { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } });
    expect(pick(recreated, 'spec.strategy')).toEqual({ type: 'Recreate' });
    const ordered = await admin.patch(path, 'strategic', {
      spec: {
        template: {
          spec: { '$setElementOrder/containers': [{ name: 'side' }, { name: 'web' }], containers: [{ name: 'web', image: 'web:2' }] },
        },
      },
    });
    expect((pick(ordered, 'spec.template.spec.containers') as { name: string }[]).map((c) => c.name)).toEqual(['side', 'web']);
  });

  it('deletes from lists of plain values', async () => {
    const { admin } = context();
    await admin.create(maps(), { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'held', finalizers: ['a.dev/x', 'a.dev/y'] } });
    const added = await admin.patch(`${maps()}/held`, 'strategic', { metadata: { finalizers: ['a.dev/z'] } });
    expect(added.metadata.finalizers?.toSorted()).toEqual(['a.dev/x', 'a.dev/y', 'a.dev/z']);
    const less = await admin.patch(`${maps()}/held`, 'strategic', {
      metadata: { '$deleteFromPrimitiveList/finalizers': ['a.dev/x', 'a.dev/z'] },
    });
    expect(less.metadata.finalizers).toEqual(['a.dev/y']);
    await admin.patch(`${maps()}/held`, 'merge', { metadata: { finalizers: null } });
  });

  it('refuses a patch of an unknown kind and one of an older version', async () => {
    const { admin } = context();
    const made = await admin.create(maps(), configMap('old'));
    expect((await failure(admin.send('PATCH', `${maps()}/old`, {}, { 'content-type': 'application/json' }))).code).toBe(415);
    await admin.patch(`${maps()}/old`, 'merge', { data: { a: '2' } });
    const late = await failure(
      admin.patch(`${maps()}/old`, 'merge', { metadata: { resourceVersion: made.metadata.resourceVersion }, data: { a: '3' } }),
    );
    expect(late.code).toBe(409);
  });

  it('lets concurrent patches without a version all succeed', async () => {
    const { admin } = context();
    await admin.create(maps(), configMap('busy', {}));
    await Promise.all(Array.from({ length: 10 }, (_, i) => admin.patch(`${maps()}/busy`, 'merge', { data: { [`k${i}`]: String(i) } })));
    expect(Object.keys((await admin.get(`${maps()}/busy`)).data)).toHaveLength(10);
  });
});
