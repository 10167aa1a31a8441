/** A field of a protobuf message. The numbers in here are those of the published Kubernetes types. */
export interface FieldType {
  readonly name: string;
  readonly kind: 'string' | 'integer' | 'bool' | 'bytes' | 'quantity' | 'intOrString' | Message;
  readonly shape: 'one' | 'list' | 'map';
  /** A zero means something: the field is a pointer. */
  readonly pointer: boolean;
}

/** Fields by their numbers. */
export type Message = Readonly<Record<number, FieldType>>;

export const field = (name: string, kind: FieldType['kind'] = 'string', shape: FieldType['shape'] = 'one'): FieldType => ({
  name,
  kind,
  shape,
  pointer: false,
});
export const optional = (name: string, kind: FieldType['kind']): FieldType => ({ ...field(name, kind), pointer: true });
const list = (name: string, kind: FieldType['kind'] = 'string'): FieldType => field(name, kind, 'list');
const map = (name: string, kind: FieldType['kind'] = 'string'): FieldType => field(name, kind, 'map');

const objectMeta: Message = {
  1: field('name'),
  2: field('generateName'),
  3: field('namespace'),
  4: field('selfLink'),
  5: field('uid'),
  6: field('resourceVersion'),
  7: field('generation', 'integer'),
  8: field('creationTimestamp', {}),
  11: map('labels'),
  12: map('annotations'),
  13: list('ownerReferences', {
    1: field('kind'),
    3: field('name'),
    4: field('uid'),
    5: field('apiVersion'),
    6: optional('controller', 'bool'),
    7: optional('blockOwnerDeletion', 'bool'),
  }),
  14: list('finalizers'),
};
const labelSelector: Message = {
  1: map('matchLabels'),
  2: list('matchExpressions', { 1: field('key'), 2: field('operator'), 3: list('values') }),
};
const resources: Message = { 1: map('limits', 'quantity'), 2: map('requests', 'quantity') };
const container: Message = {
  1: field('name'),
  2: field('image'),
  3: list('command'),
  4: list('args'),
  5: field('workingDir'),
  6: list('ports', {
    1: field('name'),
    2: field('hostPort', 'integer'),
    3: field('containerPort', 'integer'),
    4: field('protocol'),
    5: field('hostIP'),
  }),
  7: list('env', { 1: field('name'), 2: field('value') }),
  8: field('resources', resources),
  13: field('terminationMessagePath'),
  14: field('imagePullPolicy'),
  16: field('stdin', 'bool'),
  17: field('stdinOnce', 'bool'),
  18: field('tty', 'bool'),
  20: field('terminationMessagePolicy'),
};
const podSpec: Message = {
  2: list('containers', container),
  3: field('restartPolicy'),
  4: optional('terminationGracePeriodSeconds', 'integer'),
  6: field('dnsPolicy'),
  7: map('nodeSelector'),
  8: field('serviceAccountName'),
  9: field('serviceAccount'),
  10: field('nodeName'),
  11: field('hostNetwork', 'bool'),
  12: field('hostPID', 'bool'),
  13: field('hostIPC', 'bool'),
  16: field('hostname'),
  17: field('subdomain'),
  19: field('schedulerName'),
  24: field('priorityClassName'),
};
const podTemplate: Message = { 1: field('metadata', objectMeta), 2: field('spec', podSpec) };
const jobSpec: Message = {
  1: optional('parallelism', 'integer'),
  2: optional('completions', 'integer'),
  3: optional('activeDeadlineSeconds', 'integer'),
  4: field('selector', labelSelector),
  5: optional('manualSelector', 'bool'),
  6: field('template', podTemplate),
  7: optional('backoffLimit', 'integer'),
  8: optional('ttlSecondsAfterFinished', 'integer'),
};
const rule: Message = {
  1: list('verbs'),
  2: list('apiGroups'),
  3: list('resources'),
  4: list('resourceNames'),
  5: list('nonResourceURLs'),
};
const binding: Message = {
  1: field('metadata', objectMeta),
  2: list('subjects', { 1: field('kind'), 2: field('apiGroup'), 3: field('name'), 4: field('namespace') }),
  3: field('roleRef', { 1: field('apiGroup'), 2: field('kind'), 3: field('name') }),
};
const attributes: Message = {
  1: field('namespace'),
  2: field('verb'),
  3: field('group'),
  4: field('version'),
  5: field('resource'),
  6: field('subresource'),
  7: field('name'),
};
const nonResource: Message = { 1: field('path'), 2: field('verb') };
const deleteOptions: Message = {
  1: optional('gracePeriodSeconds', 'integer'),
  2: field('preconditions', { 1: field('uid'), 2: field('resourceVersion') }),
  3: optional('orphanDependents', 'bool'),
  4: field('propagationPolicy'),
  5: list('dryRun'),
};
const deploymentSpec: Message = {
  1: optional('replicas', 'integer'),
  2: field('selector', labelSelector),
  3: field('template', podTemplate),
  4: field('strategy', { 1: field('type') }),
  5: field('minReadySeconds', 'integer'),
  6: optional('revisionHistoryLimit', 'integer'),
  7: field('paused', 'bool'),
  9: optional('progressDeadlineSeconds', 'integer'),
};
const cronJobSpec: Message = {
  1: field('schedule'),
  2: optional('startingDeadlineSeconds', 'integer'),
  3: field('concurrencyPolicy'),
  4: optional('suspend', 'bool'),
  5: field('jobTemplate', { 1: field('metadata', objectMeta), 2: field('spec', jobSpec) }),
};

/** Of autoscaling/v2. */
const autoscalerSpec: Message = {
  1: field('scaleTargetRef', { 1: field('kind'), 2: field('name'), 3: field('apiVersion') }),
  2: optional('minReplicas', 'integer'),
  3: field('maxReplicas', 'integer'),
  4: list('metrics', {
    1: field('type'),
    4: field('resource', {
      1: field('name'),
      2: field('target', {
        1: field('type'),
        2: field('value', 'quantity'),
        3: field('averageValue', 'quantity'),
        4: optional('averageUtilization', 'integer'),
      }),
    }),
  }),
};
const serviceSpec: Message = {
  1: list('ports', {
    1: field('name'),
    2: field('protocol'),
    3: field('port', 'integer'),
    4: field('targetPort', 'intOrString'),
    5: field('nodePort', 'integer'),
  }),
  2: map('selector'),
  3: field('clusterIP'),
  4: field('type'),
  7: field('sessionAffinity'),
  8: field('loadBalancerIP'),
  10: field('externalName'),
  11: field('externalTrafficPolicy'),
  12: field('healthCheckNodePort', 'integer'),
  13: field('publishNotReadyAddresses', 'bool'),
};

/** A kind with metadata, spec and a status that nobody sends anything in. */
const withSpec = (spec: Message): Message => ({ 1: field('metadata', objectMeta), 2: field('spec', spec), 3: field('status', ANYTHING) });
/** A message whose content is skipped. */
const ANYTHING: Message = new Proxy({}, { get: () => SKIPPED });
export const SKIPPED: FieldType = { name: '', kind: 'bytes', shape: 'one', pointer: false };

export const KINDS: Readonly<Record<string, Message>> = {
  SelfSubjectAccessReview: withSpec({ 1: field('resourceAttributes', attributes), 2: field('nonResourceAttributes', nonResource) }),
  SubjectAccessReview: withSpec({
    1: field('resourceAttributes', attributes),
    2: field('nonResourceAttributes', nonResource),
    3: field('user'),
    4: list('groups'),
    6: field('uid'),
  }),
  SelfSubjectRulesReview: withSpec({ 1: field('namespace') }),
  SelfSubjectReview: { 1: field('metadata', objectMeta), 2: field('status', ANYTHING) },
  TokenRequest: withSpec({ 1: list('audiences'), 4: optional('expirationSeconds', 'integer') }),
  Namespace: withSpec({ 1: list('finalizers') }),
  ConfigMap: { 1: field('metadata', objectMeta), 2: map('data'), 3: map('binaryData', 'bytes'), 4: optional('immutable', 'bool') },
  Secret: {
    1: field('metadata', objectMeta),
    2: map('data', 'bytes'),
    3: field('type'),
    4: map('stringData'),
    5: optional('immutable', 'bool'),
  },
  ServiceAccount: { 1: field('metadata', objectMeta) },
  ResourceQuota: withSpec({ 1: map('hard', 'quantity'), 2: list('scopes') }),
  Eviction: { 1: field('metadata', objectMeta), 2: field('deleteOptions', deleteOptions) },
  DeleteOptions: deleteOptions,
  PodDisruptionBudget: withSpec({
    1: field('minAvailable', 'intOrString'),
    2: field('selector', labelSelector),
    3: field('maxUnavailable', 'intOrString'),
  }),
  HorizontalPodAutoscaler: withSpec(autoscalerSpec),
  'autoscaling/v1 HorizontalPodAutoscaler': withSpec({ ...autoscalerSpec, 4: optional('targetCPUUtilizationPercentage', 'integer') }),
  Service: withSpec(serviceSpec),
  Deployment: withSpec(deploymentSpec),
  Job: withSpec(jobSpec),
  CronJob: withSpec(cronJobSpec),
  Role: { 1: field('metadata', objectMeta), 2: list('rules', rule) },
  ClusterRole: {
    1: field('metadata', objectMeta),
    2: list('rules', rule),
    3: field('aggregationRule', { 1: list('clusterRoleSelectors', labelSelector) }),
  },
  RoleBinding: binding,
  ClusterRoleBinding: binding,
  PriorityClass: {
    1: field('metadata', objectMeta),
    2: field('value', 'integer'),
    3: field('globalDefault', 'bool'),
    4: field('description'),
    5: field('preemptionPolicy'),
  },
};
