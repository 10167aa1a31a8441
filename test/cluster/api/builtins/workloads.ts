import { at, fieldsOf, isFields, type KubeObject, listOf, numberOf, sameJson, textOf } from '../object.ts';
import type { Behaviour, Column, ResourceType } from '../resource-type.ts';
import { compileLabelSelector, type Labels, labelSelectorText } from '../select/labels.ts';
import { type FieldProblem, invalidValue, requiredValue } from '../status.ts';
import { ageColumn, type BuiltIn, builtIn, column, REPLICAS, wideColumn } from './define.ts';
import { validatePodSpec } from './pod-validation.ts';
import { completePodSpec } from './pods.ts';

const podSpecOf = (object: KubeObject, path: readonly string[]): unknown => at(object, ...path);
const containersCell = (object: KubeObject, field: string): string =>
  listOf(at(object.spec, 'template', 'spec', 'containers'))
    .map((c) => textOf(at(c, field)))
    .join(',');

export const workloadColumns: readonly Column[] = [
  wideColumn('Containers', (o) => containersCell(o, 'name')),
  wideColumn('Images', (o) => containersCell(o, 'image')),
  wideColumn('Selector', (o) => labelSelectorText(at(o.spec, 'selector')) || '<none>'),
];

/** A kind with a pod template. @param path where the template's spec is */
export function templateBehaviour(path: readonly string[], more: Behaviour = {}): Behaviour {
  return {
    complete: (object, old) => {
      const spec = podSpecOf(object, path);
      if (isFields(spec)) completePodSpec(spec);
      more.complete?.(object, old);
    },
    validate: (object, old) => [...validatePodSpec(podSpecOf(object, path), path.join('.')), ...(more.validate?.(object, old) ?? [])],
  };
}

/** The selector is there, fits the template's labels and never changes. */
function validateSelector(object: KubeObject, old: KubeObject | undefined): FieldProblem[] {
  const selector = at(object.spec, 'selector');
  if (labelSelectorText(selector) === '') return [requiredValue('spec.selector')];
  const labels = at(object.spec, 'template', 'metadata', 'labels');
  if (!compileLabelSelector(selector)(labels as Labels | undefined)) {
    return [invalidValue('spec.template.metadata.labels', fieldsOf(labels), '`selector` does not match template `labels`')];
  }
  return old && !sameJson(at(old.spec, 'selector'), selector) ? [invalidValue('spec.selector', selector, 'field is immutable')] : [];
}

function validateReplicas(object: KubeObject): FieldProblem[] {
  const replicas = at(object.spec, 'replicas');
  return numberOf(replicas) < 0 ? [invalidValue('spec.replicas', replicas, 'must be greater than or equal to 0')] : [];
}

const selecting = (complete?: Behaviour['complete']): Behaviour =>
  templateBehaviour(['spec', 'template', 'spec'], {
    ...(complete ? { complete } : {}),
    validate: (o, old) => [...validateSelector(o, old), ...validateReplicas(o)],
  });

const rollingDeployment: Behaviour['complete'] = (deployment) => {
  const strategy = fieldsOf(at(deployment.spec, 'strategy'));
  if (strategy.type !== 'RollingUpdate') return;
  strategy.rollingUpdate = { maxUnavailable: '25%', maxSurge: '25%', ...fieldsOf(strategy.rollingUpdate) };
};

const rolling =
  (standing: object): Behaviour['complete'] =>
  (object) => {
    const strategy = fieldsOf(at(object.spec, 'updateStrategy'));
    if (strategy.type === 'RollingUpdate') strategy.rollingUpdate = { ...standing, ...fieldsOf(strategy.rollingUpdate) };
  };

const integers = (object: KubeObject, field: string): number => numberOf(at(object.status, field));

const KINDS: readonly BuiltIn[] = [
  {
    group: 'apps',
    kind: 'Deployment',
    plural: 'deployments',
    shortNames: ['deploy'],
    categories: ['all'],
    subresources: ['status', 'scale'],
    scale: REPLICAS,
    hasGeneration: true,
    columns: [
      column('Ready', (o) => `${integers(o, 'readyReplicas')}/${numberOf(at(o.spec, 'replicas'))}`),
      column('Up-to-date', (o) => integers(o, 'updatedReplicas'), 'integer'),
      column('Available', (o) => integers(o, 'availableReplicas'), 'integer'),
      ageColumn,
      ...workloadColumns,
    ],
    behaviour: selecting(rollingDeployment),
  },
  {
    group: 'apps',
    kind: 'ReplicaSet',
    plural: 'replicasets',
    shortNames: ['rs'],
    categories: ['all'],
    subresources: ['status', 'scale'],
    scale: REPLICAS,
    hasGeneration: true,
    selectableFields: ['status.replicas'],
    columns: [
      column('Desired', (o) => numberOf(at(o.spec, 'replicas')), 'integer'),
      column('Current', (o) => integers(o, 'replicas'), 'integer'),
      column('Ready', (o) => integers(o, 'readyReplicas'), 'integer'),
      ageColumn,
      ...workloadColumns,
    ],
    behaviour: selecting(),
  },
  {
    group: 'apps',
    kind: 'StatefulSet',
    plural: 'statefulsets',
    shortNames: ['sts'],
    categories: ['all'],
    subresources: ['status', 'scale'],
    scale: REPLICAS,
    hasGeneration: true,
    columns: [
      column('Ready', (o) => `${integers(o, 'readyReplicas')}/${numberOf(at(o.spec, 'replicas'))}`),
      ageColumn,
      ...workloadColumns.slice(0, 2),
    ],
    behaviour: selecting(rolling({ partition: 0 })),
  },
  {
    group: 'apps',
    kind: 'DaemonSet',
    plural: 'daemonsets',
    shortNames: ['ds'],
    categories: ['all'],
    subresources: ['status'],
    hasGeneration: true,
    columns: [
      column('Desired', (o) => integers(o, 'desiredNumberScheduled'), 'integer'),
      column('Current', (o) => integers(o, 'currentNumberScheduled'), 'integer'),
      column('Ready', (o) => integers(o, 'numberReady'), 'integer'),
      column('Up-to-date', (o) => integers(o, 'updatedNumberScheduled'), 'integer'),
      column('Available', (o) => integers(o, 'numberAvailable'), 'integer'),
      column('Node Selector', (o) => labelSelectorText({ matchLabels: at(o.spec, 'template', 'spec', 'nodeSelector') }) || '<none>'),
      ageColumn,
      ...workloadColumns,
    ],
    behaviour: selecting(rolling({ maxUnavailable: 1, maxSurge: 0 })),
  },
  {
    group: 'apps',
    kind: 'ControllerRevision',
    plural: 'controllerrevisions',
    columns: [
      column('Controller', (o) => {
        const owner = o.metadata.ownerReferences?.find((r) => r.controller);
        return owner ? `${owner.kind.toLowerCase()}.apps/${owner.name}` : '<none>';
      }),
      column('Revision', (o) => o.revision, 'integer'),
      ageColumn,
    ],
  },
];

export const workloadTypes: readonly ResourceType[] = KINDS.map(builtIn);
