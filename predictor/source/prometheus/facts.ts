import type { WorkloadKey, WorkloadRef } from '../../core/workload.ts';
import { RESOURCES, type Resource } from '../../core/workload.ts';
import type { ContainerFacts, CurrentResources, WorkloadFacts } from '../history-source.ts';
import type { ContainerEvents } from './events.ts';
import type { PodResources } from './pod-resources.ts';
import type { Presence } from './presence.ts';

export interface FactInputs {
  readonly presence: Presence;
  readonly resources: PodResources;
  readonly events: ContainerEvents;
  readonly hpaResources: (ref: WorkloadRef) => readonly Resource[];
  /** undefined leaves the pod out. */
  readonly resolve: (namespace: string, pod: string) => { readonly ref: WorkloadRef; readonly key: WorkloadKey } | undefined;
}

interface Draft {
  readonly ref: WorkloadRef;
  readonly containers: Set<string>;
  /** Pods that kube-state-metrics tells of. */
  readonly pods: string[];
}

/** Puts together what the queries at the end of the window found; pure. */
export function workloadFacts(inputs: FactInputs): ReadonlyMap<WorkloadKey, WorkloadFacts> {
  const drafts = new Map<WorkloadKey, Draft>();
  const draftOf = (ref: WorkloadRef, key: WorkloadKey): Draft => {
    const draft = drafts.get(key) ?? { ref, containers: new Set(), pods: [] };
    drafts.set(key, draft);
    return draft;
  };
  for (const [key, containers] of inputs.presence.containers()) {
    const draft = draftOf(refOf(key), key);
    for (const container of containers) draft.containers.add(container);
  }
  for (const [pod, state] of inputs.resources.pods) {
    const slash = pod.indexOf('/');
    const resolved = inputs.resolve(pod.slice(0, slash), pod.slice(slash + 1));
    if (resolved === undefined || (!state.running && !drafts.has(resolved.key))) continue;
    const draft = draftOf(resolved.ref, resolved.key);
    draft.pods.push(pod);
    for (const container of state.containers.keys()) draft.containers.add(container);
  }

  const facts = new Map<WorkloadKey, WorkloadFacts>();
  for (const [key, draft] of drafts) {
    const newestFirst = [...draft.pods].sort((a, b) => byAge(inputs.resources, a, b));
    const running = draft.pods.filter((pod) => inputs.resources.pods.get(pod)?.running === true).length;
    facts.set(key, {
      ref: draft.ref,
      runningPods: inputs.resources.tellsRunning ? running : inputs.presence.podsAtEnd(key),
      meanPods: inputs.presence.meanPods(key),
      containers: new Map([...draft.containers].map((name) => [name, containerFacts(inputs, key, name, newestFirst)])),
      hpaResources: inputs.hpaResources(draft.ref),
    });
  }
  return facts;
}

/** A workload key holds its reference: none of the parts can hold a slash. */
function refOf(key: WorkloadKey): WorkloadRef {
  const [namespace = '', kind = '', name = ''] = key.split('/');
  return { namespace, kind, name };
}

/** Running ones first, then the youngest. */
function byAge({ pods }: PodResources, a: string, b: string): number {
  const x = pods.get(a);
  const y = pods.get(b);
  if (x?.running !== y?.running) return x?.running === true ? -1 : 1;
  return (y?.createdUnixSeconds ?? 0) - (x?.createdUnixSeconds ?? 0);
}

function containerFacts(inputs: FactInputs, key: WorkloadKey, container: string, newestFirst: readonly string[]): ContainerFacts {
  const events = inputs.events.of(key, container);
  return {
    current: currentResources(inputs.resources, newestFirst, container),
    oomKills: events.oomKills,
    oomLimitBytes: events.oomLimitBytes,
    throttledShare: events.throttledShare,
  };
}

/**
 * What the newest pod with this container asks for. Where pods are equally new, as far as the source can tell, the
 * largest counts.
 */
function currentResources(resources: PodResources, newestFirst: readonly string[], container: string): CurrentResources {
  const first = newestFirst.find((pod) => resources.pods.get(pod)?.containers.has(container));
  const peers = first === undefined ? [] : newestFirst.filter((pod) => byAge(resources, first, pod) === 0);
  const largest = (what: 'request' | 'limit', resource: Resource): number | undefined => {
    const values = peers
      .map((pod) => resources.pods.get(pod)?.containers.get(container)?.[what][resource])
      .filter((value) => value !== undefined);
    return values.length === 0 ? undefined : Math.max(...values);
  };
  const [cpu, memory] = RESOURCES as readonly ['cpu', 'memory'];
  return {
    cpuRequestMillicores: largest('request', cpu),
    cpuLimitMillicores: largest('limit', cpu),
    memoryRequestBytes: largest('request', memory),
    memoryLimitBytes: largest('limit', memory),
  };
}
