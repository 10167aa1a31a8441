import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { HOUR_SECONDS } from '../../common/units.ts';
import type { UsageChunk } from '../../predictor/core/usage.ts';
import { generateCluster } from '../../predictor/source/generated/cluster.ts';
import { createGeneratedSource } from '../../predictor/source/generated/generated-source.ts';
import type { HistorySummary } from '../../predictor/source/history-source.ts';
import { writeOpenMetricsFile } from './open-metrics/write.ts';
import { startPrometheus, startVictoriaMetrics, type TestServer } from './servers.ts';
import { describeWithBinaries } from './with-binaries.ts';

const STEP = 600;
const END = 1_760_000_400;
const whole = generateCluster({ seed: 3, endUnixSeconds: END, days: 4, stepSeconds: 120 });
const wanted = [
  'shop/checkout',
  'shop/notifications',
  'shop/landing-page',
  'payments/invoices',
  'payments/card-vault',
  'kube-system/coredns',
];
const cluster = { ...whole, workloads: whole.workloads.filter(({ ref }) => wanted.includes(`${ref.namespace}/${ref.name}`)) };

const directory = mkdtempSync(join(tmpdir(), 'neap-open-metrics-test-'));
const history = join(directory, 'history.om');
const chunks: UsageChunk[] = [];
let summary: HistorySummary;

beforeAll(async () => {
  await writeOpenMetricsFile(cluster, history);
  const window = { fromUnixSeconds: cluster.fromUnixSeconds, toUnixSeconds: cluster.endUnixSeconds, stepSeconds: STEP };
  const filter = { namespaces: [], kinds: [], selector: '' };
  summary = await createGeneratedSource(cluster).read(
    { ...window, eventsFromUnixSeconds: cluster.fromUnixSeconds, filter },
    { usage: (chunk) => void chunks.push(chunk) },
  );
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** What the generated source says of the hottest pod in the slot that starts then. */
function generated(resource: 'cpu' | 'memory', workload: string, slotStart: number): number | undefined {
  for (const chunk of chunks) {
    const slot = (slotStart - chunk.fromUnixSeconds) / STEP;
    if (chunk.resource !== resource || slot < 0 || slot >= chunk.slots) continue;
    return chunk.containers.find((c) => c.workload === workload)?.hottestPod[slot];
  }
  return undefined;
}

interface Answer {
  readonly data: { readonly result: readonly { readonly metric: Record<string, string>; readonly value: readonly [number, string] }[] };
}

async function query(server: TestServer, expression: string, time: number): Promise<Answer['data']['result']> {
  const answer = await request(`${server.url}/api/v1/query?nocache=1&query=${encodeURIComponent(expression)}&time=${time}`);
  return ((await answer.body.json()) as Answer).data.result;
}

const value = async (server: TestServer, expression: string, time: number): Promise<number> =>
  Number((await query(server, expression, time))[0]?.value[1]);

function holdsTheCluster(start: typeof startPrometheus): void {
  let server: TestServer;

  beforeAll(async () => {
    server = await start({ openMetricsFile: history });
  });

  afterAll(() => server?.stop());

  it('has the CPU of the generated source, by increase of the counter', async () => {
    for (const back of [1, 7, 30]) {
      const slotStart = END - back * HOUR_SECONDS;
      const selector = 'namespace="shop",container="api"';
      // From the counter at the slot's start to the one at its end, whatever the server does about the edges.
      const counter = (t: number) => query(server, `container_cpu_usage_seconds_total{${selector}}`, t);
      const before = new Map((await counter(slotStart)).map((s) => [s.metric.pod, Number(s.value[1])]));
      const used = (await counter(slotStart + STEP)).map((s) => (Number(s.value[1]) - (before.get(s.metric.pod) ?? Number.NaN)) / STEP);
      const hottest = Math.max(...used.filter((u) => !Number.isNaN(u))) * 1000;
      expect(hottest).toBeCloseTo(generated('cpu', 'shop/Deployment/checkout', slotStart) as number, 1);
    }
  });

  it('has the memory of the generated source', async () => {
    const slotStart = END - 5 * HOUR_SECONDS;
    const expression = `max(max_over_time(container_memory_working_set_bytes{namespace="payments",container="vault"}[${STEP}s]))`;
    expect(await value(server, expression, slotStart + STEP - 1)).toBe(generated('memory', 'payments/Deployment/card-vault', slotStart));
  });

  it('leads from every pod to its workload by owner series', async () => {
    const owners = await query(
      server,
      'count by (namespace, owner_kind, owner_name) (last_over_time(kube_replicaset_owner[4d]) or last_over_time(kube_job_owner[4d]))',
      END,
    );
    const names = new Set(owners.map(({ metric }) => `${metric.namespace}/${metric.owner_kind}/${metric.owner_name}`));
    expect([...names].sort()).toEqual([
      'kube-system/Deployment/coredns',
      'payments/CronJob/invoices',
      'payments/Deployment/card-vault',
      'shop/Deployment/checkout',
      'shop/Deployment/notifications',
      'shop/Rollout/landing-page',
    ]);
    const pods = await value(server, 'count(count by (namespace, pod) (last_over_time(kube_pod_owner[4d])))', END);
    const generatedPods = cluster.workloads.flatMap((w) => w.pods.map((pod) => pod.name));
    expect(pods).toBe(new Set(generatedPods).size);
  });

  it('tells requests, limits, running pods, OOM kills and the autoscaler', async () => {
    const request = 'max(kube_pod_container_resource_requests{namespace="shop",container="api",resource="cpu"})';
    expect(await value(server, request, END)).toBe(0.75);
    expect(await query(server, 'kube_pod_container_resource_requests{container="vault"}', END)).toEqual([]);
    const facts = [...summary.workloads.values()].find((f) => f.ref.name === 'notifications');
    const restarts = 'sum(max_over_time(kube_pod_container_status_restarts_total{container="sender"}[4d]))';
    const kills = facts?.containers.get('sender')?.events.reduce((sum, day) => sum + day.oomKills, 0);
    expect(kills).toBeGreaterThan(0);
    expect(await value(server, restarts, END)).toBe(kills);
    expect(await value(server, 'count(kube_pod_container_status_last_terminated_reason{reason="OOMKilled",container="sender"})', END)).toBe(
      2,
    );
    expect(await value(server, 'sum(kube_pod_container_status_running{container="sender"})', END)).toBe(facts?.runningPods);
    const target = await query(server, 'kube_horizontalpodautoscaler_info', END);
    expect(target[0]?.metric).toMatchObject({ namespace: 'shop', scaletargetref_kind: 'Deployment', scaletargetref_name: 'checkout' });
  });

  it('has the series of whole pods beside those of containers, as cAdvisor does', async () => {
    const all = await value(server, 'count(container_memory_working_set_bytes{namespace="kube-system"})', END);
    const containers = await value(server, 'count(container_memory_working_set_bytes{namespace="kube-system",container!=""})', END);
    expect(all).toBe(2 * containers);
  });
}

describeWithBinaries(['prometheus', 'promtool'], 'a generated cluster in a real Prometheus', () => holdsTheCluster(startPrometheus));
describeWithBinaries(['victoria-metrics'], 'a generated cluster in a real VictoriaMetrics', () => holdsTheCluster(startVictoriaMetrics));
