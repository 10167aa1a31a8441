import { at, controllerOf, fieldsOf, type KubeObject, keyOf, numberOf, sameJson, textOf } from '../object.ts';
import { compileLabelSelector } from '../select/labels.ts';
import { isReady } from '../write/eviction.ts';
import type { CollectorParts } from './garbage-collector.ts';

/** Keeps the status of disruption budgets: how many pods are there, are wanted, may go. */
export function startDisruption(parts: CollectorParts): () => void {
  const budgets = parts.store.collection('poddisruptionbudgets.policy');
  return parts.store.onChange((collection, change) => {
    if (collection.id !== 'pods' && collection !== budgets) return;
    const { namespace } = change.object.metadata;
    if (collection === budgets) parts.turns.add(`budget ${change.key}`, () => count(parts, change.key));
    else if (budgets.size > 0) {
      for (const budget of budgets.values(namespace)) {
        const key = keyOf(namespace, budget.metadata.name);
        parts.turns.add(`budget ${key}`, () => count(parts, key));
      }
    }
  });
}

function count(parts: CollectorParts, key: string): void {
  const budgets = parts.store.collection('poddisruptionbudgets.policy');
  const budget = budgets.get(key);
  if (!budget) return;
  const matches = compileLabelSelector(at(budget.spec, 'selector'));
  const pods = [...parts.store.collection('pods').values(budget.metadata.namespace)].filter(
    (p) => matches(p.metadata.labels) && !['Succeeded', 'Failed'].includes(textOf(at(p.status, 'phase'))),
  );
  const disrupted = Object.fromEntries(
    Object.entries(fieldsOf(at(budget.status, 'disruptedPods'))).filter(([name]) =>
      pods.some((p) => p.metadata.name === name && !p.metadata.deletionTimestamp),
    ),
  );
  const healthy = pods.filter((p) => isReady(p) && !p.metadata.deletionTimestamp && disrupted[p.metadata.name] === undefined).length;
  const { expected, desired } = wanted(parts, budget, pods);
  const status = {
    ...fieldsOf(budget.status),
    observedGeneration: budget.metadata.generation,
    expectedPods: expected,
    currentHealthy: healthy,
    desiredHealthy: desired,
    disruptionsAllowed: expected > 0 && healthy > desired ? healthy - desired : 0,
    disruptedPods: disrupted,
  };
  if (!sameJson(status, budget.status)) parts.store.put(budgets, { ...budget, status });
}

function wanted(parts: CollectorParts, budget: KubeObject, pods: readonly KubeObject[]): { expected: number; desired: number } {
  const { minAvailable, maxUnavailable } = fieldsOf(budget.spec);
  if (typeof minAvailable === 'number') return { expected: pods.length, desired: minAvailable };
  const expected = expectedPods(parts, pods);
  if (maxUnavailable !== undefined) return { expected, desired: Math.max(0, expected - share(maxUnavailable, expected)) };
  return { expected, desired: share(minAvailable ?? 0, expected) };
}

/** Percentages round up. */
function share(value: unknown, of: number): number {
  return typeof value === 'string' ? Math.ceil((Number.parseFloat(value) / 100) * of) : numberOf(value);
}

/** What the pods' controllers want; pods without one count for themselves. */
function expectedPods(parts: CollectorParts, pods: readonly KubeObject[]): number {
  const replicas = new Map<string, number>();
  for (const pod of pods) {
    const owner = controllerOf(pod);
    const type = owner && parts.types.byKind(owner.apiVersion, owner.kind);
    const controller = owner && type && parts.store.collection(type.collection).get(keyOf(pod.metadata.namespace, owner.name));
    if (controller) replicas.set(controller.metadata.uid ?? '', numberOf(at(controller.spec, 'replicas'), 1));
    else replicas.set(pod.metadata.uid ?? '', 1);
  }
  return [...replicas.values()].reduce((sum, n) => sum + n, 0);
}
