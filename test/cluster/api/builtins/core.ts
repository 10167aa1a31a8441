import { ageOf } from '../human-duration.ts';
import { at, fieldsOf, isFields, type KubeObject, listOf, numberOf, sameJson, textOf } from '../object.ts';
import type { Behaviour, ResourceType } from '../resource-type.ts';
import { type FieldProblem, forbiddenField, invalidValue, requiredValue } from '../status.ts';
import { ageColumn, type BuiltIn, builtIn, column, wideColumn } from './define.ts';
import { validatePodSpec, validatePodUpdate } from './pod-validation.ts';
import { podBehaviourDefaults, podColumns } from './pods.ts';
import { templateBehaviour, workloadColumns } from './workloads.ts';

const condition = (object: KubeObject, type: string): string =>
  textOf(
    at(
      listOf(at(object.status, 'conditions')).find((c) => at(c, 'type') === type),
      'status',
    ),
  );

const count = (value: unknown): number => Object.keys(fieldsOf(value)).length;

function nodeRoles(node: KubeObject): string {
  const roles = Object.keys(node.metadata.labels ?? {})
    .filter((l) => l.startsWith('node-role.kubernetes.io/'))
    .map((l) => l.slice('node-role.kubernetes.io/'.length));
  return roles.join(',') || '<none>';
}

function nodeAddress(node: KubeObject, type: string): string {
  const found = listOf(at(node.status, 'addresses')).find((a) => at(a, 'type') === type);
  return textOf(at(found, 'address')) || '<none>';
}

function servicePorts(service: KubeObject): string {
  const ports = listOf(at(service.spec, 'ports')).map((p) => `${String(at(p, 'port'))}/${textOf(at(p, 'protocol'))}`);
  return ports.join(',') || '<none>';
}

const secretBehaviour: Behaviour = {
  complete: (secret) => {
    for (const [name, value] of Object.entries(fieldsOf(secret.stringData))) {
      secret.data = { ...fieldsOf(secret.data), [name]: Buffer.from(String(value)).toString('base64') };
    }
    delete secret.stringData;
  },
  validate: immutableData,
};

function immutableData(object: KubeObject, old: KubeObject | undefined): FieldProblem[] {
  if (old?.immutable !== true) return [];
  return ['data', 'binaryData']
    .filter((f) => !sameJson(object[f], old[f]))
    .map((f) => forbiddenField(f, 'field is immutable when `immutable` is set'));
}

/** An address of the services' range that follows from the uid; two services may share one. */
function addressOf(uid: string): string {
  const bits = Number.parseInt(uid.slice(0, 4), 16) || 1;
  return `10.96.${bits >> 8}.${bits & 255}`;
}

const serviceBehaviour: Behaviour = {
  complete: (service) => {
    const spec = fieldsOf(service.spec);
    for (const port of listOf(spec.ports).filter(isFields)) port.targetPort ??= port.port;
    if (spec.type !== 'ExternalName') {
      spec.clusterIP ??= addressOf(service.metadata.uid ?? '');
      spec.clusterIPs ??= [spec.clusterIP];
    }
  },
  validate: (service) =>
    at(service.spec, 'type') !== 'ExternalName' &&
    listOf(at(service.spec, 'ports')).length === 0 &&
    at(service.spec, 'clusterIP') !== 'None'
      ? [requiredValue('spec.ports')]
      : [],
};

const eventBehaviour: Behaviour = {
  validate: (event) => {
    const involved = textOf(at(event, 'involvedObject', 'namespace')) || 'default';
    return involved === event.metadata.namespace
      ? []
      : [invalidValue('involvedObject.namespace', involved, 'does not match event.namespace')];
  },
};

const EVENT_FIELDS = [
  'involvedObject.kind',
  'involvedObject.namespace',
  'involvedObject.name',
  'involvedObject.uid',
  'involvedObject.apiVersion',
  'involvedObject.resourceVersion',
  'involvedObject.fieldPath',
  'reason',
  'reportingComponent',
  'source',
  'type',
];

const KINDS: readonly BuiltIn[] = [
  {
    kind: 'Namespace',
    plural: 'namespaces',
    namespaced: false,
    shortNames: ['ns'],
    subresources: ['status', 'finalize'],
    selectableFields: ['status.phase'],
    columns: [column('Status', (o) => textOf(at(o.status, 'phase'))), ageColumn],
    behaviour: {
      complete: (ns, old) => {
        if (!old) ns.spec = { finalizers: ['kubernetes'], ...fieldsOf(ns.spec) };
        ns.status = { phase: 'Active', ...fieldsOf(ns.status) };
        ns.metadata.labels = { ...ns.metadata.labels, 'kubernetes.io/metadata.name': ns.metadata.name };
      },
    },
  },
  {
    kind: 'Pod',
    plural: 'pods',
    shortNames: ['po'],
    categories: ['all'],
    subresources: ['status', 'resize', 'eviction', 'binding'],
    selectableFields: [
      'spec.nodeName',
      'spec.restartPolicy',
      'spec.schedulerName',
      'spec.serviceAccountName',
      'status.phase',
      'status.podIP',
      'status.nominatedNodeName',
    ],
    hasGeneration: true,
    columns: podColumns,
    behaviour: {
      complete: podBehaviourDefaults,
      validate: (pod, old) => [...validatePodSpec(pod.spec, 'spec'), ...(old ? validatePodUpdate(pod, old) : [])],
    },
  },
  {
    kind: 'Node',
    plural: 'nodes',
    namespaced: false,
    shortNames: ['no'],
    subresources: ['status'],
    selectableFields: ['spec.unschedulable'],
    columns: [
      column(
        'Status',
        (o) =>
          (condition(o, 'Ready') === 'True' ? 'Ready' : 'NotReady') + (at(o.spec, 'unschedulable') === true ? ',SchedulingDisabled' : ''),
      ),
      column('Roles', nodeRoles),
      ageColumn,
      column('Version', (o) => textOf(at(o.status, 'nodeInfo', 'kubeletVersion'))),
      wideColumn('Internal-IP', (o) => nodeAddress(o, 'InternalIP')),
      wideColumn('External-IP', (o) => nodeAddress(o, 'ExternalIP')),
      wideColumn('OS-Image', (o) => textOf(at(o.status, 'nodeInfo', 'osImage')) || '<unknown>'),
      wideColumn('Kernel-Version', (o) => textOf(at(o.status, 'nodeInfo', 'kernelVersion')) || '<unknown>'),
      wideColumn('Container-Runtime', (o) => textOf(at(o.status, 'nodeInfo', 'containerRuntimeVersion')) || '<unknown>'),
    ],
  },
  {
    kind: 'Service',
    plural: 'services',
    shortNames: ['svc'],
    categories: ['all'],
    subresources: ['status'],
    selectableFields: ['spec.clusterIP', 'spec.type'],
    columns: [
      column('Type', (o) => textOf(at(o.spec, 'type'))),
      column('Cluster-IP', (o) => textOf(at(o.spec, 'clusterIP')) || '<none>'),
      column('External-IP', (o) => textOf(at(o.spec, 'externalName')) || '<none>'),
      column('Port(s)', servicePorts),
      ageColumn,
    ],
    behaviour: serviceBehaviour,
  },
  {
    kind: 'ConfigMap',
    plural: 'configmaps',
    shortNames: ['cm'],
    columns: [column('Data', (o) => count({ ...fieldsOf(o.data), ...fieldsOf(o.binaryData) })), ageColumn],
    behaviour: { validate: immutableData },
  },
  {
    kind: 'Secret',
    plural: 'secrets',
    selectableFields: ['type'],
    columns: [column('Type', (o) => textOf(o.type)), column('Data', (o) => count(o.data)), ageColumn],
    behaviour: secretBehaviour,
  },
  {
    kind: 'Event',
    plural: 'events',
    model: 'CoreV1Event',
    shortNames: ['ev'],
    selectableFields: EVENT_FIELDS,
    columns: [
      column('Last Seen', (o, now) => ageOf(o.lastTimestamp ?? o.eventTime ?? o.metadata.creationTimestamp, now)),
      column('Type', (o) => textOf(o.type)),
      column('Reason', (o) => textOf(o.reason)),
      column('Object', (o) => `${textOf(at(o, 'involvedObject', 'kind')).toLowerCase()}/${textOf(at(o, 'involvedObject', 'name'))}`),
      column('Message', (o) => textOf(o.message).trim()),
      wideColumn('Source', (o) => textOf(at(o, 'source', 'component')) || textOf(o.reportingComponent)),
      wideColumn('Count', (o) => String(numberOf(o.count, 1))),
    ],
    behaviour: eventBehaviour,
  },
  {
    kind: 'LimitRange',
    plural: 'limitranges',
    shortNames: ['limits'],
    columns: [column('Created At', (o) => o.metadata.creationTimestamp)],
  },
  {
    kind: 'ResourceQuota',
    plural: 'resourcequotas',
    shortNames: ['quota'],
    subresources: ['status'],
    columns: [column('Request', (o) => quotaCell(o, false)), column('Limit', (o) => quotaCell(o, true)), ageColumn],
  },
  {
    kind: 'ServiceAccount',
    plural: 'serviceaccounts',
    shortNames: ['sa'],
    subresources: ['token'],
    columns: [column('Secrets', (o) => listOf(o.secrets).length), ageColumn],
  },
  {
    kind: 'ReplicationController',
    plural: 'replicationcontrollers',
    shortNames: ['rc'],
    categories: ['all'],
    subresources: ['status', 'scale'],
    scale: { specReplicas: 'spec.replicas', statusReplicas: 'status.replicas', selector: 'spec.selector' },
    selectableFields: ['status.replicas'],
    hasGeneration: true,
    columns: [
      column('Desired', (o) => at(o.spec, 'replicas'), 'integer'),
      column('Current', (o) => numberOf(at(o.status, 'replicas')), 'integer'),
      column('Ready', (o) => numberOf(at(o.status, 'readyReplicas')), 'integer'),
      ageColumn,
      ...workloadColumns,
    ],
    behaviour: templateBehaviour(['spec', 'template', 'spec']),
  },
  {
    kind: 'PersistentVolumeClaim',
    plural: 'persistentvolumeclaims',
    shortNames: ['pvc'],
    subresources: ['status'],
    columns: [
      column('Status', (o) => textOf(at(o.status, 'phase'))),
      column('Volume', (o) => textOf(at(o.spec, 'volumeName'))),
      column('Capacity', (o) => textOf(at(o.status, 'capacity', 'storage'))),
      column('Access Modes', (o) => listOf(at(o.spec, 'accessModes')).join(',')),
      column('StorageClass', (o) => textOf(at(o.spec, 'storageClassName'))),
      ageColumn,
    ],
    behaviour: {
      complete: (pvc) => {
        pvc.status = { phase: 'Pending', ...fieldsOf(pvc.status) };
      },
    },
  },
];

function quotaCell(quota: KubeObject, limits: boolean): string {
  const used = fieldsOf(at(quota.status, 'used'));
  return Object.entries(fieldsOf(at(quota.status, 'hard') ?? at(quota.spec, 'hard')))
    .filter(([name]) => name.startsWith('limits.') === limits)
    .map(([name, hard]) => `${name}: ${textOf(used[name]) || '0'}/${textOf(hard)}`)
    .join(', ');
}

export const coreTypes: readonly ResourceType[] = KINDS.map(builtIn);
