import { ageOf } from '../human-duration.ts';
import { at, type Fields, fieldsOf, isFields, type KubeObject, listOf, numberOf, textOf } from '../object.ts';
import type { Behaviour, Column } from '../resource-type.ts';
import { column, wideColumn } from './define.ts';

/** The Pod's own defaults, columns and quality of service. */
export const podBehaviourDefaults: NonNullable<Behaviour['complete']> = (pod) => {
  const spec = fieldsOf(pod.spec);
  completePodSpec(spec);
  spec.enableServiceLinks ??= true;
  const status = fieldsOf(pod.status);
  status.phase ??= 'Pending';
  status.qosClass ??= qosClassOf(spec);
  pod.status = status;
};

/** Defaults of a pod's spec that depend on its other fields; also for templates. */
export function completePodSpec(spec: Fields): void {
  for (const container of containersOf(spec)) {
    const image = textOf(container.image);
    container.imagePullPolicy ??= /:[^/]+$/.test(image) && !image.endsWith(':latest') ? 'IfNotPresent' : 'Always';
    const resources = fieldsOf(container.resources);
    const limits = fieldsOf(resources.limits);
    if (Object.keys(limits).length > 0) resources.requests = { ...limits, ...fieldsOf(resources.requests) };
  }
}

export function containersOf(spec: unknown): Fields[] {
  return [...listOf(at(spec, 'containers')), ...listOf(at(spec, 'initContainers'))].filter(isFields);
}

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort';

export function qosClassOf(spec: unknown): QosClass {
  const containers = containersOf(spec);
  const parts = containers.map((c) => ({
    requests: fieldsOf(at(c, 'resources', 'requests')),
    limits: fieldsOf(at(c, 'resources', 'limits')),
  }));
  const counted = (of: Fields) => ['cpu', 'memory'].filter((r) => of[r] !== undefined && of[r] !== '0');
  if (parts.every((p) => counted(p.requests).length === 0 && counted(p.limits).length === 0)) return 'BestEffort';
  const guaranteed = parts.every((p) =>
    ['cpu', 'memory'].every((r) => p.limits[r] !== undefined && (p.requests[r] ?? p.limits[r]) === p.limits[r]),
  );
  return guaranteed ? 'Guaranteed' : 'Burstable';
}

function statuses(pod: KubeObject): Fields[] {
  return listOf(at(pod.status, 'containerStatuses')).filter(isFields);
}

function restartsCell(pod: KubeObject, nowMs: number): string {
  const restarts = statuses(pod).reduce((sum, s) => sum + numberOf(s.restartCount), 0);
  const last = statuses(pod)
    .map((s) => textOf(at(s, 'lastState', 'terminated', 'finishedAt')))
    .sort()
    .at(-1);
  return restarts > 0 && last ? `${restarts} (${ageOf(last, nowMs)} ago)` : String(restarts);
}

function statusCell(pod: KubeObject): string {
  if (pod.metadata.deletionTimestamp) return 'Terminating';
  for (const status of statuses(pod)) {
    const reason = textOf(at(status, 'state', 'waiting', 'reason')) || textOf(at(status, 'state', 'terminated', 'reason'));
    if (reason) return reason;
  }
  return textOf(at(pod.status, 'reason')) || textOf(at(pod.status, 'phase')) || 'Pending';
}

export const podColumns: readonly Column[] = [
  column('Ready', (pod) => `${statuses(pod).filter((s) => s.ready === true).length}/${listOf(at(pod.spec, 'containers')).length}`),
  column('Status', statusCell),
  column('Restarts', restartsCell),
  column('Age', (pod, now) => ageOf(pod.metadata.creationTimestamp, now)),
  wideColumn('IP', (pod) => textOf(at(pod.status, 'podIP')) || '<none>'),
  wideColumn('Node', (pod) => textOf(at(pod.spec, 'nodeName')) || '<none>'),
  wideColumn('Nominated Node', (pod) => textOf(at(pod.status, 'nominatedNodeName')) || '<none>'),
  wideColumn('Readiness Gates', () => '<none>'),
];
