import { describe, expect, it } from 'vitest';
import { NeapError } from '../../../common/errors.ts';
import type { OverviewDto, SeriesDto, StatusDto, WorkloadDto } from '../../../web/contract/api.ts';
import { anAnalysis, aWorkload, WINDOW_END } from '../builders.ts';
import { fakeCluster } from '../fake-cluster.ts';
import { fakeReadModel } from '../fake-read-model.ts';
import { AGE_SECONDS, start } from './start.ts';

const CHECKOUT = '/api/v1/workloads/shop/Deployment/checkout';

describe('GET /api/v1/overview', () => {
  it('tells the totals, the coverage by reason, and the worst and best first', async () => {
    const analysis = anAnalysis(fakeCluster(200));
    const server = await start(fakeReadModel(analysis));
    const overview = await server.json<OverviewDto>('/api/v1/overview');
    expect(overview.totals.potentialSavings).toBe(analysis.totals.potentialSavingsPerMonth);
    expect(overview.totals.savings).toBeCloseTo(overview.totals.potentialSavings - overview.totals.addedForSafety, 6);
    const uncovered = overview.coverage.reasons.reduce((sum, { containers }) => sum + containers, 0);
    expect(uncovered + overview.coverage.recommended).toBe(overview.coverage.containers);
    expect(overview.topSavings[0]?.savings).toBe(Math.max(...analysis.workloads.map((w) => w.savingsPerMonth)));
    expect(overview.topRisks[0]?.risk).toBe('high');
    expect(overview.topRisks[0]?.riskText).toMatch(/^OOM killed/);
    expect(Object.values(overview.risks).reduce((a, b) => a + b)).toBe(200);
  });

  it('adds the namespaces up to the whole cost, the small ones as one', async () => {
    const analysis = anAnalysis(fakeCluster(200));
    const server = await start(fakeReadModel(analysis));
    const { namespaces } = await server.json<OverviewDto>('/api/v1/overview');
    expect(namespaces).toHaveLength(9);
    expect(namespaces.at(-1)?.namespace).toBeNull();
    expect(namespaces.reduce((sum, { costNow }) => sum + costNow, 0)).toBeCloseTo(analysis.totals.costNowPerMonth, 6);
  });
});

describe('GET /api/v1/workloads/NAMESPACE/KIND/NAME', () => {
  it('tells each number with its trace, and how to apply it', async () => {
    const server = await start(fakeReadModel(anAnalysis()));
    const { containers, snippet } = await server.json<WorkloadDto>(CHECKOUT);
    const cpu = containers[0]?.cpu;
    expect(cpu).toMatchObject({ request: 1000, riskBudget: 0.01, recommendation: { ok: true, request: 445 } });
    expect(cpu?.trace.map(({ stage }) => stage)).toEqual(['history', 'quantile', 'margin', 'request', 'limit', 'check']);
    expect(snippet?.yaml).toBe(
      'containers:\n  - name: app\n    resources:\n      requests:\n        cpu: 445m\n        memory: 896Mi\n      limits:\n        cpu: "2"\n        memory: 2Gi\n',
    );
    expect(snippet?.kubectl).toBe(
      'kubectl set resources deployment/checkout -n shop -c app \\\n  --requests=cpu=445m,memory=896Mi \\\n  --limits=cpu=2,memory=2Gi',
    );
  });

  it('tells why there is no number, and offers nothing to apply', async () => {
    const refusal = { reason: 'TooYoung', detail: 'Needs 1d of history, has 6h.' };
    const young = aWorkload({ containers: [{ cpu: { request: 100, mean: 50, refusal }, memory: { request: 1e9, mean: 5e8, refusal } }] });
    const server = await start(fakeReadModel(anAnalysis([young])));
    const { containers, snippet } = await server.json<WorkloadDto>(CHECKOUT);
    expect(containers[0]?.cpu.recommendation).toEqual({ ok: false, ...refusal });
    expect(snippet).toBeNull();
  });

  it('has no kubectl command where the pod template can not be changed, and quotes hostile names', async () => {
    const job = aWorkload({ ref: { kind: 'Job' } });
    const hostile = aWorkload({ ref: { name: "x'; rm -rf ~" } });
    const server = await start(fakeReadModel(anAnalysis([job, hostile])));
    expect((await server.json<WorkloadDto>('/api/v1/workloads/shop/Job/checkout')).snippet?.kubectl).toBeNull();
    const { snippet } = await server.json<WorkloadDto>(`/api/v1/workloads/shop/Deployment/${encodeURIComponent("x'; rm -rf ~")}`);
    expect(snippet?.kubectl).toContain(`'deployment/x'\\''; rm -rf ~'`);
  });

  it('takes a limit away where the recommendation has none', async () => {
    const cpu = { request: 500, limit: 1000, mean: 100, recommended: 250, dropLimit: true };
    const memory = { request: 1e9, mean: 5e8, refusal: { reason: 'TooYoung', detail: 'Needs 1d of history, has 6h.' } };
    const server = await start(fakeReadModel(anAnalysis([aWorkload({ containers: [{ cpu, memory }] })])));
    const { snippet } = await server.json<WorkloadDto>(CHECKOUT);
    expect(snippet?.kubectl).toContain('--requests=cpu=250m \\\n  --limits=cpu=0');
    // The memory request stays in the manifest as it is; it is not part of the change.
    expect(snippet?.yaml).toContain('requests:\n        cpu: 250m\n        memory: "1000000000"');
    expect(snippet?.yaml).not.toContain('limits');
  });

  it('says what is unknown as 404 with a remedy', async () => {
    const server = await start(fakeReadModel(anAnalysis()));
    const response = await server.get('/api/v1/workloads/shop/Deployment/gone');
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({
      code: 'NoSuchWorkload',
      detail: 'The analysis has no Deployment gone in namespace shop.',
    });
  });
});

describe('GET …/series', () => {
  it('asks the source for the analysis step over the window, and gives at most 720 points with gaps as null', async () => {
    const model = fakeReadModel(anAnalysis());
    const server = await start(model);
    const series = await server.json<SeriesDto>(`${CHECKOUT}/series?window=14d`);
    expect(model.seriesRequests[0]).toMatchObject({
      fromUnixSeconds: WINDOW_END - 14 * 86_400,
      toUnixSeconds: WINDOW_END,
      stepSeconds: 300,
    });
    const cpu = series.containers[0]?.cpu;
    expect(cpu?.hottest.length).toBeLessThanOrEqual(720);
    expect((cpu?.hottest.length ?? 0) * series.stepSeconds).toBe(14 * 86_400);
    expect(cpu?.hottest).toContain(null);
    expect(cpu?.hottest).not.toContain(0);
    expect(cpu?.limit).toHaveLength(cpu?.hottest.length ?? -1);
  });

  it('keeps peaks when it folds points', async () => {
    const model = fakeReadModel(anAnalysis());
    const server = await start(model);
    const fine = await model.series({
      ...model.seriesRequests[0],
      workload: { namespace: 'shop', kind: 'Deployment', name: 'checkout' },
      fromUnixSeconds: WINDOW_END - 14 * 86_400,
      toUnixSeconds: WINDOW_END,
      stepSeconds: 300,
    });
    const peak = Math.max(...(fine.containers.get('app')?.cpu.hottestPod ?? []).filter(Number.isFinite));
    const series = await server.json<SeriesDto>(`${CHECKOUT}/series?window=14d`);
    expect(Math.max(...(series.containers[0]?.cpu.hottest ?? []).map((v) => v ?? 0))).toBe(peak);
  });

  it('reads once for many visitors, and again after a new analysis', async () => {
    const model = fakeReadModel(anAnalysis());
    const server = await start(model);
    await Promise.all([1, 2, 3].map(() => server.get(`${CHECKOUT}/series`)));
    expect(model.seriesRequests).toHaveLength(1);
    model.set({ version: 2, analysis: anAnalysis() });
    await server.get(`${CHECKOUT}/series`);
    expect(model.seriesRequests).toHaveLength(2);
  });

  it('passes the failure of the source on with its remedy, and tries anew the next time', async () => {
    const model = fakeReadModel(anAnalysis());
    const server = await start(model);
    model.failSeries(new NeapError('source', 'Prometheus at http://p:9090 answered 503', { remedy: 'Look at its log.' }));
    expect((await server.get(`${CHECKOUT}/series`)).status).toBe(502);
    expect(await server.problem(`${CHECKOUT}/series`)).toMatchObject({
      code: 'SourceFailed',
      detail: 'Prometheus at http://p:9090 answered 503',
      remedy: 'Look at its log.',
    });
    expect(model.seriesRequests).toHaveLength(2);
  });

  it.each(['7days', '5m', '90d', ''])('refuses the window %j', async (window) => {
    const server = await start(fakeReadModel(anAnalysis()));
    expect((await server.get(`${CHECKOUT}/series?window=${window}`)).status).toBe(400);
  });
});

describe('GET /api/v1/status', () => {
  it('tells state, origin and counters', async () => {
    const server = await start(fakeReadModel(anAnalysis()));
    const { state, data } = await server.json<StatusDto>('/api/v1/status');
    expect(state).toMatchObject({ version: 1, stale: false, error: null, progress: null, now: WINDOW_END + AGE_SECONDS });
    expect(data).toMatchObject({
      source: { server: 'Prometheus 2.42.0' },
      prices: { origin: 'default prices' },
      counters: { requests: 48 },
    });
  });

  it('is stale once two refreshes are missed, or where the samples are', async () => {
    const late = await start(fakeReadModel(anAnalysis()), { ageSeconds: 601 });
    expect((await late.json<StatusDto>('/api/v1/status')).state.stale).toBe(true);
    const freshness = { newestSampleUnixSeconds: WINDOW_END - 7200, ageSeconds: 7200, stale: true };
    const old = await start(fakeReadModel(anAnalysis(undefined, { freshness })));
    expect((await old.json<StatusDto>('/api/v1/status')).state.stale).toBe(true);
    const once = await start(fakeReadModel(anAnalysis(), { refreshSeconds: 0 }), { ageSeconds: 86_400 });
    expect((await once.json<StatusDto>('/api/v1/status')).state.stale).toBe(false);
  });

  it('answers before there is any analysis', async () => {
    const server = await start(fakeReadModel(undefined, { progress: { stage: 'Usage', done: 2, total: 9 } }));
    expect(await server.json('/api/v1/status')).toMatchObject({ state: { version: 0, progress: { done: 2, total: 9 } }, data: null });
  });
});
