import { type Fields, fieldsOf, type KubeObject, numberOf, textOf } from '../object.ts';
import { forbidden } from '../status.ts';
import type { Store } from '../store/store.ts';
import type { Admission, Attempt } from './admission.ts';
import { applyLimitRanges, checkLimitRanges } from './limit-ranges.ts';
import { chargeQuotas } from './quotas.ts';

/** What the server itself puts into pods and refuses, before and after the webhooks. */
export class BuiltInAdmission implements Admission {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  mutate(attempt: Attempt & { readonly object: KubeObject }): KubeObject {
    const { object, operation } = attempt;
    if (!isPods(attempt) || operation !== 'CREATE') return object;
    const spec = fieldsOf(object.spec);
    spec.serviceAccountName ??= 'default';
    spec.serviceAccount ??= spec.serviceAccountName;
    this.#setPriority(attempt, spec);
    applyLimitRanges(this.#store, object);
    return object;
  }

  validate(attempt: Attempt): void {
    const { object, operation, request } = attempt;
    if (!object || (operation !== 'CREATE' && operation !== 'UPDATE')) return;
    const counted = isPods(attempt) && (operation === 'CREATE' || request.subresource === 'resize');
    if (counted || operation === 'CREATE') {
      if (isPods(attempt)) checkLimitRanges(this.#store, request, object);
      chargeQuotas(this.#store, attempt);
    }
  }

  #setPriority({ request }: Attempt, spec: Fields): void {
    const classes = this.#store.collection('priorityclasses.scheduling.k8s.io');
    const name = textOf(spec.priorityClassName);
    const found = name ? classes.get(name) : [...classes.values()].find((c) => c.globalDefault === true);
    if (name && !found) throw forbidden(request.type, request.name ?? '', `no PriorityClass with name ${name} was found`);
    if (found) spec.priorityClassName = found.metadata.name;
    spec.priority ??= numberOf(found?.value);
    spec.preemptionPolicy ??= textOf(found?.preemptionPolicy) || 'PreemptLowerPriority';
  }
}

function isPods({ request }: Attempt): boolean {
  return (
    request.type.plural === 'pods' && request.type.group === '' && (request.subresource === undefined || request.subresource === 'resize')
  );
}
