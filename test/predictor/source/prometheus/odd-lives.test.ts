import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { DAY_SECONDS, HOUR_SECONDS } from '../../../../common/units.ts';
import type { UsageChunk } from '../../../../predictor/core/usage.ts';
import type { WorkloadKey } from '../../../../predictor/core/workload.ts';
import type { HistoryRequest, HistorySource, HistorySummary } from '../../../../predictor/source/history-source.ts';
import { createPrometheusSource } from '../../../../predictor/source/prometheus/prometheus-source.ts';
import { startPrometheus, startVictoriaMetrics } from '../../../system/servers.ts';
import { describeWithBinaries } from '../../../system/with-binaries.ts';

const MIDNIGHT = 1_760_054_400;
const FROM = MIDNIGHT - 6 * HOUR_SECONDS;
const TO = MIDNIGHT + 6 * HOUR_SECONDS;
const directory = mkdtempSync(join(tmpdir(), 'neap-odd-lives-test-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

type Labels = Readonly<Record<string, string>>;

/** Collects samples and writes them as OpenMetrics text. */
class History {
  private readonly rows = new Map<string, Map<string, string[]>>();

  add(metric: string, labels: Labels, time: number, value: number): void {
    const series = `{${Object.entries(labels)
      .map(([name, text]) => `${name}="${text}"`)
      .join(',')}}`;
    const ofMetric = this.rows.get(metric) ?? new Map<string, string[]>();
    this.rows.set(metric, ofMetric);
    const lines = ofMetric.get(series) ?? [];
    ofMetric.set(series, lines);
    lines.push(`${metric}${series} ${value} ${time}`);
  }

  /** Every `interval` seconds, seven seconds off the minute, as real scrapes are. */
  each(
    metric: string,
    labels: Labels,
    [from, to, interval]: readonly [number, number, number],
    value: (time: number) => number | undefined,
  ): void {
    for (let t = Math.ceil((from - 7) / interval) * interval + 7; t < to; t += interval) {
      const v = value(t);
      if (v !== undefined) this.add(metric, labels, t, v);
    }
  }

  write(name: string): string {
    const path = join(directory, `${name}.om`);
    const lines = [...this.rows].flatMap(([metric, series]) => [
      `# TYPE ${metric.replace(/_total$/, '')} ${metric.endsWith('_total') ? 'counter' : 'gauge'}`,
      ...[...series.values()].flat(),
    ]);
    writeFileSync(path, `${[...lines, '# EOF'].join('\n')}\n`);
    return path;
  }
}

interface Life {
  readonly pod: string;
  readonly owner: readonly [kind: string, name: string];
  readonly from?: number;
  readonly to?: number;
  readonly scrape?: number;
  /** Until then the exporter tells of it. */
  readonly told?: number;
  readonly kubeStateScrape?: number;
  /** Times of OOM kills, after which it is started again. */
  readonly kills?: readonly number[];
  /** CPU seconds used up to then. */
  readonly cpuSeconds?: (time: number) => number;
}

function live(history: History, life: Life): void {
  const { pod, owner, from = FROM, to = TO, scrape = 60, kills = [] } = life;
  const labels = { namespace: 'shop', pod, container: 'app' };
  const usage = [from, to, scrape] as const;
  const state = [from, Math.min(to, life.told ?? TO), life.kubeStateScrape ?? Math.min(scrape, 60)] as const;
  history.each('container_cpu_usage_seconds_total', { ...labels, cpu: 'total' }, usage, life.cpuSeconds ?? ((t) => t - from));
  history.each('container_memory_working_set_bytes', labels, usage, () => 1e9);
  const owned = { namespace: 'shop', pod, owner_kind: owner[0], owner_name: owner[1], owner_is_controller: 'true' };
  history.each('kube_pod_owner', owned, state, () => 1);
  history.each('kube_pod_container_status_running', labels, state, () => 1);
  history.each('kube_pod_container_resource_requests', { ...labels, resource: 'cpu' }, state, () => 1);
  history.each('kube_pod_container_resource_limits', { ...labels, resource: 'memory' }, state, () => 2e9);
  history.each('kube_pod_container_status_restarts_total', labels, state, (t) => kills.filter((kill) => kill < t).length);
  history.each('kube_pod_container_status_last_terminated_reason', { ...labels, reason: 'OOMKilled' }, state, (t) =>
    kills.some((kill) => kill < t) ? 1 : undefined,
  );
}

interface Reading {
  readonly chunks: readonly UsageChunk[];
  readonly summary: HistorySummary;
}

async function read(source: HistorySource, request: Partial<HistoryRequest> & { stepSeconds: number }): Promise<Reading> {
  const chunks: UsageChunk[] = [];
  const window = { fromUnixSeconds: FROM, toUnixSeconds: TO, filter: { namespaces: [], kinds: [], selector: '' } };
  const eventsFromUnixSeconds = MIDNIGHT - DAY_SECONDS;
  const summary = await source.read({ ...window, eventsFromUnixSeconds, ...request }, { usage: (chunk) => void chunks.push(chunk) });
  return { chunks, summary };
}

function column({ chunks }: Reading, resource: string, workload: string, what: 'hottestPod' | 'pods'): number[] {
  return chunks.flatMap((chunk) =>
    chunk.resource === resource ? chunk.containers.filter((c) => c.workload === workload).flatMap((c) => [...c[what]]) : [],
  );
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

async function withSource<T>(
  start: typeof startPrometheus,
  history: string,
  work: (open: (now?: number) => HistorySource) => Promise<T>,
): Promise<T> {
  const server = await start({ openMetricsFile: history });
  const open: HistorySource[] = [];
  try {
    return await work((now = TO) => {
      const source = createPrometheusSource({ baseUrl: server.url, nowUnixSeconds: () => now });
      open.push(source);
      return source;
    });
  } finally {
    await Promise.all(open.map((source) => source.close()));
    await server.stop();
  }
}

function lives(start: typeof startPrometheus, server: string): void {
  it.each([15, 60])('pods that live for 30 s, scraped every %d s: hide no peaks of others, and count as half a pod', async (scrape) => {
    const history = new History();
    const bursts = (t: number): number => {
      const hours = Math.floor((t - FROM) / HOUR_SECONDS);
      const inHour = (t - FROM) % HOUR_SECONDS;
      return hours * (300 * 2 + 3300 * 0.1) + Math.min(inHour, 300) * 2 + Math.max(0, inHour - 300) * 0.1;
    };
    live(history, { pod: 'burst-0', owner: ['StatefulSet', 'burst'], cpuSeconds: bursts });
    for (let t = FROM; t < TO; t += 60) {
      const id = (t - FROM) / 60;
      // Some are never scraped where scrapes are rare; the others stand for them.
      const from = t + ((id * 37) % 60);
      live(history, { pod: `tick-${id}-x`, owner: ['Job', `tick-${id}`], from, to: from + 30, scrape });
      history.each(
        'kube_job_owner',
        { namespace: 'shop', job_name: `tick-${id}`, owner_kind: 'CronJob', owner_name: 'tick' },
        [from, from + 300, 60],
        () => 1,
      );
    }
    await withSource(start, history.write(`${server}-short-${scrape}`), async (open) => {
      const fine = await read(open(), { stepSeconds: 300 });
      const peaks = column(fine, 'cpu', 'shop/StatefulSet/burst', 'hottestPod');
      expect(Math.max(...peaks)).toBeGreaterThan(1900);
      const coarse = await read(open(), { stepSeconds: 3600 });
      for (const reading of [fine, coarse]) {
        const slots = column(reading, 'memory', 'shop/StatefulSet/burst', 'pods').length;
        const pods = column(reading, 'memory', 'shop/CronJob/tick', 'pods');
        expect(pods.reduce((a, b) => a + b, 0) / slots).toBeGreaterThan(0.35);
        expect(pods.reduce((a, b) => a + b, 0) / slots).toBeLessThan(0.65);
      }
      expect(fine.summary.counters.requests).toBeLessThanOrEqual(20);

      // In short reads, one after the other, it is the same.
      const source = open();
      const parts: UsageChunk[] = [];
      for (let from = MIDNIGHT; from < MIDNIGHT + HOUR_SECONDS; from += 600) {
        parts.push(...(await read(source, { stepSeconds: 300, fromUnixSeconds: from, toUnixSeconds: from + 600 })).chunks);
      }
      const inParts = column({ chunks: parts, summary: fine.summary }, 'cpu', 'shop/StatefulSet/burst', 'hottestPod');
      const first = (MIDNIGHT - FROM) / 300;
      for (const [i, value] of inParts.entries()) expect(value).toBeCloseTo(peaks[first + i] as number, 6);
      expect(inParts).toHaveLength(12);
    });
  });

  it.each([
    ['silent for the last 10 min', { told: TO - 600 }],
    ['silent for the last hour', { told: TO - 3600 }],
    ['scraped every 10 min', { kubeStateScrape: 600, told: TO - 100 }],
  ])('kube-state-metrics %s: the pods still run', async (name, told) => {
    const history = new History();
    live(history, { pod: 'web-0', owner: ['StatefulSet', 'web'], ...told });
    live(history, { pod: 'old-0', owner: ['StatefulSet', 'old'], to: MIDNIGHT, ...told });
    await withSource(start, history.write(`${server}-${name.replaceAll(' ', '-')}`), async (open) => {
      const { summary } = await read(open(), { stepSeconds: 300 });
      const web = summary.workloads.get('shop/StatefulSet/web' as WorkloadKey);
      expect(web).toMatchObject({ runningPods: 1 });
      expect(web?.containers.get('app')).toMatchObject({ runningPods: 1, current: { cpuRequestMillicores: 1000, memoryLimitBytes: 2e9 } });
      expect(summary.workloads.get('shop/StatefulSet/old' as WorkloadKey)).toMatchObject({ runningPods: 0 });
    });
  });

  it('OOM kills: each once and on its day, however the reads are cut', async () => {
    const history = new History();
    const kills = [MIDNIGHT - 20, MIDNIGHT + 3600 - 20, ...Array.from({ length: 10 }, (_, i) => MIDNIGHT + 7200 + i * 257)];
    live(history, { pod: 'calc-0', owner: ['StatefulSet', 'calc'], kills });
    // Never started again: nothing but its state tells.
    live(history, { pod: 'once-x', owner: ['Job', 'once'], to: MIDNIGHT + 3000 });
    const once = { namespace: 'shop', pod: 'once-x', container: 'app', reason: 'OOMKilled' };
    history.each('kube_pod_container_status_terminated_reason', once, [MIDNIGHT + 3000, MIDNIGHT + 9000, 60], () => 1);
    // Killed once, and started again for another reason later.
    const other = { namespace: 'shop', pod: 'other-0', container: 'app' };
    live(history, { pod: 'other-0', owner: ['StatefulSet', 'other'] });
    history.each('kube_pod_container_status_restarts_total', { ...other, uid: '1' }, [FROM, TO, 60], (t) =>
      t > MIDNIGHT + 9000 ? 2 : t > MIDNIGHT - 9000 ? 1 : 0,
    );
    history.each(
      'kube_pod_container_status_last_terminated_reason',
      { ...other, reason: 'OOMKilled' },
      [MIDNIGHT - 9000, MIDNIGHT + 8000, 60],
      () => 1,
    );
    history.each('kube_pod_container_status_last_terminated_reason', { ...other, reason: 'Error' }, [MIDNIGHT + 9000, TO, 60], () => 1);
    const day = MIDNIGHT / DAY_SECONDS;
    await withSource(start, history.write(`${server}-kills`), async (open) => {
      const whole = await read(open(), { stepSeconds: 300 });
      const events = ({ summary }: Reading, key: string) => summary.workloads.get(key as WorkloadKey)?.containers.get('app')?.events;
      const before = { day: day - 1, oomKills: 0 };
      const told = events(whole, 'shop/StatefulSet/calc');
      // The kill twenty seconds before midnight shows with the first scrape after it.
      expect(told).toMatchObject([{ day, oomKills: 12, oomLimitBytes: 2e9 }]);
      expect(events(whole, 'shop/Job/once')).toMatchObject([{ day, oomKills: 1 }]);
      expect(events(whole, 'shop/StatefulSet/other')).toMatchObject([{ ...before, oomKills: 1 }]);

      const source = open();
      let last: Reading | undefined;
      for (let from = FROM; from < TO; from += (5 * HOUR_SECONDS) / 2) {
        const toUnixSeconds = Math.min(TO, from + (5 * HOUR_SECONDS) / 2);
        last = await read(source, {
          stepSeconds: 300,
          fromUnixSeconds: from,
          toUnixSeconds,
          eventsFromUnixSeconds: Math.floor(from / DAY_SECONDS) * DAY_SECONDS,
        });
      }
      expect(events(last as Reading, 'shop/StatefulSet/calc')).toEqual(told);
    });
  });

  it('several autoscalers of one target, seen hours ago: all of them count, but none that scales on an average value', async () => {
    const history = new History();
    live(history, { pod: 'web-0', owner: ['StatefulSet', 'web'] });
    live(history, { pod: 'api-0', owner: ['StatefulSet', 'api'] });
    for (const [hpa, resource, type, target] of [
      ['a', 'cpu', 'utilization', 'web'],
      ['b', 'memory', '', 'web'],
      ['c', 'cpu', 'average', 'api'],
    ] as const) {
      const base = { namespace: 'shop', horizontalpodautoscaler: hpa };
      const until = [FROM, TO - 4 * HOUR_SECONDS, 60] as const;
      const typed = type === '' ? {} : { metric_target_type: type };
      history.each('kube_horizontalpodautoscaler_spec_target_metric', { ...base, metric_name: resource, ...typed }, until, () => 60);
      history.each(
        'kube_horizontalpodautoscaler_info',
        { ...base, scaletargetref_kind: 'StatefulSet', scaletargetref_name: target },
        until,
        () => 1,
      );
    }
    await withSource(start, history.write(`${server}-hpa`), async (open) => {
      const { workloads } = (await read(open(), { stepSeconds: 300 })).summary;
      expect(workloads.get('shop/StatefulSet/web' as WorkloadKey)?.hpaResources).toEqual(['cpu', 'memory']);
      expect(workloads.get('shop/StatefulSet/api' as WorkloadKey)?.hpaResources).toEqual([]);
    });
  });

  it('a rollout stays at the number of its pods', async () => {
    const history = new History();
    live(history, { pod: 'web-1-a', owner: ['ReplicaSet', 'web-1'], to: MIDNIGHT + 100 });
    live(history, { pod: 'web-2-a', owner: ['ReplicaSet', 'web-2'], from: MIDNIGHT + 80 });
    for (const name of ['web-1', 'web-2'])
      history.each(
        'kube_replicaset_owner',
        { namespace: 'shop', replicaset: name, owner_kind: 'Deployment', owner_name: 'web' },
        [FROM, TO, 60],
        () => 1,
      );
    await withSource(start, history.write(`${server}-rollout`), async (open) => {
      const reading = await read(open(), { stepSeconds: 300 });
      const pods = column(reading, 'memory', 'shop/Deployment/web', 'pods');
      expect(Math.max(...pods)).toBeLessThanOrEqual(1);
      expect(mean(pods)).toBeCloseTo(1, 1);
      expect(reading.summary.workloads.get('shop/Deployment/web' as WorkloadKey)).toMatchObject({ runningPods: 1 });
    });
  });

  it('labels of two forms beside each other: no rows are dropped', async () => {
    const history = new History();
    live(history, { pod: 'web-0', owner: ['StatefulSet', 'web'] });
    // Told of by an exporter that is scraped without honor_labels, and by a cAdvisor of years ago.
    const exported = { namespace: 'monitoring', pod: 'ksm-0', container: 'ksm', exported_namespace: 'shop', exported_pod: 'db-0' };
    const always = [FROM, TO, 60] as const;
    history.each('kube_pod_owner', { ...exported, owner_kind: 'StatefulSet', owner_name: 'db' }, always, () => 1);
    history.each('kube_pod_container_status_running', { ...exported, exported_container: 'app' }, always, () => 1);
    const request = { ...exported, exported_container: 'app', resource: 'cpu' };
    history.each('kube_pod_container_resource_requests', request, always, () => 3);
    const old = { namespace: 'shop', pod_name: 'db-0', container_name: 'app' };
    history.each('container_cpu_usage_seconds_total', { ...old, cpu: 'total' }, always, (t) => (t - FROM) / 2);
    history.each('container_memory_working_set_bytes', old, always, () => 3e9);
    await withSource(start, history.write(`${server}-forms`), async (open) => {
      const reading = await read(open(), { stepSeconds: 300, filter: { namespaces: ['shop'], kinds: [], selector: '' } });
      const { workloads } = reading.summary;
      expect([...workloads.keys()].sort()).toEqual(['shop/StatefulSet/db', 'shop/StatefulSet/web']);
      for (const [name, cores, cpu, memory] of [
        ['web', 1000, 1000, 1e9],
        ['db', 3000, 500, 3e9],
      ] as const) {
        const key = `shop/StatefulSet/${name}`;
        const current = { cpuRequestMillicores: cores };
        expect(workloads.get(key as WorkloadKey)?.containers.get('app'), name).toMatchObject({ runningPods: 1, current });
        expect(column(reading, 'cpu', key, 'hottestPod')[12]).toBeCloseTo(cpu, 0);
        expect(column(reading, 'memory', key, 'hottestPod')[12]).toBe(memory);
      }
    });
  });

  it('labels in camel case, and a selector over short reads: pods stay selected', async () => {
    const history = new History();
    live(history, { pod: 'web-0', owner: ['StatefulSet', 'web'], to: TO - 120 });
    live(history, { pod: 'db-0', owner: ['StatefulSet', 'db'] });
    for (const [pod, name] of [
      ['web-0', 'shop'],
      ['db-0', 'base'],
    ] as const)
      history.each('kube_pod_labels', { namespace: 'shop', pod, label_app_name: name }, [FROM, TO - 1200, 60], () => 1);
    const filter = { namespaces: [], kinds: [], selector: 'appName=shop' };
    await withSource(start, history.write(`${server}-labels`), async (open) => {
      const source = open();
      const whole = await read(source, { stepSeconds: 15, filter, toUnixSeconds: TO - 60 });
      expect([...whole.summary.workloads.keys()]).toEqual(['shop/StatefulSet/web']);
      const short = await read(source, { stepSeconds: 15, filter, fromUnixSeconds: TO - 300, toUnixSeconds: TO - 180 });
      expect([...short.summary.workloads.keys()]).toEqual(['shop/StatefulSet/web']);
      expect(column(short, 'memory', 'shop/StatefulSet/web', 'pods').some((pods) => pods > 0)).toBe(true);
    });
  });
}

describeWithBinaries(['prometheus', 'promtool'], 'lives of pods in a real Prometheus', () => {
  describe('are counted right', () => lives(startPrometheus, 'prometheus'));
});
describeWithBinaries(['victoria-metrics'], 'lives of pods in a real VictoriaMetrics', () => {
  describe('are counted right', () => lives(startVictoriaMetrics, 'victoria-metrics'));
});
