import { ageOf } from '../human-duration.ts';
import { at, fieldsOf, type KubeObject, listOf, numberOf, sameJson, textOf, withAt } from '../object.ts';
import type { Behaviour, ResourceType } from '../resource-type.ts';
import { forbiddenField, invalidValue, requiredValue, unsupportedValue } from '../status.ts';
import { ageColumn, type BuiltIn, builtIn, column } from './define.ts';

const intOrPercent = (value: unknown): string => (value === undefined ? 'N/A' : String(value));

/** Defaults of the admission webhooks' rules and what they must say. */
const webhookBehaviour: Behaviour = {
  validate: (object) =>
    listOf(object.webhooks).flatMap((hook, i) => {
      const path = `webhooks[${i}]`;
      const problems = [];
      if (!textOf(at(hook, 'name')).includes('.'))
        problems.push(invalidValue(`${path}.name`, at(hook, 'name'), 'should be a domain with at least three segments separated by dots'));
      if (!['None', 'NoneOnDryRun'].includes(textOf(at(hook, 'sideEffects'))))
        problems.push(unsupportedValue(`${path}.sideEffects`, at(hook, 'sideEffects'), ['None', 'NoneOnDryRun']));
      if (!listOf(at(hook, 'admissionReviewVersions')).includes('v1'))
        problems.push(
          invalidValue(`${path}.admissionReviewVersions`, at(hook, 'admissionReviewVersions'), 'must include at least one of v1, v1beta1'),
        );
      if (at(hook, 'clientConfig', 'url') === undefined && at(hook, 'clientConfig', 'service') === undefined)
        problems.push(requiredValue(`${path}.clientConfig`, 'exactly one of url or service is required'));
      return problems;
    }),
};

const roleRefStays: Behaviour = {
  validate: (object, old) =>
    old && !sameJson(old.roleRef, object.roleRef) ? [invalidValue('roleRef', object.roleRef, 'cannot change roleRef')] : [],
};

const roleCell = column('Role', (o: KubeObject) => `${textOf(at(o.roleRef, 'kind'))}/${textOf(at(o.roleRef, 'name'))}`);
const createdAt = column('Created At', (o: KubeObject) => o.metadata.creationTimestamp, 'date');
const webhooks = column('Webhooks', (o: KubeObject) => listOf(o.webhooks).length, 'integer');

const KINDS: readonly BuiltIn[] = [
  {
    group: 'policy',
    kind: 'PodDisruptionBudget',
    plural: 'poddisruptionbudgets',
    shortNames: ['pdb'],
    subresources: ['status'],
    hasGeneration: true,
    columns: [
      column('Min Available', (o) => intOrPercent(at(o.spec, 'minAvailable'))),
      column('Max Unavailable', (o) => intOrPercent(at(o.spec, 'maxUnavailable'))),
      column('Allowed Disruptions', (o) => numberOf(at(o.status, 'disruptionsAllowed')), 'integer'),
      ageColumn,
    ],
    behaviour: {
      validate: (pdb) =>
        at(pdb.spec, 'minAvailable') !== undefined && at(pdb.spec, 'maxUnavailable') !== undefined
          ? [invalidValue('spec', pdb.spec, 'minAvailable and maxUnavailable cannot be both set')]
          : [],
    },
  },
  {
    group: 'coordination.k8s.io',
    kind: 'Lease',
    plural: 'leases',
    columns: [column('Holder', (o) => textOf(at(o.spec, 'holderIdentity'))), ageColumn],
    behaviour: {
      validate: (lease) => {
        const seconds = at(lease.spec, 'leaseDurationSeconds');
        return seconds !== undefined && numberOf(seconds) <= 0
          ? [invalidValue('spec.leaseDurationSeconds', seconds, 'must be greater than 0')]
          : [];
      },
    },
  },
  { group: 'rbac.authorization.k8s.io', kind: 'Role', plural: 'roles', columns: [createdAt] },
  { group: 'rbac.authorization.k8s.io', kind: 'ClusterRole', plural: 'clusterroles', namespaced: false, columns: [createdAt] },
  {
    group: 'rbac.authorization.k8s.io',
    kind: 'RoleBinding',
    plural: 'rolebindings',
    columns: [roleCell, ageColumn],
    behaviour: roleRefStays,
  },
  {
    group: 'rbac.authorization.k8s.io',
    kind: 'ClusterRoleBinding',
    plural: 'clusterrolebindings',
    namespaced: false,
    columns: [roleCell, ageColumn],
    behaviour: roleRefStays,
  },
  {
    group: 'admissionregistration.k8s.io',
    kind: 'MutatingWebhookConfiguration',
    plural: 'mutatingwebhookconfigurations',
    namespaced: false,
    categories: ['api-extensions'],
    hasGeneration: true,
    columns: [webhooks, ageColumn],
    behaviour: webhookBehaviour,
  },
  {
    group: 'admissionregistration.k8s.io',
    kind: 'ValidatingWebhookConfiguration',
    plural: 'validatingwebhookconfigurations',
    namespaced: false,
    categories: ['api-extensions'],
    hasGeneration: true,
    columns: [webhooks, ageColumn],
    behaviour: webhookBehaviour,
  },
  {
    group: 'scheduling.k8s.io',
    kind: 'PriorityClass',
    plural: 'priorityclasses',
    namespaced: false,
    shortNames: ['pc'],
    columns: [
      column('Value', (o) => numberOf(o.value), 'integer'),
      column('Global-Default', (o) => String(o.globalDefault === true)),
      ageColumn,
      column('PreemptionPolicy', (o) => textOf(o.preemptionPolicy)),
    ],
    behaviour: {
      validate: (pc, old) => (old && old.value !== pc.value ? [forbiddenField('value', 'may not be changed in an update.')] : []),
    },
  },
];

/** The same events under their newer group: the fields have other names there. */
function toNewEvent(event: KubeObject): KubeObject {
  const { involvedObject, message, source, firstTimestamp, lastTimestamp, count, reportingComponent, ...rest } = event;
  return {
    ...rest,
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: event.metadata,
    regarding: involvedObject,
    ...(message === undefined ? {} : { note: message }),
    ...(reportingComponent === undefined ? {} : { reportingController: reportingComponent }),
    ...(source === undefined ? {} : { deprecatedSource: source }),
    ...(firstTimestamp === undefined ? {} : { deprecatedFirstTimestamp: firstTimestamp }),
    ...(lastTimestamp === undefined ? {} : { deprecatedLastTimestamp: lastTimestamp }),
    ...(count === undefined ? {} : { deprecatedCount: count }),
  };
}

function fromNewEvent(event: KubeObject): KubeObject {
  const {
    regarding,
    note,
    reportingController,
    deprecatedSource,
    deprecatedFirstTimestamp,
    deprecatedLastTimestamp,
    deprecatedCount,
    ...rest
  } = event;
  return {
    ...rest,
    apiVersion: 'v1',
    kind: 'Event',
    metadata: event.metadata,
    involvedObject: fieldsOf(regarding),
    ...(note === undefined ? {} : { message: note }),
    ...(reportingController === undefined ? {} : { reportingComponent: reportingController }),
    ...(deprecatedSource === undefined ? {} : { source: deprecatedSource }),
    ...(deprecatedFirstTimestamp === undefined ? {} : { firstTimestamp: deprecatedFirstTimestamp }),
    ...(deprecatedLastTimestamp === undefined ? {} : { lastTimestamp: deprecatedLastTimestamp }),
    ...(deprecatedCount === undefined ? {} : { count: deprecatedCount }),
  };
}

const newEvents = builtIn({
  group: 'events.k8s.io',
  kind: 'Event',
  plural: 'events',
  model: 'EventsV1Event',
  shortNames: ['ev'],
  selectableFields: ['reason', 'reportingController', 'type', 'regarding.name', 'regarding.kind', 'regarding.namespace', 'regarding.uid'],
  columns: [
    column('Last Seen', (o, now) => ageOf(at(o, 'series', 'lastObservedTime') ?? o.deprecatedLastTimestamp ?? o.eventTime, now)),
    column('Type', (o) => textOf(o.type)),
    column('Reason', (o) => textOf(o.reason)),
    column('Object', (o) => `${textOf(at(o, 'regarding', 'kind')).toLowerCase()}/${textOf(at(o, 'regarding', 'name'))}`),
    column('Message', (o) => textOf(o.note).trim()),
  ],
});

const eventsOfNewGroup: ResourceType = {
  ...newEvents,
  collection: 'events',
  versions: newEvents.versions.map((v) => ({ ...v, fromStorage: toNewEvent, toStorage: fromNewEvent })),
};

const crd = builtIn({
  group: 'apiextensions.k8s.io',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  subresources: ['status'],
  hasGeneration: true,
  columns: [createdAt],
  behaviour: {
    complete: (object) => {
      const names = fieldsOf(at(object.spec, 'names'));
      names.singular ??= textOf(names.kind).toLowerCase();
      names.listKind ??= `${textOf(names.kind)}List`;
      Object.assign(object, { spec: withAt(fieldsOf(object.spec), ['conversion'], at(object.spec, 'conversion') ?? { strategy: 'None' }) });
    },
  },
});

export const policyTypes: readonly ResourceType[] = [...KINDS.map(builtIn), eventsOfNewGroup];
/** Its behaviour is completed where CRDs are put to work. */
export const crdType: ResourceType = crd;
