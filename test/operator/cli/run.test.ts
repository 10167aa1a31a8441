import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OutputStream } from '../../../operator/cli/io.ts';
import { run } from '../../../operator/cli/run.ts';

const GENERATED = ['--generated', '7', '--history', '2d', '--step', '30m'];

class Capture extends Writable {
  text = '';
  readonly isTTY: boolean;
  readonly columns: number;

  constructor(isTTY = false, columns = 80) {
    super();
    this.isTTY = isTTY;
    this.columns = columns;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

interface Setting {
  readonly stdout?: Capture;
  readonly env?: Readonly<Record<string, string>>;
  readonly uiDirectory?: string;
}

/** One command line in this process, with what it writes. */
function runCaptured(args: readonly string[], setting: Setting = {}) {
  const stdout = setting.stdout ?? new Capture();
  const stderr = new Capture();
  const abort = new AbortController();
  const code = run(args, {
    stdout: stdout as OutputStream,
    stderr: stderr as OutputStream,
    env: setting.env ?? {},
    nowMillis: Date.now,
    signal: abort.signal,
    uiDirectory: setting.uiDirectory ?? '/nonexistent',
  });
  return { stdout, stderr, abort, finished: code.then((exit) => ({ code: exit, stdout: stdout.text, stderr: stderr.text })) };
}

const ESCAPE = '\u001b[';

describe('a command line', () => {
  it.each([
    [[], 'Usage: neap'],
    [['analise'], 'Did you mean analyze?'],
    [['analyze', ...GENERATED, '--bogus'], "unknown option '--bogus'"],
    [['analyze'], 'no source is given'],
    [['analyze', ...GENERATED, '--traces', 'a.csv'], 'several sources are given'],
    [['analyze', '--prometheus', 'ftp://x'], 'not an http or https URL'],
    [['analyze', ...GENERATED, '-o', 'pdf'], 'Allowed choices are table, wide, json, yaml, csv, markdown, html'],
    [['analyze', '--generated', 'x'], 'whole number'],
    [['analyze', ...GENERATED, '--top', '0'], 'whole number from 1'],
    [['analyze', '--generated', '--step', '5'], 'not a duration'],
    [['analyze', '--generated', '--history', '1h', '--step', '1h', '--selector', 'a=b=c'], 'selector'],
    [['analyze', ...GENERATED, '--fail-on', 'risk=low'], '--fail-on risk=low is no rule'],
    [['analyze', ...GENERATED, '--header', 'x'], "'Name: value'"],
    [
      ['analyze', '--prometheus', 'http://x', '--username', 'u', '--bearer-token', 't', '--cert-file', 'c'],
      '--username and a bearer token exclude each other; --username needs --password-file or NEAP_PASSWORD; --cert-file and --key-file go together',
    ],
    [['analyze', ...GENERATED, '--policy', '/nonexistent.yaml'], '/nonexistent.yaml'],
    [['explain', 'cart', ...GENERATED], 'NAMESPACE/KIND/NAME'],
    [['serve', ...GENERATED, '--port', '70000'], 'whole number from 0 to 65535'],
  ])('%j is bad usage: exit 2, and nothing on stdout', async (args, message) => {
    const { code, stdout, stderr } = await runCaptured(args).finished;
    expect(stderr).toContain(message);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });
});

describe('on a terminal', () => {
  const analyze = (over: { env?: Record<string, string>; flags?: string[] } = {}) =>
    runCaptured(['analyze', ...GENERATED, '-q', '--top', '2', ...(over.flags ?? [])], {
      stdout: new Capture(true, 100),
      env: over.env ?? {},
    }).finished;

  it('the table is coloured and fits', async () => {
    const { stdout } = await analyze();
    expect(stdout).toContain(ESCAPE);
    const visible = stripVTControlCharacters(stdout);
    for (const line of visible.split('\n').filter((l) => !l.startsWith('Next:'))) expect(line.length).toBeLessThanOrEqual(100);
  });

  it.each([
    ['NO_COLOR', { env: { NO_COLOR: '1' } }],
    ['a dumb terminal', { env: { TERM: 'dumb' } }],
    ['--no-color', { flags: ['--no-color'] }],
  ])('%s takes the colours away', async (_, over) => {
    expect((await analyze(over)).stdout).not.toContain(ESCAPE);
  });
});

describe('neap serve', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'neap-ui-'));
    writeFileSync(join(folder, 'index.html'), '<!doctype html><html><head><title>Neap</title></head><body></body></html>');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const addressIn = async (stdout: Capture): Promise<string> => {
    await expect.poll(() => stdout.text, { timeout: 20_000 }).toMatch(/ at http:\S+/);
    return / at (http:\S+)/.exec(stdout.text)?.[1] as string;
  };

  it('prints its address, serves the analysis, and on a signal frees the port and ends with 0', async () => {
    const serving = runCaptured(['serve', ...GENERATED, '--port', '0', '--log-level', 'silent'], { uiDirectory: folder });
    const address = await addressIn(serving.stdout);
    await expect.poll(async () => (await fetch(new URL('readyz', address))).status, { timeout: 20_000 }).toBe(200);
    const page = await fetch(new URL('api/v1/workloads', address));
    expect(await page.json()).toMatchObject({ currency: 'USD' });
    serving.abort.abort();
    expect(await serving.finished).toMatchObject({ code: 0, stderr: '' });
    await expect(fetch(address)).rejects.toThrow();
  });

  it('ends with 2 where the port is taken, and leaves nothing running', async () => {
    const first = runCaptured(['serve', ...GENERATED, '--port', '0', '--log-level', 'silent'], { uiDirectory: folder });
    const { port } = new URL(await addressIn(first.stdout));
    const second = await runCaptured(['serve', ...GENERATED, '--port', port, '--log-level', 'silent'], { uiDirectory: folder }).finished;
    expect(second).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(port) });
    first.abort.abort();
    expect(await first.finished).toMatchObject({ code: 0 });
  });
});
