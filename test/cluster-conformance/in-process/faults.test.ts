import { describe, expect, it } from 'vitest';
import { failure } from '../client.ts';
import { configMap } from '../fixtures.ts';
import { MAPS, started } from './started.ts';

describe('Faults of the cluster in a process', () => {
  it('answers 429 with Retry-After as often as it is told to, and then works', async () => {
    const { server, admin } = await started();
    server.faults.add({ match: { verb: 'create', resource: 'configmaps' }, status: 429, retryAfterSeconds: 3, times: 2 });
    for (let i = 0; i < 2; i++) {
      const refused = await failure(admin.create(MAPS, configMap('a')));
      expect(refused.code).toBe(429);
      expect(refused.status).toMatchObject({ reason: 'TooManyRequests', details: { retryAfterSeconds: 3 } });
      expect(admin.lastHeaders['retry-after']).toBe('3');
    }
    expect((await admin.create(MAPS, configMap('a'))).metadata.name).toBe('a');
  });

  it('makes conflicts and server errors for those that it is told to hit', async () => {
    const { server, admin } = await started();
    await admin.create(MAPS, configMap('a'));
    const stop = server.faults.add({ match: { verb: ['update', 'patch'], userAgent: /^conformance/ }, status: 409 });
    const refused = await failure(admin.patch(`${MAPS}/a`, 'merge', { data: { a: '2' } }));
    expect(refused.status.reason).toBe('Conflict');
    expect((await admin.get(`${MAPS}/a`)).data).toEqual({ a: '1' });
    stop();
    await admin.patch(`${MAPS}/a`, 'merge', { data: { a: '2' } });
    server.faults.add({ match: { name: 'a' }, status: 503 });
    expect((await failure(admin.get(`${MAPS}/a`))).code).toBe(503);
    expect((await admin.get(MAPS)).items.length).toBeGreaterThan(0);
  });

  it('hits a share of the requests, the same ones for the same seed', async () => {
    const outcomes = async (): Promise<number[]> => {
      const { server, admin } = await started({ seed: 9 });
      server.faults.add({ status: 500, probability: 0.5 });
      return Promise.all(Array.from({ length: 30 }, (_, i) => i)).then(async (all) => {
        const codes: number[] = [];
        for (const _ of all)
          codes.push(
            await admin.get(MAPS).then(
              () => 200,
              (e: { code: number }) => e.code,
            ),
          );
        return codes;
      });
    };
    const first = await outcomes();
    expect(first.filter((c) => c === 500).length).toBeGreaterThan(5);
    expect(first.filter((c) => c === 200).length).toBeGreaterThan(5);
    expect(await outcomes()).toEqual(first);
  });

  it('cuts connections, one request or all while it is down', async () => {
    const { server, admin } = await started();
    server.faults.add({ match: { resource: 'configmaps' }, disconnect: true, times: 1 });
    await expect(admin.get(MAPS)).rejects.toThrow();
    await admin.get(MAPS);
    const watch = await admin.watch(`${MAPS}?watch=true`);
    server.faults.setDown(true);
    while (await watch.nextOrEnd());
    expect(watch.ended?.error).toBeInstanceOf(Error);
    await expect(admin.get(MAPS)).rejects.toThrow();
    server.faults.setDown(false);
    await admin.get(MAPS);
  });

  it('delays answers', async () => {
    const { server, admin } = await started();
    server.faults.add({ match: { verb: 'list' }, latencyMs: 100 });
    const order: string[] = [];
    await Promise.all([
      admin.get(MAPS).then(() => order.push('slow')),
      admin.get('/api/v1/namespaces/default').then(() => order.push('fast')),
    ]);
    expect(order).toEqual(['fast', 'slow']);
  });

  it('reads stale state', async () => {
    const { server, admin } = await started();
    const old = await admin.create(MAPS, configMap('a'));
    await admin.patch(`${MAPS}/a`, 'merge', { data: { a: '2' } });
    await admin.create(MAPS, configMap('b'));
    server.faults.add({ match: { verb: ['get', 'list'] }, staleSince: Number(old.metadata.resourceVersion) });
    expect((await admin.get(`${MAPS}/a`)).data).toEqual({ a: '1' });
    expect((await admin.get(MAPS)).items.map((i) => i.metadata.name)).toEqual(['a']);
  });

  it('drops, ends, stalls and bookmarks watches', async () => {
    const { server, admin } = await started();
    const { metadata } = await admin.get(MAPS);
    const open = () => admin.watch(`${MAPS}?watch=true&allowWatchBookmarks=true&resourceVersion=${metadata.resourceVersion}`);
    const [dropped, ended, stalled] = [await open(), await open(), await open()];
    expect(server.watches.count({ resource: 'configmaps' })).toBe(3);
    server.watches.bookmark();
    expect(await stalled.next()).toMatchObject({
      type: 'BOOKMARK',
      object: { kind: 'ConfigMap', metadata: { resourceVersion: expect.any(String) } },
    });
    expect(server.watches.stall()).toBe(3);
    await admin.create(MAPS, configMap('unseen'));
    await admin.get(MAPS);
    expect(stalled.drain()).toEqual([]);
    server.watches.drop();
    for (const watch of [dropped, ended, stalled]) while (await watch.nextOrEnd());
    expect(stalled.ended?.error).toBeInstanceOf(Error);
    const fresh = await open();
    server.watches.end();
    while (await fresh.nextOrEnd());
    expect(fresh.ended).toEqual({ error: undefined });
  });

  it('expires versions, continue tokens and watches by compaction', async () => {
    const { server, admin } = await started();
    for (const name of ['a', 'b', 'c']) await admin.create(MAPS, configMap(name));
    const page = await admin.get(`${MAPS}?limit=1`);
    await admin.create(MAPS, configMap('d'));
    server.machinery.store.compact();
    const gone = await failure(admin.get(`${MAPS}?limit=1&continue=${page.metadata.continue}`));
    expect(gone.code).toBe(410);
    expect(gone.status.reason).toBe('Expired');
    // The answer says how to go on without consistency.
    expect((await admin.get(`${MAPS}?continue=${gone.status.metadata.continue}`)).items.map((i) => i.metadata.name)).toEqual([
      'b',
      'c',
      'd',
    ]);
    const watch = await admin.watch(`${MAPS}?watch=true&resourceVersion=${page.metadata.resourceVersion}`);
    expect(await watch.next()).toMatchObject({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } });
    expect(await watch.nextOrEnd()).toBeUndefined();
  });

  it('forgets the oldest changes by itself', async () => {
    const { admin } = await started({ historyLength: 10 });
    const { metadata } = await admin.create(MAPS, configMap('a'));
    for (let i = 0; i < 30; i++) await admin.patch(`${MAPS}/a`, 'merge', { data: { a: String(i) } });
    const watch = await admin.watch(`${MAPS}?watch=true&resourceVersion=${metadata.resourceVersion}`);
    expect((await watch.next()).type).toBe('ERROR');
  });

  it('logs each request with who, what, outcome and size', async () => {
    const { server, admin } = await started();
    server.log.clear();
    const text = JSON.stringify(await admin.create(MAPS, configMap('a')));
    await failure(admin.get(`${MAPS}/b`));
    expect(server.log.entries({ resource: 'configmaps' })).toMatchObject([
      {
        verb: 'create',
        resource: 'configmaps',
        namespace: 'default',
        name: '',
        userAgent: 'conformance/1',
        user: 'kubernetes-admin',
        status: 201,
        bytes: text.length,
      },
      { verb: 'get', name: 'b', status: 404 },
    ]);
    expect(server.log.count({ verb: 'create' })).toBe(1);
    expect(server.log.count({ userAgent: /kubectl/ })).toBe(0);
  });
});
