import { type Fields, isFields, type KubeObject, type ObjectMeta } from '../object.ts';
import { groupVersion } from '../resource-type.ts';
import { builtInSchema } from '../schema/built-in.ts';
import { applyDefaults, dropEmpty, dropNulls } from '../schema/default.ts';
import { prune } from '../schema/prune.ts';
import { canonicalQuantities } from '../schema/quantities.ts';
import { validate } from '../schema/validate.ts';
import { ApiError, badRequest } from '../status.ts';
import type { WriteRequest } from './request.ts';

/** Checks that a body is an object of the asked kind, namespace and name. The body is taken over: nobody else may hold it. */
export function decode(request: WriteRequest, body: unknown): KubeObject {
  const { type, version } = request;
  if (!isFields(body)) throw badRequest('the request has no object in its body');
  const wanted = groupVersion(type.group, version.name);
  if (body.kind !== undefined && body.kind !== '' && body.kind !== type.kind) {
    throw badRequest(`${type.kind} in version "${version.name}" cannot be handled as a ${type.kind}: the object is a ${String(body.kind)}`);
  }
  if (body.apiVersion !== undefined && body.apiVersion !== '' && body.apiVersion !== wanted) {
    throw badRequest(`the API version in the data (${String(body.apiVersion)}) does not match the expected API version (${wanted})`);
  }
  const metadata = decodeMetadata(request, body.metadata);
  if (metadata.namespace && request.namespace && metadata.namespace !== request.namespace) {
    throw badRequest(`the namespace of the provided object does not match the namespace sent on the request`);
  }
  if (request.name && metadata.name && metadata.name !== request.name) {
    throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${request.name})`);
  }
  return {
    ...body,
    apiVersion: wanted,
    kind: type.kind,
    metadata: { ...metadata, ...(request.namespace && type.namespaced ? { namespace: request.namespace } : {}) },
  };
}

const OBJECT_META = builtInSchema('V1ObjectMeta');

/** Metadata of the right types; what it should not hold is dropped. */
function decodeMetadata({ type, version }: WriteRequest, given: unknown): ObjectMeta {
  const metadata = structuredClone(given ?? {});
  dropNulls(metadata, OBJECT_META);
  const mistyped = validate(metadata, OBJECT_META, 'metadata').find((p) => p.reason === 'FieldValueTypeInvalid');
  if (mistyped || !isFields(metadata))
    throw badRequest(
      `${type.kind} in version "${version.name}" cannot be handled as a ${type.kind}: json: cannot unmarshal ${mistyped?.field}: ${mistyped?.message}`,
    );
  prune(metadata, OBJECT_META);
  return metadata as unknown as ObjectMeta;
}

/** Brings a fresh object into form: no nulls, no unknown fields, defaults, canonical quantities. Changes it. */
export function settle(request: WriteRequest, object: KubeObject): void {
  const schema = request.version.schema();
  if (!schema) return;
  dropNulls(object, schema);
  const dropped = prune(object, schema);
  if (dropped.length > 0) report(request, dropped);
  applyDefaults(object, schema);
  if (request.type.custom) return;
  canonicalQuantities(object, schema);
  dropEmpty(object, schema);
}

function report(request: WriteRequest, dropped: readonly string[]): void {
  const messages = dropped.map((path) => `unknown field "${path}"`);
  if (request.fieldValidation === 'Strict') {
    const { type, version } = request;
    const prefix = type.custom ? '' : `${type.kind} in version "${version.name}" cannot be handled as a ${type.kind}: `;
    throw badRequest(`${prefix}strict decoding error: ${messages.join(', ')}`);
  }
  if (request.fieldValidation === 'Warn')
    for (const message of messages) if (!request.warnings.includes(message)) request.warnings.push(message);
}

/** Server-side apply refuses fields that the schema does not know instead of dropping them. */
export function refuseUnknown(request: WriteRequest, applied: KubeObject): void {
  const schema = request.version.schema();
  if (!schema) return;
  const unknown = prune(structuredClone(applied), schema);
  if (unknown.length === 0) return;
  const { namespace, name } = applied.metadata;
  throw new ApiError({
    code: 500,
    reason: '',
    message: `failed to create typed patch object (${namespace ?? ''}/${name}; ${applied.apiVersion}, Kind=${applied.kind}): ${unknown.map((p) => `.${p}: field not declared in schema`).join(', ')}`,
  });
}

/** The part of an object that a generation counts: all but metadata, and status where it is a subresource. */
export function countedPart(object: KubeObject, hasStatus: boolean): Fields {
  const { apiVersion: _, kind: __, metadata: ___, ...rest } = object;
  if (hasStatus) delete rest.status;
  return rest;
}

/** A body of a kind that is not stored, as a Binding. */
export function decodeAs(body: unknown, kind: string): Fields {
  if (!isFields(body) || (body.kind !== undefined && body.kind !== kind)) throw badRequest(`the body is not a ${kind}`);
  return body;
}
