import { type Fields, isFields, sameJson } from '../object.ts';
import { propertySchema, type Schema } from '../schema/schema.ts';
import { badRequest } from '../status.ts';

/** Strategic merge patch with its directives ($patch, $retainKeys, $setElementOrder, $deleteFromPrimitiveList). */
export function applyStrategicMerge(target: Fields, patch: unknown, schema: Schema): Fields {
  if (!isFields(patch)) throw badRequest('a strategic merge patch is an object');
  return mergeObject(target, patch, schema);
}

function mergeObject(target: Fields, patch: Fields, schema: Schema | undefined): Fields {
  if (patch.$patch === 'replace') return withoutDirectives(patch);
  if (patch.$patch === 'delete') return {};
  let result: Fields = { ...target };
  if (Array.isArray(patch.$retainKeys)) {
    const retained = new Set(patch.$retainKeys);
    result = Object.fromEntries(Object.entries(result).filter(([name]) => retained.has(name)));
  }
  for (const [name, value] of Object.entries(patch)) {
    if (name.startsWith('$')) continue;
    if (value === null) delete result[name];
    else result[name] = mergeValue(result[name], value, { schema: propertySchema(schema, name), order: patch[`$setElementOrder/${name}`] });
  }
  for (const [directive, value] of Object.entries(patch)) applyListDirective(result, directive, value, { patch, schema });
  return result;
}

function applyListDirective(
  result: Fields,
  directive: string,
  value: unknown,
  context: { patch: Fields; schema: Schema | undefined },
): void {
  const [kind, name] = directive.split('/');
  if (name === undefined || !Array.isArray(value)) return;
  const list = result[name];
  if (kind === '$deleteFromPrimitiveList' && Array.isArray(list))
    result[name] = list.filter((item) => !value.some((v) => sameJson(v, item)));
  // The order alone, where the patch has no items.
  if (kind === '$setElementOrder' && Array.isArray(list) && context.patch[name] === undefined) {
    result[name] = ordered(list, value, propertySchema(context.schema, name)?.['x-kubernetes-patch-merge-key']);
  }
}

function mergeValue(target: unknown, patch: unknown, at: { schema: Schema | undefined; order: unknown }): unknown {
  const { schema } = at;
  if (isFields(patch)) return isFields(target) ? mergeObject(target, patch, schema) : withoutDirectives(patch);
  if (!Array.isArray(patch)) return patch;
  if (!schema?.['x-kubernetes-patch-strategy']?.includes('merge')) return patch.map(withoutDirectivesOf);
  const key = schema['x-kubernetes-patch-merge-key'];
  const list = Array.isArray(target) ? target : [];
  if (!key) return ordered([...list, ...patch.filter((p) => !list.some((t) => sameJson(t, p)))], at.order, undefined);
  return ordered(mergeByKey(list, patch, { key, items: schema.items }), at.order, key);
}

function mergeByKey(list: readonly unknown[], patch: readonly unknown[], by: { key: string; items: Schema | undefined }): unknown[] {
  if (patch.some((p) => isFields(p) && p.$patch === 'replace' && p[by.key] === undefined)) {
    return patch.filter((p) => !(isFields(p) && p.$patch === 'replace')).map(withoutDirectivesOf);
  }
  let result = [...list];
  for (const item of patch) {
    if (!isFields(item)) continue;
    const identity = item[by.key];
    if (identity === undefined) throw badRequest(`map: ${JSON.stringify(item)} does not contain declared merge key: ${by.key}`);
    const here = result.findIndex((r) => isFields(r) && sameJson(r[by.key], identity));
    if (item.$patch === 'delete') result = result.filter((r) => !(isFields(r) && sameJson(r[by.key], identity)));
    else if (here < 0) result.push(withoutDirectives(item));
    else result[here] = mergeObject(result[here] as Fields, item, by.items);
  }
  return result;
}

/** Items named by the order come in that order; the others keep their place behind what stood before them. */
function ordered(list: readonly unknown[], order: unknown, key: string | undefined): unknown[] {
  if (!Array.isArray(order)) return [...list];
  const identity = (item: unknown) => JSON.stringify(key && isFields(item) ? item[key] : item);
  const rank = new Map(order.map((item, i) => [identity(item), i]));
  const named = list.filter((i) => rank.has(identity(i))).sort((a, b) => (rank.get(identity(a)) ?? 0) - (rank.get(identity(b)) ?? 0));
  const result: unknown[] = [];
  let next = 0;
  for (const item of list) result.push(rank.has(identity(item)) ? named[next++] : item);
  return result;
}

function withoutDirectivesOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDirectivesOf);
  return isFields(value) ? withoutDirectives(value) : value;
}

function withoutDirectives(value: Fields): Fields {
  const kept = Object.entries(value).filter(([name, inner]) => !name.startsWith('$') && inner !== null);
  return Object.fromEntries(kept.map(([name, inner]) => [name, withoutDirectivesOf(inner)]));
}
