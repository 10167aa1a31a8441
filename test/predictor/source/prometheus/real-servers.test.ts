import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY_SECONDS, HOUR_SECONDS } from '../../../../common/units.ts';
import type { UsageChunk } from '../../../../predictor/core/usage.ts';
import type { Resource, WorkloadKey } from '../../../../predictor/core/workload.ts';
import { generateCluster } from '../../../../predictor/source/generated/cluster.ts';
import { createGeneratedSource } from '../../../../predictor/source/generated/generated-source.ts';
import type { HistorySource, HistorySummary, WorkloadFilter } from '../../../../predictor/source/history-source.ts';
import { createPrometheusSource } from '../../../../predictor/source/prometheus/prometheus-source.ts';
import { writeOpenMetricsFile } from '../../../system/open-metrics/write.ts';
import { startPrometheus, startVictoriaMetrics, type TestServer } from '../../../system/servers.ts';
import { describeWithBinaries } from '../../../system/with-binaries.ts';
import { FROM, MIDDLE, type OddDialect, OLD, TO, TODAY, writeOddHistory, writeRuleHistory } from './odd-history.ts';

const STEP = 300;
const GIB = 2 ** 30;
const directory = mkdtempSync(join(tmpdir(), 'neap-prometheus-source-test-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

interface Reading {
  readonly chunks: readonly UsageChunk[];
  readonly summary: HistorySummary;
}

interface Window {
  readonly fromUnixSeconds: number;
  readonly toUnixSeconds: number;
  readonly stepSeconds: number;
}

const ALL: WorkloadFilter = { namespaces: [], kinds: [], selector: '' };

async function read(source: HistorySource, window: Window, filter = ALL): Promise<Reading> {
  const chunks: UsageChunk[] = [];
  const summary = await source.read(
    { ...window, eventsFromUnixSeconds: Math.floor(window.fromUnixSeconds / DAY_SECONDS) * DAY_SECONDS, filter },
    { usage: (chunk) => void chunks.push(chunk) },
  );
  return { chunks, summary };
}

/** The column of one container over all chunks; NaN where a chunk has none of it. */
function column(
  { chunks }: Reading,
  resource: Resource,
  workload: string,
  what: 'hottestPod' | 'meanOverPods' | 'pods' = 'hottestPod',
): number[] {
  return chunks
    .filter((chunk) => chunk.resource === resource)
    .flatMap((chunk) => {
      const found = chunk.containers.find((c) => c.workload === workload);
      return found ? [...found[what]] : new Array<number>(chunk.slots).fill(Number.NaN);
    });
}

/** Mean use of a pod over all known slots, by `workload/container`. */
function meansOf({ chunks }: Reading, resource: Resource): ReadonlyMap<string, number> {
  const values = new Map<string, number[]>();
  for (const { workload, container, meanOverPods } of chunks.filter((c) => c.resource === resource).flatMap((c) => c.containers)) {
    const key = `${workload}/${container}`;
    values.set(key, [...(values.get(key) ?? []), ...meanOverPods.filter((value) => !Number.isNaN(value))]);
  }
  return new Map([...values].map(([key, of]) => [key, of.reduce((a, b) => a + b, 0) / of.length]));
}

const slotAt = (time: number): number => (time - FROM) / STEP;

function oddHistory(start: typeof startPrometheus, name: string, dialect: OddDialect): void {
  const old = dialect === OLD;
  const window = { fromUnixSeconds: FROM, toUnixSeconds: TO, stepSeconds: STEP };
  let server: TestServer;
  let source: HistorySource;
  let reading: Reading;

  beforeAll(async () => {
    const file = join(directory, `${name}.om`);
    writeOddHistory(file, dialect);
    server = await start({ openMetricsFile: file });
    source = createPrometheusSource({ baseUrl: server.url, nowUnixSeconds: () => TO + 60 });
    reading = await read(source, window);
  });
  afterAll(async () => {
    await source?.close();
    await server?.stop();
  });

  const facts = (key: string) => reading.summary.workloads.get(key as WorkloadKey);

  it('resolves every pod, gone ones too, by owner series', () => {
    expect([...reading.summary.workloads.keys()].sort()).toEqual([
      'shop/CronJob/mail',
      'shop/Deployment/web',
      'shop/Pod/lonely',
      'shop/Pod/static-node-1',
      'shop/SparkApplication/etl',
      'shop/StatefulSet/db',
    ]);
    expect(reading.summary.counters.podsWithoutOwner).toBe(0);
  });

  it('has no container but the real one: no pause, no sum of the pod', () => {
    for (const { containers } of reading.chunks) expect([...new Set(containers.map((c) => c.container))]).toEqual(['app']);
  });

  it('folds the pods of old and new ReplicaSets, each HA pair once', () => {
    const cpu = column(reading, 'cpu', 'shop/Deployment/web');
    expect(cpu[slotAt(MIDDLE - 7200)]).toBeCloseTo(2000, 0);
    expect(cpu[slotAt(MIDDLE)]).toBeCloseTo(1000, 0);
    expect(column(reading, 'cpu', 'shop/Deployment/web', 'meanOverPods')[slotAt(MIDDLE)]).toBeCloseTo(750, 0);
    expect(column(reading, 'cpu', 'shop/Deployment/web', 'pods')[slotAt(MIDDLE)]).toBe(2);
    expect(column(reading, 'memory', 'shop/Deployment/web')[slotAt(MIDDLE)]).toBe(GIB);
    expect(reading.summary.counters.duplicates).toBe(1);
  });

  it('takes a counter that starts again for no burst and no hole', () => {
    const cpu = column(reading, 'cpu', 'shop/Deployment/web').slice(slotAt(MIDDLE), slotAt(MIDDLE + 7200));
    for (const value of cpu) {
      expect(value).toBeGreaterThan(800);
      expect(value).toBeLessThan(1100);
    }
  });

  it('leaves what is not known unknown, and counts it', () => {
    const memory = column(reading, 'memory', 'shop/StatefulSet/db');
    expect(memory[slotAt(MIDDLE - 6600)]).toBeNaN();
    expect(memory[slotAt(MIDDLE - 3600)]).toBe(0.25 * GIB);
    expect(column(reading, 'cpu', 'shop/StatefulSet/db')[slotAt(MIDDLE - 6600)]).toBeNaN();
    expect(reading.summary.counters.gaps).toBeGreaterThanOrEqual(8);
  });

  it('lets no use begin before its slot', () => {
    const mail = column(reading, 'memory', 'shop/CronJob/mail');
    expect(mail[slotAt(MIDDLE - 5400) - 2]).toBeNaN();
    expect(mail[slotAt(MIDDLE - 5400)]).toBe(GIB);
  });

  it('tells what the newest pod asks for, also of a workload between two runs', () => {
    expect(facts('shop/Deployment/web')).toMatchObject({ runningPods: 2, hpaResources: ['cpu'] });
    const asked = (key: string) => facts(key)?.containers.get('app')?.current;
    expect(asked('shop/Deployment/web')).toEqual({
      cpuRequestMillicores: 1000,
      cpuLimitMillicores: undefined,
      memoryRequestBytes: undefined,
      memoryLimitBytes: GIB,
    });
    expect(asked('shop/CronJob/mail')).toMatchObject({ cpuRequestMillicores: 2000 });
    expect(facts('shop/CronJob/mail')).toMatchObject({ runningPods: 0, hpaResources: [] });
    expect(asked('shop/Pod/lonely')).toMatchObject({ cpuRequestMillicores: undefined });
    expect(facts('shop/Pod/lonely')).toMatchObject({ runningPods: 1 });
  });

  it('knows OOM kills with the limit of then, and throttling', () => {
    const db = facts('shop/StatefulSet/db')?.containers.get('app');
    const day = MIDDLE / DAY_SECONDS;
    expect(db).toMatchObject({ oomKillsKnown: true, runningPods: 1 });
    // The kill of midnight is one of the day before.
    expect(db?.events.map(({ day, oomKills, oomLimitBytes }) => ({ day, oomKills, oomLimitBytes }))).toEqual([
      { day: day - 1, oomKills: 1, oomLimitBytes: 0.5 * GIB },
      { day, oomKills: 1, oomLimitBytes: 0.5 * GIB },
    ]);
    for (const { cfsPeriods, throttledPeriods } of db?.events ?? []) {
      expect(throttledPeriods / cfsPeriods).toBeCloseTo(0.25, 2);
      expect(cfsPeriods / (3 * HOUR_SECONDS * 10)).toBeCloseTo(1, 1);
    }
    expect(facts('shop/Deployment/web')?.containers.get('app')).toMatchObject({ oomKillsKnown: true, events: [], runningPods: 2 });
  });

  it('gives the fine series of one workload', async () => {
    const ref = { namespace: 'shop', kind: 'Deployment', name: 'web' };
    const series = await source.readWorkload({ workload: ref, ...window });
    expect([...series.containers.keys()]).toEqual(['app']);
    const app = series.containers.get('app');
    expect([...(app?.cpu.hottestPod ?? [])]).toEqual(column(reading, 'cpu', 'shop/Deployment/web'));
    expect([...(app?.memory.meanOverPods ?? [])]).toEqual(column(reading, 'memory', 'shop/Deployment/web', 'meanOverPods'));
    expect(app?.cpu.request[slotAt(MIDDLE - 7200)]).toBe(4000);
    expect(app?.cpu.request[slotAt(MIDDLE)]).toBe(1000);
    expect(app?.memory.limit[slotAt(MIDDLE)]).toBe(GIB);
    expect(app?.cpu.limit.every(Number.isNaN)).toBe(true);
  });

  it('filters by kind and namespace', async () => {
    const only = await read(source, window, { namespaces: ['sh*'], kinds: ['statefulset', 'CronJob'], selector: '' });
    expect([...only.summary.workloads.keys()].sort()).toEqual(['shop/CronJob/mail', 'shop/StatefulSet/db']);
    const none = await read(source, window, { ...ALL, namespaces: ['shops'] });
    expect(none.summary).toMatchObject({ newestSampleUnixSeconds: undefined, workloads: new Map() });
  });

  it(old ? 'says what a selector needs' : 'filters by pod labels', async () => {
    const selected = (selector: string) => read(source, window, { ...ALL, selector });
    if (old) {
      await expect(selected('app=db')).rejects.toMatchObject({ code: 'usage', remedy: expect.stringContaining('metric-labels-allowlist') });
      return;
    }
    expect([...(await selected('app=db')).summary.workloads.keys()]).toEqual(['shop/StatefulSet/db']);
    expect([...(await selected('app,app!=db')).summary.workloads.keys()]).toEqual(['shop/Deployment/web']);
    await expect(selected('team=x')).rejects.toMatchObject({ code: 'usage', message: expect.stringContaining('team') });
  });

  it('sums up for the doctor', async () => {
    const report = await source.inspect();
    expect(report.newestSampleUnixSeconds).toBe(TO);
    const status = Object.fromEntries(report.checks.map(({ id, status }) => [id, status]));
    expect(status).toMatchObject({
      'usage.cpu': 'ok',
      'usage.memory': 'ok',
      'owners.pod': 'ok',
      'owners.replicaset': 'ok',
      requests: 'ok',
      limits: 'ok',
    });
    expect(status).toMatchObject({
      oom: 'ok',
      throttling: 'ok',
      freshness: 'ok',
      labels: old ? 'degraded' : 'ok',
      hpa: old ? 'degraded' : 'ok',
    });
  });
}

const END = 1_760_140_800;
/** A rollout, a canary, an autoscaler, OOM kills, runs of a CronJob, a DaemonSet, a bare pod. */
const WANTED = ['checkout', 'landing-page', 'notifications', 'invoices', 'payments-db', 'kube-proxy', 'notebook'];
const WHOLE = generateCluster({ seed: 11, endUnixSeconds: END, days: 2, stepSeconds: 120 });
const CLUSTER = { ...WHOLE, workloads: WHOLE.workloads.filter(({ ref }) => WANTED.includes(ref.name)) };

function generatedCluster(start: typeof startPrometheus): void {
  const window = { fromUnixSeconds: CLUSTER.fromUnixSeconds, toUnixSeconds: END, stepSeconds: 600 };
  let server: TestServer;
  let source: HistorySource;
  let real: Reading;
  let expected: Reading;

  beforeAll(async () => {
    const file = join(directory, 'cluster.om');
    await writeOpenMetricsFile(CLUSTER, file);
    server = await start({ openMetricsFile: file });
    source = createPrometheusSource({ baseUrl: server.url, nowUnixSeconds: () => END });
    [real, expected] = await Promise.all([read(source, window), read(createGeneratedSource(CLUSTER), window)]);
  });
  afterAll(async () => {
    await source?.close();
    await server?.stop();
  });

  it('finds the workloads that were generated', () => {
    expect([...real.summary.workloads.keys()].sort()).toEqual([...expected.summary.workloads.keys()].sort());
  });

  it('reads the use that was generated, within 2 %', () => {
    for (const resource of ['cpu', 'memory'] as const) {
      const found = meansOf(real, resource);
      for (const [key, mean] of meansOf(expected, resource)) {
        const read = found.get(key) ?? Number.NaN;
        // Pods that live only for some minutes have too few samples for a rate over all of their life.
        const tolerance = key.includes('/CronJob/') || key.includes('/Job/') ? 0.3 : 0.02;
        expect(Math.abs(read - mean) / mean, `${key} ${resource}: ${read} for ${mean}`).toBeLessThanOrEqual(tolerance);
      }
    }
  });

  it('knows what was asked for', () => {
    for (const [key, { containers, hpaResources }] of expected.summary.workloads) {
      const found = real.summary.workloads.get(key);
      expect(found?.hpaResources, key).toEqual(hpaResources);
      for (const [name, { current }] of containers) expect(found?.containers.get(name)?.current, `${key}/${name}`).toEqual(current);
    }
  });

  it('asks by time, not by container, and stays far below the budget of requests', () => {
    const { counters } = real.summary;
    expect(counters.requests).toBeLessThanOrEqual(20);
    expect(counters).toMatchObject({ retries: 0, splits: 0, notANumber: 0, podsWithoutOwner: 0, fromTheFuture: 0 });
  });

  it('reads on where it stopped, to the same history', async () => {
    const cut = END - 30 * HOUR_SECONDS;
    const own = createPrometheusSource({ baseUrl: server.url, nowUnixSeconds: () => END });
    try {
      const first = await read(own, { ...window, toUnixSeconds: cut + 250 });
      expect(first.summary.readToUnixSeconds).toBe(cut);
      const second = await read(own, { ...window, fromUnixSeconds: cut });
      const chunks = [...first.chunks, ...second.chunks];
      for (const key of expected.summary.workloads.keys()) {
        const whole = column(real, 'cpu', key);
        const joined = column({ chunks, summary: second.summary }, 'cpu', key);
        expect(joined.map(Number.isNaN), key).toEqual(whole.map(Number.isNaN));
        joined.forEach((value, i) => {
          if (!Number.isNaN(value)) expect(value).toBeCloseTo(whole[i] as number, 9);
        });
      }
    } finally {
      await own.close();
    }
  });
}

function ruleHistory(start: typeof startPrometheus, name: string): void {
  it('reads what recording rules made, and says what is poorer for it', async () => {
    const file = join(directory, `${name}-rules.om`);
    writeRuleHistory(file);
    const server = await start({ openMetricsFile: file });
    const source = createPrometheusSource({ baseUrl: server.url, nowUnixSeconds: () => TO + 60 });
    try {
      const reading = await read(source, { fromUnixSeconds: FROM, toUnixSeconds: TO, stepSeconds: STEP });
      expect(column(reading, 'cpu', 'shop/Deployment/web')[slotAt(MIDDLE)]).toBe(1000);
      expect(column(reading, 'memory', 'shop/StatefulSet/db')[slotAt(MIDDLE)]).toBe(0.25 * GIB);
      expect(reading.summary.workloads.get('shop/Deployment/web' as WorkloadKey)).toMatchObject({ runningPods: 2 });
      const { checks } = await source.inspect();
      const poorer = checks.filter(({ status }) => status === 'degraded').map(({ id }) => id);
      expect(poorer).toEqual(expect.arrayContaining(['usage.cpu', 'usage.memory', 'owners.pod', 'requests', 'limits', 'oom']));
    } finally {
      await source.close();
      await server.stop();
    }
  });
}

function narrowServer(start: typeof startPrometheus, name: string, flag: string): void {
  it('reads the same from a server that answers little at a time', async () => {
    const file = join(directory, `${name}-narrow.om`);
    writeOddHistory(file, TODAY);
    const window = { fromUnixSeconds: FROM, toUnixSeconds: TO, stepSeconds: 60 };
    const [wide, narrow] = await Promise.all([start({ openMetricsFile: file }), start({ openMetricsFile: file, flags: [flag] })]);
    const sources = [wide, narrow].map(({ url }) => createPrometheusSource({ baseUrl: url, nowUnixSeconds: () => TO }));
    try {
      const [ofWide, ofNarrow] = (await Promise.all(sources.map((source) => read(source, window)))) as [Reading, Reading];
      expect(ofWide.summary.counters.splits).toBe(0);
      expect(ofNarrow.summary.counters.splits).toBeGreaterThan(0);
      expect([...ofNarrow.summary.workloads.keys()].sort()).toEqual([...ofWide.summary.workloads.keys()].sort());
      for (const key of ofWide.summary.workloads.keys())
        expect(column(ofNarrow, 'memory', key), key).toEqual(column(ofWide, 'memory', key));
    } finally {
      await Promise.all(sources.map((source) => source.close()));
      await Promise.all([wide.stop(), narrow.stop()]);
    }
  });
}

for (const [server, start, binaries, narrowFlag] of [
  ['Prometheus', startPrometheus, ['prometheus', 'promtool'], '--query.max-samples=1000'],
  ['VictoriaMetrics', startVictoriaMetrics, ['victoria-metrics'], '-search.maxPointsPerTimeseries=100'],
] as const) {
  describeWithBinaries(binaries, `the history of a real ${server}`, () => {
    describe('with everything that one can trip over', () => oddHistory(start, `${server}-today`, TODAY));
    describe('written by old exporters', () => oddHistory(start, `${server}-old`, OLD));
    describe('of a generated cluster', () => generatedCluster(start));
    describe('of recording rules only', () => ruleHistory(start, server));
    describe('behind a narrow limit', () => narrowServer(start, server, narrowFlag));
  });
}
