import { expect, it } from 'vitest';
import { failure, pick } from './client.ts';
import { configMap } from './fixtures.ts';
import { conformance } from './target.ts';

conformance('Watches', (context) => {
  const maps = () => `/api/v1/namespaces/${context().namespace}/configmaps`;

  it('sends each change after the version that it starts from, once and in order', async () => {
    const { admin } = context();
    const made = await admin.create(maps(), configMap('followed'));
    const watch = await admin.watch(`${maps()}?watch=true&resourceVersion=${made.metadata.resourceVersion}`);
    await admin.patch(`${maps()}/followed`, 'merge', { data: { a: '2' } });
    await admin.create(maps(), configMap('other'));
    await admin.delete(`${maps()}/followed`);
    const events = [await watch.next(), await watch.next(), await watch.next()];
    expect(events.map((e) => `${e.type} ${e.object.metadata.name}`)).toEqual(['MODIFIED followed', 'ADDED other', 'DELETED followed']);
    const versions = events.map((e) => Number(e.object.metadata.resourceVersion));
    expect(versions).toEqual([...versions].sort((a, b) => a - b));
    expect(new Set(versions).size).toBe(3);
    watch.stop();
  });

  it('begins with what is there where no version is given', async () => {
    const { admin } = context();
    await admin.create(maps(), configMap('present'));
    const watch = await admin.watch(`${maps()}?watch=true&fieldSelector=metadata.name=present`);
    expect(await watch.next()).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'present' } } });
    watch.stop();
  });

  it('resumes from a version without losing what happened in between', async () => {
    const { admin } = context();
    const { metadata } = await admin.get(maps());
    for (let i = 0; i < 5; i++) await admin.create(maps(), configMap(`between${i}`));
    const watch = await admin.watch(`${maps()}?watch=true&resourceVersion=${metadata.resourceVersion}`);
    for (let i = 0; i < 5; i++) expect((await watch.next()).object.metadata.name).toBe(`between${i}`);
    watch.stop();
  });

  it('tells of objects that begin and cease to match its selector', async () => {
    const { admin } = context();
    const { metadata } = await admin.get(maps());
    const watch = await admin.watch(`${maps()}?watch=true&labelSelector=team=red&resourceVersion=${metadata.resourceVersion}`);
    await admin.create(maps(), configMap('turning'));
    await admin.patch(`${maps()}/turning`, 'merge', { metadata: { labels: { team: 'red' } } });
    await admin.patch(`${maps()}/turning`, 'merge', { data: { a: '2' } });
    const last = await admin.patch(`${maps()}/turning`, 'merge', { metadata: { labels: { team: 'blue' } } });
    expect([(await watch.next()).type, (await watch.next()).type]).toEqual(['ADDED', 'MODIFIED']);
    const gone = await watch.next();
    expect(gone.type).toBe('DELETED');
    expect(gone.object.metadata.resourceVersion).toBe(last.metadata.resourceVersion);
    watch.stop();
  });

  it('ends at its timeout', async () => {
    const { admin } = context();
    const { metadata } = await admin.get(maps());
    const watch = await admin.watch(`${maps()}?watch=true&timeoutSeconds=1&resourceVersion=${metadata.resourceVersion}`);
    expect(await watch.nextOrEnd()).toBeUndefined();
    expect(watch.ended).toEqual({ error: undefined });
  });

  it('streams the initial state and marks its end, where asked to', async () => {
    const { admin } = context();
    await admin.create(maps(), configMap('streamed', {}, { group: 'initial' }));
    const watch = await admin.watch(
      `${maps()}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&labelSelector=group=initial`,
    );
    expect(await watch.next()).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'streamed' } } });
    const mark = await watch.next();
    expect(mark).toMatchObject({
      type: 'BOOKMARK',
      object: { kind: 'ConfigMap', metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } },
    });
    expect(Number(mark.object.metadata.resourceVersion)).toBeGreaterThan(0);
    watch.stop();
  });

  it('watches the whole cluster and single objects', async () => {
    const { admin } = context();
    const { metadata } = await admin.get('/api/v1/configmaps');
    const all = await admin.watch(`/api/v1/configmaps?watch=true&resourceVersion=${metadata.resourceVersion}`);
    const one = await admin.watch(`${maps()}?watch=true&fieldSelector=metadata.name=single&resourceVersion=${metadata.resourceVersion}`);
    await admin.create('/api/v1/namespaces/default/configmaps', configMap('single'));
    await admin.create(maps(), configMap('single'));
    expect((await all.next()).object.metadata.namespace).toBe('default');
    expect((await all.next()).object.metadata.namespace).toBe(context().namespace);
    expect((await one.next()).object.metadata.namespace).toBe(context().namespace);
    all.stop();
    one.stop();
  });

  it('sends rows of a table, with the columns in the first', async () => {
    const { admin } = context();
    const { metadata } = await admin.get(maps());
    const watch = await admin.watch(`${maps()}?watch=true&resourceVersion=${metadata.resourceVersion}`, {
      accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
    });
    await admin.create(maps(), configMap('row1'));
    await admin.create(maps(), configMap('row2'));
    const first = await watch.next();
    expect(first).toMatchObject({ type: 'ADDED', object: { kind: 'Table', rows: [{ cells: ['row1', 1, expect.any(String)] }] } });
    expect(pick(first, 'object.columnDefinitions.0.name')).toBe('Name');
    expect(pick(await watch.next(), 'object.rows.0.cells.0')).toBe('row2');
    watch.stop();
  });

  it('refuses a version of the future and nonsense', async () => {
    const { admin } = context();
    expect((await failure(admin.watch(`${maps()}?watch=true&resourceVersion=nonsense`))).code).toBe(400);
    expect((await failure(admin.watch(`${maps()}?watch=true&sendInitialEvents=true`))).code).toBeGreaterThanOrEqual(400);
  });
});
