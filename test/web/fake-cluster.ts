import { GIB, MIB } from '../../common/units.ts';
import type { WorkloadAnalysis } from '../../operator/analysis/analysis.ts';
import { aWorkload, type ContainerSpec, type ResourceSpec } from './builders.ts';

const NAMESPACES = [
  'shop',
  'payments',
  'search',
  'catalog',
  'identity',
  'ml-serving',
  'data-pipelines',
  'observability',
  'notifications',
  'edge',
];
const NAMES = ['api', 'web', 'worker', 'gateway', 'indexer', 'cache', 'scheduler', 'sync', 'consumer', 'renderer', 'ledger', 'mailer'];
const KINDS = ['Deployment', 'Deployment', 'Deployment', 'Deployment', 'StatefulSet', 'DaemonSet', 'CronJob'];

const REFUSALS = [
  { reason: 'TooYoung', detail: 'Needs 1d of history, has 6h.' },
  {
    reason: 'HpaOnResource',
    detail:
      'A HorizontalPodAutoscaler scales this workload on cpu relative to its request: changing the request would change the number of pods.',
  },
  { reason: 'NoUsage', detail: 'No usage sample in the window.' },
];

/** A cluster of believable workloads: most ask for too much, a few for too little, some can't be judged. The same every time. */
export function fakeCluster(count: number): WorkloadAnalysis[] {
  const random = lcg(7);
  return Array.from({ length: count }, (_, i) => {
    const generation = Math.floor(i / (NAMESPACES.length * NAMES.length));
    const name = `${NAMES[i % NAMES.length]}${generation === 0 ? '' : `-${generation}`}`;
    const namespace = NAMESPACES[Math.floor(i / NAMES.length) % NAMESPACES.length] as string;
    const kind = KINDS[Math.floor(random() * KINDS.length)] as string;
    const pods = kind === 'CronJob' ? 1 : 1 + Math.floor(random() ** 2 * 14);
    const containers: ContainerSpec[] = [aSpec('app', random)];
    if (random() < 0.25) containers.push(aSpec('proxy', random, 0.2));
    return aWorkload({ ref: { namespace, kind, name }, pods, containers });
  });
}

function aSpec(name: string, random: () => number, scale = 1): ContainerSpec {
  const cpuMean = Math.round(scale * (20 + 900 * random() ** 3));
  const memoryMean = Math.round(scale * (60 + 3000 * random() ** 3)) * MIB;
  const tight = random() < 0.1;
  const cpuFactor = tight ? 1.4 + random() : 3.4 + 4 * random();
  const cpuRequest = nice(cpuMean * cpuFactor, 50);
  const memoryRequest = nice((memoryMean * (tight ? 1.25 : 1.6 + 1.5 * random())) / MIB, 64) * MIB;
  const refusal = random() < 0.14 ? REFUSALS[Math.floor(random() * REFUSALS.length)] : undefined;
  const unknownUsage = refusal?.reason === 'NoUsage';
  const cpu: ResourceSpec = {
    request: random() < 0.04 ? undefined : cpuRequest,
    limit: random() < 0.5 ? cpuRequest * 2 : undefined,
    mean: unknownUsage ? undefined : cpuMean,
    recommended: nice(cpuMean * 2.45, 5),
    refusal,
    overloadAfter: 0.002 + 0.007 * random(),
  };
  const memory: ResourceSpec = {
    request: memoryRequest,
    limit: Math.min(memoryRequest * 1.5, 64 * GIB),
    mean: unknownUsage ? undefined : memoryMean,
    recommended: nice((memoryMean * 1.5) / MIB, 16) * MIB,
    refusal: refusal?.reason === 'HpaOnResource' ? undefined : refusal,
    overloadAfter: 0,
  };
  const oomKills = tight && random() < 0.4 ? 1 + Math.floor(random() * 5) : 0;
  return { name, cpu, memory, oomKills, throttledShare: cpu.limit === undefined ? undefined : tight ? 0.12 : 0.004 };
}

function nice(amount: number, step: number): number {
  return Math.max(step, Math.ceil(amount / step) * step);
}

/** Numerical Recipes' linear congruential generator. */
function lcg(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
