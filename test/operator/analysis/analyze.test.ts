import { describe, expect, it } from 'vitest';
import { GIB, MIB } from '../../../common/units.ts';
import { type AnalyzeOptions, analyze } from '../../../operator/analysis/analyze.ts';
import { DEFAULT_PRICES } from '../../../operator/api/price-book.ts';
import { resolvePolicy } from '../../../operator/api/recommendation-policy.ts';
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
    expect(web.costAfterPerMonth).toBeCloseTo(4 * (0.206 * 0.031611 + (460 / 1024) * 0.004237) * 730, 6);
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

  it('a workload that is gone costs nothing and gets no advice', async () => {
    const { analysis } = await run([{ ...WEB, runningPods: 0 }]);
    expect(analysis.totals.costNowPerMonth).toBe(0);
    const cpu = analysis.workloads[0]?.containers[0]?.cpu;
    expect(cpu?.recommendation).toMatchObject({ ok: false, reason: 'NotRunning' });
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

  it('says so when there is no usage at all, or no workload passes', async () => {
    const empty = fakeSource([], { newest: () => NOW, report: { newestSampleUnixSeconds: undefined } });
    await expect(analyze(options(empty), NOW)).rejects.toMatchObject({ code: 'noData', remedy: expect.stringContaining('neap doctor') });
    await expect(run([])).rejects.toMatchObject({ code: 'noData', remedy: expect.stringContaining('--namespace') });
  });

  it('reads only what is new the second time, and answers as if it had read all at once', async () => {
    let newest = NOW - 3 * 86_400;
    const wave = {
      ...WEB,
      containers: {
        app: {
          ...WEB.containers.app,
          use: (r: 'cpu' | 'memory', t: number) => (r === 'cpu' ? 200 + 100 * Math.sin(t / 9000) : (t % 7000) * MIB),
        },
      },
    };
    const source = fakeSource([wave as FakeWorkload], { newest: () => newest });
    const first = await analyze(options(source), newest);
    newest = NOW;
    const second = await analyze(options(source), NOW, first.memory);
    expect(source.reads[1]?.fromUnixSeconds).toBe(source.reads[0]?.toUnixSeconds);
    const atOnce = await analyze(options(fakeSource([wave as FakeWorkload], { newest: () => NOW })), NOW);
    const cpu = (run: typeof second) => run.analysis.workloads[0]?.containers[0]?.cpu.recommendation;
    expect(second.analysis.window).toEqual(atOnce.analysis.window);
    const [a, b] = [cpu(second), cpu(atOnce)];
    if (!a?.ok || !b?.ok) throw new Error('both have a recommendation');
    // The first run's oldest, half day is kept whole: days fall off as days.
    expect(a.value.request).toBeCloseTo(b.value.request, -1);
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
