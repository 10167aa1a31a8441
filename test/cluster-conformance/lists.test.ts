import { beforeAll, expect, it } from 'vitest';
import { type Client, failure, type Json } from './client.ts';
import { configMap, pod } from './fixtures.ts';
import { conformance } from './target.ts';

const TABLE = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' };

conformance('Lists', (context) => {
  const maps = () => `/api/v1/namespaces/${context().namespace}/configmaps`;
  const names = (list: Json) => list.items.map((i) => i.metadata.name);

  beforeAll(async () => {
    const { admin } = context();
    for (let i = 0; i < 7; i++)
      await admin.create(
        maps(),
        configMap(`m${i}`, {}, { parity: i % 2 ? 'odd' : 'even', index: String(i), ...(i === 3 ? { special: '' } : {}) }),
      );
  });

  async function pages(admin: Client, path: string, between?: () => Promise<unknown>): Promise<Json[]> {
    const all: Json[] = [];
    for (let token = ''; ; ) {
      const page = await admin.get(`${path}&continue=${token}`);
      all.push(page);
      if (!page.metadata.continue) return all;
      token = page.metadata.continue;
      await between?.();
    }
  }

  it('lists by name, with the kind of the list and its version', async () => {
    const list = await context().admin.get(maps());
    expect(list).toMatchObject({ kind: 'ConfigMapList', apiVersion: 'v1', metadata: { resourceVersion: expect.stringMatching(/^\d+$/) } });
    expect(names(list)).toEqual(['m0', 'm1', 'm2', 'm3', 'm4', 'm5', 'm6']);
  });

  it.each([
    ['parity=odd', ['m1', 'm3', 'm5']],
    ['parity!=odd', ['m0', 'm2', 'm4', 'm6']],
    ['parity==even,index in (2,4)', ['m2', 'm4']],
    ['index notin (0,1,2,3,4)', ['m5', 'm6']],
    ['special', ['m3']],
    ['!special,parity=odd', ['m1', 'm5']],
  ])('selects by the labels %s', async (selector, expected) => {
    expect(names(await context().admin.get(`${maps()}?labelSelector=${encodeURIComponent(selector)}`))).toEqual(expected);
  });

  it('selects by name, and refuses fields that the kind does not select by', async () => {
    const { admin } = context();
    expect(names(await admin.get(`${maps()}?fieldSelector=metadata.name=m4`))).toEqual(['m4']);
    expect((await failure(admin.get(`${maps()}?fieldSelector=data.a=1`))).code).toBe(400);
    expect((await failure(admin.get(`${maps()}?labelSelector=${encodeURIComponent('a in b')}`))).code).toBe(400);
  });

  it('selects pods by node and phase', async () => {
    const { admin, namespace } = context();
    const pods = `/api/v1/namespaces/${namespace}/pods`;
    await admin.create(pods, pod('free'));
    await admin.create(pods, {
      ...(pod('bound') as { spec: object }),
      spec: { ...(pod('bound') as { spec: object }).spec, nodeName: 'n1' },
    });
    expect(names(await admin.get(`${pods}?fieldSelector=spec.nodeName=n1`))).toEqual(['bound']);
    expect(names(await admin.get(`${pods}?fieldSelector=spec.nodeName=,status.phase!=Running`))).toEqual(['free']);
  });

  it('pages through a list, and all pages show the state at the first', async () => {
    const { admin } = context();
    const found = await pages(admin, `${maps()}?limit=3`, () =>
      admin.patch(`${maps()}/m6`, 'merge', { data: { touched: String(Math.random()) } }),
    );
    expect(found.map(names)).toEqual([['m0', 'm1', 'm2'], ['m3', 'm4', 'm5'], ['m6']]);
    expect(new Set(found.map((p) => p.metadata.resourceVersion)).size).toBe(1);
    expect(found[2]?.items[0]?.data).toBeUndefined();
  });

  it('shows in later pages what was deleted, and not what was made, since the first', async () => {
    const { admin } = context();
    await admin.create(maps(), configMap('m8'));
    const first = await admin.get(`${maps()}?limit=6`);
    await admin.delete(`${maps()}/m8`);
    await admin.create(maps(), configMap('m9'));
    const rest = await admin.get(`${maps()}?limit=6&continue=${first.metadata.continue}`);
    expect(names(rest)).toEqual(['m6', 'm8']);
    await admin.delete(`${maps()}/m9`);
  });

  it('counts what remains where nothing is selected', async () => {
    const { admin } = context();
    const all = await admin.get('/api/v1/configmaps');
    const page = await admin.get('/api/v1/configmaps?limit=2');
    expect(page.metadata.remainingItemCount).toBe(all.items.length - 2);
    expect((await admin.get('/api/v1/configmaps?limit=2&labelSelector=parity')).metadata.remainingItemCount).toBeUndefined();
  });

  it('answers the state at an exact version, and 504 for one of the future', async () => {
    const { admin } = context();
    const before = await admin.get(maps());
    await admin.create(maps(), configMap('late'));
    const exact = await admin.get(`${maps()}?resourceVersion=${before.metadata.resourceVersion}&resourceVersionMatch=Exact`);
    expect(names(exact)).toEqual(names(before));
    await admin.delete(`${maps()}/late`);
    const future = await failure(
      admin.get(`${maps()}?resourceVersion=${Number(before.metadata.resourceVersion) + 1_000_000}&resourceVersionMatch=NotOlderThan`),
    );
    expect(future.code).toBe(504);
    expect(future.status.reason).toBe('Timeout');
  });

  it('prints tables with the columns of the kind', async () => {
    const { admin } = context();
    const table = await admin.get(`${maps()}?labelSelector=parity=odd`, TABLE);
    expect(table).toMatchObject({ kind: 'Table', apiVersion: 'meta.k8s.io/v1' });
    expect(table.columnDefinitions.map((c) => c.name)).toEqual(['Name', 'Data', 'Age']);
    expect(table.rows.map((r) => r.cells[0])).toEqual(['m1', 'm3', 'm5']);
    expect(table.rows[0]?.object).toMatchObject({ kind: 'PartialObjectMetadata', metadata: { name: 'm1' } });
  });

  it('gives metadata alone where that is asked for', async () => {
    const list = await context().admin.get(`${maps()}?limit=1`, {
      accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
    });
    expect(list.kind).toBe('PartialObjectMetadataList');
    expect(Object.keys(list.items[0] ?? {}).sort()).toEqual(['apiVersion', 'kind', 'metadata']);
  });
});
