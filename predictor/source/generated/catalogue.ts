import { DAY_SECONDS, HOUR_SECONDS, MINUTE_SECONDS } from '../../../common/units.ts';
import type { Asks, ContainerSpec, CpuSpec, MemorySpec, WorkloadSpec } from './workload-spec.ts';

const cpu = (idle: number, peak: number, more: Partial<CpuSpec> = {}): CpuSpec => ({ idle, peak, noise: 0.08, ...more });
const follows = (baseMib: number, loadMib: number, cacheMib = 0): MemorySpec => ({ model: 'load', baseMib, loadMib, cacheMib });
const heap = (mib: number): MemorySpec => ({ model: 'heap', mib });
const asks = (cpuAsked: readonly [number?, number?], memoryAsked: readonly [number?, number?]): Asks => ({
  cpu: [cpuAsked[0], cpuAsked[1]],
  memory: [memoryAsked[0], memoryAsked[1]],
});
const box = (name: string, load: CpuSpec, memory: MemorySpec, asked: Asks): ContainerSpec => ({ name, cpu: load, memory, asks: asked });

/** The mesh's sidecar as it is usually left: the injector's defaults, far above what it uses. */
const mesh = box('istio-proxy', cpu(4, 30), follows(48, 12), asks([100, 2000], [128, 1024]));

const shopper = { day: 'shopper', week: 'leisure' } as const;
const business = { day: 'api', week: 'business' } as const;
const office = { day: 'office', week: 'business' } as const;
const nightly = { day: 'night', week: 'even' } as const;
const steady = { day: 'flat', week: 'even' } as const;
const weekend = { day: 'night', week: 'weekendOnly' } as const;

/** The team that sells: evening peaks, weekends above weekdays. */
const shop: readonly Omit<WorkloadSpec, 'namespace'>[] = [
  {
    kind: 'Deployment',
    name: 'storefront',
    pods: 6,
    tier: 'front',
    rhythm: shopper,
    containers: [box('web', cpu(60, 620), follows(180, 140), asks([2000, 4000], [1024, 1024]))],
  },
  {
    kind: 'Deployment',
    name: 'checkout',
    pods: 4,
    tier: 'backend',
    rhythm: business,
    autoscaler: { minPods: 2, maxPods: 8 },
    containers: [box('api', cpu(40, 480), follows(220, 90), asks([750, 1500], [768, 768]))],
  },
  {
    kind: 'Deployment',
    name: 'cart',
    pods: 3,
    tier: 'backend',
    rhythm: shopper,
    containers: [box('api', cpu(30, 340), follows(260, 210), asks([200, undefined], [320, 640]))],
  },
  {
    kind: 'Deployment',
    name: 'catalogue-api',
    pods: 4,
    tier: 'backend',
    rhythm: shopper,
    containers: [box('api', cpu(50, 410), follows(300, 120, 150), asks([1000, 1000], [1024, 1024]))],
  },
  {
    kind: 'Deployment',
    name: 'search',
    pods: 3,
    tier: 'backend',
    rhythm: shopper,
    containers: [box('search', cpu(120, 900, { startup: 2600 }), heap(3100), asks([2000, 4000], [4096, 4096]))],
  },
  {
    kind: 'Deployment',
    name: 'recommendations',
    pods: 2,
    tier: 'backend',
    rhythm: shopper,
    containers: [
      box(
        'model',
        cpu(80, 260, { noise: 0.2, bursts: { perDay: 9, seconds: 240, height: 2.4 } }),
        follows(900, 260),
        asks([500, 1000], [2048, 2048]),
      ),
    ],
  },
  {
    kind: 'Deployment',
    name: 'image-resizer',
    pods: 2,
    tier: 'backend',
    rhythm: shopper,
    containers: [
      box(
        'worker',
        cpu(10, 120, { bursts: { perDay: 24, seconds: 420, height: 3.5 } }),
        follows(90, 180),
        asks([1000, 2000], [1024, 2048]),
      ),
    ],
  },
  {
    kind: 'StatefulSet',
    name: 'session-cache',
    pods: 3,
    tier: 'data',
    rhythm: shopper,
    containers: [
      box('redis', cpu(20, 140), follows(600, 900), asks([500, undefined], [4096, 4096])),
      box('exporter', cpu(1, 4), follows(14, 2), asks([50, 100], [64, 64])),
    ],
  },
  {
    kind: 'StatefulSet',
    name: 'product-db',
    pods: 3,
    tier: 'data',
    rhythm: shopper,
    hotPods: { count: 1, factor: 4 },
    containers: [box('postgres', cpu(60, 320), follows(1400, 300, 900), asks([2000, undefined], [8192, 8192]))],
  },
  {
    kind: 'Deployment',
    name: 'inventory-sync',
    pods: 3,
    tier: 'backend',
    rhythm: business,
    rollout: { daysBeforeEnd: 6.4, cpuFactor: 1.25, memoryFactor: 1.35 },
    containers: [{ ...box('sync', cpu(40, 260), follows(240, 90), asks([400, 800], [512, 512])), after: asks([600, 1200], [768, 768]) }],
  },
  {
    kind: 'Deployment',
    name: 'notifications',
    pods: 2,
    tier: 'backend',
    rhythm: shopper,
    containers: [box('sender', cpu(15, 90), { model: 'leak', baseMib: 180, mibPerDay: 210 }, asks([200, 400], [384, 768]))],
  },
  {
    kind: 'Rollout',
    name: 'landing-page',
    pods: 3,
    tier: 'front',
    rhythm: shopper,
    rollout: { daysBeforeEnd: 3.2, cpuFactor: 1, memoryFactor: 1 },
    containers: [box('web', cpu(20, 210), follows(96, 30), asks([500, 500], [256, 256]))],
  },
  {
    kind: 'Deployment',
    name: 'feature-flags',
    pods: 2,
    tier: 'backend',
    rhythm: steady,
    containers: [box('server', cpu(6, 9), follows(38, 4), asks([100, 100], [128, 128]))],
  },
  {
    kind: 'CronJob',
    name: 'sitemap',
    pods: 1,
    tier: 'batch',
    rhythm: steady,
    schedule: { everySeconds: HOUR_SECONDS, offsetSeconds: 0, shortestSeconds: 4 * MINUTE_SECONDS, longestSeconds: 9 * MINUTE_SECONDS },
    containers: [box('crawl', cpu(300, 700), follows(180, 120), asks([1000, 1000], [1024, 1024]))],
  },
  {
    kind: 'CronJob',
    name: 'abandoned-carts',
    pods: 1,
    tier: 'batch',
    rhythm: steady,
    schedule: {
      everySeconds: 30 * MINUTE_SECONDS,
      offsetSeconds: 0,
      shortestSeconds: 2 * MINUTE_SECONDS,
      longestSeconds: 6 * MINUTE_SECONDS,
    },
    containers: [box('mailer', cpu(60, 150), follows(110, 40), asks([250, 500], [256, 256]))],
  },
];

/** The team that takes money: weekdays, a lunch dip, a sidecar in each pod. */
const payments: readonly Omit<WorkloadSpec, 'namespace'>[] = [
  {
    kind: 'Deployment',
    name: 'gateway',
    pods: 5,
    tier: 'front',
    rhythm: business,
    containers: [box('gateway', cpu(50, 540), follows(200, 80), asks([1500, 3000], [1024, 1024])), mesh],
  },
  {
    kind: 'Deployment',
    name: 'ledger',
    pods: 3,
    tier: 'backend',
    rhythm: business,
    containers: [box('ledger', cpu(60, 430, { startup: 2200 }), heap(1850), asks([1000, 2000], [3072, 3072])), mesh],
  },
  {
    kind: 'Deployment',
    name: 'fraud-scoring',
    pods: 3,
    tier: 'backend',
    rhythm: business,
    levelShift: { daysBeforeEnd: 4.3, factor: 1.7 },
    containers: [box('scorer', cpu(90, 520), follows(700, 260), asks([1000, 1500], [2048, 2048])), mesh],
  },
  {
    kind: 'Deployment',
    name: 'card-vault',
    pods: 2,
    tier: 'backend',
    rhythm: business,
    containers: [box('vault', cpu(20, 110), follows(120, 30), asks([undefined, undefined], [undefined, undefined])), mesh],
  },
  {
    kind: 'Deployment',
    name: 'webhooks',
    pods: 3,
    tier: 'backend',
    rhythm: business,
    containers: [
      box(
        'dispatcher',
        cpu(25, 180, { noise: 0.15, bursts: { perDay: 6, seconds: 900, height: 2.2 } }),
        follows(140, 60),
        asks([250, 500], [256, 512]),
      ),
      mesh,
    ],
  },
  {
    kind: 'Deployment',
    name: 'risk-engine',
    pods: 2,
    tier: 'backend',
    rhythm: business,
    containers: [box('engine', cpu(150, 980, { startup: 3000 }), heap(5200), asks([4000, undefined], [8192, 8192])), mesh],
  },
  {
    kind: 'Deployment',
    name: 'payout-worker',
    pods: 2,
    tier: 'backend',
    rhythm: nightly,
    containers: [box('worker', cpu(15, 360), follows(150, 110), asks([300, 600], [512, 512])), mesh],
  },
  {
    kind: 'StatefulSet',
    name: 'payments-db',
    pods: 3,
    tier: 'data',
    rhythm: business,
    hotPods: { count: 1, factor: 5 },
    containers: [
      box('postgres', cpu(50, 260), follows(1800, 200, 1100), asks([4000, 4000], [16_384, 16_384])),
      box('exporter', cpu(2, 5), follows(18, 2), asks([50, undefined], [64, 128])),
    ],
  },
  {
    kind: 'CronJob',
    name: 'invoices',
    pods: 2,
    tier: 'batch',
    rhythm: steady,
    schedule: { everySeconds: HOUR_SECONDS, offsetSeconds: 0, shortestSeconds: 5 * MINUTE_SECONDS, longestSeconds: 12 * MINUTE_SECONDS },
    containers: [box('render', cpu(200, 420), follows(210, 120), asks([500, 1000], [512, 1024]))],
  },
  {
    kind: 'CronJob',
    name: 'settlement',
    pods: 1,
    tier: 'batch',
    rhythm: steady,
    schedule: {
      everySeconds: DAY_SECONDS,
      offsetSeconds: 2 * HOUR_SECONDS,
      shortestSeconds: 40 * MINUTE_SECONDS,
      longestSeconds: 75 * MINUTE_SECONDS,
    },
    containers: [box('settle', cpu(600, 1400), follows(900, 500), asks([2000, 2000], [4096, 4096]))],
  },
  {
    kind: 'Job',
    name: 'reconciliation-q3',
    pods: 3,
    tier: 'batch',
    rhythm: steady,
    schedule: { everySeconds: 2.6 * DAY_SECONDS, offsetSeconds: 0, shortestSeconds: 7 * HOUR_SECONDS, longestSeconds: 9 * HOUR_SECONDS },
    containers: [box('match', cpu(700, 1500), follows(600, 700), asks([2000, undefined], [2048, 4096]))],
  },
  {
    kind: 'Deployment',
    name: 'legacy-exporter',
    pods: 1,
    tier: 'backend',
    rhythm: business,
    goneDaysBeforeEnd: 3,
    containers: [box('exporter', cpu(20, 90), follows(130, 20), asks([500, 500], [512, 512]))],
  },
];

/** The team that counts: office hours, batch, a sharded store. */
const analytics: readonly Omit<WorkloadSpec, 'namespace'>[] = [
  {
    kind: 'StatefulSet',
    name: 'event-shards',
    pods: 20,
    tier: 'data',
    rhythm: business,
    hotPods: { count: 2, factor: 2.1 },
    containers: [box('shard', cpu(30, 160), follows(380, 160, 120), asks([500, 1000], [1536, 1536]))],
  },
  {
    kind: 'Deployment',
    name: 'ingest',
    pods: 3,
    tier: 'backend',
    rhythm: shopper,
    gaps: [
      { daysBeforeEnd: 8.7, hours: 5 },
      { daysBeforeEnd: 2.2, hours: 1.5 },
    ],
    containers: [box('ingest', cpu(70, 520), follows(240, 120), asks([600, undefined], [512, 1024]))],
  },
  {
    kind: 'Deployment',
    name: 'stream-processor',
    pods: 4,
    tier: 'backend',
    rhythm: shopper,
    containers: [box('processor', cpu(150, 760, { startup: 2400 }), heap(2600), asks([1500, 3000], [4096, 4096]))],
  },
  {
    kind: 'Deployment',
    name: 'weekend-report',
    pods: 1,
    tier: 'batch',
    rhythm: weekend,
    containers: [box('report', cpu(5, 1600, { noise: 0.05 }), follows(150, 1500), asks([1000, 2000], [2048, 3072]))],
  },
  {
    kind: 'Deployment',
    name: 'dashboards',
    pods: 2,
    tier: 'front',
    rhythm: office,
    containers: [box('dashboards', cpu(15, 260), follows(170, 90), asks([1000, 1000], [1024, 1024]))],
  },
  {
    kind: 'Pod',
    name: 'notebook',
    pods: 1,
    tier: 'front',
    rhythm: office,
    containers: [box('notebook', cpu(5, 700, { noise: 0.3 }), follows(400, 900, 600), asks([4000, 4000], [16_384, 16_384]))],
  },
  {
    kind: 'CronJob',
    name: 'etl',
    pods: 4,
    tier: 'batch',
    rhythm: steady,
    schedule: { everySeconds: HOUR_SECONDS, offsetSeconds: 0, shortestSeconds: 6 * MINUTE_SECONDS, longestSeconds: 18 * MINUTE_SECONDS },
    containers: [box('transform', cpu(350, 800), follows(300, 260), asks([1000, 1000], [1024, 1024]))],
  },
  {
    kind: 'CronJob',
    name: 'compaction',
    pods: 1,
    tier: 'batch',
    rhythm: steady,
    schedule: { everySeconds: 10 * MINUTE_SECONDS, offsetSeconds: 0, shortestSeconds: 70, longestSeconds: 200 },
    containers: [box('compact', cpu(120, 240), follows(90, 60), asks([200, undefined], [256, 256]))],
  },
  {
    kind: 'Deployment',
    name: 'query-engine',
    pods: 3,
    tier: 'backend',
    rhythm: office,
    containers: [
      box(
        'engine',
        cpu(120, 800, { noise: 0.25, bursts: { perDay: 14, seconds: 180, height: 2.6 } }),
        heap(6100),
        asks([2000, 8000], [6656, 8192]),
      ),
    ],
  },
  {
    kind: 'Deployment',
    name: 'schema-registry',
    pods: 2,
    tier: 'backend',
    rhythm: steady,
    containers: [box('registry', cpu(8, 12), heap(420), asks([500, 500], [1024, 1024]))],
  },
  {
    kind: 'Deployment',
    name: 'feature-store',
    pods: 2,
    tier: 'backend',
    rhythm: business,
    bornHoursBeforeEnd: 6,
    containers: [box('store', cpu(40, 220), follows(420, 120), asks([1000, undefined], [2048, 2048]))],
  },
  {
    kind: 'Deployment',
    name: 'anomaly-detector',
    pods: 1,
    tier: 'backend',
    rhythm: steady,
    containers: [box('detector', cpu(180, 240), follows(800, 60), asks([100, undefined], [512, undefined]))],
  },
];

/** What every cluster runs. Node agents are tiny, and their requests add up. */
const system: readonly Omit<WorkloadSpec, 'namespace'>[] = [
  {
    kind: 'Deployment',
    name: 'coredns',
    pods: 2,
    tier: 'system',
    rhythm: shopper,
    containers: [box('coredns', cpu(8, 45), follows(24, 10), asks([100, undefined], [70, 170]))],
  },
  {
    kind: 'DaemonSet',
    name: 'kube-proxy',
    pods: 1,
    tier: 'system',
    rhythm: steady,
    containers: [box('kube-proxy', cpu(1, 3), follows(22, 3), asks([100, undefined], [undefined, undefined]))],
  },
  {
    kind: 'DaemonSet',
    name: 'node-agent',
    pods: 1,
    tier: 'system',
    rhythm: steady,
    containers: [box('agent', cpu(2, 4), follows(11, 2), asks([10, 50], [16, 32]))],
  },
  {
    kind: 'DaemonSet',
    name: 'log-shipper',
    pods: 1,
    tier: 'system',
    rhythm: shopper,
    hotPods: { count: 1, factor: 3 },
    containers: [
      box('shipper', cpu(10, 70), follows(60, 40), asks([200, 200], [256, 256])),
      box('reloader', cpu(1, 1), follows(9, 1), asks([10, 10], [16, 16])),
    ],
  },
  {
    kind: 'DaemonSet',
    name: 'node-exporter',
    pods: 1,
    tier: 'system',
    rhythm: steady,
    containers: [box('node-exporter', cpu(4, 8), follows(18, 2), asks([100, 200], [64, 128]))],
  },
  {
    kind: 'Deployment',
    name: 'ingress',
    pods: 3,
    tier: 'system',
    rhythm: shopper,
    containers: [box('controller', cpu(40, 330), follows(140, 70), asks([500, undefined], [512, undefined]))],
  },
  {
    kind: 'Deployment',
    name: 'metrics-server',
    pods: 1,
    tier: 'system',
    rhythm: steady,
    containers: [box('metrics-server', cpu(9, 14), follows(42, 6), asks([100, undefined], [200, undefined]))],
  },
  {
    kind: 'Deployment',
    name: 'cert-manager',
    pods: 1,
    tier: 'system',
    rhythm: steady,
    containers: [box('controller', cpu(2, 5), follows(48, 6), asks([undefined, undefined], [undefined, undefined]))],
  },
];

const within = (namespace: string, specs: readonly Omit<WorkloadSpec, 'namespace'>[]): WorkloadSpec[] =>
  specs.map((spec) => ({ namespace, ...spec }));

/** One copy of what the teams run. */
export const TEAM_WORKLOADS: readonly WorkloadSpec[] = [
  ...within('shop', shop),
  ...within('payments', payments),
  ...within('analytics', analytics),
];

/** What is there once a cluster, however many teams. */
export const SYSTEM_WORKLOADS: readonly WorkloadSpec[] = within('kube-system', system);
