import { type Fields, isFields } from '../object.ts';
import { keepsUnknown, propertySchema, type Schema } from './schema.ts';

const OBJECT_META: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);

/**
 * Drops the fields that the schema does not know. Changes `value`, which must be nobody else's.
 * @returns the paths of what was dropped
 */
export function prune(value: Fields, schema: Schema): string[] {
  const dropped: string[] = [];
  pruneObject(value, schema, { path: '', dropped, resource: true });
  return dropped;
}

interface Place {
  readonly path: string;
  readonly dropped: string[];
  /** An object with type and metadata of its own: those are kept. */
  readonly resource: boolean;
}

function pruneObject(value: Fields, schema: Schema, place: Place): void {
  for (const name of Object.keys(value)) {
    if (place.resource && OBJECT_META.has(name) && schema.properties?.[name] === undefined) continue;
    const child = propertySchema(schema, name);
    const path = place.path ? `${place.path}.${name}` : name;
    if (child) pruneValue(value[name], child, { ...place, path });
    else if (!keepsUnknown(schema)) {
      place.dropped.push(path);
      delete value[name];
    }
  }
}

function pruneValue(value: unknown, schema: Schema, place: Place): void {
  const resource = schema['x-kubernetes-embedded-resource'] === true;
  if (Array.isArray(value)) {
    const { items } = schema;
    if (items) for (const [i, item] of value.entries()) pruneValue(item, items, { ...place, path: `${place.path}[${i}]` });
  } else if (isFields(value) && (schema.properties || schema.additionalProperties !== undefined || schema.type === 'object')) {
    pruneObject(value, schema, { ...place, resource });
  }
}
