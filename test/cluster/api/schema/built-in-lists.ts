/** How the lists and maps of the built-in kinds merge: what the published types say beside their fields. */
export interface ListRule {
  readonly keys?: readonly string[];
  readonly set?: boolean;
  /** The one key of strategic merge, where it is not the first of `keys`. */
  readonly patchKey?: string;
  readonly patchStrategy?: 'merge' | 'merge,retainKeys' | 'retainKeys';
}

const byName: ListRule = { keys: ['name'], patchStrategy: 'merge' };
const byNameRetaining: ListRule = { keys: ['name'], patchStrategy: 'merge,retainKeys' };
const byType: ListRule = { keys: ['type'], patchStrategy: 'merge' };
/** Merged by strategic merge, but owned as a whole. */
const merelyPatchedByType: ListRule = { patchKey: 'type', patchStrategy: 'merge' };

const CONTAINER_LISTS: Readonly<Record<string, ListRule>> = {
  env: byName,
  ports: { keys: ['containerPort', 'protocol'], patchKey: 'containerPort', patchStrategy: 'merge' },
  volumeMounts: { keys: ['mountPath'], patchStrategy: 'merge' },
  volumeDevices: { keys: ['devicePath'], patchStrategy: 'merge' },
};

export const LIST_RULES: Readonly<Record<string, Readonly<Record<string, ListRule>>>> = {
  V1ObjectMeta: { ownerReferences: { keys: ['uid'], patchStrategy: 'merge' }, finalizers: { set: true, patchStrategy: 'merge' } },
  V1PodSpec: {
    containers: byName,
    initContainers: byName,
    ephemeralContainers: byName,
    volumes: byNameRetaining,
    resourceClaims: byNameRetaining,
    imagePullSecrets: byName,
    schedulingGates: byName,
    hostAliases: { keys: ['ip'], patchStrategy: 'merge' },
    topologySpreadConstraints: { keys: ['topologyKey', 'whenUnsatisfiable'], patchKey: 'topologyKey', patchStrategy: 'merge' },
  },
  V1Container: CONTAINER_LISTS,
  V1EphemeralContainer: CONTAINER_LISTS,
  V1ResourceRequirements: { claims: { keys: ['name'] } },
  V1PodStatus: {
    conditions: byType,
    podIPs: { keys: ['ip'], patchStrategy: 'merge' },
    hostIPs: { patchKey: 'ip', patchStrategy: 'merge' },
  },
  V1ServiceSpec: { ports: { keys: ['port', 'protocol'], patchKey: 'port', patchStrategy: 'merge' } },
  V1ServiceStatus: { conditions: byType },
  V1ServiceAccount: { secrets: byName },
  V1NamespaceStatus: { conditions: byType },
  V1NodeSpec: { podCIDRs: { set: true, patchStrategy: 'merge' } },
  V1NodeStatus: { conditions: byType, addresses: { keys: ['type'], patchStrategy: 'merge' } },
  V1DeploymentSpec: { strategy: { patchStrategy: 'retainKeys' } },
  V1DeploymentStatus: { conditions: byType },
  V1ReplicaSetStatus: { conditions: byType },
  V1StatefulSetStatus: { conditions: byType },
  V1DaemonSetStatus: { conditions: byType },
  V1ReplicationControllerStatus: { conditions: byType },
  V1JobStatus: { conditions: merelyPatchedByType },
  V1PodDisruptionBudgetStatus: { conditions: byType },
  V2HorizontalPodAutoscalerStatus: { conditions: byType },
  V1PersistentVolumeClaimStatus: { conditions: byType },
  V1MutatingWebhookConfiguration: { webhooks: byName },
  V1ValidatingWebhookConfiguration: { webhooks: byName },
  V1CustomResourceDefinitionStatus: { conditions: { keys: ['type'] } },
};

/** Types that are owned as a whole wherever they stand. */
export const ATOMIC_TYPES: ReadonlySet<string> = new Set([
  'V1LabelSelector',
  'V1ObjectReference',
  'V1LocalObjectReference',
  'V1ResourceFieldSelector',
  'V1ObjectFieldSelector',
  'V1ConfigMapKeySelector',
  'V1SecretKeySelector',
  'V1NodeSelector',
  'V1NodeSelectorTerm',
  'V1TypedLocalObjectReference',
  'V1SecretReference',
  'V1RoleRef',
  'RbacV1Subject',
]);

/** Maps of plain values that are owned as a whole. */
export const ATOMIC_MAPS: ReadonlySet<string> = new Set([
  'V1PodSpec.nodeSelector',
  'V1ServiceSpec.selector',
  'V1ReplicationControllerSpec.selector',
  'V1Overhead.podFixed',
]);

/** Fields that hold quantities, as text or as a map to text: the server writes them in their canonical form. */
export const QUANTITIES: ReadonlySet<string> = new Set([
  'V1ResourceRequirements.limits',
  'V1ResourceRequirements.requests',
  'V1VolumeResourceRequirements.limits',
  'V1VolumeResourceRequirements.requests',
  'V1PodSpec.overhead',
  'V1NodeStatus.capacity',
  'V1NodeStatus.allocatable',
  'V1ContainerStatus.allocatedResources',
  'V1PodStatus.allocatedResources',
  'V1ResourceQuotaSpec.hard',
  'V1ResourceQuotaStatus.hard',
  'V1ResourceQuotaStatus.used',
  'V1LimitRangeItem._default',
  'V1LimitRangeItem.defaultRequest',
  'V1LimitRangeItem.max',
  'V1LimitRangeItem.min',
  'V1LimitRangeItem.maxLimitRequestRatio',
  'V2MetricTarget.averageValue',
  'V2MetricTarget.value',
  'V2MetricValueStatus.averageValue',
  'V2MetricValueStatus.value',
  'V1ResourceFieldSelector.divisor',
  'V1EmptyDirVolumeSource.sizeLimit',
  'V1PersistentVolumeClaimStatus.capacity',
]);
