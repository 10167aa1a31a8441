import { NeapError } from '../../../common/errors.ts';
import { seedFor, uniformAt } from '../../../common/random.ts';
import { DAY_SECONDS, HOUR_SECONDS, MIB } from '../../../common/units.ts';
import type { WorkloadRef } from '../../core/workload.ts';
import type { CurrentResources } from '../history-source.ts';
import { ANALYTICS } from './catalogue/analytics.ts';
import { PAYMENTS } from './catalogue/payments.ts';
import { SHOP } from './catalogue/shop.ts';
import { SYSTEM } from './catalogue/system.ts';
import { nameSuffix } from './name-suffix.ts';
import { type PodSurroundings, podsOf } from './pods.ts';
import { type Rhythm, SATURDAY, SUNDAY, weekdayOf } from './signals.ts';
import type { Asks, ContainerSpec, CpuSpec, MemorySpec, WorkloadSpec } from './workload-spec.ts';

export interface ClusterOptions {
  /** The same seed makes the same cluster, to the last bit. */
  readonly seed: number;
  readonly endUnixSeconds: number;
  readonly days: number;
  /** Time between two samples. */
  readonly stepSeconds: number;
  /** How many copies of the three teams' namespaces: 1 (default) makes about 50 workloads. */
  readonly scale?: number;
  /** How long after the end schedules and autoscalers still act, for a cluster that is watched as time goes on. Default 0. */
  readonly goesOnSeconds?: number;
}

/** A made-up cluster with its past: plain data, from which any moment of any series can be worked out. */
export interface GeneratedCluster {
  readonly seed: number;
  readonly fromUnixSeconds: number;
  readonly endUnixSeconds: number;
  readonly stepSeconds: number;
  /** Day of unix time on which the people stayed at home. */
  readonly holidayDay: number;
  readonly nodes: readonly GeneratedNode[];
  readonly workloads: readonly GeneratedWorkload[];
}

export interface GeneratedNode {
  readonly name: string;
  readonly millicores: number;
  readonly bytes: number;
}

export interface GeneratedWorkload {
  readonly ref: WorkloadRef;
  /** Of its pods. */
  readonly labels: Readonly<Record<string, string>>;
  readonly rhythm: Rhythm;
  readonly seed: number;
  readonly containers: readonly GeneratedContainer[];
  /** Every pod that lived in the window, deleted ones too. */
  readonly pods: readonly GeneratedPod[];
  readonly autoscaler: Autoscaler | undefined;
  readonly levelShift: { readonly atUnixSeconds: number; readonly factor: number } | undefined;
  /** One entry before a rollout, two with one. */
  readonly revisions: readonly Revision[];
  /** Times without samples. */
  readonly gaps: readonly Gap[];
}

export interface Autoscaler {
  readonly minPods: number;
  readonly maxPods: number;
  /** The number of pods that the containers' load is meant for. */
  readonly nominalPods: number;
}

export interface Revision {
  readonly cpuFactor: number;
  readonly memoryFactor: number;
}

export interface Gap {
  readonly fromUnixSeconds: number;
  readonly toUnixSeconds: number;
}

export interface GeneratedContainer {
  readonly name: string;
  readonly cpu: CpuSpec;
  readonly memory: MemorySpec;
  /** By revision of the workload. */
  readonly resources: readonly CurrentResources[];
}

export interface GeneratedPod {
  readonly name: string;
  readonly node: string;
  /** The direct owner (a ReplicaSet, not its Deployment); undefined for a bare pod. */
  readonly owner: { readonly kind: string; readonly name: string } | undefined;
  readonly startUnixSeconds: number;
  /** Exclusive; undefined while it runs. */
  readonly endUnixSeconds: number | undefined;
  readonly revision: number;
  /** Its share of the load against a usual pod's. */
  readonly load: number;
  readonly seed: number;
}

/** @throws NeapError `usage` for options that make no cluster */
export function generateCluster(options: ClusterOptions): GeneratedCluster {
  const { seed, days, stepSeconds, scale = 1, goesOnSeconds = 0 } = options;
  for (const [name, value] of Object.entries({ days, stepSeconds, scale })) {
    if (!(value > 0)) throw new NeapError('usage', `a generated cluster needs ${name} above 0, not ${value}`);
  }
  const endUnixSeconds = Math.floor(options.endUnixSeconds / stepSeconds) * stepSeconds;
  const window = { fromUnixSeconds: endUnixSeconds - days * DAY_SECONDS, endUnixSeconds };
  const specs = [...SYSTEM];
  for (let copy = 0; copy < scale; copy++) {
    for (const spec of [...SHOP, ...PAYMENTS, ...ANALYTICS]) specs.push(copy === 0 ? spec : resized(spec, copy, seed));
  }
  const nodes = nodesFor(specs, seed);
  const holidayDay = holidayBefore(endUnixSeconds);
  const around = { ...window, lastUnixSeconds: endUnixSeconds + goesOnSeconds, seed, holidayDay, nodes: nodes.map((n) => n.name) };
  return { seed, ...window, stepSeconds, holidayDay, nodes, workloads: specs.map((spec) => makeWorkload(spec, around)) };
}

/** The working day closest to nine days before the end, at or before it. */
function holidayBefore(endUnixSeconds: number): number {
  let day = Math.floor(endUnixSeconds / DAY_SECONDS) - 9;
  while ([SATURDAY, SUNDAY].includes(weekdayOf(day * DAY_SECONDS))) day--;
  return day;
}

/** A further team of the same kind in a namespace of its own, each workload between 0.6 and 1.7 times as large. */
function resized(spec: WorkloadSpec, copy: number, seed: number): WorkloadSpec {
  const namespace = `${spec.namespace}-${copy + 1}`;
  const factor = 0.6 * (1.7 / 0.6) ** uniformAt(seedFor(seed, `${namespace}/${spec.name}`), 1);
  const size = (value: number): number => Math.max(1, Math.round(value * factor));
  const pair = ([request, limit]: Asks['cpu'], step: number): Asks['cpu'] => {
    const asked = (value: number | undefined): number | undefined =>
      value === undefined ? undefined : Math.ceil((value * factor) / step) * step;
    return [asked(request), asked(limit)];
  };
  const asks = (a: Asks): Asks => ({ cpu: pair(a.cpu, 10), memory: pair(a.memory, 16) });
  const memory = (m: MemorySpec): MemorySpec => {
    switch (m.model) {
      case 'load':
        return { model: 'load', baseMib: size(m.baseMib), loadMib: size(m.loadMib), cacheMib: size(m.cacheMib) };
      case 'heap':
        return { model: 'heap', mib: size(m.mib) };
      case 'leak':
        return { model: 'leak', baseMib: size(m.baseMib), mibPerDay: size(m.mibPerDay) };
    }
  };
  const containers = spec.containers.map(
    (c): ContainerSpec => ({
      ...c,
      cpu: { ...c.cpu, idle: size(c.cpu.idle), peak: size(c.cpu.peak) },
      memory: memory(c.memory),
      asks: asks(c.asks),
      ...(c.after === undefined ? {} : { after: asks(c.after) }),
    }),
  );
  return { ...spec, namespace, containers };
}

const NODE_MILLICORES = 8000;
const NODE_BYTES = 32 * 1024 * MIB;

/** As many 8-core nodes as hold what is requested at three quarters full. */
function nodesFor(specs: readonly WorkloadSpec[], seed: number): GeneratedNode[] {
  let millicores = 0;
  let mib = 0;
  for (const { kind, pods, containers } of specs) {
    if (kind === 'CronJob' || kind === 'Job') continue;
    for (const { asks } of containers) {
      millicores += pods * (asks.cpu[0] ?? 0);
      mib += pods * (asks.memory[0] ?? 0);
    }
  }
  const count = Math.ceil(Math.max(millicores / NODE_MILLICORES, (mib * MIB) / NODE_BYTES) / 0.75);
  return Array.from({ length: count }, (_, i) => ({
    name: `node-${nameSuffix(seedFor(seed, `node/${i}`), 5)}-${i}`,
    millicores: NODE_MILLICORES,
    bytes: NODE_BYTES,
  }));
}

function makeWorkload(spec: WorkloadSpec, around: PodSurroundings): GeneratedWorkload {
  const { namespace, kind, name, rollout, levelShift } = spec;
  const seed = seedFor(around.seed, `${namespace}/${kind}/${name}`);
  const before = (days: number): number => Math.round(around.endUnixSeconds - days * DAY_SECONDS);
  const gaps = [CLUSTER_GAP, ...(spec.gaps ?? [])].map(({ daysBeforeEnd, hours }) => ({
    fromUnixSeconds: before(daysBeforeEnd),
    toUnixSeconds: before(daysBeforeEnd) + hours * HOUR_SECONDS,
  }));
  const revisions = [{ cpuFactor: 1, memoryFactor: 1 }];
  if (rollout !== undefined) revisions.push({ cpuFactor: rollout.cpuFactor, memoryFactor: rollout.memoryFactor });
  return {
    ref: { namespace, kind, name },
    labels: { app: name, 'app.kubernetes.io/name': name, team: namespace, tier: spec.tier },
    rhythm: spec.rhythm,
    seed,
    containers: spec.containers.map((c) => ({
      name: c.name,
      cpu: c.cpu,
      memory: c.memory,
      resources: revisions.map((_, revision) => resourcesOf(revision === 0 ? c.asks : (c.after ?? c.asks))),
    })),
    pods: podsOf(spec, { ...around, seed }),
    autoscaler: spec.autoscaler === undefined ? undefined : { ...spec.autoscaler, nominalPods: spec.pods },
    levelShift: levelShift === undefined ? undefined : { atUnixSeconds: before(levelShift.daysBeforeEnd), factor: levelShift.factor },
    revisions,
    gaps,
  };
}

/** The Prometheus of the whole cluster was down. */
const CLUSTER_GAP = { daysBeforeEnd: 5.2, hours: 2 / 3 };

function resourcesOf({ cpu, memory }: Asks): CurrentResources {
  const bytesOf = (mib: number | undefined): number | undefined => (mib === undefined ? undefined : mib * MIB);
  return {
    cpuRequestMillicores: cpu[0],
    cpuLimitMillicores: cpu[1],
    memoryRequestBytes: bytesOf(memory[0]),
    memoryLimitBytes: bytesOf(memory[1]),
  };
}
