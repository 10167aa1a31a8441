import { type Fields, isFields } from '../object.ts';
import { propertySchema, type Schema } from './schema.ts';

/** Fills in the schema's defaults. Changes `value`, which must be nobody else's. */
export function applyDefaults(value: unknown, schema: Schema): void {
  if (Array.isArray(value)) {
    if (schema.items) for (const item of value) applyDefaults(item, schema.items);
    return;
  }
  if (!isFields(value)) return;
  for (const [name, child] of Object.entries(schema.properties ?? {})) {
    if (child.default === undefined) continue;
    // A null where none may be is the same as nothing.
    if (value[name] === undefined || (value[name] === null && child.nullable !== true)) value[name] = structuredClone(child.default);
  }
  for (const name of Object.keys(value)) {
    const child = propertySchema(schema, name);
    if (child) applyDefaults(value[name], child);
  }
}

/** Drops nulls where the schema allows none: they mean that the field is not set. */
export function dropNulls(value: unknown, schema: Schema | undefined): void {
  if (Array.isArray(value)) {
    for (const item of value) dropNulls(item, schema?.items);
  } else if (isFields(value)) {
    dropNullsOf(value, schema);
  }
}

function dropNullsOf(value: Fields, schema: Schema | undefined): void {
  for (const name of Object.keys(value)) {
    const child = propertySchema(schema, name);
    if (value[name] === null && child && child.nullable !== true) delete value[name];
    else dropNulls(value[name], child);
  }
}

/** Drops empty maps and lists that need not be there, as the typed built-in kinds do. Changes `value`. */
export function dropEmpty(value: unknown, schema: Schema): void {
  if (Array.isArray(value)) {
    if (schema.items) for (const item of value) dropEmpty(item, schema.items);
    return;
  }
  if (!isFields(value)) return;
  for (const [name, inner] of Object.entries(value)) {
    const child = propertySchema(schema, name);
    if (!child) continue;
    dropEmpty(inner, child);
    const container = child.type === 'array' || typeof child.additionalProperties === 'object';
    const empty = typeof inner === 'object' && inner !== null && Object.keys(inner).length === 0;
    if (container && empty && !schema.required?.includes(name)) delete value[name];
  }
}
