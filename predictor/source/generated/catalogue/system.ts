import { asks, box, cpu, follows, shopper, steady, within } from './shorthand.ts';

/** What every cluster runs. Node agents are tiny, and their requests add up. */
export const SYSTEM = within('kube-system', [
  {
    kind: 'Deployment',
    name: 'coredns',
    pods: 2,
    tier: 'system',
    rhythm: shopper,
    containers: [box('coredns', cpu(8, 45), follows(24, 10), asks([100], [70, 170]))],
  },
  {
    kind: 'DaemonSet',
    name: 'kube-proxy',
    pods: 1,
    tier: 'system',
    rhythm: steady,
    containers: [box('kube-proxy', cpu(1, 3), follows(22, 3), asks([100], []))],
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
    containers: [box('controller', cpu(40, 330), follows(140, 70), asks([500], [512]))],
  },
  {
    kind: 'Deployment',
    name: 'metrics-server',
    pods: 1,
    tier: 'system',
    rhythm: steady,
    containers: [box('metrics-server', cpu(9, 14), follows(42, 6), asks([100], [200]))],
  },
  {
    kind: 'Deployment',
    name: 'cert-manager',
    pods: 1,
    tier: 'system',
    rhythm: steady,
    containers: [box('controller', cpu(2, 5), follows(48, 6), asks([], []))],
  },
]);
