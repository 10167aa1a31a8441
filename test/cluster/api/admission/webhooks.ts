import { request as httpsRequest } from 'node:https';
import { userInfo } from '../auth/reviews.ts';
import type { Identities } from '../identity.ts';
import { at, type Fields, fieldsOf, isFields, type KubeObject, listOf, numberOf, textOf } from '../object.ts';
import { applyJsonPatch } from '../patch/json-patch.ts';
import { groupVersion } from '../resource-type.ts';
import { ApiError, internal } from '../status.ts';
import type { Store } from '../store/store.ts';
import type { Admission, Attempt } from './admission.ts';
import { addressOf, concerns, type HookAddress, type ServiceResolver } from './webhook-rules.ts';

export interface WebhookParts {
  readonly store: Store;
  readonly identities: Identities;
  readonly resolveService: ServiceResolver;
  /** The server's own rules, asked before the webhooks mutate and after they have validated. */
  readonly inner: Admission;
}

const MUTATING = 'mutatingwebhookconfigurations.admissionregistration.k8s.io';
const VALIDATING = 'validatingwebhookconfigurations.admissionregistration.k8s.io';

/** Admission by the configured webhooks, called over HTTPS as their configurations say. */
export class WebhookAdmission implements Admission {
  readonly #parts: WebhookParts;

  constructor(parts: WebhookParts) {
    this.#parts = parts;
  }

  async mutate(attempt: Attempt & { readonly object: KubeObject }): Promise<KubeObject> {
    let object = await this.#parts.inner.mutate(attempt);
    const called: Fields[] = [];
    for (const hook of this.#hooks(MUTATING, attempt)) {
      const before = object;
      object = await this.#mutateBy(hook, { ...attempt, object });
      if (object !== before) object = await this.#again(called, { ...attempt, object });
      called.push(hook);
    }
    return object;
  }

  async validate(attempt: Attempt): Promise<void> {
    await Promise.all(this.#hooks(VALIDATING, attempt).map((hook) => this.#ask(hook, attempt)));
    await this.#parts.inner.validate(attempt);
  }

  #hooks(collection: string, attempt: Attempt): Fields[] {
    // The configurations themselves are not subject to webhooks, lest one shut everybody out.
    if (attempt.request.type.group === 'admissionregistration.k8s.io' || this.#parts.store.collection(collection).size === 0) return [];
    return [...this.#parts.store.collection(collection).values()]
      .flatMap((c) => listOf(c.webhooks).filter(isFields))
      .filter((hook) => concerns(hook, attempt, this.#parts.store));
  }

  /** Those that asked for it see what later ones changed. */
  async #again(called: readonly Fields[], attempt: Attempt & { readonly object: KubeObject }): Promise<KubeObject> {
    let { object } = attempt;
    for (const hook of called) if (hook.reinvocationPolicy === 'IfNeeded') object = await this.#mutateBy(hook, { ...attempt, object });
    return object;
  }

  async #mutateBy(hook: Fields, attempt: Attempt & { readonly object: KubeObject }): Promise<KubeObject> {
    const response = await this.#ask(hook, attempt);
    if (response?.patch === undefined) return attempt.object;
    if (response.patchType !== 'JSONPatch')
      throw internal(`webhook "${textOf(hook.name)}" answered a patch of type ${String(response.patchType)}`);
    const patch: unknown = JSON.parse(Buffer.from(textOf(response.patch), 'base64').toString('utf8'));
    return applyJsonPatch(attempt.object as unknown as Fields, patch) as unknown as KubeObject;
  }

  /** @returns the response of a webhook that allows the write; undefined where it failed and may be ignored */
  async #ask(hook: Fields, attempt: Attempt): Promise<Fields | undefined> {
    const name = textOf(hook.name);
    let response: Fields;
    try {
      response = await this.#call(hook, attempt);
    } catch (error) {
      if (hook.failurePolicy === 'Ignore') return undefined;
      throw internal(`failed calling webhook "${name}": ${error instanceof Error ? error.message : String(error)}`);
    }
    attempt.request.warnings.push(...listOf(response.warnings).map(String));
    if (response.allowed === true) return response;
    const status = fieldsOf(response.status);
    const said = textOf(status.message) || textOf(status.reason) || 'without explanation';
    const separator = status.message || status.reason ? ': ' : ' ';
    throw new ApiError({
      code: Math.max(400, numberOf(status.code, 400)),
      reason: textOf(status.reason),
      message: `admission webhook "${name}" denied the request${separator}${said}`,
    });
  }

  async #call(hook: Fields, attempt: Attempt): Promise<Fields> {
    const address = addressOf(hook, this.#parts.resolveService);
    if (!address) throw new Error(`service "${textOf(at(hook.clientConfig, 'service', 'name'))}" not found`);
    const uid = this.#parts.identities.uid();
    const body = JSON.stringify({ kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1', request: reviewOf(uid, attempt) });
    const text = await post(address, body, numberOf(hook.timeoutSeconds, 10) * 1000);
    const review: unknown = JSON.parse(text);
    const response = at(review, 'response');
    if (!isFields(response)) throw new Error('the answer has no response');
    if (response.uid !== uid) throw new Error(`expected response.uid="${uid}", got "${String(response.uid)}"`);
    return response;
  }
}

function reviewOf(uid: string, { request, operation, object, old, options }: Attempt): Fields {
  const { type, version, subresource, user, dryRun } = request;
  const kind = { group: type.group, version: version.name, kind: type.kind };
  const resource = { group: type.group, version: version.name, resource: type.plural };
  return {
    uid,
    kind,
    resource,
    ...(subresource ? { subResource: subresource, requestSubResource: subresource } : {}),
    requestKind: kind,
    requestResource: resource,
    name: request.name ?? object?.metadata.name ?? '',
    ...(request.namespace ? { namespace: request.namespace } : {}),
    operation,
    userInfo: userInfo(user),
    object: object ?? null,
    oldObject: old ? { ...old, apiVersion: groupVersion(type.group, version.name) } : null,
    dryRun,
    options: options ?? null,
  };
}

function post(address: HookAddress, body: string, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = httpsRequest(
      address.url,
      {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Accept: 'application/json', 'Content-Length': Buffer.byteLength(body) },
        signal: AbortSignal.timeout(timeoutMs),
        ...(address.ca ? { ca: address.ca } : {}),
        ...(address.serverName ? { servername: address.serverName } : {}),
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          if (response.statusCode === 200) resolve(text);
          else reject(new Error(`the server answered ${response.statusCode}`));
        });
      },
    );
    call.on('error', (error) =>
      reject(error.name === 'AbortError' || error.name === 'TimeoutError' ? new Error('context deadline exceeded') : error),
    );
    call.end(body);
  });
}
