import { parseQuantity } from '../../../../common/quantity.ts';
import { at, type Fields, fieldsOf, type KubeObject, listOf, sameJson, textOf } from '../object.ts';
import { canonicalQuantity } from '../schema/quantities.ts';
import { forbidden } from '../status.ts';
import type { Store } from '../store/store.ts';
import type { Attempt } from './admission.ts';

/** Refuses what would exceed a quota of the namespace, and books what does not. */
export function chargeQuotas(store: Store, { request, object, old }: Attempt): void {
  const namespace = object?.metadata.namespace;
  const quotas = store.collection('resourcequotas');
  if (!object || namespace === undefined || quotas.size === 0 || request.type.plural === 'resourcequotas') return;
  for (const quota of [...quotas.values(namespace)]) {
    if (listOf(at(quota.spec, 'scopes')).length > 0 || at(quota.spec, 'scopeSelector') !== undefined) continue;
    const hard = fieldsOf(at(quota.spec, 'hard'));
    const charge = chargeOf(request.type.plural, request.type.group, object);
    const before = old ? chargeOf(request.type.plural, request.type.group, old) : {};
    const names = Object.keys(hard).filter((name) => charge[name] !== undefined);
    const missing =
      request.type.plural === 'pods' ? Object.keys(hard).filter((name) => COMPUTE.has(name) && charge[name] === undefined) : [];
    if (missing.length > 0)
      throw forbidden(
        request.type,
        object.metadata.name,
        `failed quota: ${quota.metadata.name}: must specify ${missing.join(',')} for: ${object.metadata.name}`,
      );
    if (names.length === 0) continue;
    const used = usage(store, namespace, hard);
    const exceeded = names.filter(
      (n) => (used[n] ?? 0) + (charge[n] ?? 0) - (before[n] ?? 0) > amount(hard[n]) && (charge[n] ?? 0) > (before[n] ?? 0),
    );
    if (exceeded.length > 0) {
      const list = (of: (name: string) => string) => exceeded.map((n) => `${n}=${of(n)}`).join(',');
      throw forbidden(
        request.type,
        object.metadata.name,
        `exceeded quota: ${quota.metadata.name}, requested: ${list((n) => shown(n, (charge[n] ?? 0) - (before[n] ?? 0)))}, used: ${list((n) => shown(n, used[n] ?? 0))}, limited: ${list((n) => textOf(hard[n]))}`,
      );
    }
  }
}

const COMPUTE: ReadonlySet<string> = new Set(['cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory']);
const amount = (value: unknown): number => {
  const parsed = parseQuantity(textOf(value));
  return parsed.ok ? parsed.value : Number.POSITIVE_INFINITY;
};

/** What an object counts for, by the names that quotas use. */
function chargeOf(plural: string, group: string, object: KubeObject): Record<string, number> {
  const charge: Record<string, number> = { [`count/${plural}${group ? `.${group}` : ''}`]: 1 };
  if (!group) charge[plural] = 1;
  if (plural !== 'pods' || group) return charge;
  if (['Succeeded', 'Failed'].includes(textOf(at(object.status, 'phase')))) return {};
  for (const container of listOf(at(object.spec, 'containers'))) {
    for (const list of ['requests', 'limits'] as const) {
      for (const [resource, value] of Object.entries(fieldsOf(at(container, 'resources', list)))) {
        const name = `${list}.${resource}`;
        charge[name] = (charge[name] ?? 0) + amount(value);
        if (list === 'requests') charge[resource] = charge[name] ?? 0;
      }
    }
  }
  return charge;
}

function usage(store: Store, namespace: string, hard: Fields): Record<string, number> {
  const used: Record<string, number> = {};
  const counted = new Set(
    Object.keys(hard).map((name) =>
      COMPUTE.has(name) || name.includes('requests.') || name.includes('limits.') ? 'pods' : name.replace(/^count\//, ''),
    ),
  );
  for (const id of counted) {
    const [plural = '', ...group] = id.split('.');
    for (const object of store.collection(id).values(namespace)) {
      for (const [name, value] of Object.entries(chargeOf(plural, group.join('.'), object))) used[name] = (used[name] ?? 0) + value;
    }
  }
  return used;
}

function shown(name: string, value: number): string {
  return name.endsWith('memory') || name.endsWith('storage')
    ? canonicalQuantity(value % 1024 === 0 ? `${value / 1024}Ki` : String(value))
    : canonicalQuantity(String(value));
}

/** Brings the status of a namespace's quotas up to what is there now. */
export function updateQuotaStatus(store: Store, namespace: string): void {
  const quotas = store.collection('resourcequotas');
  for (const quota of [...quotas.values(namespace)]) {
    const hard = fieldsOf(at(quota.spec, 'hard'));
    const total = usage(store, namespace, hard);
    const used = Object.fromEntries(Object.keys(hard).map((name) => [name, shown(name, total[name] ?? 0)]));
    const status = { hard, used };
    if (!sameJson(quota.status, status)) store.put(quotas, { ...quota, status });
  }
}
