import { describe, expect, it } from 'vitest';
import { GIB, MIB } from '../../../common/units.ts';
import { type AnalyzeOptions, analyze } from '../../../operator/analysis/analyze.ts';
import { DEFAULT_PRICES } from '../../../operator/api/price-book.ts';
import { resolvePolicy } from '../../../operator/api/recommendation-policy.ts';
import { workloadKey } from '../../../predictor/core/workload.ts';
import type { HistorySource } from '../../../predictor/source/history-source.ts';
import { type FakeWorkload, fakeSource } from './fake-source.ts';

const NOW = 1_800_000_000;
const steady = (millicores: number, bytes: number) => (resource: 'cpu' | 'memory') => (resource === 'cpu' ? millicores : bytes);

const WEB: FakeWorkload = {
  ref: { namespace: 'shop', kind: 'Deployment', name: 'web' },
  pods: 4,
  containers: { app: { use: steady(200, 400 * MIB), cpuRequestMillicores: 1000, memoryRequestBytes: 2 * GIB, memoryLimitBytes: 2 * GIB } },
};
const STARVED: FakeWorkload = {
  ref: { namespace: 'shop', kind: 'Deployment', name: 'starved' },
  pods: 2,
  containers: { app: { use: steady(900, 400 * MIB), cpuRequestMillicores: 100, memoryRequestBytes: 512 * MIB } },
};

function options(source: HistorySource): AnalyzeOptions {
  return {
    source,
    policy: resolvePolicy(undefined),
    policyOrigin: 'default',
    prices: DEFAULT_PRICES,
    historySeconds: 7 * 86_400,
    stepSeconds: 300,
    filter: { namespaces: [], kinds: [], selector: '' },
    neapVersion: '0.0.0-test',
  };
}

const run = (workloads: readonly FakeWorkload[], newest = NOW) => analyze(options(fakeSource(workloads, { newest: () => newest })), NOW);

describe('analyze', () => {
  it('counts money as pods × max(request, use) × price × 730 h, and what lowers apart from what raises', async () => {
    const { analysis } = await run([STARVED, WEB]);
    const [web, starved] = analysis.workloads;
    if (!web || !starved) throw new Error('two workloads were given');
    expect([web.ref.name, starved.ref.name]).toEqual(['web', 'starved']);
    expect(web.costNowPerMonth).toBeCloseTo(4 * (1 * 0.031611 + 2 * 0.004237) * 730, 6);
    expect(web.costAfterPerMonth).toBeCloseTo(4 * (0.216 * 0.031611 + (460 / 1024) * 0.004237) * 730, 6);
    expect(starved.savingsPerMonth).toBeLessThan(0);
    const { totals } = analysis;
    expect(totals.costNowPerMonth - totals.costAfterPerMonth).toBeCloseTo(
      totals.potentialSavingsPerMonth - totals.addedForSafetyPerMonth,
      9,
    );
    expect(totals.potentialSavingsPerMonth).toBeLessThanOrEqual(totals.costNowPerMonth);
    expect(totals).toMatchObject({ workloads: 2, containers: 2, recommended: 2, usedMillicores: 4 * 200 + 2 * 900 });
  });

  it('calls a workload that lives above its request a high risk', async () => {
    const { analysis } = await run([WEB, STARVED]);
    expect(analysis.workloads.map((w) => [w.ref.name, w.risk])).toEqual([
      ['web', 'low'],
      ['starved', 'high'],
    ]);
  });

  it('a workload that is gone costs nothing and gets no advice; one that is scaled to none at night costs its mean', async () => {
    const use = (from: number) => (resource: 'cpu' | 'memory', t: number) => (t < from ? steady(200, 400 * MIB)(resource) : Number.NaN);
    const until = (from: number) =>
      ({ ...WEB, runningPods: 0, containers: { app: { ...WEB.containers.app, use: use(from) } } }) as FakeWorkload;
    const { analysis } = await run([STARVED, until(NOW - 2 * 86_400)]);
    const gone = analysis.workloads.find((w) => w.ref.name === 'web');
    expect(gone?.costNowPerMonth).toBe(0);
    expect(gone?.containers[0]?.cpu.recommendation).toMatchObject({ ok: false, reason: 'NotRunning' });
    const resting = await run([STARVED, until(NOW - 12 * 3600)]);
    expect(resting.analysis.workloads.find((w) => w.ref.name === 'web')?.pods).toBeCloseTo((4 * 6.5) / 7, 1);
  });

  it('weighs use by the pods that had it: waste is what all pods left unused', async () => {
    const busy = (t: number) => t % 86_400 < 43_200;
    const scaled: FakeWorkload = {
      ...WEB,
      containers: {
        app: {
          use: (resource, t) => (resource === 'memory' ? 400 * MIB : busy(t) ? 900 : 100),
          podsAt: (t) => (busy(t) ? 9 : 1),
          cpuRequestMillicores: 1000,
          memoryRequestBytes: 400 * MIB,
        },
      },
    };
    const { analysis } = await run([scaled]);
    expect(analysis.totals.usedMillicores).toBeCloseTo((9 * 900 + 100) / 2, 6);
    expect(analysis.totals.requestedMillicores).toBeCloseTo(5000, 6);
    expect(analysis.totals.wastePerMonth).toBeCloseTo(((5000 - 4100) / 1000) * 0.031611 * 730, 6);
  });

  it('jobs that ran one after the other are one pod, not as many as there were', async () => {
    const start = NOW - 7 * 86_400;
    const jobs = Array.from({ length: 168 }, (_, i): FakeWorkload => {
      const runs = (t: number) => t >= start + i * 3600 && t < start + (i + 1) * 3600;
      const use = (resource: 'cpu' | 'memory', t: number) => (runs(t) ? steady(500, 100 * MIB)(resource) : Number.NaN);
      return {
        ref: { namespace: 'ci', kind: 'Job', name: `build-${i}` },
        runningPods: 0,
        containers: { app: { use, cpuRequestMillicores: 1000 } },
      };
    });
    const { analysis } = await run([WEB, ...jobs]);
    const requested = analysis.totals.requestedMillicores - 4 * 1000;
    expect(requested).toBeGreaterThan(950);
    expect(requested).toBeLessThan(1050);
  });

  it('a container that no running pod has any more costs nothing', async () => {
    const { app } = WEB.containers;
    const renamed: FakeWorkload = {
      ...WEB,
      containers: { old: { ...app, runningPods: 0 } as FakeWorkload['containers'][string], new: app as FakeWorkload['containers'][string] },
    };
    const both = (await run([renamed])).analysis.workloads[0];
    const one = (await run([WEB])).analysis.workloads[0];
    expect(both?.costNowPerMonth).toBeCloseTo(one?.costNowPerMonth as number, 9);
    expect(both?.containers.map((c) => [c.name, c.pods])).toEqual([
      ['new', 4],
      ['old', 0],
    ]);
  });

  it('where requests are not known, nothing is said of savings and risk', async () => {
    const { analysis } = await run([{ ...STARVED, containers: { app: { use: steady(900, 400 * MIB), currentKnown: false } } }]);
    expect(analysis.workloads[0]).toMatchObject({ risk: 'unknown', savingsPerMonth: 0, wastePerMonth: 0 });
    expect(analysis.totals).toMatchObject({ potentialSavingsPerMonth: 0, addedForSafetyPerMonth: 0 });
    expect(analysis.workloads[0]?.containers[0]?.cpu).toMatchObject({ currentKnown: false, overloadNow: undefined });
  });

  it('an HPA on CPU withholds advice on CPU only', async () => {
    const { analysis } = await run([{ ...WEB, hpaResources: ['cpu'] }]);
    const container = analysis.workloads[0]?.containers[0];
    expect(container?.cpu.recommendation).toMatchObject({ ok: false, reason: 'HpaOnResource' });
    expect(container?.memory.recommendation.ok).toBe(true);
    expect(analysis.totals.recommended).toBe(0);
  });

  it('describes an old history as of its end, and says loudly that it is old', async () => {
    const { analysis } = await run([WEB], NOW - 7200);
    expect(analysis.window.toUnixSeconds).toBeLessThanOrEqual(NOW - 7200 + 300);
    expect(analysis.freshness).toMatchObject({ stale: true, ageSeconds: 7200 });
    expect(analysis.findings[0]).toMatchObject({ severity: 'critical', code: 'StaleHistory', text: expect.stringContaining('2h old') });
  });

  it('nothing but zeros is no usage: neither waste nor a low risk is concluded from it', async () => {
    const { analysis } = await run([
      WEB,
      { ...STARVED, containers: { app: { ...STARVED.containers.app, use: () => 0 } as FakeWorkload['containers'][string] } },
    ]);
    const zeros = analysis.workloads.find((w) => w.ref.name === 'starved');
    expect(zeros).toMatchObject({ risk: 'unknown', wastePerMonth: 0 });
    expect(zeros?.containers[0]?.cpu.usage).toMatchObject({ ok: false, reason: 'OnlyZeros' });
  });

  it('use at the limit is a finding and a risk', async () => {
    const capped = {
      ref: { ...WEB.ref, name: 'capped' },
      containers: { app: { use: steady(200, 400 * MIB), cpuRequestMillicores: 200, cpuLimitMillicores: 200, memoryRequestBytes: GIB } },
    };
    const { analysis } = await run([capped]);
    expect(analysis.workloads[0]?.risk).toBe('medium');
    expect(analysis.findings).toContainEqual(expect.objectContaining({ code: 'CappedByLimit', subject: 'shop/Deployment/capped/app' }));
  });

  it('says so when there is no usage at all, or no workload passes', async () => {
    const empty = fakeSource([], { newest: () => NOW, report: { newestSampleUnixSeconds: undefined } });
    await expect(analyze(options(empty), NOW)).rejects.toMatchObject({ code: 'noData', remedy: expect.stringContaining('neap doctor') });
    await expect(run([])).rejects.toMatchObject({ code: 'noData', remedy: expect.stringContaining('--namespace') });
  });

  it('reads only what is new or has not settled the second time, and answers as if it had read all at once', async () => {
    let newest = NOW - 3 * 86_400;
    const use = (r: 'cpu' | 'memory', t: number) => (r === 'cpu' ? 200 + 100 * Math.sin(t / 9000) : (t % 7000) * MIB);
    const wave: FakeWorkload = { ...WEB, containers: { app: { ...WEB.containers.app, use } } };
    const source = fakeSource([wave], { newest: () => newest });
    const first = await analyze(options(source), newest);
    newest = NOW;
    const second = await analyze(options(source), NOW, first.memory);
    expect((source.reads[0]?.toUnixSeconds as number) - (source.reads[1]?.fromUnixSeconds as number)).toBe(900);
    const atOnce = await analyze(options(fakeSource([wave], { newest: () => NOW })), NOW);
    expect(second.analysis.window).toEqual({ ...atOnce.analysis.window, dataFromUnixSeconds: second.analysis.window.dataFromUnixSeconds });
    const days = (run: typeof second) =>
      run.memory?.settled
        .get(workloadKey(WEB.ref), 'app')
        .cpu.days.slice(1)
        .map((d) => [d.day, d.slots, d.peak]);
    expect(days(second)).toEqual(days(atOnce));
  });

  it('a sample that comes late is not lost, and none is counted twice', async () => {
    let late = false;
    const use = (r: 'cpu' | 'memory', t: number) =>
      t >= NOW - 600 && !late ? Number.NaN : r === 'memory' && t >= NOW - 600 ? 900 * MIB : steady(200, 400 * MIB)(r);
    const source = fakeSource([{ ...WEB, containers: { app: { ...WEB.containers.app, use } } } as FakeWorkload], { newest: () => NOW });
    let run = await analyze(options(source), NOW);
    late = true;
    for (let i = 0; i < 3; i++) run = await analyze(options(source), NOW, run.memory);
    const usage = run.analysis.workloads[0]?.containers[0]?.memory.usage;
    expect(usage).toMatchObject({ ok: true, value: { max: 900 * MIB, samples: 7 * 288 } });
  });

  it('time that goes back reads nothing twice', async () => {
    let newest = NOW;
    const source = fakeSource([WEB], { newest: () => newest });
    let run = await analyze(options(source), NOW);
    for (const at of [NOW - 7200, NOW, NOW - 3600, NOW]) {
      newest = at;
      run = await analyze(options(source), at, run.memory);
      expect(run.analysis.workloads[0]).toMatchObject({ pods: 4, containers: [{ cpu: { recommendation: { ok: true } } }] });
    }
    expect(run.analysis.workloads[0]?.containers[0]?.cpu.usage).toMatchObject({ ok: true, value: { samples: 7 * 288 } });
  });

  it('nothing is built on answers that the server called partial', async () => {
    const source = fakeSource([WEB], { newest: () => NOW });
    source.partialAnswers = 1;
    const { analysis, memory } = await analyze(options(source), NOW);
    expect(memory).toBeUndefined();
    expect(analysis.findings[0]).toMatchObject({ severity: 'critical', code: 'PartialAnswers' });
  });

  it('leaves what a failed run started from untouched', async () => {
    const source = fakeSource([WEB], { newest: () => NOW });
    const first = await analyze(options(source), NOW);
    source.failWith = new Error('connection reset');
    await expect(analyze(options(source), NOW + 600, first.memory)).rejects.toThrow('connection reset');
    source.failWith = undefined;
    const again = await analyze(options(source), NOW, first.memory);
    expect(again.analysis.workloads).toEqual(first.analysis.workloads);
  });
});
