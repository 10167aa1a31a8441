import { expect, it } from 'vitest';
import { failure, type Json } from './client.ts';
import { configMap, pod } from './fixtures.ts';
import { conformance } from './target.ts';

conformance('Deletion', (context) => {
  const maps = () => `/api/v1/namespaces/${context().namespace}/configmaps`;
  const pods = () => `/api/v1/namespaces/${context().namespace}/pods`;
  const bound = (name: string) => {
    const made = pod(name) as { spec: object };
    return { ...made, spec: { ...made.spec, nodeName: 'n1', terminationGracePeriodSeconds: 20 } };
  };

  it('answers a Status that names what is gone', async () => {
    const { admin } = context();
    const made = await admin.create(maps(), configMap('short'));
    expect(await admin.delete(`${maps()}/short`)).toMatchObject({
      kind: 'Status',
      status: 'Success',
      details: { name: 'short', kind: 'configmaps', uid: made.metadata.uid },
    });
    expect((await failure(admin.delete(`${maps()}/short`))).code).toBe(404);
  });

  it('deletes only the object that is meant', async () => {
    const { admin } = context();
    const made = await admin.create(maps(), configMap('meant'));
    expect((await failure(admin.delete(`${maps()}/meant`, { preconditions: { uid: '00000000-0000-4000-8000-000000000000' } }))).code).toBe(
      409,
    );
    expect((await failure(admin.delete(`${maps()}/meant`, { preconditions: { resourceVersion: '1' } }))).code).toBe(409);
    await admin.delete(`${maps()}/meant`, { preconditions: { uid: made.metadata.uid } });
  });

  it('waits for finalizers, and takes no new ones meanwhile', async () => {
    const { admin } = context();
    await admin.create(maps(), {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'final', finalizers: ['example.dev/a', 'example.dev/b'] },
    });
    const marked = await admin.delete(`${maps()}/final`);
    expect(marked.metadata.deletionTimestamp).toBeTruthy();
    expect(
      (
        await failure(
          admin.patch(`${maps()}/final`, 'merge', { metadata: { finalizers: ['example.dev/a', 'example.dev/b', 'example.dev/c'] } }),
        )
      ).code,
    ).toBe(422);
    const half = await admin.patch(`${maps()}/final`, 'merge', { metadata: { finalizers: ['example.dev/b'] } });
    expect(half.metadata.deletionTimestamp).toBe(marked.metadata.deletionTimestamp);
    const { metadata } = await admin.get(maps());
    const watch = await admin.watch(`${maps()}?watch=true&resourceVersion=${metadata.resourceVersion}`);
    await admin.patch(`${maps()}/final`, 'json', [{ op: 'remove', path: '/metadata/finalizers' }]);
    expect((await failure(admin.get(`${maps()}/final`))).code).toBe(404);
    expect(await watch.next()).toMatchObject({ type: 'DELETED', object: { metadata: { name: 'final' } } });
    watch.stop();
  });

  it('gives a running pod its time, and less of it when asked again', async () => {
    const { admin } = context();
    await admin.create(pods(), bound('graceful'));
    const marked = await admin.delete(`${pods()}/graceful`);
    expect(marked).toMatchObject({ kind: 'Pod', metadata: { deletionGracePeriodSeconds: 20, deletionTimestamp: expect.any(String) } });
    const sooner = await admin.delete(`${pods()}/graceful`, { gracePeriodSeconds: 5 });
    expect(sooner.metadata.deletionGracePeriodSeconds).toBe(5);
    await admin.delete(`${pods()}/graceful`, { gracePeriodSeconds: 0 });
    expect((await failure(admin.get(`${pods()}/graceful`))).code).toBe(404);
  });

  it('deletes a pod at once that never ran', async () => {
    const { admin } = context();
    await admin.create(pods(), pod('unscheduled'));
    await admin.delete(`${pods()}/unscheduled`);
    expect((await failure(admin.get(`${pods()}/unscheduled`))).code).toBe(404);
  });

  it('marks an owner that is to go after or without its dependents', async () => {
    const { admin } = context();
    for (const [name, policy, finalizer] of [
      ['fore', 'Foreground', 'foregroundDeletion'],
      ['orph', 'Orphan', 'orphan'],
    ] as const) {
      const owner = await admin.create(maps(), {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name, finalizers: ['example.dev/hold'] },
      });
      await admin.create(maps(), {
        ...(configMap(`${name}-child`) as Json),
        metadata: {
          name: `${name}-child`,
          ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name, uid: owner.metadata.uid, blockOwnerDeletion: true }],
        },
      });
      const marked = await admin.delete(`${maps()}/${name}`, { propagationPolicy: policy });
      expect(marked.metadata.finalizers).toContain(finalizer);
      await admin.patch(`${maps()}/${name}`, 'merge', { metadata: { finalizers: null } }).catch(() => undefined);
    }
  });

  it('deletes a collection by its selector', async () => {
    const { admin } = context();
    for (const name of ['c1', 'c2']) await admin.create(maps(), configMap(name, {}, { bulk: 'yes' }));
    await admin.create(maps(), configMap('c3'));
    await admin.delete(`${maps()}?labelSelector=bulk=yes`);
    expect((await admin.get(`${maps()}?labelSelector=bulk`)).items).toHaveLength(0);
    expect((await admin.get(`${maps()}/c3`)).metadata.name).toBe('c3');
  });

  it('takes nothing new into a namespace that is going', async () => {
    const { admin } = context();
    await admin.create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'going' } });
    await admin.create('/api/v1/namespaces/going/configmaps', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'held', finalizers: ['example.dev/hold'] },
    });
    await admin.delete('/api/v1/namespaces/going');
    expect((await admin.get('/api/v1/namespaces/going')).status).toMatchObject({ phase: 'Terminating' });
    const refused = await failure(admin.create('/api/v1/namespaces/going/configmaps', configMap('late')));
    expect(refused.code).toBe(403);
    expect(refused.status.details.causes[0]?.reason).toBe('NamespaceTerminating');
  });
});
