import {
  AppsV1Api,
  CoordinationV1Api,
  CoreV1Api,
  CustomObjectsApi,
  KubeConfig,
  PatchStrategy,
  setHeaderOptions,
  V1MicroTime,
  Watch,
} from '@kubernetes/client-node';
import { beforeAll, expect, it } from 'vitest';
import { configMap, deployment, pod } from './fixtures.ts';
import { conformance } from './target.ts';

conformance('@kubernetes/client-node', (context) => {
  const config = new KubeConfig();
  beforeAll(() => config.loadFromString(context().target.kubeconfig));
  const core = () => config.makeApiClient(CoreV1Api);

  it('reads and writes typed objects', async () => {
    const { namespace } = context();
    const apps = config.makeApiClient(AppsV1Api);
    const made = await apps.createNamespacedDeployment({ namespace, body: deployment('typed') });
    expect(made.metadata?.creationTimestamp).toBeInstanceOf(Date);
    const list = await apps.listNamespacedDeployment({ namespace, labelSelector: '', limit: 1 });
    expect(list.items.map((i) => i.metadata?.name)).toEqual(['typed']);
    await expect(apps.readNamespacedDeployment({ namespace, name: 'nothing' })).rejects.toMatchObject({ code: 404 });
  });

  it('resizes pods by server-side apply', async () => {
    const { namespace } = context();
    await core().createNamespacedPod({ namespace, body: pod('sized') });
    const body = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'sized' },
      spec: { containers: [{ name: 'main', resources: { requests: { cpu: '150m' } } }] },
    };
    const changed = await core().patchNamespacedPodResize(
      { namespace, name: 'sized', body, fieldManager: 'neap', force: true },
      setHeaderOptions('Content-Type', PatchStrategy.ServerSideApply),
    );
    expect(changed.spec?.containers[0]?.resources?.requests).toEqual({ cpu: '150m', memory: '64Mi' });
  });

  it('watches', async () => {
    const { namespace } = context();
    const list = await core().listNamespacedConfigMap({ namespace });
    const seen: string[] = [];
    const watch = new Watch(config);
    let done: () => void = () => {};
    const two = new Promise<void>((resolve) => {
      done = resolve;
    });
    const request = await watch.watch(
      `/api/v1/namespaces/${namespace}/configmaps`,
      { resourceVersion: list.metadata?.resourceVersion, allowWatchBookmarks: true },
      (type, object: { metadata: { name: string } }) => {
        seen.push(`${type} ${object.metadata.name}`);
        if (seen.length === 2) done();
      },
      () => {},
    );
    await core().createNamespacedConfigMap({ namespace, body: configMap('watched') });
    await core().deleteNamespacedConfigMap({ namespace, name: 'watched' });
    await two;
    request.abort();
    expect(seen).toEqual(['ADDED watched', 'DELETED watched']);
  });

  it('holds a lease against another holder', async () => {
    const { namespace } = context();
    const leases = config.makeApiClient(CoordinationV1Api);
    const made = await leases.createNamespacedLease({
      namespace,
      body: {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name: 'leader' },
        spec: { holderIdentity: 'a', leaseDurationSeconds: 15, renewTime: new V1MicroTime('2026-01-01T00:00:00.000Z') },
      },
    });
    const renewed = await leases.replaceNamespacedLease({
      namespace,
      name: 'leader',
      body: { ...made, spec: { ...made.spec, holderIdentity: 'b' } },
    });
    expect(renewed.spec?.holderIdentity).toBe('b');
    await expect(leases.replaceNamespacedLease({ namespace, name: 'leader', body: made })).rejects.toMatchObject({ code: 409 });
  });

  it('reads any object', async () => {
    const { namespace } = context();
    const list = (await config
      .makeApiClient(CustomObjectsApi)
      .listNamespacedCustomObject({ group: 'apps', version: 'v1', namespace, plural: 'deployments' })) as { kind: string };
    expect(list.kind).toBe('DeploymentList');
  });
});
