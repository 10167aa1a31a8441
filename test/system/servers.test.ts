import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startPrometheus, startVictoriaMetrics, type TestServer } from './servers.ts';
import { describeWithBinaries } from './with-binaries.ts';

const END = 1_760_000_000;
const directory = mkdtempSync(join(tmpdir(), 'neap-servers-test-'));
const history = join(directory, 'history.om');

beforeAll(() => {
  const lines = ['# TYPE neap_test_cpu gauge'];
  for (let t = END - 10 * 86_400; t <= END; t += 300) lines.push(`neap_test_cpu{pod="a"} ${(t % 3600) / 3600} ${t}`);
  writeFileSync(history, `${lines.join('\n')}\n# EOF\n`);
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function query(server: TestServer, expression: string, time: number): Promise<number | undefined> {
  const answer = await request(`${server.url}/api/v1/query?query=${encodeURIComponent(expression)}&time=${time}`);
  const body = (await answer.body.json()) as { data: { result: { value: [number, string] }[] } };
  const value = body.data.result[0]?.value[1];
  return value === undefined ? undefined : Number(value);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function behavesAsServer(start: typeof startPrometheus): void {
  it('holds the whole history at its own times', async () => {
    const server = await start({ openMetricsFile: history });
    try {
      expect(await query(server, 'neap_test_cpu', END)).toBeCloseTo((END % 3600) / 3600, 6);
      expect(await query(server, 'neap_test_cpu', END - 9 * 86_400)).toBeCloseTo((END % 3600) / 3600, 6);
      expect(await query(server, 'count_over_time(neap_test_cpu[9d])', END)).toBeGreaterThanOrEqual(9 * 288);
    } finally {
      await server.stop();
    }
  });

  it('leaves neither process nor data, and stops twice without harm', async () => {
    const server = await start({});
    expect(isAlive(server.pid)).toBe(true);
    expect(existsSync(server.directory)).toBe(true);
    await server.stop();
    await server.stop();
    expect(isAlive(server.pid)).toBe(false);
    expect(existsSync(server.directory)).toBe(false);
  });

  it('ends with the process that started it, also without being stopped', async () => {
    const script = `
      const { ${start.name} } = await import('./test/system/servers.ts');
      const { url, directory } = await ${start.name}({});
      process.stdout.write(JSON.stringify({ url, directory }), () => process.exit(1));`;
    const child = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], { encoding: 'utf8' });
    const { url, directory: data } = JSON.parse(child.stdout) as { url: string; directory: string };
    // Not by its number: where nobody collects dead processes, that stays.
    await expect
      .poll(() =>
        request(url).then(
          () => 'answers',
          () => 'is gone',
        ),
      )
      .toBe('is gone');
    expect(existsSync(data)).toBe(false);
  });

  it('says what the server said when it does not start', async () => {
    await expect(start({ flags: ['--no-such-flag'] })).rejects.toThrow(/did not start on 127\.0\.0\.1:\d+:\n.*no-such-flag/s);
  });
}

describeWithBinaries(['prometheus', 'promtool'], 'a real Prometheus', () => {
  behavesAsServer(startPrometheus);

  it('is not started on a history that is not OpenMetrics', async () => {
    const bad = join(directory, 'bad.om');
    writeFileSync(bad, 'not metrics\n');
    await expect(startPrometheus({ openMetricsFile: bad })).rejects.toThrow(/bad\.om/);
  });
});

describeWithBinaries(['victoria-metrics'], 'a real VictoriaMetrics', () => behavesAsServer(startVictoriaMetrics));
