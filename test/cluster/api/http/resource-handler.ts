import type { Fault, RequestFacts } from '../faults.ts';
import { timestamp } from '../identity.ts';
import type { Machinery } from '../machinery.ts';
import { type Fields, fieldsOf, type KubeObject, keyOf, listOf, textOf } from '../object.ts';
import type { Subresource } from '../resource-type.ts';
import { asVersion, groupVersion, type ResourceType, type ResourceVersion } from '../resource-type.ts';
import { badRequest, noSuchPath, notAllowed, notFound, unsupportedMedia } from '../status.ts';
import { evict } from '../write/eviction.ts';
import { type PatchKind, type PatchRequest, readDeleteOptions, type User, type WriteRequest } from '../write/request.ts';
import { bind, finalizeNamespace, readScale, writeScale } from '../write/subresources.ts';
import type { Answer } from './answer.ts';
import { listPage, readRevision, selection } from './list.ts';
import { negotiate } from './negotiate.ts';
import { isTrue, type RequestInfo } from './request-info.ts';
import { metadataOnly, type TableOptions, tableOf } from './table.ts';
import type { Watches } from './watch.ts';

/** One authorised request about a resource. */
export interface ResourceRequest {
  readonly info: RequestInfo;
  readonly facts: RequestFacts;
  readonly user: User;
  readonly accept: string | undefined;
  readonly contentType: string;
  readonly body: unknown;
  readonly faults: readonly Fault[];
  readonly answer: Answer;
}

interface Target {
  readonly type: ResourceType;
  readonly version: ResourceVersion;
}

const PATCH_KINDS: Readonly<Record<string, PatchKind>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
};

/** Turns requests about resources into reads and writes, and their outcome into answers. */
export class ResourceHandler {
  readonly #machinery: Machinery;
  readonly #watches: Watches;

  constructor(machinery: Machinery, watches: Watches) {
    this.#machinery = machinery;
    this.#watches = watches;
  }

  async handle(request: ResourceRequest): Promise<void> {
    const { info } = request;
    const type = this.#machinery.types.byPlural(info.group, info.plural);
    const version = type?.versions.find((v) => v.name === info.version);
    if (!type || !version) throw noSuchPath();
    const target = { type, version };
    if (info.subresource !== undefined) {
      if (!version.subresources.includes(info.subresource as Subresource)) throw noSuchPath();
      return this.#subresource(request, target);
    }
    if (!type.verbs.some((v) => v === info.verb)) throw notAllowed();
    switch (info.verb) {
      case 'get':
        return this.#one(request, target, this.#read(request, target));
      case 'list':
        return this.#list(request, target);
      case 'watch':
        return this.#watch(request, target);
      case 'create':
        if (info.name !== undefined) throw notAllowed();
        if (type.namespaced && info.namespace === undefined) throw badRequest('the request has no namespace');
        return this.#written(request, target, 201, (write) => this.#machinery.writer.create(write, request.body));
      case 'update':
        return this.#written(request, target, 200, (write) => this.#machinery.writer.replace(write, request.body));
      case 'patch':
        return this.#patch(request, target);
      case 'delete':
        return this.#delete(request, target);
      case 'deletecollection':
        return this.#deleteCollection(request, target);
      default:
        throw notAllowed();
    }
  }

  async #subresource(request: ResourceRequest, target: Target): Promise<void> {
    const { info, body, answer } = request;
    const { writer } = this.#machinery;
    const write = this.#write(request, target);
    if (info.method === 'PATCH' && info.subresource !== 'scale') return this.#patch(request, target);
    switch (`${info.method} ${info.subresource}`) {
      case 'GET scale':
        return answer.json(200, readScale(writer, write));
      case 'PUT scale':
        return answer.json(200, await writeScale(writer, write, body));
      case 'PATCH scale':
        return answer.json(200, await writeScale(writer, this.#patchRequest(request, target), undefined));
      case 'POST eviction':
        return answer.json(201, await evict(this.#machinery, write, body));
      case 'POST binding':
        return answer.json(201, await bind(writer, write, body));
      case 'POST token':
        return answer.json(201, this.#issueToken(request, target));
      case 'PUT finalize':
        return answer.json(200, await finalizeNamespace(writer, write, body));
      case 'GET status':
      case 'GET resize':
        return this.#one(request, target, this.#read(request, target));
      case 'PUT status':
      case 'PUT resize':
        return this.#written(request, target, 200, (w) => writer.replace(w, body));
      default:
        throw notAllowed();
    }
  }

  #read({ info, faults }: ResourceRequest, { type, version }: Target): KubeObject {
    if (type.compute) {
      for (const object of type.compute(info.namespace)) if (object.metadata.name === info.name) return object;
      throw notFound(type, info.name ?? '');
    }
    const collection = this.#machinery.store.collection(type.collection);
    const key = keyOf(info.namespace, info.name ?? '');
    const stale = faults.find((f) => f.staleSince !== undefined)?.staleSince;
    const object = stale === undefined ? collection.get(key) : collection.at(key, stale);
    if (!object) throw notFound(type, info.name ?? '');
    return asVersion(object, type, version);
  }

  #one(request: ResourceRequest, target: Target, object: KubeObject): void {
    const { as } = negotiate(request.accept);
    const { resourceVersion } = object.metadata;
    if (as === 'table') request.answer.json(200, tableOf([object], { resourceVersion }, this.#table(request, target)));
    else request.answer.json(200, as === 'metadata' ? metadataOnly(object) : object);
  }

  #table({ info }: ResourceRequest, { version }: Target): TableOptions {
    const include = info.query.get('includeObject');
    return {
      columns: version.columns,
      nowMs: this.#machinery.clock.nowMs(),
      include: include === 'Object' || include === 'None' ? include : 'Metadata',
    };
  }

  async #list(request: ResourceRequest, target: Target): Promise<void> {
    const { info, answer, faults } = request;
    const { type, version } = target;
    const staleSince = faults.find((f) => f.staleSince !== undefined)?.staleSince;
    const { items, metadata } = listPage(this.#machinery.store, {
      ...target,
      namespace: info.namespace,
      query: info.query,
      ...(staleSince === undefined ? {} : { staleSince }),
    });
    const { as } = negotiate(request.accept);
    const shown = items.map((item) => asVersion(item, type, version));
    if (as === 'table') answer.json(200, tableOf(shown, metadata, this.#table(request, target)));
    else if (as === 'metadata')
      await answer.list({ kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1', metadata }, shown.map(metadataOnly));
    else await answer.list({ kind: `${type.kind}List`, apiVersion: groupVersion(type.group, version.name), metadata }, shown);
  }

  #watch(request: ResourceRequest, target: Target): void {
    const { info, facts, answer } = request;
    const { query } = info;
    if (info.name !== undefined) query.set('fieldSelector', `metadata.name=${info.name}`);
    const { columns, include } = this.#table(request, target);
    this.#watches.serve(
      { ...target, namespace: info.namespace, query, facts, as: negotiate(request.accept).as, table: { columns, include } },
      answer,
    );
  }

  #write({ info, user, facts }: ResourceRequest, target: Target): WriteRequest {
    const { query } = info;
    const validation = query.get('fieldValidation');
    const dryRun = query.getAll('dryRun');
    if (dryRun.some((d) => d !== 'All')) throw badRequest(`dryRun: Unsupported value: "${dryRun.join(',')}": supported values: "All"`);
    return {
      ...target,
      namespace: target.type.namespaced ? info.namespace : undefined,
      name: info.name,
      subresource: info.subresource as Subresource | undefined,
      user,
      manager: query.get('fieldManager') || facts.userAgent.split('/')[0] || 'unknown',
      dryRun: dryRun.length > 0,
      fieldValidation: validation === 'Ignore' || validation === 'Strict' ? validation : 'Warn',
      warnings: [],
    };
  }

  async #written(
    request: ResourceRequest,
    target: Target,
    code: number,
    work: (write: WriteRequest) => Promise<KubeObject>,
  ): Promise<void> {
    const write = this.#write(request, target);
    const object = await work(write);
    request.answer.warn(write.warnings);
    const { as } = negotiate(request.accept);
    if (as === 'table') request.answer.json(code, tableOf([object], {}, this.#table(request, target)));
    else request.answer.json(code, object);
  }

  #patchRequest(request: ResourceRequest, target: Target): PatchRequest {
    const kind = PATCH_KINDS[request.contentType.split(';')[0]?.trim() ?? ''];
    if (!kind) {
      throw unsupportedMedia(
        `the body of the request was in an unknown format - accepted media types include: ${Object.keys(PATCH_KINDS).join(', ')}`,
      );
    }
    const { query } = request.info;
    const manager = kind === 'apply' ? (query.get('fieldManager') ?? undefined) : undefined;
    return {
      ...this.#write(request, target),
      ...(kind === 'apply' ? { manager } : {}),
      kind,
      patch: request.body,
      force: isTrue(query.get('force')),
    };
  }

  async #patch(request: ResourceRequest, target: Target): Promise<void> {
    const patch = this.#patchRequest(request, target);
    const { object, created } = await this.#machinery.patcher.patch(patch);
    request.answer.warn(patch.warnings);
    this.#oneWritten(request, target, { object, code: created ? 201 : 200 });
  }

  #oneWritten(request: ResourceRequest, target: Target, { object, code }: { object: KubeObject; code: number }): void {
    const { as } = negotiate(request.accept);
    request.answer.json(code, as === 'table' ? tableOf([object], {}, this.#table(request, target)) : object);
  }

  #deleteOptions({ info, body }: ResourceRequest): Fields {
    const given = { ...fieldsOf(body) };
    const { query } = info;
    if (query.has('gracePeriodSeconds')) given.gracePeriodSeconds = Number(query.get('gracePeriodSeconds'));
    if (query.has('propagationPolicy')) given.propagationPolicy = query.get('propagationPolicy');
    if (listOf(given.dryRun).length > 0) query.set('dryRun', String(listOf(given.dryRun)[0]));
    return given;
  }

  async #delete(request: ResourceRequest, target: Target): Promise<void> {
    const options = this.#deleteOptions(request);
    const { object, gone } = await this.#machinery.remover.remove(this.#write(request, target), readDeleteOptions(options));
    const { type } = target;
    if (!gone || (type.plural === 'pods' && type.group === '')) return this.#one(request, target, object);
    const { name, uid } = object.metadata;
    request.answer.json(200, {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      details: { name, ...(type.group ? { group: type.group } : {}), kind: type.plural, uid },
    });
  }

  async #deleteCollection(request: ResourceRequest, target: Target): Promise<void> {
    const options = readDeleteOptions(this.#deleteOptions(request));
    const { info } = request;
    const { type, version } = target;
    readRevision(info.query.get('resourceVersion'));
    const matches = selection({ ...target, query: info.query });
    const chosen = [...this.#machinery.store.collection(type.collection).values(info.namespace)].filter(matches);
    const write = this.#write(request, target);
    for (const { metadata } of chosen)
      await this.#machinery.remover.remove({ ...write, namespace: metadata.namespace, name: metadata.name }, options);
    await request.answer.list(
      {
        kind: `${type.kind}List`,
        apiVersion: groupVersion(type.group, version.name),
        metadata: { resourceVersion: String(this.#machinery.store.revision) },
      },
      chosen.map((o) => asVersion(o, type, version)),
    );
  }

  #issueToken(request: ResourceRequest, { type }: Target): Fields {
    const { info, body } = request;
    if (!this.#machinery.store.collection(type.collection).get(keyOf(info.namespace, info.name ?? '')))
      throw notFound(type, info.name ?? '');
    const spec = fieldsOf(fieldsOf(body).spec);
    const seconds = typeof spec.expirationSeconds === 'number' ? spec.expirationSeconds : 3600;
    const token = this.#machinery.users.serviceAccountToken(info.namespace ?? '', textOf(info.name));
    return {
      kind: 'TokenRequest',
      apiVersion: 'authentication.k8s.io/v1',
      metadata: { name: info.name, namespace: info.namespace },
      spec: { ...spec, expirationSeconds: seconds },
      status: { token, expirationTimestamp: timestamp(this.#machinery.clock.nowMs() + seconds * 1000) },
    };
  }
}
