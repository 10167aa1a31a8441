import { parseQuantity } from '../../../../common/quantity.ts';
import { at, type Fields, fieldsOf, isFields, type KubeObject, listOf, sameJson, textOf, withAt } from '../object.ts';
import { duplicateValue, type FieldProblem, forbiddenField, invalidValue, requiredValue, unsupportedValue } from '../status.ts';
import { qosClassOf } from './pods.ts';

const NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

/** A pod's or a template's spec. @param path where it stands, as `spec.template.spec` */
export function validatePodSpec(spec: unknown, path: string): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const containers = listOf(at(spec, 'containers'));
  if (containers.length === 0) problems.push(requiredValue(`${path}.containers`));
  const seen = new Set<string>();
  for (const list of ['containers', 'initContainers'] as const) {
    for (const [i, container] of listOf(at(spec, list)).entries()) {
      if (isFields(container)) validateContainer(container, `${path}.${list}[${i}]`, { seen, problems });
    }
  }
  const policy = textOf(at(spec, 'restartPolicy'));
  if (!['Always', 'OnFailure', 'Never'].includes(policy))
    problems.push(unsupportedValue(`${path}.restartPolicy`, policy, ['Always', 'OnFailure', 'Never']));
  return problems;
}

function validateContainer(container: Fields, path: string, found: { seen: Set<string>; problems: FieldProblem[] }): void {
  const name = textOf(container.name);
  if (!name) found.problems.push(requiredValue(`${path}.name`));
  else if (!NAME.test(name) || name.length > 63)
    found.problems.push(
      invalidValue(
        `${path}.name`,
        name,
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
      ),
    );
  if (found.seen.has(name)) found.problems.push(duplicateValue(`${path}.name`, name));
  found.seen.add(name);
  if (!textOf(container.image)) found.problems.push(requiredValue(`${path}.image`));
  found.problems.push(...validateResources(container.resources, `${path}.resources`));
}

/** Requests and limits: quantities, not negative, requests within limits. */
function validateResources(resources: unknown, path: string): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const limits = fieldsOf(at(resources, 'limits'));
  const requests = fieldsOf(at(resources, 'requests'));
  for (const [list, values] of [
    ['limits', limits],
    ['requests', requests],
  ] as const) {
    for (const [resource, value] of Object.entries(values)) {
      const amount = parseQuantity(textOf(value));
      if (amount.ok && amount.value < 0)
        problems.push(invalidValue(`${path}.${list}[${resource}]`, value, 'must be greater than or equal to 0'));
    }
  }
  for (const [resource, value] of Object.entries(requests)) {
    const request = parseQuantity(textOf(value));
    const limit = parseQuantity(textOf(limits[resource]));
    if (request.ok && limit.ok && request.value > limit.value) {
      problems.push(
        invalidValue(`${path}.requests`, value, `must be less than or equal to ${resource} limit of ${textOf(limits[resource])}`),
      );
    }
  }
  return problems;
}

const MUTABLE = ['activeDeadlineSeconds', 'terminationGracePeriodSeconds', 'tolerations', 'schedulingGates'];

/** A running pod's spec may change in its images and a few other fields only; resources by the resize subresource. */
export function validatePodUpdate(pod: KubeObject, old: KubeObject): FieldProblem[] {
  const frozen = (o: KubeObject): unknown => {
    const spec = { ...fieldsOf(o.spec) };
    for (const field of MUTABLE) delete spec[field];
    for (const list of ['containers', 'initContainers']) {
      if (spec[list] !== undefined) spec[list] = listOf(spec[list]).map((c) => ({ ...fieldsOf(c), image: '', imagePullPolicy: '' }));
    }
    return spec;
  };
  if (sameJson(frozen(pod), frozen(old))) return [];
  return [
    forbiddenField(
      'spec',
      'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
    ),
  ];
}

/** What the resize subresource refuses. */
export function validateResize(pod: KubeObject, old: KubeObject): FieldProblem[] {
  const problems: FieldProblem[] = [];
  if (!canResize(old)) problems.push(forbiddenField('spec', 'Pod running on node without support for resize may not be resized'));
  const before = qosClassOf(old.spec);
  const after = qosClassOf(pod.spec);
  if (before !== after) problems.push(invalidValue('spec', after, 'Pod QOS Class may not change as a result of resizing'));
  for (const list of ['containers', 'initContainers'] as const) {
    for (const [i, container] of listOf(at(pod.spec, list)).entries()) {
      const was = listOf(at(old.spec, list))[i];
      const path = `spec.${list}[${i}].resources`;
      problems.push(...validateResources(at(container, 'resources'), path), ...removedResources(was, container, path));
      if (sameJson(at(was, 'resources'), at(container, 'resources'))) continue;
      problems.push(...unresizable(was, container, path));
      if (list === 'initContainers' && at(container, 'restartPolicy') !== 'Always')
        problems.push(forbiddenField(path, 'resources for non-sidecar init containers are immutable'));
    }
  }
  if (!sameJson(withoutResources(pod), withoutResources(old)))
    problems.push(forbiddenField('spec', 'only cpu and memory resources are mutable'));
  return problems;
}

/** Kubelets that can resize report the resources of running containers. */
function canResize(pod: KubeObject): boolean {
  const running = listOf(at(pod.status, 'containerStatuses')).find((s) => at(s, 'state', 'running') !== undefined);
  return running === undefined || at(running, 'resources') !== undefined;
}

function withoutResources(pod: KubeObject): unknown {
  let spec: Fields = fieldsOf(pod.spec);
  for (const list of ['containers', 'initContainers']) {
    if (spec[list] !== undefined)
      spec = withAt(
        spec,
        [list],
        listOf(spec[list]).map((c) => ({ ...fieldsOf(c), resources: {} })),
      );
  }
  return spec;
}

function removedResources(was: unknown, is: unknown, path: string): FieldProblem[] {
  const problems: FieldProblem[] = [];
  for (const list of ['requests', 'limits']) {
    for (const resource of Object.keys(fieldsOf(at(was, 'resources', list)))) {
      if (at(is, 'resources', list, resource) === undefined)
        problems.push(forbiddenField(`${path}.${list}`, `resource ${list} cannot be removed`));
    }
  }
  return problems;
}

function unresizable(was: unknown, is: unknown, path: string): FieldProblem[] {
  const problems: FieldProblem[] = [];
  for (const list of ['requests', 'limits']) {
    const before = fieldsOf(at(was, 'resources', list));
    for (const [resource, value] of Object.entries(fieldsOf(at(is, 'resources', list)))) {
      if (resource !== 'cpu' && resource !== 'memory' && before[resource] !== value)
        problems.push(forbiddenField(`${path}.${list}`, 'only cpu and memory resources are mutable'));
    }
  }
  return problems;
}
