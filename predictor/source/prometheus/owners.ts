import { type WorkloadKey, type WorkloadRef, workloadKey } from '../../core/workload.ts';
import { type PodLabels, podOfRow } from './pod-labels.ts';

export interface ResolvedPod {
  readonly ref: WorkloadRef;
  readonly key: WorkloadKey;
  /** False where no owner series tells of the pod: it then stands for itself. */
  readonly known: boolean;
}

interface Owner {
  readonly kind: string;
  readonly name: string;
  readonly controller: boolean;
  /** When it was last seen. */
  readonly atUnixSeconds: number;
}

/**
 * Who owns what, as owner series told over time. The newest owner of an object wins; what was learned stays until
 * it is told to be forgotten, so that pods that are gone still resolve.
 */
export class OwnerTable {
  private readonly pods = new Map<string, Owner>();
  /** Owners of what stands between pods and workloads: `namespace/kind/name`. */
  private readonly between = new Map<string, Owner>();
  private readonly resolved = new Map<string, ResolvedPod>();

  /**
   * Takes one row of the owner metrics, told apart by its labels: some servers drop names. A row of a ReplicaSet may
   * carry the pod of the exporter itself, so `pod` is looked at last.
   */
  add(labels: ReadonlyMap<string, string>, forms: readonly PodLabels[], atUnixSeconds: number): void {
    const { namespace, pod } = podOfRow(labels, forms);
    const rule = labels.get('workload');
    const kind = rule === undefined ? (labels.get('owner_kind') ?? '') : kindOfRule(labels.get('workload_type') ?? '');
    const name = rule ?? labels.get('owner_name') ?? '';
    if (!namespace) return;
    const owner: Owner = { kind, name, controller: labels.get('owner_is_controller') === 'true', atUnixSeconds };
    for (const [label, ofKind] of BETWEEN) {
      const own = labels.get(label);
      if (own) {
        this.put(this.between, `${namespace}/${ofKind}/${own}`, owner);
        return;
      }
    }
    if (pod) this.put(this.pods, `${namespace}/${pod}`, owner);
  }

  private put(table: Map<string, Owner>, key: string, owner: Owner): void {
    const known = table.get(key);
    if (known && !supersedes(owner, known)) return;
    table.set(key, owner);
    if (!known || known.kind !== owner.kind || known.name !== owner.name) this.resolved.clear();
  }

  resolve(namespace: string, pod: string): ResolvedPod {
    const key = `${namespace}/${pod}`;
    const cached = this.resolved.get(key);
    if (cached) return cached;
    const owner = this.pods.get(key);
    const ref = this.top(namespace, pod, owner);
    const result: ResolvedPod = { ref, key: workloadKey(ref), known: owner !== undefined };
    this.resolved.set(key, result);
    return result;
  }

  private top(namespace: string, pod: string, first: Owner | undefined): WorkloadRef {
    // A static pod is owned by its node, which is no workload.
    if (first === undefined || isNobody(first) || first.kind === 'Node') return { namespace, kind: 'Pod', name: pod };
    let owner = first;
    for (let depth = 0; depth < 4; depth++) {
      const above = this.between.get(`${namespace}/${owner.kind}/${owner.name}`);
      if (above === undefined || isNobody(above)) break;
      owner = above;
    }
    return { namespace, kind: owner.kind, name: owner.name };
  }

  /** Forgets what was not seen since then: no window reaches farther back. */
  forget(beforeUnixSeconds: number): void {
    for (const table of [this.pods, this.between]) {
      for (const [key, { atUnixSeconds }] of table) {
        if (atUnixSeconds >= beforeUnixSeconds) continue;
        table.delete(key);
        this.resolved.clear();
      }
    }
  }

  /** How many objects are remembered. */
  get size(): number {
    return this.pods.size + this.between.size;
  }

  /** Whether any pod is owned by another kind than these. */
  hasOtherKinds(kinds: ReadonlySet<string>): boolean {
    for (const { kind } of this.pods.values()) if (!kinds.has(kind)) return true;
    return false;
  }

  /** Names of all pods, gone ones too, that belong to a workload. */
  podsOf(workload: WorkloadKey): readonly string[] {
    const names: string[] = [];
    const namespace = workload.slice(0, workload.indexOf('/') + 1);
    for (const key of this.pods.keys()) {
      if (!key.startsWith(namespace)) continue;
      const pod = key.slice(namespace.length);
      if (this.resolve(namespace.slice(0, -1), pod).key === workload) names.push(pod);
    }
    return names;
  }
}

/** Labels that name the object of a row. */
const BETWEEN: readonly (readonly [label: string, kind: string])[] = [
  ['replicaset', 'ReplicaSet'],
  ['job_name', 'Job'],
  ['replicationcontroller', 'ReplicationController'],
];
export const OWNER_LABELS = [...BETWEEN.map(([label]) => label), 'owner_kind', 'owner_name', 'owner_is_controller'];
export const OWNER_RULE_LABELS = ['workload', 'workload_type'];

/** At one and the same time the controller counts, and somebody rather than nobody. */
function supersedes(a: Owner, b: Owner): boolean {
  if (a.atUnixSeconds !== b.atUnixSeconds) return a.atUnixSeconds > b.atUnixSeconds;
  if (a.controller !== b.controller) return a.controller;
  if (isNobody(a) !== isNobody(b)) return isNobody(b);
  return `${a.kind}/${a.name}` > `${b.kind}/${b.name}`;
}

function isNobody(owner: Owner): boolean {
  return owner.kind === '' || owner.kind === '<none>' || owner.name === '' || owner.name === '<none>';
}

const RULE_KINDS: Readonly<Record<string, string>> = {
  deployment: 'Deployment',
  statefulset: 'StatefulSet',
  daemonset: 'DaemonSet',
  replicaset: 'ReplicaSet',
  replicationcontroller: 'ReplicationController',
  job: 'Job',
  cronjob: 'CronJob',
  pod: '',
  staticpod: '',
  barepod: '',
};

/** The recording rule writes kinds in lower case. */
function kindOfRule(type: string): string {
  return RULE_KINDS[type.toLowerCase()] ?? type;
}
