import { describe, expect, it } from 'vitest';
import { metricsTypes } from '../../cluster/api/builtins/metrics.ts';
import type { KubeObject } from '../../cluster/api/object.ts';
import { configMap, pod, widgetDefinition } from '../fixtures.ts';
import { MAPS, started, TestClock } from './started.ts';

describe('The cluster in a process', () => {
  it('takes its time from the clock that it is given', async () => {
    const clock = new TestClock();
    const { admin } = await started({ clock });
    expect((await admin.create(MAPS, configMap('a'))).metadata.creationTimestamp).toBe('2026-03-01T12:00:00Z');
    clock.advance(90_000);
    const table = await admin.get(`${MAPS}/a`, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' });
    expect(table.rows[0]?.cells).toEqual(['a', 1, '25h']);
  });

  it('is the same for the same seed, and another for another', async () => {
    const uids = async (seed: number) => {
      const { admin } = await started({ seed, clock: new TestClock() });
      const made = await admin.create(MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'g-' } });
      return made.metadata;
    };
    const one = await uids(1);
    expect(await uids(1)).toEqual(one);
    expect((await uids(2)).uid).not.toBe(one.uid);
  });

  it('lets controllers in the process read and write as clients do', async () => {
    const { server, admin } = await started();
    const maps = server.objects('', 'configmaps');
    const seen: string[] = [];
    maps.watch((change) => seen.push(`${change.type} ${change.key}`));
    await maps.create({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a', namespace: 'default', labels: { x: 'y' } },
      data: { n: '0' },
    });
    await Promise.all(
      Array.from({ length: 5 }, () =>
        maps.modify('a', 'default', (live) => ({ ...live, data: { n: String(Number((live.data as { n: string }).n) + 1) } })),
      ),
    );
    expect((await admin.get(`${MAPS}/a`)).data).toEqual({ n: '5' });
    expect(maps.select({ matchLabels: { x: 'y' } }, 'default')).toHaveLength(1);
    await expect(maps.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'default' } })).rejects.toMatchObject(
      { code: 409 },
    );
    await maps.delete('a', 'default');
    expect(maps.get('a', 'default')).toBeUndefined();
    expect(seen.at(0)).toBe('ADDED default/a');
    expect(seen.at(-1)).toBe('DELETED default/a');
  });

  it('stores at once what a simulated kubelet puts, and watches see it', async () => {
    const { server, admin } = await started();
    const pods = server.objects('', 'pods');
    await admin.create('/api/v1/namespaces/default/pods', pod('p'));
    const live = pods.get('p', 'default');
    if (!live) return expect.unreachable();
    const watch = await admin.watch(`/api/v1/pods?watch=true&resourceVersion=${live.metadata.resourceVersion}`);
    const stored = pods.put({ ...live, status: { phase: 'Running' } });
    expect(stored.spec).toBe(live.spec);
    expect(await watch.next()).toMatchObject({ type: 'MODIFIED', object: { status: { phase: 'Running' } } });
    watch.stop();
  });

  it('knows custom kinds as soon as they are defined', async () => {
    const { server, admin } = await started();
    expect(() => server.objects('w.example.dev', 'widgets')).toThrow('no kind widgets.w.example.dev is served');
    await admin.create('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', widgetDefinition('w.example.dev'));
    const made = await server
      .objects('w.example.dev', 'widgets')
      .create({ apiVersion: 'w.example.dev/v1', kind: 'Widget', metadata: { name: 'w', namespace: 'default' }, spec: { size: 2 } });
    expect(made.spec).toMatchObject({ size: 2, mode: 'Fast' });
  });

  it('serves HTTPS that only trusts its own authority', async () => {
    const { server } = await started({ tls: true });
    expect(server.url).toMatch(/^https:/);
    await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
    expect(server.kubeconfig()).toContain('certificate-authority-data');
  });

  it('accepts an object with an outdated part as long as that part stays as it is', async () => {
    const { admin } = await started();
    const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    const widgets = '/apis/r.example.dev/v1/namespaces/default/widgets';
    await admin.create(crds, widgetDefinition('r.example.dev'));
    await admin.create(widgets, { apiVersion: 'r.example.dev/v1', kind: 'Widget', metadata: { name: 'w' }, spec: { size: 50 } });
    await admin.patch(`${crds}/widgets.r.example.dev`, 'json', [
      { op: 'replace', path: '/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/size/maximum', value: 10 },
    ]);
    expect((await admin.patch(`${widgets}/w`, 'merge', { metadata: { labels: { a: 'b' } } })).metadata.labels).toEqual({ a: 'b' });
    await admin.patch(`${widgets}/w/status`, 'merge', { status: { replicas: 1 } });
    await expect(admin.patch(`${widgets}/w`, 'merge', { spec: { size: 60 } })).rejects.toMatchObject({ code: 422 });
  });

  it('serves metrics that are computed when they are asked for', async () => {
    const { server, admin } = await started();
    const metrics = (name: string): KubeObject => ({
      apiVersion: 'metrics.k8s.io/v1beta1',
      kind: 'PodMetrics',
      metadata: { name, namespace: 'default' },
      timestamp: '2026-03-01T12:00:00Z',
      window: '30s',
      containers: [{ name: 'main', usage: { cpu: '12m', memory: '34Mi' } }],
    });
    for (const type of metricsTypes({ pods: () => [metrics('p')], nodes: () => [] })) server.machinery.types.add(type);
    const path = '/apis/metrics.k8s.io/v1beta1/namespaces/default/pods';
    expect((await admin.get(path)).items).toEqual([metrics('p')]);
    expect(await admin.get(`${path}/p`)).toEqual(metrics('p'));
    await expect(admin.get(`${path}/q`)).rejects.toMatchObject({ code: 404 });
    await expect(admin.create(path, metrics('q'))).rejects.toMatchObject({ code: 405 });
  });

  it('refuses to resize a pod whose kubelet does not report resources', async () => {
    const { server, admin } = await started();
    const path = '/api/v1/namespaces/default/pods';
    await admin.create(path, pod('p'));
    const pods = server.objects('', 'pods');
    const report = (resources: object) => {
      const live = pods.get('p', 'default');
      if (live)
        pods.put({ ...live, status: { phase: 'Running', containerStatuses: [{ name: 'main', state: { running: {} }, ...resources }] } });
    };
    const resize = () =>
      admin.patch(`${path}/p/resize`, 'strategic', { spec: { containers: [{ name: 'main', resources: { requests: { cpu: '110m' } } }] } });
    report({});
    await expect(resize()).rejects.toMatchObject({ code: 422, message: expect.stringContaining('without support for resize') });
    report({ resources: {} });
    await resize();
  });

  it('refuses rules about fields that are not there', async () => {
    const { admin } = await started();
    const definition = JSON.parse(
      JSON.stringify(widgetDefinition('f.example.dev')).replace('self.min <= self.max', 'self.minimum <= self.max'),
    ) as object;
    await expect(admin.create('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition)).rejects.toMatchObject({
      code: 422,
      message: expect.stringContaining("undefined field 'minimum'"),
    });
  });
});
