import { type Fields, isFields, type KubeObject, sameJson } from '../object.ts';
import { isAtomicMap, propertySchema, type Schema } from '../schema/schema.ts';
import { ApiError, type StatusCause } from '../status.ts';
import { type FieldPath, type FieldSet, ITEM, isBelow, itemStep, ownedFields, stepsOf, withMetadata } from './field-set.ts';
import { isSameManager, type Manager, type Ownership, readOwnership, union, writeOwnership } from './managed-fields.ts';

export interface ApplyOptions {
  readonly manager: Manager;
  readonly force: boolean;
  readonly time: string;
  readonly schema: Schema | undefined;
}

/**
 * Server-side apply: the live object with the applied fields in it and without those that the manager applied before,
 * applies no longer and nobody else owns.
 * @throws ApiError 409 naming every field that another manager owns with another value, unless forced
 */
export function serverSideApply(live: KubeObject, applied: KubeObject, options: ApplyOptions): KubeObject {
  const schema = withMetadata(options.schema);
  const wanted = ownedFields(applied, options.schema);
  const current = ownedFields(live, options.schema);
  const ownership = readOwnership(live);
  const own = ownership.find((o) => isSameManager(o.manager, options.manager));
  const others = ownership.filter((o) => o !== own);

  const taken = differingFields(others, wanted, current);
  if (taken.length > 0 && !options.force) throw conflictOf(taken);
  for (const { owner, path } of taken) owner.set.delete(path);

  const merged = mergeApplied(live, applied, schema) as KubeObject;
  const abandoned = abandonedFields(own?.set, wanted, union(others.map((o) => o.set)));
  const cleaned = abandoned.size > 0 ? (removeFields(merged, schema, { path: '', abandoned, wanted }) as KubeObject) : merged;

  const set = new Set(wanted.keys());
  const unchanged = own !== undefined && own.set.size === set.size && [...set].every((p) => own.set.has(p)) && sameJson(cleaned, live);
  const entry: Ownership = { manager: options.manager, set, time: unchanged ? own.time : options.time };
  return { ...cleaned, metadata: { ...live.metadata, ...cleaned.metadata, managedFields: writeOwnership([...others, entry]) } };
}

interface Taken {
  readonly owner: Ownership;
  readonly path: FieldPath;
}

function differingFields(
  others: readonly Ownership[],
  wanted: ReadonlyMap<FieldPath, unknown>,
  current: ReadonlyMap<FieldPath, unknown>,
): Taken[] {
  const taken: Taken[] = [];
  for (const owner of others) {
    for (const path of owner.set) {
      const value = wanted.get(path);
      // An empty map is no value of its own where the live one has fields.
      if (value !== undefined && value !== ITEM && current.has(path) && !sameJson(value, current.get(path))) taken.push({ owner, path });
    }
  }
  return taken;
}

function conflictOf(taken: readonly Taken[]): ApiError {
  const causes: StatusCause[] = taken.map(({ owner, path }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${managerText(owner)}`,
    field: dotted(path),
  }));
  const owners = [...new Set(taken.map((t) => managerText(t.owner)))];
  const listed = owners.map((o) => {
    const fields = taken.filter((t) => managerText(t.owner) === o).map((t) => dotted(t.path));
    return fields.length === 1 ? `conflict with ${o}: ${fields[0]}` : `conflicts with ${o}:\n${fields.map((f) => `- ${f}`).join('\n')}`;
  });
  return new ApiError({
    code: 409,
    reason: 'Conflict',
    message: `Apply failed with ${taken.length} conflict${taken.length === 1 ? '' : 's'}: ${listed.join('\n')}`,
    details: { causes },
  });
}

function managerText({ manager, time }: Ownership): string {
  const using = manager.operation === 'Apply' ? '' : ` using ${manager.apiVersion}`;
  const sub = manager.subresource ? ` with subresource "${manager.subresource}"` : '';
  return `"${manager.name}"${sub}${using}${manager.operation === 'Apply' || time === undefined ? '' : ` at ${time}`}`;
}

/** `.spec.containers[name="web"].image` */
function dotted(path: FieldPath): string {
  return stepsOf(path)
    .map((step) => {
      if (step.startsWith('f:')) return `.${step.slice(2)}`;
      if (step.startsWith('v:')) return `[=${step.slice(2)}]`;
      const keys = JSON.parse(step.slice(2)) as Fields;
      return `[${Object.entries(keys)
        .map(([k, v]) => `${k}=${JSON.stringify(v)}`)
        .join(',')}]`;
    })
    .join('');
}

/** Applied values win; maps and keyed lists keep what the applier does not name. */
function mergeApplied(live: unknown, applied: unknown, schema: Schema | undefined): unknown {
  if (isFields(live) && isFields(applied) && !isAtomicMap(schema)) {
    const result: Fields = { ...live };
    for (const [name, value] of Object.entries(applied)) result[name] = mergeApplied(live[name], value, propertySchema(schema, name));
    return result;
  }
  const listType = schema?.['x-kubernetes-list-type'];
  if (!Array.isArray(live) || !Array.isArray(applied) || (listType !== 'map' && listType !== 'set')) return applied;
  const byStep = new Map(applied.map((item) => [itemStep(item, schema), item]));
  const result: unknown[] = [];
  for (const item of live) {
    const step = itemStep(item, schema);
    result.push(byStep.has(step) ? mergeApplied(item, byStep.get(step), schema?.items) : item);
    byStep.delete(step);
  }
  return [...result, ...byStep.values()];
}

/** What the manager owned alone and applies no longer. An item stays while anybody owns something in it. */
function abandonedFields(before: FieldSet | undefined, wanted: ReadonlyMap<FieldPath, unknown>, othersOwn: FieldSet): Set<FieldPath> {
  const abandoned = new Set<FieldPath>();
  for (const path of before ?? []) {
    if (wanted.has(path) || othersOwn.has(path)) continue;
    // The field was a leaf and now is a map with fields in it.
    if ([...wanted.keys()].some((w) => isBelow(w, path)) || [...othersOwn].some((o) => isBelow(o, path))) continue;
    abandoned.add(path);
  }
  return abandoned;
}

interface Removal {
  readonly path: FieldPath;
  readonly abandoned: FieldSet;
  readonly wanted: ReadonlyMap<FieldPath, unknown>;
}

function removeFields(value: unknown, schema: Schema | undefined, at: Removal): unknown {
  const below = (step: string) => (at.path ? `${at.path}\n${step}` : step);
  if (isFields(value) && !isAtomicMap(schema)) return removeFromMap(value, schema, { ...at, below });
  const listType = schema?.['x-kubernetes-list-type'];
  if (!Array.isArray(value) || (listType !== 'map' && listType !== 'set')) return value;
  const kept: unknown[] = [];
  for (const item of value) {
    const path = below(itemStep(item, schema));
    if (!at.abandoned.has(path)) kept.push(listType === 'map' ? removeFields(item, schema?.items, { ...at, path }) : item);
  }
  return kept;
}

function removeFromMap(value: Fields, schema: Schema | undefined, at: Removal & { below: (step: string) => FieldPath }): Fields {
  const result: Fields = {};
  for (const [name, inner] of Object.entries(value)) {
    const path = at.below(`f:${name}`);
    if (at.abandoned.has(path)) continue;
    const cleaned = removeFields(inner, propertySchema(schema, name), { ...at, path });
    // A map or list that only held what is gone goes too.
    const emptied =
      cleaned !== inner &&
      typeof cleaned === 'object' &&
      cleaned !== null &&
      Object.keys(cleaned).length === 0 &&
      Object.keys(inner as object).length > 0;
    if (!emptied || at.wanted.has(path)) result[name] = cleaned;
  }
  return result;
}
