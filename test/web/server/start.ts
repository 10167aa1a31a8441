import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { afterEach } from 'vitest';
import type { ProblemDto } from '../../../web/contract/api.ts';
import { createWebServer } from '../../../web/server/server.ts';
import { WINDOW_END } from '../builders.ts';
import type { FakeReadModel } from '../fake-read-model.ts';

export const INLINE_SCRIPT = "document.documentElement.dataset.theme = 'dark'";
const PAGE = `<!doctype html><html><head><base href="/" /><script>${INLINE_SCRIPT}</script></head><body>the page</body></html>`;

/** Seconds between the end of the built analysis and the server's clock. */
export const AGE_SECONDS = 130;

export interface Started {
  readonly url: string;
  readonly errors: object[];
  get(path: string, init?: RequestInit): Promise<Response>;
  json<T>(path: string): Promise<T>;
  problem(path: string, init?: RequestInit): Promise<ProblemDto>;
  close(): Promise<void>;
}

const running: { close(): Promise<void> }[] = [];
const directories: string[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
});

/** The real server on a free port of the loopback address; the test's end stops it. */
export async function start(readModel: FakeReadModel, options: { ageSeconds?: number } = {}): Promise<Started> {
  const uiDirectory = mkdtempSync(join(tmpdir(), 'neap-ui-'));
  directories.push(uiDirectory);
  writeFileSync(join(uiDirectory, 'index.html'), PAGE);
  const errors: object[] = [];
  const log = { info: () => undefined, warn: () => undefined, error: (fields: object) => void errors.push(fields) };
  const now = () => WINDOW_END + (options.ageSeconds ?? AGE_SECONDS);
  const server = await createWebServer({ readModel, registry: new Registry(), log, uiDirectory, now }).listen({ port: 0 });
  running.push(server);
  const get = (path: string, init?: RequestInit) => fetch(new URL(path, server.url), init);
  return {
    url: server.url,
    errors,
    get,
    json: async <T>(path: string) => (await (await get(path)).json()) as T,
    problem: async (path, init) => (await (await get(path, init)).json()) as ProblemDto,
    close: () => server.close(),
  };
}
