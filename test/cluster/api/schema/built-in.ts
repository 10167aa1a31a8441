import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { BUILT_IN_DEFAULTS } from './built-in-defaults.ts';
import { ATOMIC_MAPS, ATOMIC_TYPES, LIST_RULES, type ListRule, QUANTITIES } from './built-in-lists.ts';
import type { Schema } from './schema.ts';

/**
 * Schemas of the built-in kinds, read from the models of @kubernetes/client-node (fields, types, formats, which are
 * required and what they mean), so that they are those of the Kubernetes release that the client speaks. The models
 * are read as text: loading them all would cost half a second.
 */
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

interface Attribute {
  readonly name: string;
  readonly baseName: string;
  readonly type: string;
  readonly format: string;
}

const modelsFolder = join(dirname(createRequire(import.meta.url).resolve('@kubernetes/client-node')), 'gen', 'models');
const known = new Map<string, Schema>();

/** CRD schemas hold schemas; they are checked where CRDs are, not as a type. */
const OPAQUE_TYPES: ReadonlySet<string> = new Set(['V1JSONSchemaProps', 'any', 'object', 'V1FieldsV1']);

export function builtInSchema(model: string): Schema {
  const cached = known.get(model);
  if (cached) return cached;
  const schema: Mutable<Schema> = { type: 'object', definition: definitionName(model) };
  known.set(model, schema);
  const { description, fieldDescriptions, required } = readDeclaration(model);
  if (description) schema.description = description;
  const properties: Record<string, Schema> = {};
  for (const attribute of readAttributes(model)) {
    const said = fieldDescriptions.get(attribute.name);
    properties[attribute.baseName] = { ...(said ? { description: said } : {}), ...fieldSchema(model, attribute) };
  }
  schema.properties = properties;
  if (required.length > 0) schema.required = required;
  if (ATOMIC_TYPES.has(model)) schema['x-kubernetes-map-type'] = 'atomic';
  return schema;
}

/** `V1PodSpec` and the like by the name under which the API publishes them. */
function definitionName(model: string): string {
  const [, prefix = '', version = '', name = ''] = /^(.*?)(V\d(?:(?:alpha|beta)\d)?)(.+)$/.exec(model) ?? [undefined, '', 'V1', model];
  return `io.k8s.api.${prefix ? `${prefix.toLowerCase()}.` : ''}${version.toLowerCase()}.${name}`;
}

function readAttributes(model: string): readonly Attribute[] {
  const text = readFileSync(join(modelsFolder, `${model}.js`), 'utf8');
  const start = text.indexOf('.attributeTypeMap = [');
  const end = text.indexOf('\n];', start);
  if (start < 0 || end < 0) return [];
  return JSON.parse(text.slice(text.indexOf('[', start), end + 2)) as Attribute[];
}

function readDeclaration(model: string): {
  description: string;
  fieldDescriptions: ReadonlyMap<string, string>;
  required: readonly string[];
} {
  const text = readFileSync(join(modelsFolder, `${model}.d.ts`), 'utf8');
  const fieldDescriptions = new Map<string, string>();
  const required: string[] = [];
  for (const [, comment = '', name = '', optional] of text.matchAll(
    /(?:\/\*\*\s*\n((?:\s*\*[^\n]*\n)*?)\s*\*\/\s*\n)?\s+'([^']+)'(\?)?:/g,
  )) {
    if (comment) fieldDescriptions.set(name, plain(comment));
    if (!optional) required.push(name);
  }
  const [, comment = ''] = /\/\*\*\s*\n((?:\s*\*[^\n]*\n)*?)\s*\*\/\s*\nexport declare class/.exec(text) ?? [];
  return { description: plain(comment), fieldDescriptions, required };
}

function plain(comment: string): string {
  const lines = comment.split('\n').map((line) => line.replace(/^\s*\*\s?/, ''));
  return lines.join('\n').trim().replaceAll("\\'", "'").replaceAll('\\"', '"');
}

function fieldSchema(model: string, attribute: Attribute): Schema {
  const place = `${model}.${attribute.name}`;
  const base = QUANTITIES.has(place) ? quantitySchema(attribute.type) : typeSchema(attribute.type, attribute.format);
  const rule = LIST_RULES[model]?.[attribute.baseName];
  const standing = BUILT_IN_DEFAULTS[model]?.[attribute.baseName];
  return {
    ...base,
    ...(rule ? listKeywords(rule) : base.type === 'array' ? { 'x-kubernetes-list-type': 'atomic' as const } : {}),
    ...(ATOMIC_MAPS.has(place) ? { 'x-kubernetes-map-type': 'atomic' as const } : {}),
    ...(standing === undefined ? {} : { default: standing }),
  };
}

function listKeywords(rule: ListRule): Schema {
  const mergeKey = rule.patchKey ?? rule.keys?.[0];
  return {
    ...(rule.keys ? { 'x-kubernetes-list-type': 'map' as const, 'x-kubernetes-list-map-keys': rule.keys } : {}),
    ...(rule.set ? { 'x-kubernetes-list-type': 'set' as const } : {}),
    ...(rule.patchStrategy ? { 'x-kubernetes-patch-strategy': rule.patchStrategy } : {}),
    ...(rule.patchStrategy && mergeKey ? { 'x-kubernetes-patch-merge-key': mergeKey } : {}),
  };
}

function quantitySchema(type: string): Schema {
  const quantity: Schema = { type: 'string', format: 'quantity' };
  return type === 'string' ? quantity : { type: 'object', additionalProperties: quantity };
}

function typeSchema(type: string, format: string): Schema {
  const list = /^Array<(.+)>$/.exec(type);
  if (list) return { type: 'array', items: typeSchema(list[1] as string, format) };
  const map = /^\{ \[key: string\]: (.+); \}$/.exec(type);
  if (map) return { type: 'object', additionalProperties: typeSchema(map[1] as string, format) };
  switch (type) {
    case 'string':
      return format ? { type: 'string', format } : { type: 'string' };
    case 'number':
      return format === 'double' ? { type: 'number', format } : { type: 'integer', format: format || 'int64' };
    case 'boolean':
      return { type: 'boolean' };
    case 'Date':
    case 'V1MicroTime':
      return { type: 'string', format: 'date-time' };
    case 'IntOrString':
      return { 'x-kubernetes-int-or-string': true, format: 'int-or-string' };
    default:
      return OPAQUE_TYPES.has(type)
        ? { 'x-kubernetes-preserve-unknown-fields': true, ...(type === 'any' ? {} : { type: 'object' }) }
        : builtInSchema(type);
  }
}
