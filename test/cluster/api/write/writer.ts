import type { Admission, Attempt } from '../admission/admission.ts';
import { afterUpdate, sameOwnership } from '../apply/managed-fields.ts';
import { type Clock, type Identities, timestamp } from '../identity.ts';
import { type KubeObject, keyOf, type ManagedFieldsEntry, type ObjectMeta, sameJson } from '../object.ts';
import { asStored, asVersion, groupVersion } from '../resource-type.ts';
import { ApiError, alreadyExists, badRequest, conflict, forbidden, invalid, invalidValue, modifiedSince, notFound } from '../status.ts';
import type { Collection } from '../store/collection.ts';
import type { Store } from '../store/store.ts';
import { checkObject } from './check.ts';
import { countedPart, decode, settle } from './decode.ts';
import type { WriteRequest } from './request.ts';

export interface WriterParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly identities: Identities;
  readonly admission: Admission;
}

/** How often a write is tried again that named no resource version and lost against another. */
const CONFLICT_RETRIES = 5;

/** Whether managed fields follow from what changed, or come with the new state (server-side apply). */
export type Ownership = 'tracked' | 'given';

/** The next state of a live object; a fresh object that is nobody else's. Both in the request's version. */
export type Transform = (live: KubeObject) => KubeObject;

/** Creates and changes objects with all that the API server does on the way: defaults, checks, admission, ownership. */
export class Writer {
  readonly #parts: WriterParts;

  constructor(parts: WriterParts) {
    this.#parts = parts;
  }

  /**
   * Answers in the request's version. The body is taken over.
   * @param owned the managed fields where they do not follow from the body (server-side apply)
   */
  async create(request: WriteRequest, body: unknown, owned?: readonly ManagedFieldsEntry[]): Promise<KubeObject> {
    const { store } = this.#parts;
    const { type, version } = request;
    const collection = store.collection(type.collection);
    let object = decode(request, body);
    if (object.metadata.resourceVersion) throw badRequest('resourceVersion should not be set on objects to be created');
    object.metadata = this.#newMetadata(object.metadata, request);
    this.#checkNamespace(request, object);
    if (version.subresources.includes('status') && type.kind !== 'Node') delete object.status;
    settle(request, object);
    this.#complete(request, object, undefined);
    const attempt = { request, operation: 'CREATE' as const, old: undefined };
    object = await this.#admit(request, { ...attempt, object });
    checkObject(request, object, undefined);
    await this.#parts.admission.validate({ ...attempt, object });

    const key = keyOf(object.metadata.namespace, object.metadata.name);
    if (collection.get(key)) throw alreadyExists(type, object.metadata.name);
    if (owned) object.metadata.managedFields = owned;
    else this.#own(request, undefined, object);
    return this.#commit(request, object);
  }

  /**
   * Changes a live object. What the subresource does not cover stays as it is; a change that changes nothing writes
   * nothing.
   */
  async modify(request: WriteRequest, transform: Transform, ownership: Ownership = 'tracked'): Promise<KubeObject> {
    for (let attempt = 0; attempt <= CONFLICT_RETRIES; attempt++) {
      try {
        return await this.#modifyOnce(request, transform, ownership);
      } catch (error) {
        if (!(error instanceof LostRace)) throw error;
      }
    }
    throw modifiedSince(request.type, request.name ?? '');
  }

  /** PUT: the body is the next state. */
  replace(request: WriteRequest, body: unknown): Promise<KubeObject> {
    const object = decode(request, body);
    return this.modify(request, () => structuredClone(object));
  }

  /** The stored object of a request. @throws ApiError 404 */
  live(request: WriteRequest): { collection: Collection; object: KubeObject } {
    const collection = this.#parts.store.collection(request.type.collection);
    const object = collection.get(keyOf(request.namespace, request.name ?? ''));
    if (!object) throw notFound(request.type, request.name ?? '');
    return { collection, object };
  }

  async #modifyOnce(request: WriteRequest, transform: Transform, ownership: Ownership): Promise<KubeObject> {
    const { type, version } = request;
    const { collection, object: stored } = this.live(request);
    const live = asVersion(stored, type, version);
    const wanted = transform(live);
    this.#checkPreconditions(request, wanted, live);
    let next = this.#combine(request, wanted, live);
    if (ownership === 'tracked') keepOwnership(next, live);
    settle(request, next);
    this.#complete(request, next, live);
    const attempt: Pick<Attempt, 'request' | 'operation' | 'old'> = { request, operation: 'UPDATE', old: live };
    next = await this.#admit(request, { ...attempt, object: next });
    checkObject(request, next, live);
    await this.#parts.admission.validate({ ...attempt, object: next });

    if (collection.get(keyOf(request.namespace, request.name ?? '')) !== stored) throw new LostRace();
    if (type.hasGeneration || type.custom) this.#count(request, next, live);
    if (ownership === 'tracked') this.#own(request, live, next);
    if (unchanged(next, live)) return live;
    return this.#commit(request, next);
  }

  #commit(request: WriteRequest, object: KubeObject): KubeObject {
    const { store } = this.#parts;
    const { type, version } = request;
    if (request.dryRun) return object;
    const collection = store.collection(type.collection);
    const stored = asStored(object, type, version);
    const { deletionTimestamp, finalizers, deletionGracePeriodSeconds } = stored.metadata;
    const done =
      deletionTimestamp !== undefined && (finalizers ?? []).length === 0 && !deletionGracePeriodSeconds && !namespaceHolds(stored);
    if (done && collection.get(keyOf(stored.metadata.namespace, stored.metadata.name))) {
      const last = store.remove(collection, keyOf(stored.metadata.namespace, stored.metadata.name));
      return asVersion(
        {
          ...stored,
          metadata: { ...stored.metadata, ...(last?.metadata.resourceVersion ? { resourceVersion: last.metadata.resourceVersion } : {}) },
        },
        type,
        version,
      );
    }
    return asVersion(store.put(collection, stored), type, version);
  }

  #newMetadata(given: ObjectMeta, request: WriteRequest): ObjectMeta {
    const { clock, identities } = this.#parts;
    const {
      resourceVersion: _,
      deletionTimestamp: __,
      deletionGracePeriodSeconds: ___,
      managedFields: ____,
      generation: _____,
      ...kept
    } = given;
    const metadata: ObjectMeta = { ...kept, uid: identities.uid(), creationTimestamp: timestamp(clock.nowMs()) };
    if (!metadata.name && metadata.generateName) metadata.name = metadata.generateName.slice(0, 58) + identities.nameSuffix();
    if (request.type.hasGeneration || request.type.custom) metadata.generation = 1;
    if (request.type.namespaced) metadata.namespace ??= request.namespace ?? 'default';
    else delete metadata.namespace;
    return metadata;
  }

  #checkNamespace({ type }: WriteRequest, object: KubeObject): void {
    const { namespace, name } = object.metadata;
    if (!type.namespaced || namespace === undefined) return;
    const found = this.#parts.store.collection('namespaces').get(namespace);
    if (!found) throw notFound({ group: '', plural: 'namespaces' }, namespace);
    if (!found.metadata.deletionTimestamp) return;
    const refusal = forbidden(type, name, `unable to create new content in namespace ${namespace} because it is being terminated`);
    throw new ApiError({
      code: 403,
      reason: 'Forbidden',
      message: refusal.message,
      details: {
        ...refusal.details,
        causes: [{ reason: 'NamespaceTerminating', message: `namespace ${namespace} is being terminated`, field: 'metadata.namespace' }],
      },
    });
  }

  #checkPreconditions(request: WriteRequest, wanted: KubeObject, live: KubeObject): void {
    const { resourceVersion, uid } = wanted.metadata;
    const name = request.name ?? '';
    if (resourceVersion && resourceVersion !== live.metadata.resourceVersion) throw modifiedSince(request.type, name);
    if (!resourceVersion && (request.type.custom || NEEDS_VERSION.has(request.type.kind)) && request.subresource === undefined) {
      throw invalid(request.type.kind, request.type.group, name, [
        invalidValue('metadata.resourceVersion', 0, 'must be specified for an update'),
      ]);
    }
    if (uid && uid !== live.metadata.uid) {
      throw conflict(request.type, name, `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${live.metadata.uid}`);
    }
  }

  /** What the write may change of the wanted state, the rest from the live one. */
  #combine(request: WriteRequest, wanted: KubeObject, live: KubeObject): KubeObject {
    const { version, subresource } = request;
    const fixed: Partial<ObjectMeta> = {};
    for (const field of SERVER_FIELDS) if (live.metadata[field] !== undefined) Object.assign(fixed, { [field]: live.metadata[field] });
    const metadata: ObjectMeta = { ...wanted.metadata, ...fixed };
    for (const field of SERVER_FIELDS) if (live.metadata[field] === undefined) delete metadata[field];
    if (subresource === 'status') {
      const { managedFields } = metadata;
      const told = structuredClone({ ...live, metadata: undefined, status: wanted.status });
      return { ...told, metadata: { ...live.metadata, ...(managedFields ? { managedFields } : {}) } } as KubeObject;
    }
    const next: KubeObject = { ...wanted, apiVersion: live.apiVersion, kind: live.kind, metadata };
    if (version.subresources.includes('status') && subresource !== 'binding') {
      if (live.status === undefined) delete next.status;
      else next.status = live.status;
    }
    return { ...structuredClone({ ...next, metadata: undefined }), metadata: next.metadata } as KubeObject;
  }

  #complete({ type, version, subresource }: WriteRequest, object: KubeObject, live: KubeObject | undefined): void {
    if (subresource === 'status' || !type.behaviour.complete) return;
    if (version.toStorage === undefined) type.behaviour.complete(object, live);
    else {
      const stored = structuredClone(version.toStorage(object));
      type.behaviour.complete(stored, live);
      Object.assign(object, version.fromStorage?.(stored));
    }
  }

  async #admit(request: WriteRequest, attempt: Attempt & { object: KubeObject }): Promise<KubeObject> {
    const before = attempt.object;
    const admitted = await this.#parts.admission.mutate(attempt);
    if (admitted === before) return admitted;
    settle(request, admitted);
    this.#complete(request, admitted, attempt.old);
    return admitted;
  }

  #count({ version, subresource }: WriteRequest, next: KubeObject, live: KubeObject): void {
    const hasStatus = version.subresources.includes('status');
    const same = subresource === 'status' || sameJson(countedPart(next, hasStatus), countedPart(live, hasStatus));
    next.metadata.generation = (live.metadata.generation ?? 1) + (same ? 0 : 1);
  }

  #own(request: WriteRequest, live: KubeObject | undefined, next: KubeObject): void {
    if (request.manager === undefined) return;
    const { type, version, subresource } = request;
    const manager = {
      name: request.manager,
      operation: 'Update' as const,
      apiVersion: groupVersion(type.group, version.name),
      subresource,
    };
    const entries = afterUpdate(live, next, { manager, time: timestamp(this.#parts.clock.nowMs()), schema: version.schema() });
    if (entries.length > 0) next.metadata.managedFields = entries;
    else delete next.metadata.managedFields;
  }
}

const SERVER_FIELDS = [
  'name',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
] as const;

/** Kinds whose updates must name the resource version, beside all custom ones. */
const NEEDS_VERSION: ReadonlySet<string> = new Set([
  'Lease',
  'PodDisruptionBudget',
  'MutatingWebhookConfiguration',
  'ValidatingWebhookConfiguration',
  'CustomResourceDefinition',
]);

/** Somebody else wrote between reading and writing. */
class LostRace extends Error {
  constructor() {
    super('the object changed between reading and writing');
  }
}

function keepOwnership(next: KubeObject, live: KubeObject): void {
  if (live.metadata.managedFields) next.metadata.managedFields = live.metadata.managedFields;
  else delete next.metadata.managedFields;
}

/** A namespace lives until it is empty. */
function namespaceHolds(object: KubeObject): boolean {
  const spec = object.spec as { finalizers?: readonly string[] } | undefined;
  return object.kind === 'Namespace' && object.apiVersion === 'v1' && (spec?.finalizers ?? []).length > 0;
}

function unchanged(next: KubeObject, live: KubeObject): boolean {
  const { managedFields: nextFields, ...nextMeta } = next.metadata;
  const { managedFields: liveFields, ...liveMeta } = live.metadata;
  return sameJson({ ...next, metadata: nextMeta }, { ...live, metadata: liveMeta }) && sameOwnership(nextFields, liveFields);
}
