import { at, type Fields, fieldsOf, isFields, type KubeObject, listOf, numberOf, textOf, withAt } from '../object.ts';
import { asVersion, type ScalePaths } from '../resource-type.ts';
import { labelSelectorText } from '../select/labels.ts';
import { badRequest, conflict, invalid, invalidValue, noSuchPath, requiredValue } from '../status.ts';
import { decodeAs } from './decode.ts';
import { patchedBody } from './patcher.ts';
import type { PatchRequest, WriteRequest } from './request.ts';
import type { Writer } from './writer.ts';

function pathsOf(request: WriteRequest): ScalePaths {
  const paths = request.version.scale;
  if (!paths) throw noSuchPath();
  return paths;
}

const split = (path: string): string[] => path.split('.').filter((p) => p !== '');

/** The Scale that an object shows. */
function scaleOf(object: KubeObject, paths: ScalePaths): KubeObject {
  const selector = paths.selector === undefined ? undefined : at(object, ...split(paths.selector));
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const replicas = at(object, ...split(paths.specReplicas));
  return {
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: {
      name,
      ...(namespace ? { namespace } : {}),
      ...(uid ? { uid } : {}),
      ...(resourceVersion ? { resourceVersion } : {}),
      ...(creationTimestamp ? { creationTimestamp } : {}),
    },
    spec: replicas === undefined ? {} : { replicas },
    status: {
      replicas: numberOf(at(object, ...split(paths.statusReplicas))),
      ...(selector === undefined ? {} : { selector: selectorText(selector) }),
    },
  };
}

function selectorText(selector: unknown): string {
  if (!isFields(selector)) return textOf(selector);
  return labelSelectorText('matchLabels' in selector || 'matchExpressions' in selector ? selector : { matchLabels: selector });
}

export function readScale(writer: Writer, request: WriteRequest): KubeObject {
  return scaleOf(asVersion(writer.live(request).object, request.type, request.version), pathsOf(request));
}

export async function writeScale(writer: Writer, request: WriteRequest | PatchRequest, body: unknown): Promise<KubeObject> {
  const paths = pathsOf(request);
  const object = await writer.modify(request, (live) => {
    const scale = 'patch' in request ? patchedBody(request, scaleOf(live, paths)) : body;
    if (!isFields(scale) || (scale.kind !== undefined && scale.kind !== 'Scale')) throw badRequest('the body is not a Scale');
    const replicas = at(scale.spec, 'replicas') ?? 0;
    if (!Number.isInteger(replicas) || numberOf(replicas) < 0) {
      throw invalid('Scale', 'autoscaling', live.metadata.name, [
        invalidValue('spec.replicas', replicas, 'must be greater than or equal to 0'),
      ]);
    }
    const wanted = at(scale, 'metadata', 'resourceVersion');
    const scaled = withAt(live, split(paths.specReplicas), replicas);
    return wanted ? withAt(scaled, ['metadata', 'resourceVersion'], wanted) : scaled;
  });
  return scaleOf(object, paths);
}

/** POST pods/binding: the scheduler's choice, once. */
export async function bind(writer: Writer, request: WriteRequest, body: unknown): Promise<Fields> {
  const binding = decodeAs(body, 'Binding');
  const node = textOf(at(binding.target, 'name'));
  if (!node) throw invalid('Binding', '', request.name ?? '', [requiredValue('target.name')]);
  await writer.modify(request, (pod) => {
    if (pod.metadata.deletionTimestamp)
      throw conflict(request.type, pod.metadata.name, `pod ${pod.metadata.name} is being deleted, cannot be assigned to a host`);
    const bound = textOf(at(pod.spec, 'nodeName'));
    if (bound)
      throw conflict(
        { group: '', plural: 'pods/binding' },
        pod.metadata.name,
        `pod ${pod.metadata.name} is already assigned to node "${bound}"`,
      );
    const conditions = [
      ...listOf(at(pod.status, 'conditions')).filter((c) => at(c, 'type') !== 'PodScheduled'),
      { type: 'PodScheduled', status: 'True' },
    ];
    return { ...pod, spec: { ...fieldsOf(pod.spec), nodeName: node }, status: { ...fieldsOf(pod.status), conditions } };
  });
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };
}

/** PUT namespaces/finalize: drops or sets the namespace's own finalizers. */
export function finalizeNamespace(writer: Writer, request: WriteRequest, body: unknown): Promise<KubeObject> {
  const wanted = decodeAs(body, 'Namespace');
  return writer.modify(request, (live) => ({
    ...live,
    spec: { ...fieldsOf(live.spec), finalizers: listOf(at(wanted.spec, 'finalizers')) },
  }));
}
