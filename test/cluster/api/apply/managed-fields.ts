import type { KubeObject, ManagedFieldsEntry } from '../object.ts';
import { sameJson } from '../object.ts';
import type { Schema } from '../schema/schema.ts';
import { type FieldPath, type FieldSet, fromFieldsV1, ownedFields, toFieldsV1 } from './field-set.ts';

/** Who writes: one entry of `metadata.managedFields`. */
export interface Manager {
  readonly name: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly subresource: string | undefined;
}

export interface Ownership {
  readonly manager: Manager;
  readonly time: string | undefined;
  readonly set: Set<FieldPath>;
}

export function readOwnership(object: KubeObject): Ownership[] {
  return (object.metadata.managedFields ?? []).map((entry) => ({
    manager: { name: entry.manager, operation: entry.operation, apiVersion: entry.apiVersion, subresource: entry.subresource },
    time: entry.time,
    set: fromFieldsV1(entry.fieldsV1),
  }));
}

export function writeOwnership(ownership: readonly Ownership[]): ManagedFieldsEntry[] {
  return ownership
    .filter((o) => o.set.size > 0)
    .map(({ manager, time, set }) => ({
      manager: manager.name,
      operation: manager.operation,
      apiVersion: manager.apiVersion,
      ...(time === undefined ? {} : { time }),
      fieldsType: 'FieldsV1' as const,
      fieldsV1: toFieldsV1(set),
      ...(manager.subresource ? { subresource: manager.subresource } : {}),
    }));
}

export const isSameManager = (a: Manager, b: Manager): boolean =>
  a.name === b.name && a.operation === b.operation && a.apiVersion === b.apiVersion && (a.subresource ?? '') === (b.subresource ?? '');

/**
 * The managed fields after a plain write (create, update or patch): what changed belongs to the writer alone, what is
 * gone belongs to nobody.
 */
export function afterUpdate(
  before: KubeObject | undefined,
  after: KubeObject,
  by: { manager: Manager; time: string; schema: Schema | undefined },
): ManagedFieldsEntry[] {
  const old = before ? ownedFields(before, by.schema) : new Map<FieldPath, unknown>();
  const current = ownedFields(after, by.schema);
  const changed = new Set<FieldPath>();
  for (const [path, value] of current) if (!old.has(path) || !sameJson(old.get(path), value)) changed.add(path);
  const ownership = before ? readOwnership(before) : [];
  let own = ownership.find((o) => isSameManager(o.manager, by.manager));
  if (changed.size > 0) {
    if (!own) {
      own = { manager: by.manager, time: by.time, set: new Set() };
      ownership.push(own);
    }
    for (const path of changed) own.set.add(path);
  }
  return writeOwnership(
    ownership.map((o) => {
      const mine = o === own;
      const set = new Set([...o.set].filter((path) => current.has(path) && (mine || !changed.has(path))));
      return { ...o, set, time: mine && changed.size > 0 ? by.time : o.time };
    }),
  );
}

/** Whether two entries say the same but for their times. */
export function sameOwnership(a: readonly ManagedFieldsEntry[] | undefined, b: readonly ManagedFieldsEntry[] | undefined): boolean {
  const timeless = (entries: readonly ManagedFieldsEntry[] | undefined) => (entries ?? []).map(({ time: _, ...rest }) => rest);
  return sameJson(timeless(a), timeless(b));
}

export function union(sets: Iterable<FieldSet>): Set<FieldPath> {
  const all = new Set<FieldPath>();
  for (const set of sets) for (const path of set) all.add(path);
  return all;
}
