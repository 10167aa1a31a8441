import { ageOf, humanDuration } from '../human-duration.ts';
import { at, fieldsOf, type KubeObject, listOf, numberOf, sameJson, textOf } from '../object.ts';
import type { Behaviour, ResourceType } from '../resource-type.ts';
import { invalidValue, requiredValue } from '../status.ts';
import { ageColumn, type BuiltIn, builtIn, column } from './define.ts';
import { templateBehaviour, workloadColumns } from './workloads.ts';

const UID_LABEL = 'batch.kubernetes.io/controller-uid';

/** A Job selects its pods by its own uid, which the server puts into the template. */
const jobDefaults: Behaviour['complete'] = (job, old) => {
  const spec = fieldsOf(job.spec);
  spec.parallelism ??= 1;
  if (spec.completions === undefined && !old && at(job.spec, 'parallelism') === 1) spec.completions = 1;
  if (old || spec.manualSelector === true) return;
  const uid = job.metadata.uid ?? '';
  const labels = {
    [UID_LABEL]: uid,
    'controller-uid': uid,
    'batch.kubernetes.io/job-name': job.metadata.name,
    'job-name': job.metadata.name,
  };
  const template = fieldsOf(spec.template);
  const metadata = fieldsOf(template.metadata);
  spec.template = { ...template, metadata: { ...metadata, labels: { ...fieldsOf(metadata.labels), ...labels } } };
  spec.selector ??= { matchLabels: { [UID_LABEL]: uid } };
};

function jobStatus(job: KubeObject): string {
  const is = (type: string) => listOf(at(job.status, 'conditions')).some((c) => at(c, 'type') === type && at(c, 'status') === 'True');
  if (is('Complete')) return 'Complete';
  if (is('Failed')) return 'Failed';
  if (job.metadata.deletionTimestamp) return 'Terminating';
  return is('Suspended') ? 'Suspended' : 'Running';
}

function jobDuration(job: KubeObject, nowMs: number): string {
  const start = Date.parse(textOf(at(job.status, 'startTime')));
  const end = Date.parse(textOf(at(job.status, 'completionTime')));
  return Number.isNaN(start) ? '' : humanDuration((Number.isNaN(end) ? nowMs : end) - start);
}

const KINDS: readonly BuiltIn[] = [
  {
    group: 'batch',
    kind: 'Job',
    plural: 'jobs',
    categories: ['all'],
    subresources: ['status'],
    hasGeneration: true,
    selectableFields: ['status.successful'],
    columns: [
      column('Status', jobStatus),
      column(
        'Completions',
        (o) => `${numberOf(at(o.status, 'succeeded'))}/${numberOf(at(o.spec, 'completions') ?? at(o.spec, 'parallelism'), 1)}`,
      ),
      column('Duration', jobDuration),
      ageColumn,
      ...workloadColumns,
    ],
    behaviour: templateBehaviour(['spec', 'template', 'spec'], {
      complete: jobDefaults,
      validate: (job, old) => {
        const policy = textOf(at(job.spec, 'template', 'spec', 'restartPolicy'));
        if (policy !== 'OnFailure' && policy !== 'Never')
          return [requiredValue('spec.template.spec.restartPolicy', 'valid values: "OnFailure", "Never"')];
        return old && !sameJson(at(old.spec, 'template'), at(job.spec, 'template')) && at(old.spec, 'suspend') !== true
          ? [invalidValue('spec.template', 'template', 'field is immutable')]
          : [];
      },
    }),
  },
  {
    group: 'batch',
    kind: 'CronJob',
    plural: 'cronjobs',
    shortNames: ['cj'],
    categories: ['all'],
    subresources: ['status'],
    hasGeneration: true,
    columns: [
      column('Schedule', (o) => textOf(at(o.spec, 'schedule'))),
      column('Timezone', (o) => textOf(at(o.spec, 'timeZone')) || '<none>'),
      column('Suspend', (o) => (at(o.spec, 'suspend') === true ? 'True' : 'False')),
      column('Active', (o) => listOf(at(o.status, 'active')).length, 'integer'),
      column('Last Schedule', (o, now) =>
        at(o.status, 'lastScheduleTime') === undefined ? '<none>' : ageOf(at(o.status, 'lastScheduleTime'), now),
      ),
      ageColumn,
    ],
    behaviour: templateBehaviour(['spec', 'jobTemplate', 'spec', 'template', 'spec'], {
      validate: (cron) => {
        const schedule = textOf(at(cron.spec, 'schedule'));
        return /^(@\w+|(\S+\s+){4}\S+)$/.test(schedule.trim())
          ? []
          : [
              invalidValue(
                'spec.schedule',
                schedule,
                `expected exactly 5 fields, found ${schedule.trim().split(/\s+/).length}: ${schedule}`,
              ),
            ];
      },
    }),
  },
];

export const batchTypes: readonly ResourceType[] = KINDS.map(builtIn);
