import { describe, expect, it } from 'vitest';
import { incidentsOf, NO_FACTS, type RememberedFacts, remember } from '../../../operator/analysis/remembered-facts.ts';
import { workloadKey } from '../../../predictor/core/workload.ts';
import type { ContainerFacts, DayEvents, WorkloadFacts } from '../../../predictor/source/history-source.ts';

const DAY = 86_400;
const REF = { namespace: 'shop', kind: 'Deployment', name: 'web' };
const KEY = workloadKey(REF);
type Workloads = ReadonlyMap<typeof KEY, WorkloadFacts>;

const day = (number: number, oomKills: number, more: Partial<DayEvents> = {}): DayEvents => ({
  day: number,
  oomKills,
  oomLimitBytes: undefined,
  cfsPeriods: 0,
  throttledPeriods: 0,
  ...more,
});

function workloads(events: readonly DayEvents[], names: readonly string[] = ['app']): Workloads {
  const current = { cpuRequestMillicores: 100, cpuLimitMillicores: undefined, memoryRequestBytes: undefined, memoryLimitBytes: undefined };
  const container: ContainerFacts = { runningPods: 2, current, oomKillsKnown: true, events };
  return new Map([[KEY, { ref: REF, runningPods: 2, hpaResources: [], containers: new Map(names.map((name) => [name, container])) }]]);
}

function read(before: RememberedFacts, eventsFromDay: number, told: Workloads, hasUsage = true): RememberedFacts {
  const windowFromUnixSeconds = Math.max(0, eventsFromDay - 13) * DAY;
  return remember(before, {
    eventsFromUnixSeconds: eventsFromDay * DAY,
    windowFromUnixSeconds,
    toUnixSeconds: (eventsFromDay + 1) * DAY,
    workloads: told,
    hasUsage: () => hasUsage,
  });
}

const appOf = (facts: RememberedFacts) => facts.get(KEY)?.containers.get('app');
const incidents = (facts: RememberedFacts) => incidentsOf(appOf(facts)?.events ?? []);

describe('facts over several reads', () => {
  it('a day told again replaces what was told of it: nothing is counted twice', () => {
    const morning = read(NO_FACTS, 0, workloads([day(0, 3, { oomLimitBytes: 512 }), day(1, 1)]));
    const noon = read(morning, 1, workloads([day(1, 2)]));
    expect(incidents(noon)).toMatchObject({ oomKills: 5, oomLimitBytes: 512 });
    expect(incidents(read(noon, 1, workloads([day(1, 2)])))).toEqual(incidents(noon));
  });

  it('days that the window has passed are forgotten, however much was read at once', () => {
    const first = read(NO_FACTS, 0, workloads([day(0, 7), day(9, 1)]));
    expect(incidents(read(first, 13, workloads([]))).oomKills).toBe(8);
    expect(incidents(read(first, 14, workloads([]))).oomKills).toBe(1);
    expect(incidents(read(first, 30, workloads([]))).oomKills).toBe(0);
  });

  it('quiet days cost no memory', () => {
    let facts = NO_FACTS;
    for (let i = 0; i < 100; i++) facts = read(facts, i, workloads([]));
    expect(appOf(facts)?.events).toEqual([]);
  });

  it('throttling is weighed by periods', () => {
    const facts = read(
      NO_FACTS,
      0,
      workloads([day(0, 0, { cfsPeriods: 900, throttledPeriods: 90 }), day(1, 0, { cfsPeriods: 100, throttledPeriods: 60 })]),
    );
    expect(incidents(facts).throttledShare).toBeCloseTo(0.15, 12);
    expect(incidentsOf([]).throttledShare).toBeUndefined();
  });

  it('a workload that the newest read does not know has no pods, and is forgotten once the window has passed it', () => {
    const known = read(NO_FACTS, 0, workloads([day(0, 1)]));
    const gone = read(known, 1, new Map());
    expect([gone.get(KEY)?.runningPods, appOf(gone)?.runningPods, incidents(gone).oomKills]).toEqual([0, 0, 1]);
    expect(read(gone, 2, new Map(), false).size).toBe(1);
    expect(read(gone, 30, new Map(), false).size).toBe(0);
  });

  it('a pod that was without owner for a scrape is forgotten with its usage', () => {
    const ref = { namespace: 'shop', kind: 'Pod', name: 'web-2-a' };
    const ghost = new Map([[workloadKey(ref), { ref, runningPods: 1, hpaResources: [], containers: new Map() }]]);
    expect(read(read(NO_FACTS, 0, ghost), 0, workloads([]), false).has(workloadKey(ref))).toBe(false);
  });

  it('a container that the newest read does not tell of is dropped with what it asked for', () => {
    const renamed = read(read(NO_FACTS, 0, workloads([], ['old'])), 1, workloads([], ['new']));
    expect([...(renamed.get(KEY)?.containers.keys() ?? [])]).toEqual(['new']);
  });
});
