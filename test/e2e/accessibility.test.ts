import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithBinaries } from '../system/with-binaries.ts';
import { anAnalysis } from '../web/builders.ts';
import { fakeCluster } from '../web/fake-cluster.ts';
import { fakeReadModel } from '../web/fake-read-model.ts';
import { createStage, type Stage } from './browser.ts';

const CLUSTER = anAnalysis(fakeCluster(60), { freshness: { newestSampleUnixSeconds: 1, ageSeconds: 9e8, stale: true } });
const PATHS = ['', 'workloads', 'workloads?q=nothing-like-it', 'workloads/shop/Deployment/api', 'data', 'no/such/page'];
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

describeWithBinaries(['chromium'], 'accessibility in Chromium', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await createStage();
  });
  afterAll(() => stage.close());

  it.each([
    ['light', 1440],
    ['dark', 1440],
    ['light', 390],
    ['dark', 390],
  ] as const)('axe finds nothing in the %s theme at %i pixels', async (colorScheme, width) => {
    const { page, url } = await stage.open(fakeReadModel(CLUSTER), '', {
      colorScheme,
      viewport: { width, height: 900 },
      reducedMotion: 'reduce',
    });
    for (const path of PATHS) {
      await page.goto(url + path);
      await settled(page);
      expect({ path, violations: await violations(page) }).toEqual({ path, violations: [] });
      expect(await page.evaluate('document.documentElement.scrollWidth'), `${path} is as wide as the window`).toBeLessThanOrEqual(width);
    }
  });

  it('lets a keyboard go from the overview to the explanation of a workload', async () => {
    const { page, url } = await stage.open(fakeReadModel(CLUSTER));
    await settled(page);
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe('Skip to content');
    await page.keyboard.press('Enter');
    await tabTo(page, /^All \d+ workloads at risk$/);
    await page.keyboard.press('Enter');
    await page.waitForURL(`${url}workloads?risk=high&risk=medium&sort=risk`);
    await page.locator('table.rows').waitFor();
    await tabTo(page, /^Potential\/mo/);
    await page.keyboard.press('Enter');
    await page.waitForURL(`${url}workloads?risk=high&risk=medium`);
    await page.locator('table.rows[aria-busy=false]').waitFor();
    const name = (await page.locator('tbody th .workload-name').first().textContent()) ?? '';
    await tabTo(page, new RegExp(`^${name}$`));
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name }).waitFor();
    await page.locator('[data-ready=true]').first().waitFor();
    await tabTo(page, /^Time in the chart$/);
    await page.keyboard.press('Home');
    const first = await page.evaluate('document.activeElement.getAttribute("aria-valuetext")');
    await page.keyboard.press('ArrowRight');
    const second = await page.evaluate('document.activeElement.getAttribute("aria-valuetext")');
    expect(second).toMatch(/: hottest pod .+, mean .+, request /);
    expect(second).not.toBe(first);
    await tabTo(page, /View as table/);
    await page.keyboard.press('Space');
    await page.getByRole('region', { name: /^Table of Memory usage/ }).waitFor();
  });

  it('shows where the focus is', async () => {
    const { page } = await stage.open(fakeReadModel(CLUSTER), 'workloads');
    await settled(page);
    for (let i = 0; i < 25; i++) {
      await page.keyboard.press('Tab');
      expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle'), (await focused(page)) ?? '').not.toBe('none');
    }
  });
});

async function settled(page: Page): Promise<void> {
  await page.locator('main h1, main h2').first().waitFor();
  await page.locator('main [aria-busy=true]').first().waitFor({ state: 'detached' });
  if (page.url().includes('/workloads/')) await page.locator('[data-ready=true]').first().waitFor();
}

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const found = (await page.evaluate(`axe.run(document, { runOnly: ${JSON.stringify(TAGS)} }).then((result) => result.violations.map(
    (v) => v.impact + ' ' + v.id + ': ' + v.nodes.slice(0, 3).map((n) => n.html + ' ' + n.any.map((a) => a.message)).join(' | ')))`)) as string[];
  return found;
}

async function focused(page: Page): Promise<string | undefined> {
  return (await page.evaluate('document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent ?? undefined')) as
    | string
    | undefined;
}

const MOST_TABS = 120;

async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let i = 0; i < MOST_TABS; i++) {
    await page.keyboard.press('Tab');
    if (name.test((await focused(page))?.trim() ?? '')) return;
  }
  throw new Error(`The keyboard does not reach ${name} within ${MOST_TABS} steps`);
}
