import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY_SECONDS, HOUR_SECONDS } from '../../../../common/units.ts';
import type { ContainerUsage, UsageChunk } from '../../../../predictor/core/usage.ts';
import type { WorkloadKey } from '../../../../predictor/core/workload.ts';
import { generateCluster } from '../../../../predictor/source/generated/cluster.ts';
import { createGeneratedSource } from '../../../../predictor/source/generated/generated-source.ts';
import type { HistorySummary, WorkloadFilter } from '../../../../predictor/source/history-source.ts';

const STEP = 300;
const cluster = generateCluster({ seed: 5, endUnixSeconds: 1_760_000_000, days: 14, stepSeconds: STEP });
const END = cluster.endUnixSeconds;
const source = createGeneratedSource(cluster);
const everything: WorkloadFilter = { namespaces: [], kinds: [], selector: '' };

interface Read {
  readonly chunks: UsageChunk[];
  readonly summary: HistorySummary;
}

const dayStart = (unixSeconds: number): number => Math.floor(unixSeconds / DAY_SECONDS) * DAY_SECONDS;

async function read(
  from: number,
  to: number,
  more: { step?: number; filter?: Partial<WorkloadFilter>; signal?: AbortSignal } = {},
): Promise<Read> {
  const chunks: UsageChunk[] = [];
  const { step = STEP, filter = {}, signal } = more;
  const request = {
    fromUnixSeconds: from,
    toUnixSeconds: to,
    stepSeconds: step,
    eventsFromUnixSeconds: dayStart(from),
    filter: { ...everything, ...filter },
  };
  const summary = await source.read({ ...request, ...(signal ? { signal } : {}) }, { usage: (chunk) => void chunks.push(chunk) });
  return { chunks, summary };
}

/** Every known value by series and time, whatever the chunks. */
function valuesOf(chunks: readonly UsageChunk[]): Map<string, readonly number[]> {
  const out = new Map<string, readonly number[]>();
  for (const { resource, containers, fromUnixSeconds, stepSeconds } of chunks) {
    for (const c of containers) {
      for (const [i, hottest] of c.hottestPod.entries()) {
        const at = `${c.workload}/${c.container} ${resource} ${fromUnixSeconds + i * stepSeconds}`;
        if (!Number.isNaN(hottest)) out.set(at, [hottest, c.meanOverPods[i] as number, c.pods[i] as number]);
      }
    }
  }
  return out;
}

interface Slot {
  readonly hottest: number;
  readonly mean: number;
  readonly pods: number;
}

function slotsOf({ hottestPod, meanOverPods, pods }: ContainerUsage): Slot[] {
  return [...hottestPod].map((hottest, i) => ({ hottest, mean: meanOverPods[i] as number, pods: pods[i] as number }));
}

const key = (text: string): WorkloadKey => text as WorkloadKey;

describe('history of a generated cluster', () => {
  it('comes in days, oldest first, CPU and memory of each', async () => {
    const { chunks, summary } = await read(END - 3.5 * DAY_SECONDS, END, { filter: { namespaces: ['kube-system'] } });
    expect(chunks.map((c) => [c.resource, (END - c.fromUnixSeconds) / DAY_SECONDS, c.slots])).toEqual([
      ['cpu', 3.5, 288],
      ['memory', 3.5, 288],
      ['cpu', 2.5, 288],
      ['memory', 2.5, 288],
      ['cpu', 1.5, 288],
      ['memory', 1.5, 288],
      ['cpu', 0.5, 144],
      ['memory', 0.5, 144],
    ]);
    expect(summary).toMatchObject({ readToUnixSeconds: END, newestSampleUnixSeconds: END - STEP });
  });

  it('reading [a, c) is reading [a, b) and then [b, c)', async () => {
    const slot = fc.integer({ min: 0, max: 4 * 288 });
    await fc.assert(
      fc.asyncProperty(fc.tuple(slot, slot, slot), fc.constantFrom(STEP, 900), async (slots, step) => {
        const [a, b, c] = slots.map((s) => END - 4 * DAY_SECONDS + Math.floor((s * STEP) / step) * step).sort((x, y) => x - y) as [
          number,
          number,
          number,
        ];
        const filter = { selector: 'app in (checkout,invoices,notifications,inventory-sync,ledger)' };
        const whole = await read(a, c, { step, filter });
        const first = await read(a, b, { step, filter });
        const rest = await read(first.summary.readToUnixSeconds, c, { step, filter });
        expect(new Map([...valuesOf(first.chunks), ...valuesOf(rest.chunks)])).toEqual(valuesOf(whole.chunks));
      }),
      { numRuns: 12 },
    );
  });

  it('no value is negative; a slot without sample is NaN with no pods; the mean is never above the hottest', async () => {
    const { chunks } = await read(END - 6 * DAY_SECONDS, END);
    const slots = chunks.flatMap((chunk) => chunk.containers.flatMap(slotsOf));
    const isUnknown = (slot: Slot) => Number.isNaN(slot.hottest) && Number.isNaN(slot.mean) && slot.pods === 0;
    const isKnown = (slot: Slot) => slot.hottest > 0 && slot.mean > 0 && slot.mean <= slot.hottest * (1 + 1e-12) && slot.pods > 0;
    expect(slots.filter((slot) => !isUnknown(slot) && !isKnown(slot))).toEqual([]);
    expect(slots.some(isUnknown)).toBe(true);
  });

  it('has gaps where the scrape was down, and counts them', async () => {
    const gap = cluster.workloads.find((w) => w.ref.name === 'ingest')?.gaps.at(-1) as { fromUnixSeconds: number; toUnixSeconds: number };
    const { chunks, summary } = await read(END - 3 * DAY_SECONDS, END, { filter: { selector: 'app=ingest' } });
    const known = [...valuesOf(chunks).keys()].map((k) => Number(k.split(' ').at(-1)));
    expect(known.filter((t) => t >= gap.fromUnixSeconds && t < gap.toUnixSeconds)).toEqual([]);
    // One and a half hours of three pods and two resources.
    expect(summary.counters.gaps).toBe(18 * 3 * 2);
    expect(summary.counters).toMatchObject({ series: 6, notANumber: 0, duplicates: 0, podsWithoutOwner: 0 });
  });

  it('folds samples into wider slots: the mean of CPU, the maximum of memory', async () => {
    const filter = { selector: 'app=anomaly-detector' };
    const fine = (await read(END - HOUR_SECONDS, END, { filter })).chunks;
    const wide = (await read(END - HOUR_SECONDS, END, { filter, step: HOUR_SECONDS })).chunks;
    const [cpu = [], memory = []] = fine.map((c) => [...(c.containers[0]?.hottestPod ?? [])]);
    expect(cpu).toHaveLength(12);
    expect(wide[0]?.containers[0]?.hottestPod[0]).toBeCloseTo(cpu.reduce((a, b) => a + b, 0) / 12, 6);
    expect(wide[1]?.containers[0]?.hottestPod[0]).toBe(Math.max(...memory));
  });

  it('honours namespaces, kinds and the selector over pod labels', async () => {
    const names = async (filter: Partial<WorkloadFilter>) =>
      [...(await read(END - HOUR_SECONDS, END, { filter })).summary.workloads.keys()].sort();
    expect(await names({ namespaces: ['kube-*'], kinds: ['daemonset'] })).toEqual([
      'kube-system/DaemonSet/kube-proxy',
      'kube-system/DaemonSet/log-shipper',
      'kube-system/DaemonSet/node-agent',
      'kube-system/DaemonSet/node-exporter',
    ]);
    expect(await names({ selector: 'team in (shop,payments),tier=data' })).toEqual([
      'payments/StatefulSet/payments-db',
      'shop/StatefulSet/product-db',
      'shop/StatefulSet/session-cache',
    ]);
    await expect(names({ selector: 'a b' })).rejects.toThrow('"a b" is no term');
  });

  it('tells the facts of workloads at the end of the window', async () => {
    const { summary } = await read(cluster.fromUnixSeconds, END);
    const facts = (name: string) => summary.workloads.get(key(name));
    expect(facts('shop/Deployment/storefront')).toMatchObject({ runningPods: 6, hpaResources: [] });
    expect(facts('shop/Deployment/checkout')?.hpaResources).toEqual(['cpu']);
    expect(facts('payments/Deployment/legacy-exporter')).toMatchObject({ runningPods: 0 });
    expect(facts('shop/Deployment/inventory-sync')?.containers.get('sync')?.current?.cpuRequestMillicores).toBe(600);
    const leak = facts('shop/Deployment/notifications')?.containers.get('sender');
    expect(leak).toMatchObject({ runningPods: 2, oomKillsKnown: true });
    const kills = leak?.events.filter((day) => day.oomKills > 0) ?? [];
    expect(kills.reduce((sum, day) => sum + day.oomKills, 0)).toBeGreaterThan(4);
    expect(new Set(kills.map((day) => day.oomLimitBytes))).toEqual(new Set([leak?.current?.memoryLimitBytes]));
    const throttledShare = (workload: string, container: string): number => {
      const events = facts(workload)?.containers.get(container)?.events ?? [];
      return events.reduce((sum, day) => sum + day.throttledPeriods, 0) / events.reduce((sum, day) => sum + day.cfsPeriods, 0);
    };
    expect(throttledShare('analytics/CronJob/etl', 'transform')).toBeGreaterThan(0.05);
    expect(throttledShare('shop/Deployment/storefront', 'web')).toBeLessThan(0.01);
    expect(facts('shop/Deployment/cart')?.containers.get('api')?.events).toEqual([]);
  });

  it('tells whole days of events, however late the usage that is read begins', async () => {
    const filter = { selector: 'app in (notifications,storefront)' };
    const whole = await read(END - 5 * DAY_SECONDS, END, { filter });
    const short = await read(END - HOUR_SECONDS, END, { filter });
    const events = ({ summary }: Read, workload: string, container: string) =>
      summary.workloads.get(key(workload))?.containers.get(container)?.events ?? [];
    for (const [workload, container] of [
      ['shop/Deployment/notifications', 'sender'],
      ['shop/Deployment/storefront', 'web'],
    ] as const) {
      const all = events(whole, workload, container);
      const today = dayStart(END - HOUR_SECONDS) / DAY_SECONDS;
      expect(all.map(({ day }) => day)).toEqual(all.map(({ day }) => day).sort((a, b) => a - b));
      expect(all.length).toBeGreaterThan(1);
      expect(events(short, workload, container)).toEqual(all.filter(({ day }) => day >= today));
    }
    const web = events(short, 'shop/Deployment/storefront', 'web');
    expect(web).toHaveLength(1);
    expect(web.every((day) => day.cfsPeriods > 0 && day.throttledPeriods <= day.cfsPeriods)).toBe(true);
  });

  it('counts pods by the share of the slot that they lived', async () => {
    const invoices = cluster.workloads.find((w) => w.ref.name === 'invoices');
    const { chunks } = await read(END - 2 * DAY_SECONDS, END, { filter: { selector: 'app=invoices' }, step: 3600 });
    const chunk = chunks.find((c) => c.resource === 'cpu') as UsageChunk;
    const pods = chunk.containers[0]?.pods ?? new Float64Array();
    for (const [slot, count] of pods.entries()) {
      if (count === 0) continue;
      const from = chunk.fromUnixSeconds + slot * 3600;
      const lived = (invoices?.pods ?? []).map(
        (pod) => Math.min(from + 3600, pod.endUnixSeconds ?? END) - Math.max(from, pod.startUnixSeconds),
      );
      expect(count).toBeLessThanOrEqual(lived.reduce((sum, seconds) => sum + Math.max(0, seconds), 0) / 3600 + 1e-9);
      expect(count).toBeLessThan(0.5);
    }
    expect(pods.some((count) => count > 0)).toBe(true);
  });

  it('reads no further than the history goes, and what is before it is unknown', async () => {
    const { chunks, summary } = await read(cluster.fromUnixSeconds - DAY_SECONDS, END + DAY_SECONDS, {
      filter: { selector: 'app=feature-store' },
    });
    expect(summary.readToUnixSeconds).toBe(END);
    expect(chunks).toHaveLength(2);
    const nothing = await read(END, END + DAY_SECONDS);
    expect(nothing.summary).toMatchObject({ readToUnixSeconds: END, newestSampleUnixSeconds: undefined });
    expect(nothing.chunks).toEqual([]);
  });

  it('reports progress to the end, and stops when told', async () => {
    const seen: number[] = [];
    const request = {
      fromUnixSeconds: END - 3 * DAY_SECONDS,
      toUnixSeconds: END,
      stepSeconds: STEP,
      eventsFromUnixSeconds: dayStart(END - 3 * DAY_SECONDS),
      filter: everything,
    };
    await source.read({ ...request, onProgress: ({ done, total }) => seen.push(done / total) }, { usage: () => {} });
    expect(seen.at(-1)).toBe(1);
    await expect(read(END - DAY_SECONDS, END, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
  });

  it('the fine series of a workload is the same history, with what was asked for at the time', async () => {
    const workload = { namespace: 'shop', kind: 'Deployment', name: 'inventory-sync' };
    const window = { fromUnixSeconds: END - 8 * DAY_SECONDS, toUnixSeconds: END, stepSeconds: STEP };
    const { slots, containers } = await source.readWorkload({ ...window, workload });
    const sync = containers.get('sync');
    const { chunks } = await read(window.fromUnixSeconds, END, { filter: { selector: 'app=inventory-sync' } });
    for (const resource of ['cpu', 'memory'] as const) {
      const columns = chunks.filter((c) => c.resource === resource).map((c) => c.containers[0]);
      expect([...(sync?.[resource].hottestPod ?? [])]).toEqual(columns.flatMap((c) => [...(c?.hottestPod ?? [])]));
      expect([...(sync?.[resource].meanOverPods ?? [])]).toEqual(columns.flatMap((c) => [...(c?.meanOverPods ?? [])]));
    }
    expect([sync?.cpu.request[0], sync?.cpu.request[slots - 1]]).toEqual([400, 600]);
    expect(sync?.memory.limit[0]).toBe(512 * 1024 ** 2);
    const unset = await source.readWorkload({ ...window, workload: { namespace: 'payments', kind: 'Deployment', name: 'card-vault' } });
    expect(unset.containers.get('vault')?.cpu.request[0]).toBeNaN();
    expect((await source.readWorkload({ ...window, workload: { ...workload, name: 'nobody' } })).containers.size).toBe(0);
  });

  it('is inspected as a source that has everything', async () => {
    const report = await source.inspect();
    expect(report.newestSampleUnixSeconds).toBe(END - STEP);
    expect(report.checks.every((c) => c.status === 'ok')).toBe(true);
  });
});

describe('a generated cluster that is watched', () => {
  it('goes on after its end: the clock brings samples, and cron jobs run', async () => {
    let now = END;
    const living = createGeneratedSource(
      generateCluster({ seed: 5, endUnixSeconds: END, days: 14, stepSeconds: STEP, goesOnSeconds: 7 * DAY_SECONDS }),
      () => now,
    );
    now = END + 2 * DAY_SECONDS + 17;
    expect((await living.inspect()).newestSampleUnixSeconds).toBe(END + 2 * DAY_SECONDS - STEP);
    const chunks: UsageChunk[] = [];
    const request = {
      fromUnixSeconds: END,
      toUnixSeconds: END + 5 * DAY_SECONDS,
      stepSeconds: STEP,
      eventsFromUnixSeconds: dayStart(END - 3 * DAY_SECONDS),
      filter: everything,
    };
    const summary = await living.read(request, { usage: (chunk) => void chunks.push(chunk) });
    expect(summary.readToUnixSeconds).toBe(END + 2 * DAY_SECONDS);
    expect([...summary.workloads.values()].some(({ ref }) => ref.kind === 'CronJob')).toBe(true);
    expect(valuesOf(chunks).size).toBeGreaterThan(0);
  });

  it('has the same past as one that ends', async () => {
    const living = createGeneratedSource(
      generateCluster({ seed: 5, endUnixSeconds: END, days: 14, stepSeconds: STEP, goesOnSeconds: 7 * DAY_SECONDS }),
      () => END + DAY_SECONDS,
    );
    const chunks: UsageChunk[] = [];
    const request = {
      fromUnixSeconds: END - DAY_SECONDS,
      toUnixSeconds: END,
      stepSeconds: STEP,
      eventsFromUnixSeconds: dayStart(END - 3 * DAY_SECONDS),
      filter: everything,
    };
    await living.read(request, { usage: (chunk) => void chunks.push(chunk) });
    expect(valuesOf(chunks)).toEqual(valuesOf((await read(END - DAY_SECONDS, END)).chunks));
  });
});
