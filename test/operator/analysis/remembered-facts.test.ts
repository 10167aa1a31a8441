import { describe, expect, it } from 'vitest';
import { factsOverWindow, NO_FACTS, remember } from '../../../operator/analysis/remembered-facts.ts';
import { workloadKey } from '../../../predictor/core/workload.ts';
import type { ContainerFacts, WorkloadFacts } from '../../../predictor/source/history-source.ts';

const HOUR = 3600;
const REF = { namespace: 'shop', kind: 'Deployment', name: 'web' };

function facts(container: Partial<ContainerFacts>, runningPods = 1): ReadonlyMap<ReturnType<typeof workloadKey>, WorkloadFacts> {
  const current = { cpuRequestMillicores: 100, cpuLimitMillicores: undefined, memoryRequestBytes: undefined, memoryLimitBytes: undefined };
  const app = { current, oomKills: 0, oomLimitBytes: undefined, throttledShare: undefined, ...container };
  return new Map([[workloadKey(REF), { ref: REF, runningPods, meanPods: 1, hpaResources: [], containers: new Map([['app', app]]) }]]);
}

function afterReads(...reads: readonly [from: number, to: number, workloads: ReturnType<typeof facts>][]) {
  let memory = NO_FACTS;
  for (const [from, to, workloads] of reads) {
    memory = remember(
      memory,
      { fromUnixSeconds: from * HOUR, toUnixSeconds: to * HOUR, workloads },
      { windowFromUnixSeconds: (to - 24) * HOUR, hasUsage: () => to < 40 },
    );
  }
  return factsOverWindow(memory)[0];
}

const app = (f: WorkloadFacts | undefined) => f?.containers.get('app');

describe('facts over several reads', () => {
  it('adds up OOM kills, keeps the limit of the last one, and forgets both when the window has passed them', () => {
    const kill = facts({ oomKills: 2, oomLimitBytes: 512 });
    expect(app(afterReads([0, 1, kill], [1, 2, facts({ oomKills: 1 })]))).toMatchObject({ oomKills: 3, oomLimitBytes: 512 });
    expect(app(afterReads([0, 1, kill], [25, 26, facts({})]))).toMatchObject({ oomKills: 0, oomLimitBytes: undefined });
  });

  it('weighs throttling by the time of the ranges', () => {
    expect(app(afterReads([0, 3, facts({ throttledShare: 0.1 })], [3, 4, facts({ throttledShare: 0.5 })]))?.throttledShare).toBeCloseTo(
      0.2,
      12,
    );
  });

  it('a workload that the newest read does not know has no pods any more, but is remembered', () => {
    const gone = afterReads([0, 1, facts({ oomKills: 1 }, 3)], [1, 2, new Map()]);
    expect(gone?.runningPods).toBe(0);
    expect(app(gone)?.oomKills).toBe(1);
  });

  it('a workload without pods and usage in the window is forgotten', () => {
    expect(afterReads([0, 1, facts({})], [50, 51, new Map()])).toBeUndefined();
    expect(afterReads([0, 1, facts({})], [50, 51, facts({})])).toBeDefined();
  });

  it('an empty range changes nothing', () => {
    expect(afterReads([0, 1, facts({}, 3)], [1, 1, new Map()])?.runningPods).toBe(3);
  });

  it('not knowing about OOM kills stays not knowing', () => {
    expect(app(afterReads([0, 1, facts({ oomKills: undefined })]))?.oomKills).toBeUndefined();
  });
});
