import { describe, expect, it } from 'vitest';
import type { ApiServer } from '../../cluster/api/api-server.ts';
import { type Client, failure, type Json } from '../client.ts';
import { MAPS, started, TestClock } from './started.ts';

describe('Controllers of the cluster in a process', () => {
  const child = (name: string, owners: readonly Json[], more: object = {}) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name,
      ownerReferences: owners.map((o) => ({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        name: o.metadata.name,
        uid: o.metadata.uid,
        blockOwnerDeletion: true,
      })),
      ...more,
    },
  });
  const names = async (admin: Client) => (await admin.get(MAPS)).items.map((i) => i.metadata.name);
  /** a owns b owns c. */
  async function family(admin: Client): Promise<Json> {
    const a = await admin.create(MAPS, child('a', []));
    const b = await admin.create(MAPS, child('b', [a]));
    await admin.create(MAPS, child('c', [b]));
    return a;
  }

  it('deletes dependents in the background', async () => {
    const { admin } = await started();
    await family(admin);
    await admin.delete(`${MAPS}/a`);
    expect(await names(admin)).toEqual([]);
  });

  it('deletes an owner after its dependents in the foreground', async () => {
    const { admin } = await started();
    await family(admin);
    await admin.patch(`${MAPS}/c`, 'merge', { metadata: { finalizers: ['example.dev/hold'] } });
    await admin.delete(`${MAPS}/a`, { propagationPolicy: 'Foreground' });
    expect(await names(admin)).toEqual(['a', 'b', 'c']);
    expect((await admin.get(`${MAPS}/b`)).metadata).toMatchObject({
      deletionTimestamp: expect.any(String),
      finalizers: ['foregroundDeletion'],
    });
    await admin.patch(`${MAPS}/c`, 'merge', { metadata: { finalizers: null } });
    expect(await names(admin)).toEqual([]);
  });

  it('orphans dependents', async () => {
    const { admin } = await started();
    await family(admin);
    await admin.delete(`${MAPS}/a`, { propagationPolicy: 'Orphan' });
    expect(await names(admin)).toEqual(['b', 'c']);
    expect((await admin.get(`${MAPS}/b`)).metadata.ownerReferences).toBeUndefined();
  });

  it('keeps a dependent while one of its owners lives', async () => {
    const { admin } = await started();
    const a = await admin.create(MAPS, child('a', []));
    const b = await admin.create(MAPS, child('b', []));
    await admin.create(MAPS, child('shared', [a, b]));
    await admin.delete(`${MAPS}/a`);
    expect((await admin.get(`${MAPS}/shared`)).metadata.ownerReferences?.map((o) => o.uid)).toEqual([b.metadata.uid]);
    await admin.delete(`${MAPS}/b`);
    expect(await names(admin)).toEqual([]);
  });

  it('deletes what names an owner that never was', async () => {
    const { admin } = await started();
    const a = await admin.create(MAPS, child('a', []));
    await admin.delete(`${MAPS}/a`);
    await admin.create(MAPS, child('late', [a]));
    expect(await names(admin)).toEqual([]);
  });

  it('empties a namespace before it goes', async () => {
    const { admin } = await started();
    await admin.create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n' } });
    expect((await admin.get('/api/v1/namespaces/n/serviceaccounts/default')).metadata.name).toBe('default');
    const maps = '/api/v1/namespaces/n/configmaps';
    await admin.create(maps, child('held', [], { finalizers: ['example.dev/hold'] }));
    await admin.create(maps, child('free', []));
    await admin.delete('/api/v1/namespaces/n');
    expect((await admin.get(maps)).items.map((i) => i.metadata.name)).toEqual(['held']);
    expect((await admin.get('/api/v1/namespaces/n')).status).toEqual({ phase: 'Terminating' });
    await admin.patch(`${maps}/held`, 'merge', { metadata: { finalizers: null } });
    expect((await failure(admin.get('/api/v1/namespaces/n'))).code).toBe(404);
  });

  function guardedPods(server: ApiServer, ready: number): void {
    const pods = server.objects('', 'pods');
    for (let i = 0; i < 4; i++) {
      pods.put({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: `p${i}`, namespace: 'default', labels: { app: 'x' } },
        spec: { nodeName: 'n1', containers: [] },
        status: { phase: 'Running', conditions: [{ type: 'Ready', status: i < ready ? 'True' : 'False' }] },
      });
    }
  }

  it.each([
    [{ minAvailable: 3 }, 4, { currentHealthy: 4, desiredHealthy: 3, expectedPods: 4, disruptionsAllowed: 1 }],
    [{ minAvailable: '50%' }, 3, { currentHealthy: 3, desiredHealthy: 2, disruptionsAllowed: 1 }],
    [{ maxUnavailable: 1 }, 3, { currentHealthy: 3, desiredHealthy: 3, disruptionsAllowed: 0 }],
    [{ maxUnavailable: '30%' }, 4, { desiredHealthy: 2, disruptionsAllowed: 2 }],
  ])('counts the disruptions that %j allows', async (spec, ready, expected) => {
    const { server, admin } = await started();
    guardedPods(server, ready);
    const path = '/apis/policy/v1/namespaces/default/poddisruptionbudgets';
    await admin.create(path, {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'b' },
      spec: { ...spec, selector: { matchLabels: { app: 'x' } } },
    });
    expect((await admin.get(`${path}/b`)).status).toMatchObject(expected);
  });

  it('forgets events after an hour of the cluster’s time', async () => {
    const clock = new TestClock();
    const { admin } = await started({ clock });
    const path = '/api/v1/namespaces/default/events';
    const event = (name: string) => ({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name },
      involvedObject: { kind: 'Pod', name: 'p', namespace: 'default' },
      reason: 'R',
      type: 'Normal',
    });
    await admin.create(path, event('old'));
    clock.advance(3000);
    await admin.create(path, event('middle'));
    clock.advance(1000);
    await admin.create(path, event('new'));
    expect((await admin.get(path)).items.map((i) => i.metadata.name)).toEqual(['middle', 'new']);
  });
});
