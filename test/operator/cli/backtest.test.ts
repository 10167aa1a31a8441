import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { neap } from './neap-process.ts';

const DAYS = 9;
let folder = '';
let traces = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'neap-backtest-'));
  traces = join(folder, 'cpu.csv');
  const rows = ['series,unix_s,value'];
  for (const name of ['wave', 'flat']) {
    for (let t = 0; t < DAYS * 86_400; t += 300) {
      rows.push(`${name},${1_700_006_400 + t},${name === 'flat' ? 2 : 1 + Math.sin((2 * Math.PI * t) / 86_400)}`);
    }
  }
  writeFileSync(traces, `${rows.join('\n')}\n`);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('neap backtest', () => {
  it('writes decisions made from the past alone, and tells how they did', async () => {
    const out = join(folder, 'decisions.csv');
    const { code, stdout } = await neap(['backtest', '--traces', traces, '--cadence', '1h', '--budget', '1%', '--out', out, '-q']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^SERIES +SAMPLES +ABOVE REQUEST/);
    expect(stdout).toMatch(/2 series, risk budget 1 %/);
    const [header, ...rows] = readFileSync(out, 'utf8').trimEnd().split('\n');
    expect(header).toBe('series,from,to,request');
    const [series, from, to, request] = (rows.at(-1) as string).split(',');
    expect([series, Number(to) - Number(from)]).toEqual(['flat', 3600]);
    expect(Number(request)).toBeGreaterThanOrEqual(2);
    expect(Number(request)).toBeLessThan(2.2);
  });

  it('ends with 2 on bad usage and with 4 where nothing can be scored', async () => {
    expect(await neap(['backtest'])).toMatchObject({ code: 2, stderr: expect.stringContaining('no traces are given') });
    expect(await neap(['backtest', '--traces', traces, '--budget', '0'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--budget'),
    });
    expect(await neap(['backtest', '--traces', traces, '--warmup', '30d', '-q'])).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('--warmup'),
    });
  });
});
