import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { localCertificate } from '../cluster/api/http/tls.ts';
import { failure, pick } from './client.ts';
import { configMap } from './fixtures.ts';
import { conformance } from './target.ts';

type Respond = (review: unknown) => object | undefined;

/** A webhook over real HTTPS, with a certificate of its own. */
class Hook {
  readonly reviews: unknown[] = [];
  respond: Respond = () => ({ allowed: true });
  #server: Server | undefined;
  #ca = '';
  #port = 0;

  async start(): Promise<void> {
    const certificate = await localCertificate();
    this.#ca = certificate.ca;
    this.#server = createServer({ cert: certificate.cert, key: certificate.key }, (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const review: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
        this.reviews.push(review);
        const answer = this.respond(review);
        // No answer: the caller waits in vain.
        if (answer)
          response.end(
            JSON.stringify({
              apiVersion: 'admission.k8s.io/v1',
              kind: 'AdmissionReview',
              response: { uid: pick(review, 'request.uid'), ...answer },
            }),
          );
      });
    });
    const server = this.#server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.#port = (server.address() as AddressInfo).port;
  }

  get clientConfig(): object {
    return {
      url: `https://127.0.0.1:${this.#port}/hook`,
      caBundle: Buffer.from(this.#ca).toString('base64'),
    };
  }

  stop(): void {
    this.#server?.closeAllConnections();
    this.#server?.close();
  }
}

conformance('Admission webhooks', (context) => {
  const hook = new Hook();
  const maps = () => `/api/v1/namespaces/${context().namespace}/configmaps`;
  const configurations = (kind: string) => `/apis/admissionregistration.k8s.io/v1/${kind}webhookconfigurations`;
  const patchOf = (operations: object[]) => ({ patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(operations)).toString('base64') });

  async function configure(kind: 'mutating' | 'validating', more: object = {}): Promise<void> {
    await context().admin.create(configurations(kind), {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: kind === 'mutating' ? 'MutatingWebhookConfiguration' : 'ValidatingWebhookConfiguration',
      metadata: { name: 'test' },
      webhooks: [
        {
          name: 'hook.conformance.dev',
          clientConfig: hook.clientConfig,
          rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: ['CREATE', 'UPDATE', 'DELETE'] }],
          objectSelector: { matchLabels: { hooked: 'yes' } },
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
          timeoutSeconds: 1,
          ...more,
        },
      ],
    });
    await settled(kind);
  }

  /** A real server learns of a configuration a moment later. */
  async function settled(kind: string): Promise<void> {
    for (let i = 0; i < 100 && hook.reviews.length === 0; i++) {
      await context()
        .admin.create(`${maps()}?dryRun=All`, configMap(`probe-${kind}`, {}, { hooked: 'yes' }))
        .catch(() => undefined);
      if (hook.reviews.length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
    }
    hook.reviews.length = 0;
  }

  beforeAll(() => hook.start());
  afterAll(() => hook.stop());
  afterEach(async () => {
    for (const kind of ['mutating', 'validating'])
      await context()
        .admin.delete(`${configurations(kind)}/test`)
        .catch(() => undefined);
    hook.reviews.length = 0;
    hook.respond = () => ({ allowed: true });
  });

  it('lets a webhook change what is created, and shows it who asks for what', async () => {
    const { admin, namespace } = context();
    await configure('mutating');
    hook.respond = () => ({
      allowed: true,
      ...patchOf([{ op: 'add', path: '/data/added', value: 'by hook' }]),
      warnings: ['mind the hook'],
    });
    const made = await admin.create(maps(), configMap('changed', { a: '1' }, { hooked: 'yes' }));
    expect(made.data).toEqual({ a: '1', added: 'by hook' });
    expect(String(admin.lastHeaders.warning)).toContain('mind the hook');
    expect(hook.reviews).toHaveLength(1);
    expect(pick(hook.reviews[0], 'request')).toMatchObject({
      kind: { group: '', version: 'v1', kind: 'ConfigMap' },
      resource: { group: '', version: 'v1', resource: 'configmaps' },
      name: 'changed',
      namespace,
      operation: 'CREATE',
      userInfo: { groups: expect.arrayContaining(['system:masters']) },
      object: { kind: 'ConfigMap', data: { a: '1' } },
      oldObject: null,
      dryRun: false,
    });
  });

  it('lets a webhook refuse, in its own words', async () => {
    const { admin } = context();
    await configure('validating');
    hook.respond = () => ({ allowed: false, status: { code: 403, message: 'not today' } });
    const refused = await failure(admin.create(maps(), configMap('refused', {}, { hooked: 'yes' })));
    expect(refused.code).toBe(403);
    expect(refused.status.message).toBe('admission webhook "hook.conformance.dev" denied the request: not today');
    expect((await failure(admin.get(`${maps()}/refused`))).code).toBe(404);
  });

  it('asks before deletions too, with the old object', async () => {
    const { admin } = context();
    await admin.create(maps(), configMap('guarded', {}, { hooked: 'yes' }));
    await configure('validating');
    hook.respond = () => ({ allowed: false, status: { message: 'it is needed' } });
    expect((await failure(admin.delete(`${maps()}/guarded`))).status.message).toContain('it is needed');
    expect(pick(hook.reviews[0], 'request')).toMatchObject({
      operation: 'DELETE',
      object: null,
      oldObject: { metadata: { name: 'guarded' } },
    });
  });

  it('asks only about what the rules and selectors name', async () => {
    const { admin, namespace } = context();
    await configure('validating');
    await admin.create(maps(), configMap('unlabelled'));
    await admin.create(`/api/v1/namespaces/${namespace}/secrets`, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's', labels: { hooked: 'yes' } },
    });
    expect(hook.reviews).toHaveLength(0);
    await admin.patch(`${maps()}/unlabelled`, 'merge', { metadata: { labels: { hooked: 'yes' } } });
    expect(hook.reviews).toHaveLength(1);
  });

  it('keeps to the namespaces that are selected', async () => {
    const { admin } = context();
    await admin.create('/api/v1/namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'unhooked', labels: { hooks: 'off' } },
    });
    await configure('validating', { namespaceSelector: { matchExpressions: [{ key: 'hooks', operator: 'DoesNotExist' }] } });
    await admin.create('/api/v1/namespaces/unhooked/configmaps', configMap('free', {}, { hooked: 'yes' }));
    expect(hook.reviews).toHaveLength(0);
    await admin.create(maps(), configMap('seen', {}, { hooked: 'yes' }));
    expect(hook.reviews).toHaveLength(1);
  });

  it('fails, or goes on, without a webhook that does not answer in time', async () => {
    const { admin } = context();
    await configure('mutating', { failurePolicy: 'Fail' });
    hook.respond = () => undefined;
    const failed = await failure(admin.create(maps(), configMap('waiting', {}, { hooked: 'yes' })));
    expect(failed.code).toBe(500);
    expect(failed.status.message).toContain('failed calling webhook "hook.conformance.dev"');
    await admin.delete(`${configurations('mutating')}/test`);
    hook.respond = () => ({ allowed: true });
    hook.reviews.length = 0;
    await configure('mutating', { failurePolicy: 'Ignore' });
    hook.respond = () => undefined;
    expect((await admin.create(maps(), configMap('waiting', {}, { hooked: 'yes' }))).metadata.name).toBe('waiting');
  });

  it('does not trust a webhook by another authority', async () => {
    const { admin } = context();
    const other = await localCertificate();
    await admin.create(configurations('validating'), {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: 'test' },
      webhooks: [
        {
          name: 'hook.conformance.dev',
          clientConfig: { ...hook.clientConfig, caBundle: Buffer.from(other.ca).toString('base64') },
          rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: ['CREATE'] }],
          objectSelector: { matchLabels: { hooked: 'distrusted' } },
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
        },
      ],
    });
    let code = 0;
    for (let i = 0; i < 100 && code !== 500; i++) {
      code = await admin.create(`${maps()}?dryRun=All`, configMap('distrusted', {}, { hooked: 'distrusted' })).then(
        () => 0,
        (error: { code: number }) => error.code,
      );
    }
    expect(code).toBe(500);
    expect(hook.reviews).toHaveLength(0);
  });
});
