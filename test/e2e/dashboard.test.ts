import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithBinaries } from '../system/with-binaries.ts';
import { anAnalysis } from '../web/builders.ts';
import { fakeCluster } from '../web/fake-cluster.ts';
import { fakeReadModel } from '../web/fake-read-model.ts';
import { createStage, type Stage, shownWorkloads } from './browser.ts';

const CLUSTER = anAnalysis(fakeCluster(140));

describeWithBinaries(['chromium'], 'the dashboard in Chromium', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await createStage();
  });
  afterAll(() => stage.close());

  it('fills the overview with cost, savings, risks and coverage', async () => {
    const { page, errors } = await stage.open(fakeReadModel(CLUSTER));
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    const { totals } = CLUSTER;
    await page
      .getByText(`$${Math.round(totals.potentialSavingsPerMonth).toLocaleString('en-US')}`)
      .first()
      .waitFor();
    await page.getByRole('heading', { name: 'At risk today' }).waitFor();
    expect(await page.locator('main').textContent()).toContain(`${totals.recommended} of ${totals.containers} containers`);
    expect(await page.title()).toBe('Overview · Neap');
    expect(errors).toEqual([]);
  });

  it('loads less than 150 KB, compressed, for the page with most in it', async () => {
    const { page } = await stage.open(fakeReadModel(CLUSTER), 'workloads/shop/Deployment/gateway-1');
    await page.locator('[data-ready=true]').first().waitFor();
    const loaded = (await page.evaluate("performance.getEntriesByType('resource').map((entry) => entry.name)")) as string[];
    const assets = loaded.filter((name) => name.includes('/assets/'));
    const sizes = await Promise.all(assets.map(async (name) => gzipSync(await (await fetch(name)).arrayBuffer()).byteLength));
    expect(assets.length).toBeGreaterThanOrEqual(3);
    expect(sizes.reduce((a, b) => a + b, 0)).toBeLessThan(150_000);
  });

  it('keeps sort, filter and page in the address, over reload and Back', async () => {
    const { page, url } = await stage.open(fakeReadModel(CLUSTER), 'workloads');
    await page.getByRole('button', { name: 'Waste/mo' }).click();
    await page.waitForURL(`${url}workloads?sort=waste`);
    expect(await page.locator('th[aria-sort=descending]').textContent()).toContain('Waste/mo');
    await page.getByRole('button', { name: 'Next' }).click();
    await page.waitForURL(`${url}workloads?sort=waste&page=2`);
    await page.getByText('26–50 of').waitFor();
    const second = await shownWorkloads(page);

    await page.reload();
    expect(await shownWorkloads(page)).toEqual(second);

    await page.getByRole('button', { name: /^High risk/ }).click();
    await page.waitForURL(`${url}workloads?risk=high&sort=waste`);
    await page.getByLabel('Filter by namespace').selectOption('shop');
    await page.waitForURL(`${url}workloads?namespace=shop&risk=high&sort=waste`);
    await page.getByRole('button', { name: 'Namespace shop: remove' }).waitFor();

    await page.goBack();
    await page.goBack();
    await page.waitForURL(`${url}workloads?sort=waste&page=2`);
    await page.getByText('26–50 of').waitFor();
    expect(await shownWorkloads(page)).toEqual(second);
  });

  it('filters while one types, and one step Back leaves the page', async () => {
    const { page, url } = await stage.open(fakeReadModel(CLUSTER));
    await page.getByRole('link', { name: 'Workloads', exact: true }).click();
    await page.getByLabel('Search workloads').pressSequentially('ledger');
    await page.waitForURL(`${url}workloads?q=ledger`);
    await page.getByText(/^\d+ of 140 workloads/).waitFor();
    expect(new Set(await shownWorkloads(page))).toEqual(new Set(['ledger', 'ledger-1']));
    expect(await page.locator('#live-region').textContent()).toMatch(/workloads found, page 1 of 1/);
    await page.goBack();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
  });

  it('offers the CSV of the filter', async () => {
    const { page } = await stage.open(fakeReadModel(CLUSTER), 'workloads?namespace=shop&page=1');
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'CSV of the filter' }).click()]);
    expect(download.suggestedFilename()).toBe('neap-workloads-2026-11-16.csv');
    expect(download.url()).toContain('namespace=shop');
  });

  it('explains a workload: chart, risk in words, steps, snippet', async () => {
    const { page, url, errors } = await stage.open(fakeReadModel(CLUSTER), 'workloads?q=shop+gateway-1');
    await page.getByRole('link', { name: 'gateway-1' }).click();
    await page.waitForURL(`${url}workloads/shop/Deployment/gateway-1`);
    await page.locator('[data-ready=true]').first().waitFor();
    const chart = page.getByRole('img', { name: /^Chart of CPU usage of app\. The hottest pod peaked at/ });
    expect(await chart.count()).toBe(1);
    expect(await painted(page, '.chart-canvas canvas')).toBe(true);
    const cpu = page.getByRole('region', { name: 'CPU of app' });
    expect(await cpu.textContent()).toMatch(/Above its request 22\s% of the time; would be 0\.\d+\s%; budget 1\s%/);
    expect(await cpu.locator('.step-stage').allTextContents()).toEqual(['History', 'Quantile', 'Margin', 'Request', 'Limit', 'Check']);
    expect(await page.getByRole('region', { name: 'kubectl command' }).textContent()).toContain(
      'kubectl set resources deployment/gateway-1 -n shop -c app',
    );

    await page.getByRole('link', { name: '14d' }).click();
    await page.waitForURL(`${url}workloads/shop/Deployment/gateway-1?window=14d`);
    await cpu.getByRole('button', { name: 'View as table' }).click();
    expect(await cpu.locator('tbody tr').count()).toBe(672);
    expect(await cpu.locator('tbody').textContent()).toContain('–');
    expect(errors).toEqual([]);
  });

  it('works under a path of a proxy, from any page', async () => {
    const { page, server } = await stage.open(fakeReadModel(CLUSTER));
    const proxy = createServer((req, res) => {
      const path = (req.url ?? '').replace('/clusters/a/neap', '');
      const onward = request(new URL(path, server.url), { headers: { ...req.headers, host: new URL(server.url).host } }, (answer) => {
        res.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(res);
      });
      res.on('close', () => onward.destroy());
      onward.on('error', () => res.destroy()).end();
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const mount = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/clusters/a/neap/`;
    await page.goto(`${mount}workloads/shop/Deployment/gateway-1`);
    await page.locator('[data-ready=true]').first().waitFor();
    await page.getByRole('link', { name: 'Overview', exact: true }).click();
    await page.getByRole('heading', { name: 'Coverage' }).waitFor();
    expect(page.url()).toBe(mount);
    await page.close();
    proxy.closeAllConnections();
    proxy.close();
  });

  it('keeps the chosen theme and sets it before the first paint', async () => {
    const { page } = await stage.open(fakeReadModel(CLUSTER), '', { colorScheme: 'light' });
    const background = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
    const light = await background();
    await page.getByRole('button', { name: 'Dark theme' }).click();
    const dark = await background();
    expect(dark).not.toBe(light);
    await page.reload({ waitUntil: 'commit' });
    await page.locator('body').waitFor();
    expect(await background()).toBe(dark);
    expect(page.url()).not.toContain('theme');
  });
});

/** Whether a canvas holds anything but nothing. */
async function painted(page: Awaited<ReturnType<Stage['open']>>['page'], selector: string): Promise<boolean> {
  return (await page.evaluate(`(() => {
    const canvas = document.querySelector(${JSON.stringify(selector)});
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    return data.some((value) => value !== 0);
  })()`)) as boolean;
}
