import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { Registry } from 'prom-client';
import { build } from 'vite';
import { createWebServer, type RunningServer } from '../../web/server/server.ts';
import { findBinary } from '../system/parts.ts';
import { WINDOW_END } from '../web/builders.ts';
import type { FakeReadModel } from '../web/fake-read-model.ts';

export const CHROMIUM_ARGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const ROOT = new URL('../..', import.meta.url).pathname;

export interface Session {
  readonly page: Page;
  readonly url: string;
  readonly server: RunningServer;
  /** What the page wrote to the console as an error, and what it threw. */
  readonly errors: string[];
}

export interface Stage {
  /** The page on a server of its own; ended by `close`. */
  open(readModel: FakeReadModel, path?: string, options?: BrowserContextOptions & { ageSeconds?: number }): Promise<Session>;
  close(): Promise<void>;
}

/** A real Chromium and the page as `npm run build` makes it. */
export async function createStage(): Promise<Stage> {
  const uiDirectory = mkdtempSync(join(tmpdir(), 'neap-e2e-'));
  await build({ configFile: join(ROOT, 'vite.config.ts'), root: join(ROOT, 'web/ui'), logLevel: 'error', build: { outDir: uiDirectory } });
  const browser: Browser = await chromium.launch({ executablePath: findBinary('chromium') as string, args: CHROMIUM_ARGS });
  const servers: RunningServer[] = [];
  return {
    open: async (readModel, path = '', { ageSeconds = 60, ...contextOptions } = {}) => {
      const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
      const now = () => WINDOW_END + ageSeconds;
      const server = await createWebServer({ readModel, registry: new Registry(), log, uiDirectory, now }).listen({ port: 0 });
      servers.push(server);
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, timezoneId: 'Europe/Berlin', ...contextOptions });
      const page = await context.newPage();
      const errors: string[] = [];
      page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
      page.on('pageerror', (error) => errors.push(error.message));
      page.setDefaultTimeout(10_000);
      await page.goto(server.url + path);
      return { page, url: server.url, server, errors };
    },
    close: async () => {
      await browser.close();
      await Promise.all(servers.map((server) => server.close()));
      rmSync(uiDirectory, { recursive: true });
    },
  };
}

/** Names of the workloads in the table, from above. */
export async function shownWorkloads(page: Page): Promise<string[]> {
  await page.locator('table.rows[aria-busy=false]').waitFor();
  return await page.locator('tbody th .workload-name').allTextContents();
}
