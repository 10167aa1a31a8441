import { at, type Fields, fieldsOf, type KubeObject, listOf, numberOf, textOf, withAt } from '../object.ts';
import type { ResourceType } from '../resource-type.ts';
import type { FieldProblem } from '../status.ts';
import { invalidValue, requiredValue } from '../status.ts';
import { ageColumn, builtIn, builtInVersion, column } from './define.ts';

const isCpu = (metric: unknown): boolean => at(metric, 'type') === 'Resource' && at(metric, 'resource', 'name') === 'cpu';

/** v1 knows one metric, the share of the CPU request; the others travel in an annotation that is left out here. */
function toV1(hpa: KubeObject): KubeObject {
  const { metrics, behavior: _, ...spec } = fieldsOf(hpa.spec);
  const target = at(listOf(metrics).find(isCpu), 'resource', 'target', 'averageUtilization');
  const { currentMetrics, conditions: __, ...status } = fieldsOf(hpa.status);
  const current = at(listOf(currentMetrics).find(isCpu), 'resource', 'current', 'averageUtilization');
  return {
    ...hpa,
    apiVersion: 'autoscaling/v1',
    spec: { ...spec, ...(target === undefined ? {} : { targetCPUUtilizationPercentage: target }) },
    ...(hpa.status === undefined
      ? {}
      : { status: { currentReplicas: 0, ...status, ...(current === undefined ? {} : { currentCPUUtilizationPercentage: current }) } }),
  };
}

function fromV1(hpa: KubeObject): KubeObject {
  const { targetCPUUtilizationPercentage: target, ...spec } = fieldsOf(hpa.spec);
  const metrics = target === undefined ? undefined : [cpuMetric(target)];
  const status = withAt(fieldsOf(hpa.status), ['currentCPUUtilizationPercentage'], undefined);
  return {
    ...hpa,
    apiVersion: 'autoscaling/v2',
    spec: { ...spec, ...(metrics ? { metrics } : {}) },
    ...(hpa.status === undefined ? {} : { status }),
  };
}

const cpuMetric = (percent: unknown): Fields => ({
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: percent } },
});

function validateHpa(hpa: KubeObject): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const minimum = numberOf(at(hpa.spec, 'minReplicas'), 1);
  const maximum = at(hpa.spec, 'maxReplicas');
  if (minimum < 1) problems.push(invalidValue('spec.minReplicas', minimum, 'must be greater than or equal to 1'));
  if (numberOf(maximum) < 1) problems.push(invalidValue('spec.maxReplicas', maximum ?? 0, 'must be greater than 0'));
  else if (numberOf(maximum) < minimum)
    problems.push(invalidValue('spec.maxReplicas', maximum, 'must be greater than or equal to `minReplicas`'));
  if (!textOf(at(hpa.spec, 'scaleTargetRef', 'kind'))) problems.push(requiredValue('spec.scaleTargetRef.kind'));
  if (!textOf(at(hpa.spec, 'scaleTargetRef', 'name'))) problems.push(requiredValue('spec.scaleTargetRef.name'));
  return problems;
}

function shownTarget(metric: unknown, status: unknown): string {
  const source = textOf(at(metric, 'type'));
  const key = source.charAt(0).toLowerCase() + source.slice(1);
  const target = fieldsOf(at(metric, key, 'target'));
  const current = fieldsOf(at(status, key, 'current'));
  const name = textOf(at(metric, key, 'name'));
  const percent = (value: unknown) => (value === undefined ? '<unknown>' : `${String(value)}%`);
  const text =
    target.averageUtilization === undefined
      ? `${textOf(current.averageValue) || '<unknown>'}/${textOf(target.averageValue ?? target.value)}`
      : `${percent(current.averageUtilization)}/${percent(target.averageUtilization)}`;
  return name ? `${name}: ${text}` : text;
}

const columns = [
  column('Reference', (o) => `${textOf(at(o.spec, 'scaleTargetRef', 'kind'))}/${textOf(at(o.spec, 'scaleTargetRef', 'name'))}`),
  column('Targets', (o) => {
    const current = listOf(at(o.status, 'currentMetrics'));
    return (
      listOf(at(o.spec, 'metrics'))
        .map((m, i) => shownTarget(m, current[i]))
        .join(', ') || '<none>'
    );
  }),
  column('MinPods', (o) => String(numberOf(at(o.spec, 'minReplicas'), 1))),
  column('MaxPods', (o) => at(o.spec, 'maxReplicas'), 'integer'),
  column('Replicas', (o) => numberOf(at(o.status, 'currentReplicas')), 'integer'),
  ageColumn,
];

const v2 = builtIn({
  group: 'autoscaling',
  version: 'v2',
  kind: 'HorizontalPodAutoscaler',
  plural: 'horizontalpodautoscalers',
  model: 'V2HorizontalPodAutoscaler',
  shortNames: ['hpa'],
  categories: ['all'],
  subresources: ['status'],
  columns,
  behaviour: {
    complete: (hpa) => {
      const spec = fieldsOf(hpa.spec);
      spec.minReplicas ??= 1;
      if (listOf(spec.metrics).length === 0) spec.metrics = [cpuMetric(80)];
    },
    validate: validateHpa,
  },
});

const v1 = {
  ...builtInVersion('v1', 'V1HorizontalPodAutoscaler', {
    columns: columns.map((c) => ({ ...c, cell: (o: KubeObject, now: number) => c.cell(fromV1(o), now) })),
    subresources: ['status'],
  }),
  fromStorage: toV1,
  toStorage: fromV1,
};

export const autoscalingTypes: readonly ResourceType[] = [{ ...v2, versions: [...v2.versions, v1] }];
