import type { WorkloadKey, WorkloadRef } from '../../core/workload.ts';
import { RESOURCES, type Resource } from '../../core/workload.ts';
import type { ContainerFacts, CurrentResources, WorkloadFacts } from '../history-source.ts';
import type { ContainerEvents } from './events.ts';
import type { PodResources, PodState } from './pod-resources.ts';
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
  readonly key: WorkloadKey;
  readonly containers: Set<string>;
  /** Pods that kube-state-metrics tells of, as `namespace/pod`. */
  readonly pods: string[];
}

/** Puts together what the queries at the end of the window found; pure. */
export function workloadFacts(inputs: FactInputs): ReadonlyMap<WorkloadKey, WorkloadFacts> {
  const drafts = new Map<WorkloadKey, Draft>();
  const draftOf = (ref: WorkloadRef, key: WorkloadKey): Draft => {
    const draft = drafts.get(key) ?? { ref, key, containers: new Set(), pods: [] };
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
    if (resolved === undefined || (!state.running && !state.ranLately && !drafts.has(resolved.key))) continue;
    const draft = draftOf(resolved.ref, resolved.key);
    draft.pods.push(pod);
    for (const container of state.containers.keys()) draft.containers.add(container);
  }

  const facts = new Map<WorkloadKey, WorkloadFacts>();
  for (const [key, draft] of drafts) {
    const running = runningPods(inputs, draft);
    const newestFirst = [...draft.pods].sort((a, b) => byAge(inputs.resources, running, a, b));
    facts.set(key, {
      ref: draft.ref,
      runningPods: running.size,
      containers: new Map([...draft.containers].map((name) => [name, containerFacts(inputs, draft, name, { running, newestFirst })])),
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

/**
 * As `namespace/pod`. Rows of the very time count most. Where they tell of no pod of the workload, though some ran lately
 * and have usage to the end, one of several exporters is silent. Where nothing says what runs, usage does.
 */
function runningPods({ resources, presence }: FactInputs, { key, ref, pods }: Draft): ReadonlySet<string> {
  const withUsage = new Set([...presence.podsAtEnd(key)].map((pod) => `${ref.namespace}/${pod}`));
  if (resources.tellsRunning === 'no') return withUsage;
  const lately = pods.filter((pod) => resources.pods.get(pod)?.ranLately);
  if (resources.tellsRunning === 'lately') return new Set(lately);
  const now = pods.filter((pod) => resources.pods.get(pod)?.running);
  return new Set(now.length > 0 ? now : lately.filter((pod) => withUsage.has(pod)));
}

/** Running ones first, then the youngest. */
function byAge({ pods }: PodResources, running: ReadonlySet<string>, a: string, b: string): number {
  if (running.has(a) !== running.has(b)) return running.has(a) ? -1 : 1;
  return (pods.get(b)?.createdUnixSeconds ?? 0) - (pods.get(a)?.createdUnixSeconds ?? 0);
}

interface Pods {
  readonly running: ReadonlySet<string>;
  readonly newestFirst: readonly string[];
}

function containerFacts(inputs: FactInputs, draft: Draft, container: string, { running, newestFirst }: Pods): ContainerFacts {
  const { presence, resources, events } = inputs;
  const inUse = presence.podsAtEnd(draft.key, container);
  const has = (pod: string): boolean =>
    resources.pods.get(pod)?.containers.has(container) === true || inUse.has(pod.slice(pod.indexOf('/') + 1));
  return {
    runningPods: [...running].filter(has).length,
    current: currentResources(resources, running, newestFirst, container),
    oomKillsKnown: events.oomKillsKnown,
    events: events.of(draft.key, container),
  };
}

/**
 * What the newest pod with this container asks for. Where pods are equally new, as far as the source can tell, the
 * largest counts. A container that no pod lists is one without requests only where containers without are not listed.
 */
function currentResources(
  resources: PodResources,
  running: ReadonlySet<string>,
  newestFirst: readonly string[],
  container: string,
): CurrentResources | undefined {
  if (!resources.tellsResources) return undefined;
  const stateOf = (pod: string): PodState | undefined => resources.pods.get(pod);
  const first = newestFirst.find((pod) => stateOf(pod)?.containers.has(container));
  if (first === undefined && (resources.listsContainers || newestFirst.length === 0)) return undefined;
  const peers = first === undefined ? [] : newestFirst.filter((pod) => byAge(resources, running, first, pod) === 0);
  const largest = (what: 'request' | 'limit', resource: Resource): number | undefined => {
    const values = peers.map((pod) => stateOf(pod)?.containers.get(container)?.[what][resource]).filter((value) => value !== undefined);
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
