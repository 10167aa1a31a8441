import { DAY_SECONDS, HOUR_SECONDS, MINUTE_SECONDS } from '../../../../common/units.ts';
import { asks, box, business, cpu, follows, heap, nightly, steady, within } from './shorthand.ts';

/** The mesh's sidecar as it is usually left: the injector's defaults, far above what it uses. */
const mesh = box('istio-proxy', cpu(4, 30), follows(48, 12), asks([100, 2000], [128, 1024]));

/** The team that takes money: weekdays, a lunch dip, a sidecar in each pod. */
export const PAYMENTS = within('payments', [
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
    containers: [box('vault', cpu(20, 110), follows(120, 30), asks([], [])), mesh],
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
    containers: [box('engine', cpu(150, 980, { startup: 3000 }), heap(5200), asks([4000], [8192, 8192])), mesh],
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
      box('exporter', cpu(2, 5), follows(18, 2), asks([50], [64, 128])),
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
    run: { daysBeforeEnd: 2.6, hours: 8 },
    containers: [box('match', cpu(700, 1500), follows(600, 700), asks([2000], [2048, 4096]))],
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
]);
