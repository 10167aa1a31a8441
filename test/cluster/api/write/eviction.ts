import type { Clock } from '../identity.ts';
import { timestamp } from '../identity.ts';
import { at, type Fields, fieldsOf, isFields, type KubeObject, listOf, numberOf, textOf } from '../object.ts';
import { compileLabelSelector } from '../select/labels.ts';
import { type ApiError, internal, tooManyRequests } from '../status.ts';
import type { Store } from '../store/store.ts';
import { decodeAs } from './decode.ts';
import type { Remover } from './remover.ts';
import { readDeleteOptions, type WriteRequest } from './request.ts';
import type { Writer } from './writer.ts';

export interface EvictionParts {
  readonly store: Store;
  readonly writer: Writer;
  readonly remover: Remover;
  readonly clock: Clock;
}

/** POST pods/eviction: a deletion that disruption budgets may refuse with 429. */
export async function evict(parts: EvictionParts, request: WriteRequest, body: unknown): Promise<Fields> {
  const eviction = decodeAs(body, 'Eviction');
  const { object: pod } = parts.writer.live(request);
  const budget = needsNoBudget(pod) ? undefined : budgetOf(parts.store, pod);
  if (budget) spend(parts, budget, pod, request.dryRun);
  const options = readDeleteOptions(fieldsOf(eviction.deleteOptions));
  await parts.remover.remove({ ...request, subresource: undefined }, options);
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };
}

function needsNoBudget(pod: KubeObject): boolean {
  return pod.metadata.deletionTimestamp !== undefined || ['Pending', 'Succeeded', 'Failed'].includes(textOf(at(pod.status, 'phase')));
}

function budgetOf(store: Store, pod: KubeObject): KubeObject | undefined {
  const budgets = [...store.collection('poddisruptionbudgets.policy').values(pod.metadata.namespace)];
  const matching = budgets.filter((b) => compileLabelSelector(at(b.spec, 'selector'))(pod.metadata.labels));
  if (matching.length > 1)
    throw internal('This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.');
  return matching[0];
}

export function isReady(pod: KubeObject): boolean {
  return listOf(at(pod.status, 'conditions')).some((c) => isFields(c) && c.type === 'Ready' && c.status === 'True');
}

function spend({ store, clock }: EvictionParts, budget: KubeObject, pod: KubeObject, dryRun: boolean): void {
  const status = fieldsOf(budget.status);
  const { name } = budget.metadata;
  if (numberOf(status.observedGeneration) < numberOf(budget.metadata.generation))
    throw refused(`The disruption budget ${name} is still being processed by the server.`, 10);
  const healthy = numberOf(status.currentHealthy);
  const desired = numberOf(status.desiredHealthy);
  if (!isReady(pod) && (at(budget.spec, 'unhealthyPodEvictionPolicy') === 'AlwaysAllow' || (healthy >= desired && desired > 0))) return;
  const allowed = numberOf(status.disruptionsAllowed);
  if (allowed <= 0) throw refused(`The disruption budget ${name} needs ${desired} healthy pods and has ${healthy} currently`, 0);
  if (dryRun) return;
  const disruptedPods = { ...fieldsOf(status.disruptedPods), [pod.metadata.name]: timestamp(clock.nowMs()) };
  store.put(store.collection('poddisruptionbudgets.policy'), {
    ...budget,
    status: { ...status, disruptionsAllowed: allowed - 1, disruptedPods },
  });
}

function refused(message: string, retryAfterSeconds: number): ApiError {
  return tooManyRequests("Cannot evict pod as it would violate the pod's disruption budget.", retryAfterSeconds, [
    { reason: 'DisruptionBudget', message },
  ]);
}
