import { parseQuantity } from '../../../../common/quantity.ts';
import { containersOf } from '../builtins/pods.ts';
import { at, type Fields, fieldsOf, isFields, type KubeObject, listOf, textOf } from '../object.ts';
import { forbidden } from '../status.ts';
import type { Store } from '../store/store.ts';
import type { WriteRequest } from '../write/request.ts';

function limitsOf(store: Store, namespace: string | undefined): Fields[] {
  return [...store.collection('limitranges').values(namespace)].flatMap((l) => listOf(at(l.spec, 'limits')).filter(isFields));
}

/** Fills in what containers leave out. Changes the pod. */
export function applyLimitRanges(store: Store, pod: KubeObject): void {
  for (const limit of limitsOf(store, pod.metadata.namespace)) {
    if (limit.type !== 'Container') continue;
    const limits = fieldsOf(limit.default);
    const requests = { ...limits, ...fieldsOf(limit.defaultRequest) };
    for (const container of containersOf(pod.spec)) {
      const resources = fieldsOf(container.resources);
      const ownLimits = fieldsOf(resources.limits);
      const wanted = { ...requests, ...ownLimits, ...fieldsOf(resources.requests) };
      container.resources = { ...resources, ...nonEmpty('limits', { ...limits, ...ownLimits }), ...nonEmpty('requests', wanted) };
    }
  }
}

const nonEmpty = (name: string, value: Fields): Fields => (Object.keys(value).length > 0 ? { [name]: value } : {});

/** @throws ApiError 403 naming every bound that is broken */
export function checkLimitRanges(store: Store, request: WriteRequest, pod: KubeObject): void {
  const broken = limitsOf(store, pod.metadata.namespace).flatMap((limit) =>
    limit.type === 'Container' ? containersOf(pod.spec).flatMap((c) => brokenBounds(limit, c)) : [],
  );
  if (broken.length > 0)
    throw forbidden(request.type, pod.metadata.name, broken.length === 1 ? (broken[0] as string) : `[${broken.join(', ')}]`);
}

function brokenBounds(limit: Fields, container: Fields): string[] {
  const broken: string[] = [];
  const value = (list: 'requests' | 'limits', resource: string) => textOf(at(container, 'resources', list, resource));
  for (const [resource, bound] of Object.entries(fieldsOf(limit.min))) {
    const request = value('requests', resource);
    if (less(request, textOf(bound)))
      broken.push(
        `minimum ${resource} usage per Container is ${textOf(bound)}, but ${request ? `request is ${request}` : 'no request is specified'}`,
      );
  }
  for (const [resource, bound] of Object.entries(fieldsOf(limit.max))) {
    const most = value('limits', resource) || value('requests', resource);
    if (!most || less(textOf(bound), most))
      broken.push(
        `maximum ${resource} usage per Container is ${textOf(bound)}, but ${most ? `limit is ${most}` : 'no limit is specified'}`,
      );
  }
  for (const [resource, ratio] of Object.entries(fieldsOf(limit.maxLimitRequestRatio))) {
    const request = parseQuantity(value('requests', resource));
    const most = parseQuantity(value('limits', resource));
    const allowed = parseQuantity(textOf(ratio));
    if (request.ok && most.ok && allowed.ok && most.value > request.value * allowed.value) {
      broken.push(
        `${resource} max limit to request ratio per Container is ${textOf(ratio)}, but provided ratio is ${(most.value / request.value).toFixed(6)}`,
      );
    }
  }
  return broken;
}

/** Nothing said counts as less than any bound. */
function less(a: string, b: string): boolean {
  const left = parseQuantity(a);
  const right = parseQuantity(b);
  return right.ok && (!left.ok || left.value < right.value);
}
