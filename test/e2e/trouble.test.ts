import { afterAll, beforeAll, expect, it } from 'vitest';
import { NeapError } from '../../common/errors.ts';
import { describeWithBinaries } from '../system/with-binaries.ts';
import { anAnalysis, aWorkload, WINDOW_END } from '../web/builders.ts';
import { fakeCluster } from '../web/fake-cluster.ts';
import { fakeReadModel } from '../web/fake-read-model.ts';
import { createStage, type Stage } from './browser.ts';

const HOSTILE = '<img src=x onerror="window.hacked=1">';

describeWithBinaries(['chromium'], 'the dashboard in trouble, in Chromium', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await createStage();
  });
  afterAll(() => stage.close());

  it('shows hostile names as text', async () => {
    const hostile = aWorkload({ ref: { namespace: HOSTILE, name: `${HOSTILE}&copy;'"` }, containers: [{ name: HOSTILE }] });
    const findings = [{ severity: 'critical' as const, code: 'X', text: HOSTILE, remedy: HOSTILE, subject: undefined }];
    const source = { title: HOSTILE, server: HOSTILE };
    const { page, url, errors } = await stage.open(fakeReadModel(anAnalysis([hostile], { findings, source })));
    const key = ['workloads', HOSTILE, 'Deployment', `${HOSTILE}&copy;'"`].map(encodeURIComponent).join('/');
    for (const path of ['', 'workloads', `workloads?namespace=${encodeURIComponent(HOSTILE)}`, key, 'data']) {
      await page.goto(url + path);
      await page.getByText(HOSTILE).locator('visible=true').first().waitFor();
      expect(await page.evaluate('window.hacked')).toBeUndefined();
      expect(await page.locator('main img[src]').count()).toBe(0);
    }
    expect(errors).toEqual([]);
  });

  it('shows how far the first analysis is, and fills by itself when it is done', async () => {
    const model = fakeReadModel(undefined, { progress: { stage: 'Usage', done: 3, total: 12 } });
    const { page } = await stage.open(model);
    await page.getByRole('heading', { name: 'The first analysis runs' }).waitFor();
    await page.getByText('Usage: 3 of 12').waitFor();
    model.set({ progress: { stage: 'Usage', done: 9, total: 12 } });
    await page.getByText('Usage: 9 of 12').waitFor();
    model.set({ version: 1, analysis: anAnalysis(fakeCluster(20)), progress: undefined });
    await page.getByRole('heading', { name: 'Coverage' }).waitFor();
  });

  it('says why there is no analysis, and what to do', async () => {
    const lastError = {
      message: 'http://prometheus:9090 refuses connections',
      remedy: 'Check the address and the network policy.',
      atUnixSeconds: WINDOW_END,
    };
    const { page } = await stage.open(fakeReadModel(undefined, { lastError }));
    await page.getByRole('heading', { name: 'The history can not be read' }).waitFor();
    await page.getByText(lastError.message).waitFor();
    await page.getByText(lastError.remedy).waitFor();
  });

  it('keeps the numbers when a later analysis fails, and says how old they are', async () => {
    const model = fakeReadModel(anAnalysis(fakeCluster(20)));
    const { page } = await stage.open(model);
    await page.getByRole('heading', { name: 'Coverage' }).waitFor();
    model.set({ lastError: { message: 'Prometheus answered 503', remedy: 'Look at its log.', atUnixSeconds: WINDOW_END - 630 } });
    await page.getByText('The newest analysis failed 11 min ago.').waitFor();
    expect(await page.getByRole('heading', { name: 'Coverage' }).count()).toBe(1);
  });

  it('warns of stale data on every page', async () => {
    const freshness = { newestSampleUnixSeconds: WINDOW_END - 6 * 3600, ageSeconds: 6 * 3600, stale: true };
    const { page, url } = await stage.open(fakeReadModel(anAnalysis(fakeCluster(20), { freshness })));
    for (const path of ['', 'workloads', 'data']) {
      await page.goto(url + path);
      await page.getByText('The newest usage sample is 6 h old (Mon 16 Nov, 02:30)').waitFor();
    }
  });

  it('shows the chart’s error in its place, with the request id, and tries again', async () => {
    const model = fakeReadModel(anAnalysis([aWorkload()]));
    model.failSeries(new NeapError('source', 'Prometheus answered 503', { remedy: 'Look at its log.' }));
    const { page } = await stage.open(model, 'workloads/shop/Deployment/checkout');
    const cpu = page.getByRole('region', { name: 'CPU of app' });
    await cpu.getByText('Prometheus answered 503').waitFor();
    expect(await cpu.getByText(/^Request [0-9a-f-]{36}$/).count()).toBe(1);
    expect(await cpu.getByText('Why this number').count()).toBe(1);
    const before = model.seriesRequests.length;
    await cpu.getByRole('button', { name: 'Try again' }).click();
    await expect.poll(() => model.seriesRequests.length).toBeGreaterThan(before);
  });

  it('says when the server is gone', async () => {
    const { page, server } = await stage.open(fakeReadModel(anAnalysis(fakeCluster(20))));
    await page.getByRole('heading', { name: 'Coverage' }).waitFor();
    await server.close();
    await page.getByText('No connection to Neap.').waitFor();
  });

  it('says why a list is empty', async () => {
    const filtered = await stage.open(fakeReadModel(anAnalysis(fakeCluster(20))), 'workloads?q=nothing-like-it');
    await filtered.page.getByRole('heading', { name: 'No workload matches' }).waitFor();
    await filtered.page.getByRole('button', { name: 'Clear filters' }).click();
    await filtered.page.waitForURL(`${filtered.url}workloads`);
    const empty = await stage.open(fakeReadModel(anAnalysis([])), 'workloads');
    await empty.page.getByRole('heading', { name: 'The analysis has no workloads' }).waitFor();
    await empty.page.goto(empty.url);
    await empty.page.getByRole('heading', { name: 'The analysis has no workloads' }).waitFor();
    expect(await empty.page.locator('main').textContent()).not.toContain('$0');
  });

  it('says when a workload or a page does not exist', async () => {
    const { page, url } = await stage.open(fakeReadModel(anAnalysis()), 'workloads/shop/Deployment/gone');
    await page.getByText('The analysis has no Deployment gone in namespace shop.').waitFor();
    await page.goto(`${url}no/such/page`);
    await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
  });
});
