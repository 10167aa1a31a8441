import { isSameManager, type Manager } from '../apply/managed-fields.ts';
import { serverSideApply } from '../apply/server-side-apply.ts';
import { type Clock, timestamp } from '../identity.ts';
import { fieldsOf, isFields, type KubeObject } from '../object.ts';
import { applyJsonPatch } from '../patch/json-patch.ts';
import { applyMergePatch } from '../patch/merge-patch.ts';
import { applyStrategicMerge } from '../patch/strategic-merge.ts';
import { groupVersion } from '../resource-type.ts';
import { ApiError, badRequest, unsupportedMedia } from '../status.ts';
import { decode, refuseUnknown } from './decode.ts';
import type { PatchRequest } from './request.ts';
import type { Writer } from './writer.ts';

/** PATCH in its four kinds. */
export class Patcher {
  readonly #writer: Writer;
  readonly #clock: Clock;

  constructor(writer: Writer, clock: Clock) {
    this.#writer = writer;
    this.#clock = clock;
  }

  async patch(request: PatchRequest): Promise<{ object: KubeObject; created: boolean }> {
    if (request.kind === 'apply') return this.#apply(request);
    const transform = transformOf(request);
    return { object: await this.#writer.modify(request, (live) => decode(request, transform(live))), created: false };
  }

  async #apply(request: PatchRequest): Promise<{ object: KubeObject; created: boolean }> {
    if (!request.manager)
      throw badRequest('PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch');
    const applied = decode(request, structuredClone(request.patch));
    if (applied.metadata.managedFields?.length) throw badRequest('metadata.managedFields must be nil');
    refuseUnknown(request, applied);
    keepToSubresource(request, applied);
    const time = timestamp(this.#clock.nowMs());
    const manager: Manager = {
      name: request.manager,
      operation: 'Apply',
      apiVersion: groupVersion(request.type.group, request.version.name),
      subresource: request.subresource,
    };
    const schema = request.version.schema();
    const transform = (live: KubeObject) => serverSideApply(live, applied, { manager, force: request.force, time, schema });
    try {
      return { object: await this.#writer.modify(request, transform, 'given'), created: false };
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 404 || request.subresource !== undefined || !isAbout(error, request)) throw error;
    }
    return { object: await this.#create(request, applied, manager), created: true };
  }

  /** The object is not there: applying makes it, and what the applier said is the applier's. */
  async #create(request: PatchRequest, applied: KubeObject, manager: Manager): Promise<KubeObject> {
    const empty: KubeObject = { apiVersion: applied.apiVersion, kind: applied.kind, metadata: { name: request.name ?? '' } };
    const owned = serverSideApply(empty, applied, {
      manager,
      force: false,
      time: timestamp(this.#clock.nowMs()),
      schema: request.version.schema(),
    });
    const entries = (owned.metadata.managedFields ?? []).filter((e) =>
      isSameManager({ ...manager, name: e.manager, subresource: e.subresource }, manager),
    );
    return this.#writer.create(request, { ...applied, metadata: { ...applied.metadata, name: request.name } }, entries);
  }
}

function isAbout(error: ApiError, request: PatchRequest): boolean {
  return error.details?.kind === request.type.plural;
}

/** Fields that the endpoint does not write are not applied through it either. */
function keepToSubresource(request: PatchRequest, applied: KubeObject): void {
  if (request.subresource === 'status') {
    for (const field of Object.keys(applied)) if (!['apiVersion', 'kind', 'metadata', 'status'].includes(field)) delete applied[field];
    const { name, namespace, uid, resourceVersion } = applied.metadata;
    applied.metadata = {
      name,
      ...(namespace ? { namespace } : {}),
      ...(uid ? { uid } : {}),
      ...(resourceVersion ? { resourceVersion } : {}),
    };
  } else if (request.version.subresources.includes('status')) delete applied.status;
}

/** A patch of a view that has no schema and no managed fields of its own, as the scale subresource. */
export function patchedBody(request: PatchRequest, view: KubeObject): unknown {
  return request.kind === 'json' ? applyJsonPatch(view, request.patch) : applyMergePatch(view, request.patch);
}

function transformOf(request: PatchRequest): (live: KubeObject) => unknown {
  const { patch } = request;
  switch (request.kind) {
    case 'json':
      return (live) => applyJsonPatch(live, patch);
    case 'merge':
      if (!isFields(patch)) throw badRequest('a merge patch is an object');
      return (live) => applyMergePatch(live, patch);
    case 'strategic': {
      const schema = request.version.schema();
      if (request.type.custom || !schema) {
        throw unsupportedMedia(
          'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
        );
      }
      return (live) => applyStrategicMerge(fieldsOf(live), patch, schema);
    }
    case 'apply':
      throw new Error('applied elsewhere');
  }
}
