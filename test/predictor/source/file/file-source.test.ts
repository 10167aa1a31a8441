import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { DAY_SECONDS } from '../../../../common/units.ts';
import type { UsageChunk } from '../../../../predictor/core/usage.ts';
import { createFileSource } from '../../../../predictor/source/file/file-source.ts';
import type { HistorySource, HistorySummary } from '../../../../predictor/source/history-source.ts';

const directory = mkdtempSync(join(tmpdir(), 'neap-file-source-test-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function fileOf(name: string, ...rows: string[]): string {
  const path = join(directory, name);
  writeFileSync(path, `series,unix_s,value\n${rows.join('\n')}\n`);
  return path;
}

interface Read {
  readonly chunks: UsageChunk[];
  readonly summary: HistorySummary;
}

async function read(
  source: HistorySource,
  to: number,
  more: { from?: number; step?: number; namespaces?: string[]; selector?: string } = {},
): Promise<Read> {
  const { from = 0, step = 300, namespaces = [], selector = '' } = more;
  const chunks: UsageChunk[] = [];
  const filter = { namespaces, kinds: [], selector };
  const request = { fromUnixSeconds: from, toUnixSeconds: to, stepSeconds: step, eventsFromUnixSeconds: 0, filter };
  return { summary: await source.read(request, { usage: (chunk) => void chunks.push(chunk) }), chunks };
}

const cpu = fileOf('web.csv', 'shop,0,0.25', 'shop,60,0.75', 'shop,300,1', 'shop,900,0.5');

describe('history out of files', () => {
  it('makes a Deployment of each series in a namespace named after the file, in millicores, mean within a slot', async () => {
    const { chunks, summary } = await read(createFileSource({ paths: [cpu] }), 1200);
    expect(chunks).toHaveLength(1);
    expect(chunks[0]).toMatchObject({ resource: 'cpu', fromUnixSeconds: 0, stepSeconds: 300, slots: 4 });
    const [container] = chunks[0]?.containers ?? [];
    expect(container).toMatchObject({ workload: 'web/Deployment/shop', container: 'app' });
    expect([...(container?.hottestPod ?? [])]).toEqual([500, 1000, Number.NaN, 500]);
    // The last sample stands for 240 s, the usual distance of samples.
    expect([...(container?.pods ?? [])]).toEqual([1, 1, 0, 0.8]);
    expect(summary).toMatchObject({ readToUnixSeconds: 1200, newestSampleUnixSeconds: 900, counters: { series: 1, samples: 4, gaps: 1 } });
    const facts = summary.workloads.get('web/Deployment/shop' as never);
    expect(facts).toMatchObject({ runningPods: 1, hpaResources: [] });
    expect(facts?.containers.get('app')).toEqual({ runningPods: 1, current: undefined, oomKillsKnown: false, events: [] });
  });

  it('takes files named mem… as bytes and keeps the maximum within a slot', async () => {
    const memory = fileOf('mem-web.csv', 'shop,0,1000', 'shop,60,4000', 'shop,120,2000');
    const { chunks } = await read(createFileSource({ paths: [memory] }), 300);
    expect(chunks[0]?.resource).toBe('memory');
    expect([...(chunks[0]?.containers[0]?.hottestPod ?? [])]).toEqual([4000]);
    const forced = await read(createFileSource({ paths: [memory], resource: 'cpu' }), 300);
    expect(forced.chunks[0]?.resource).toBe('cpu');
  });

  it('folds the pods of one container that are named in full', async () => {
    const path = fileOf(
      'pods.csv',
      'ns/StatefulSet/db/pg/db-0,0,4',
      'other,0,1',
      'ns/StatefulSet/db/pg/db-1,0,1',
      'ns/StatefulSet/db/pg/db-1,300,2',
    );
    const { chunks, summary } = await read(createFileSource({ paths: [path] }), 600);
    const db = chunks[0]?.containers.find((c) => c.workload === 'ns/StatefulSet/db');
    expect(db?.container).toBe('pg');
    expect([...(db?.hottestPod ?? [])]).toEqual([4000, 2000]);
    expect([...(db?.meanOverPods ?? [])]).toEqual([2500, 2000]);
    expect([...(db?.pods ?? [])]).toEqual([2, 1]);
    expect(summary.workloads.get('ns/StatefulSet/db' as never)).toMatchObject({ runningPods: 2 });
  });

  it('counts a pod by the share of the slot that its samples span', async () => {
    const path = fileOf('short.csv', 'a/Job/b/c/one,0,1', 'a/Job/b/c/one,15,2', 'a/Job/b/c/two,120,1', 'a/Job/b/c/two,180,1');
    const { chunks } = await read(createFileSource({ paths: [path] }), 600);
    const [container] = chunks[0]?.containers ?? [];
    // Samples 15 s and 60 s apart stand for 30 s and 120 s.
    expect(container?.pods[0]).toBeCloseTo(0.1 + 0.4, 12);
    expect([container?.pods[1], container?.hottestPod[1]]).toEqual([0, Number.NaN]);
  });

  it('tells of each container how many pods run it', async () => {
    const path = fileOf('sidecar.csv', 'n/Job/j/main/p1,0,1', 'n/Job/j/main/p1,7200,1', 'n/Job/j/init/p1,0,1', 'n/Job/j/init/p1,60,1');
    const { summary } = await read(createFileSource({ paths: [path] }), 7500);
    const facts = summary.workloads.get('n/Job/j' as never);
    expect([facts?.runningPods, facts?.containers.get('main')?.runningPods, facts?.containers.get('init')?.runningPods]).toEqual([1, 1, 0]);
  });

  it('waits for a sink that takes its time', async () => {
    const source = createFileSource({ paths: [fileOf('slow.csv', ...Array.from({ length: 72 }, (_, h) => `a,${h * 3600},1`))] });
    let busy = 0;
    let most = 0;
    const request = { fromUnixSeconds: 0, toUnixSeconds: 3 * DAY_SECONDS, stepSeconds: 3600, eventsFromUnixSeconds: 0 };
    await source.read(
      { ...request, filter: { namespaces: [], kinds: [], selector: '' } },
      {
        usage: async () => {
          most = Math.max(most, ++busy);
          await new Promise((resolve) => setImmediate(resolve));
          busy--;
        },
      },
    );
    expect([most, busy]).toEqual([1, 0]);
  });

  it('hands over days, oldest first, and goes on where it ended', async () => {
    const rows = Array.from({ length: 72 }, (_, h) => `a,${h * 3600},${h}`);
    const source = createFileSource({ paths: [fileOf('days.csv', ...rows)] });
    const whole = await read(source, 3 * DAY_SECONDS, { step: 3600 });
    expect(whole.chunks.map((c) => c.fromUnixSeconds)).toEqual([0, DAY_SECONDS, 2 * DAY_SECONDS]);
    const first = await read(source, 30.5 * 3600, { step: 3600 });
    expect(first.summary.readToUnixSeconds).toBe(30 * 3600);
    const rest = await read(source, 3 * DAY_SECONDS, { step: 3600, from: first.summary.readToUnixSeconds });
    const values = (chunks: UsageChunk[]) => chunks.flatMap((c) => [...(c.containers[0]?.hottestPod ?? [])]);
    expect([...values(first.chunks), ...values(rest.chunks)]).toEqual(values(whole.chunks));
  });

  it('honours the filter; without labels no selector for one matches', async () => {
    const source = createFileSource({ paths: [cpu] });
    expect((await read(source, 1200, { namespaces: ['we*'] })).chunks).toHaveLength(1);
    expect((await read(source, 1200, { namespaces: ['db'] })).summary.workloads.size).toBe(0);
    expect((await read(source, 1200, { selector: 'app=shop' })).summary.workloads.size).toBe(0);
    expect((await read(source, 1200, { selector: '!app' })).summary.workloads.size).toBe(1);
  });

  it('a pod whose samples ended long before the window does not run', async () => {
    const { summary } = await read(createFileSource({ paths: [cpu] }), DAY_SECONDS);
    expect([...summary.workloads.values()][0]?.runningPods).toBe(0);
  });

  it('reads the series of one workload for a page', async () => {
    const source = createFileSource({ paths: [cpu] });
    const request = { fromUnixSeconds: 0, toUnixSeconds: 1200, stepSeconds: 300 };
    const found = await source.readWorkload({ ...request, workload: { namespace: 'web', kind: 'Deployment', name: 'shop' } });
    const app = found.containers.get('app');
    expect(app?.cpu.hottestPod[1]).toBe(1000);
    expect([...(app?.cpu.request ?? [])]).toEqual([Number.NaN, Number.NaN, Number.NaN, Number.NaN]);
    expect([...(app?.memory.hottestPod ?? [])]).toEqual([Number.NaN, Number.NaN, Number.NaN, Number.NaN]);
    const absent = await source.readWorkload({ ...request, workload: { namespace: 'web', kind: 'Deployment', name: 'nobody' } });
    expect(absent.containers.size).toBe(0);
  });

  it('says what is in the files', async () => {
    const report = await createFileSource({ paths: [cpu] }).inspect();
    expect(report.newestSampleUnixSeconds).toBe(900);
    expect(Object.fromEntries(report.checks.map((c) => [c.id, c.status]))).toEqual({
      'usage.cpu': 'ok',
      'usage.memory': 'degraded',
      requests: 'degraded',
    });
  });

  it('reports every series without a subject, and those that stand in two files', async () => {
    const bad = fileOf('names.csv', 'a/b,0,1', 'a/b/c/d/e/f,0,1', 'a//c/d,0,1', 'web/Deployment/shop/app,0,1');
    const error = await read(createFileSource({ paths: [cpu, bad] }), 300).catch((e: unknown) => e);
    expect((error as Error).message.split('\n')).toEqual([
      `${bad}: series "a/b" is neither a name nor namespace/kind/name/container[/pod]`,
      `${bad}: series "a/b/c/d/e/f" is neither a name nor namespace/kind/name/container[/pod]`,
      `${bad}: series "a//c/d" is neither a name nor namespace/kind/name/container[/pod]`,
      `${bad}: cpu of web/Deployment/shop/app is also in ${cpu}`,
    ]);
  });

  it('refuses to read nothing, and stops when told', async () => {
    expect(() => createFileSource({ paths: [] })).toThrow('no file to read history from');
    await expect(createFileSource({ paths: [cpu] }).inspect(AbortSignal.abort())).rejects.toThrow(/abort/i);
  });
});
