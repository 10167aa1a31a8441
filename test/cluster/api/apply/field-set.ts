import { type Fields, fieldsOf, isFields } from '../object.ts';
import { isAtomicMap, propertySchema, type Schema } from '../schema/schema.ts';

/**
 * Fields of an object as paths. A path is a chain of `f:name`, `k:{"key":"value"}` (an item of a list that merges by
 * keys) and `v:value` (an item of a set), as in `metadata.managedFields`.
 */
export type FieldPath = string;
export type FieldSet = ReadonlySet<FieldPath>;

const SEPARATOR = '\n';

/** The value of what is owned as a whole; an item of a keyed list, which only exists or not, has this mark. */
export const ITEM = Symbol('item');

const SYSTEM_FIELDS = [
  'name',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'selfLink',
  'managedFields',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
];

export const stepsOf = (path: FieldPath): readonly string[] => path.split(SEPARATOR);
export const isBelow = (path: FieldPath, ancestor: FieldPath): boolean => path.startsWith(ancestor + SEPARATOR);

/** Every field that can have an owner, with its value. */
export function ownedFields(object: Fields, schema: Schema | undefined): Map<FieldPath, unknown> {
  const found = new Map<FieldPath, unknown>();
  for (const [name, value] of Object.entries(object)) {
    if (name === 'apiVersion' || name === 'kind' || value === undefined) continue;
    if (name !== 'metadata') {
      collect(value, propertySchema(schema, name), `f:${name}`, found);
      continue;
    }
    const metadata = { ...fieldsOf(value) };
    for (const system of SYSTEM_FIELDS) delete metadata[system];
    if (Object.keys(metadata).length > 0) collect(metadata, METADATA, 'f:metadata', found);
  }
  return found;
}

const METADATA: Schema = {
  type: 'object',
  properties: {
    ownerReferences: { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['uid'] },
    finalizers: { type: 'array', 'x-kubernetes-list-type': 'set' },
  },
};

/** The schema of a resource with that of its metadata, for merging. */
export function withMetadata(schema: Schema | undefined): Schema {
  const keep = schema?.properties === undefined ? { 'x-kubernetes-preserve-unknown-fields': true } : {};
  return { ...schema, ...keep, properties: { ...schema?.properties, metadata: METADATA } };
}

function collect(value: unknown, schema: Schema | undefined, path: FieldPath, found: Map<FieldPath, unknown>): void {
  if (isFields(value) && !isAtomicMap(schema)) {
    const names = Object.keys(value);
    if (names.length === 0) found.set(path, value);
    for (const name of names) collect(value[name], propertySchema(schema, name), `${path}${SEPARATOR}f:${name}`, found);
    return;
  }
  const listType = Array.isArray(value) ? schema?.['x-kubernetes-list-type'] : undefined;
  if (!Array.isArray(value) || value.length === 0 || (listType !== 'map' && listType !== 'set')) {
    found.set(path, value);
    return;
  }
  for (const item of value) {
    const itemPath = `${path}${SEPARATOR}${itemStep(item, schema)}`;
    found.set(itemPath, ITEM);
    if (listType === 'map' && isFields(item)) {
      for (const name of Object.keys(item))
        collect(item[name], propertySchema(schema?.items, name), `${itemPath}${SEPARATOR}f:${name}`, found);
    }
  }
}

/** How an item of a keyed list or a set is named in a path. */
export function itemStep(item: unknown, schema: Schema | undefined): string {
  const keys = schema?.['x-kubernetes-list-type'] === 'map' ? schema['x-kubernetes-list-map-keys'] : undefined;
  if (!keys || !isFields(item)) return `v:${JSON.stringify(item)}`;
  const values: Fields = {};
  for (const key of [...keys].sort()) {
    const value = item[key] ?? schema?.items?.properties?.[key]?.default;
    if (value !== undefined) values[key] = value;
  }
  return `k:${JSON.stringify(values)}`;
}

/** The tree that `fieldsV1` holds. */
export function toFieldsV1(set: FieldSet): Fields {
  const root: Fields = {};
  for (const path of [...set].sort()) {
    let here = root;
    for (const step of stepsOf(path)) {
      here[step] ??= {};
      here = here[step] as Fields;
    }
    // Members that have members below them carry a dot.
    here['.'] = {};
  }
  dropLeafDots(root);
  return root;
}

function dropLeafDots(node: Fields): void {
  const names = Object.keys(node);
  if (names.length === 1 && names[0] === '.') delete node['.'];
  for (const name of names) if (name !== '.') dropLeafDots(node[name] as Fields);
}

export function fromFieldsV1(tree: unknown): Set<FieldPath> {
  const set = new Set<FieldPath>();
  walk(tree, '', set);
  return set;
}

function walk(node: unknown, path: FieldPath, set: Set<FieldPath>): void {
  if (!isFields(node)) return;
  const names = Object.keys(node);
  if (path && (names.length === 0 || '.' in node)) set.add(path);
  for (const name of names) if (name !== '.') walk(node[name], path ? `${path}${SEPARATOR}${name}` : name, set);
}
