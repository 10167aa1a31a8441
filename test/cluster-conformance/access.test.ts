import { afterAll, beforeAll, expect, it } from 'vitest';
import { Client, failure, pick } from './client.ts';
import { configMap } from './fixtures.ts';
import { conformance } from './target.ts';

conformance('Access', (context) => {
  const RBAC = '/apis/rbac.authorization.k8s.io/v1';
  const AUTH = '/apis/authorization.k8s.io/v1';
  let reader: Client | undefined;
  let readerToken = '';
  const asReader = (): Client => reader ?? expect.unreachable('the reader has a token');

  beforeAll(async () => {
    const { admin, namespace, target } = context();
    await admin.create(`/api/v1/namespaces/${namespace}/serviceaccounts`, {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'reader' },
    });
    const token = await admin.create(`/api/v1/namespaces/${namespace}/serviceaccounts/reader/token`, {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds: 3600 },
    });
    readerToken = String(pick(token, 'status.token'));
    reader = new Client(target, readerToken);
    await admin.create(`${RBAC}/namespaces/${namespace}/roles`, {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name: 'read-maps' },
      rules: [
        { apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list', 'watch'] },
        { apiGroups: [''], resources: ['pods/resize'], verbs: ['patch'] },
        { apiGroups: [''], resources: ['secrets'], resourceNames: ['mine'], verbs: ['get'] },
      ],
    });
    await admin.create(`${RBAC}/namespaces/${namespace}/rolebindings`, {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'reader' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'read-maps' },
      subjects: [{ kind: 'ServiceAccount', name: 'reader', namespace }],
    });
    await admin.create(`/api/v1/namespaces/${namespace}/configmaps`, configMap('visible'));
    // A real server learns of new bindings a moment later.
    for (
      let i = 0;
      i < 100 &&
      (await asReader()
        .get(`/api/v1/namespaces/${namespace}/configmaps`)
        .catch(() => undefined)) === undefined;
      i++
    ) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  });
  afterAll(() => reader?.close());

  it('allows what a role allows and nothing else', async () => {
    const { namespace } = context();
    const maps = `/api/v1/namespaces/${namespace}/configmaps`;
    expect((await asReader().get(`${maps}/visible`)).metadata.name).toBe('visible');
    const refused = await failure(asReader().create(maps, configMap('forbidden')));
    expect(refused.code).toBe(403);
    expect(refused.status.message).toBe(
      `configmaps is forbidden: User "system:serviceaccount:${namespace}:reader" cannot create resource "configmaps" in API group "" in the namespace "${namespace}"`,
    );
    expect((await failure(asReader().get('/api/v1/configmaps'))).code).toBe(403);
    expect((await failure(asReader().get('/api/v1/namespaces/default/configmaps'))).code).toBe(403);
  });

  it('allows one object by its name', async () => {
    const { namespace } = context();
    const secrets = `/api/v1/namespaces/${namespace}/secrets`;
    expect((await failure(asReader().get(`${secrets}/mine`))).code).toBe(404);
    expect((await failure(asReader().get(`${secrets}/yours`))).code).toBe(403);
  });

  it('knows nobody by a wrong token and little of the anonymous', async () => {
    const { target } = context();
    const stranger = new Client(target, 'wrong');
    expect((await failure(stranger.get('/api/v1/namespaces'))).code).toBe(401);
    const anonymous = new Client(target, '');
    expect((await anonymous.send('GET', '/healthz')).text).toBe('ok');
    expect((await failure(anonymous.send('GET', '/api/v1/namespaces'))).code).toBe(403);
    await stranger.close();
    await anonymous.close();
  });

  it('reviews tokens', async () => {
    const { admin, namespace } = context();
    const review = (token: string) =>
      admin.create('/apis/authentication.k8s.io/v1/tokenreviews', {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenReview',
        spec: { token },
      });
    expect((await review(readerToken)).status).toMatchObject({
      authenticated: true,
      user: { username: `system:serviceaccount:${namespace}:reader`, groups: expect.arrayContaining(['system:serviceaccounts']) },
    });
    expect(pick(await review('wrong'), 'status.authenticated')).toBeFalsy();
  });

  it('reviews access for oneself and for others', async () => {
    const { admin, namespace } = context();
    const self = (client: Client, resourceAttributes: object) =>
      client.create(`${AUTH}/selfsubjectaccessreviews`, {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: { resourceAttributes },
      });
    expect((await self(admin, { verb: 'delete', resource: 'nodes' })).status).toMatchObject({ allowed: true });
    expect((await self(asReader(), { verb: 'list', resource: 'configmaps', namespace })).status).toMatchObject({ allowed: true });
    expect((await self(asReader(), { verb: 'delete', resource: 'configmaps', namespace })).status).toMatchObject({ allowed: false });
    const other = await admin.create(`${AUTH}/subjectaccessreviews`, {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: {
        user: `system:serviceaccount:${namespace}:reader`,
        resourceAttributes: { verb: 'patch', resource: 'pods', subresource: 'resize', namespace },
      },
    });
    expect(other.status).toMatchObject({ allowed: true });
  });

  it('tells its rules and who one is', async () => {
    const { namespace } = context();
    const rules = await asReader().create(`${AUTH}/selfsubjectrulesreviews`, {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectRulesReview',
      spec: { namespace },
    });
    expect(pick(rules, 'status.resourceRules')).toEqual(
      expect.arrayContaining([expect.objectContaining({ resources: ['configmaps'], verbs: ['get', 'list', 'watch'] })]),
    );
    const me = await asReader().create('/apis/authentication.k8s.io/v1/selfsubjectreviews', {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'SelfSubjectReview',
    });
    expect(pick(me, 'status.userInfo.username')).toBe(`system:serviceaccount:${namespace}:reader`);
  });

  it('lets an administrator act as somebody else', async () => {
    const { admin, namespace } = context();
    const as = { 'impersonate-user': `system:serviceaccount:${namespace}:reader` };
    expect((await admin.get(`/api/v1/namespaces/${namespace}/configmaps/visible`, as)).metadata.name).toBe('visible');
    expect((await failure(admin.get('/api/v1/nodes', as))).code).toBe(403);
    expect(
      (await failure(asReader().get('/api/v1/nodes', { 'impersonate-user': 'admin', 'impersonate-group': 'system:masters' }))).code,
    ).toBe(403);
  });
});
