import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { generateCluster } from '../../predictor/source/generated/cluster.ts';
import { type Running, startProcess } from '../operator/cli/neap-process.ts';
import { writeOpenMetricsFile } from '../system/open-metrics/write.ts';
import { findBinary } from '../system/parts.ts';
import { startPrometheus, type TestServer } from '../system/servers.ts';
import { describeWithBinaries } from '../system/with-binaries.ts';
import { CHROMIUM_ARGS, shownWorkloads } from './browser.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const STEP_SECONDS = 300;

describeWithBinaries(['chromium', 'prometheus', 'promtool'], 'neap serve as users start it', () => {
  let browser: Browser;
  let prometheus: TestServer;
  let folder: string;
  let served: Running | undefined;

  beforeAll(async () => {
    execFileSync('npm', ['run', '--silent', 'build'], { cwd: ROOT });
    folder = mkdtempSync(join(tmpdir(), 'neap-served-'));
    const now = Math.floor(Date.now() / 1000 / STEP_SECONDS) * STEP_SECONDS;
    const cluster = generateCluster({ seed: 3, endUnixSeconds: now, days: 2, stepSeconds: STEP_SECONDS });
    const file = join(folder, 'history.om');
    await writeOpenMetricsFile({ ...cluster, workloads: cluster.workloads.filter((w) => w.ref.namespace === 'shop') }, file);
    prometheus = await startPrometheus({ openMetricsFile: file });
    browser = await chromium.launch({ executablePath: findBinary('chromium') as string, args: CHROMIUM_ARGS });
  }, 180_000);
  afterEach(async () => {
    served?.process.kill('SIGTERM');
    expect((await served?.finished)?.code, 'a stop by signal is clean').toBe(0);
  });
  afterAll(async () => {
    await browser?.close();
    await prometheus?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The address that the process prints. */
  async function start(command: string, args: readonly string[]): Promise<string> {
    served = startProcess(command, args);
    return (await served.saw(/http:\/\/127\.0\.0\.1:\d+\//))[0];
  }

  async function open(url: string): Promise<{ page: Page; errors: string[] }> {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    const errors: string[] = [];
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(url);
    return { page, errors };
  }

  async function walkThrough(url: string): Promise<string[]> {
    const { page, errors } = await open(url);
    await page.getByRole('heading', { name: 'Largest potential savings' }).waitFor({ timeout: 30_000 });
    await page.getByRole('link', { name: 'Workloads', exact: true }).first().click();
    const workloads = await shownWorkloads(page);
    await page.locator('tbody th a').first().click();
    await page.getByRole('heading', { name: 'Why this number' }).first().waitFor();
    await page.locator('[data-ready=true]').first().waitFor();
    await page.close();
    expect(errors).toEqual([]);
    return workloads;
  }

  it('shows a real Prometheus: overview, workloads, a chart and the way of a number', async () => {
    const args = ['dist/operator/cli/main.js', 'serve', '--prometheus', prometheus.url, '--history', '2d', '--port', '0'];
    expect(await walkThrough(await start(process.execPath, args))).toContain('storefront');
  }, 90_000);

  it('the demo fills its page on a free port', async () => {
    // What `npm run demo` runs, without npm between the signal and the process.
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: { demo: string } };
    const [command = '', ...args] = scripts.demo.split(' ');
    expect((await walkThrough(await start(command, args))).length).toBeGreaterThan(20);
  }, 90_000);
});
