import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY_SECONDS, HOUR_SECONDS } from '../../../../common/units.ts';
import { type GeneratedWorkload, generateCluster } from '../../../../predictor/source/generated/cluster.ts';
import { isAlive } from '../../../../predictor/source/generated/facts.ts';
import { cpuDemand, limitedCpu, memoryUse, oomKills } from '../../../../predictor/source/generated/usage-series.ts';

const END = 1_760_000_000;
const options = { seed: 1, endUnixSeconds: END, days: 14, stepSeconds: 300 };
const cluster = generateCluster(options);
const find = (name: string): GeneratedWorkload => cluster.workloads.find((w) => w.ref.name === name) as GeneratedWorkload;

const anySeries = fc
  .constantFrom(...cluster.workloads.filter((w) => w.pods.length > 0))
  .chain((workload) =>
    fc.record({
      workload: fc.constant(workload),
      container: fc.constantFrom(...workload.containers),
      pod: fc.constantFrom(...workload.pods),
    }),
  )
  .map((of) => ({ cluster, ...of }));

describe('a generated cluster', () => {
  it('is the same for the same seed and another for another', () => {
    expect(generateCluster(options)).toEqual(cluster);
    const other = generateCluster({ ...options, seed: 2 });
    const podNames = (c: typeof cluster) => c.workloads.flatMap((w) => w.pods.map((p) => p.name));
    expect(podNames(other)).not.toEqual(podNames(cluster));
  });

  it('has what a cluster has', () => {
    expect(cluster.workloads.length).toBeGreaterThanOrEqual(35);
    expect(cluster.workloads.length).toBeLessThanOrEqual(60);
    expect(new Set(cluster.workloads.map((w) => w.ref.namespace))).toEqual(new Set(['shop', 'payments', 'analytics', 'kube-system']));
    const kinds = new Set(cluster.workloads.map((w) => w.ref.kind));
    expect(kinds).toEqual(new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'CronJob', 'Job', 'Rollout', 'Pod']));
    expect(cluster.workloads.some((w) => w.autoscaler !== undefined)).toBe(true);
    expect(cluster.workloads.some((w) => w.levelShift !== undefined)).toBe(true);
    expect(find('card-vault').containers[0]?.resources[0]).toEqual({
      cpuRequestMillicores: undefined,
      cpuLimitMillicores: undefined,
      memoryRequestBytes: undefined,
      memoryLimitBytes: undefined,
    });
    expect(find('gateway').containers).toHaveLength(2);
  });

  it('grows with its scale, in namespaces of their own', () => {
    const large = generateCluster({ ...options, days: 1, scale: 4 });
    expect(large.workloads.length).toBeGreaterThan(3.5 * (cluster.workloads.length - 8));
    expect(large.nodes.length).toBeGreaterThan(2 * cluster.nodes.length);
    expect(new Set(large.workloads.map((w) => `${w.ref.namespace}/${w.ref.kind}/${w.ref.name}`)).size).toBe(large.workloads.length);
    expect(large.workloads.some((w) => w.ref.namespace === 'shop-4')).toBe(true);
  });

  it('gives every pod of a moment a name of its own, and a node', () => {
    const nodes = new Set(cluster.nodes.map((n) => n.name));
    for (const back of [1, 3 * DAY_SECONDS, 9 * DAY_SECONDS]) {
      const names = cluster.workloads.flatMap((w) =>
        w.pods.filter((p) => isAlive(p, END - back)).map((p) => `${w.ref.namespace}/${p.name}`),
      );
      expect(new Set(names).size).toBe(names.length);
    }
    for (const pod of cluster.workloads.flatMap((w) => w.pods)) expect(nodes).toContain(pod.node);
  });

  it('rolls out with a new ReplicaSet, new pods and, where asked, new requests', () => {
    const { pods, containers } = find('inventory-sync');
    expect(new Set(pods.map((p) => p.owner?.name)).size).toBe(2);
    expect(pods.filter((p) => isAlive(p, END - 1)).map((p) => p.revision)).toEqual([1, 1, 1]);
    expect(containers[0]?.resources.map((r) => r.cpuRequestMillicores)).toEqual([400, 600]);
    expect(find('landing-page').pods[0]?.owner?.kind).toBe('ReplicaSet');
  });

  it('runs CronJobs on time for minutes, a Job once, and scales with the autoscaler', () => {
    const runs = find('invoices').pods;
    expect(runs.length).toBeGreaterThanOrEqual(2 * 14 * 24 - 2);
    for (const pod of runs) {
      expect(pod.startUnixSeconds % HOUR_SECONDS).toBeLessThan(60);
      expect((pod.endUnixSeconds as number) - pod.startUnixSeconds).toBeLessThanOrEqual(720);
    }
    expect(new Set(find('reconciliation-q3').pods.map((p) => p.owner?.name))).toEqual(new Set(['reconciliation-q3']));
    const at = (t: number) => find('checkout').pods.filter((p) => isAlive(p, t)).length;
    const counts = new Set(Array.from({ length: 14 * 24 }, (_, h) => at(cluster.fromUnixSeconds + h * HOUR_SECONDS + 1800)));
    expect(Math.min(...counts)).toBe(2);
    expect(Math.max(...counts)).toBeGreaterThan(4);
  });

  it('has a young, a deleted and a leaking workload, and two hot shards of twenty', () => {
    expect(Math.min(...find('feature-store').pods.map((p) => p.startUnixSeconds))).toBeGreaterThanOrEqual(
      cluster.endUnixSeconds - 6 * HOUR_SECONDS,
    );
    expect(find('legacy-exporter').pods.some((p) => isAlive(p, END - 2 * DAY_SECONDS))).toBe(false);
    const leaking = find('notifications');
    const of = { cluster, workload: leaking, container: leaking.containers[0] as never, pod: leaking.pods[0] as never };
    const kills = oomKills(of, cluster.fromUnixSeconds, cluster.endUnixSeconds);
    expect(kills.length).toBeGreaterThan(2);
    const limit = leaking.containers[0]?.resources[0]?.memoryLimitBytes as number;
    for (const kill of kills) {
      expect(memoryUse(of)(kill - 300)).toBeGreaterThan(0.95 * limit);
      expect(memoryUse(of)(kill + 300)).toBeLessThan(0.4 * limit);
    }
    const hot = find('event-shards').pods.filter((p) => p.load > 1.5);
    expect([hot.length, find('event-shards').pods.length]).toEqual([2, 20]);
  });

  it('rests on the holiday as on a Sunday', () => {
    const workload = find('gateway');
    const demand = cpuDemand({ cluster, workload, container: workload.containers[0] as never, pod: workload.pods[0] as never });
    const noon = (day: number) => day * DAY_SECONDS + 10 * HOUR_SECONDS;
    expect(demand(noon(cluster.holidayDay))).toBeLessThan(0.5 * demand(noon(cluster.holidayDay + 7)));
  });

  it('no value is negative, none above its limit, and every value is the same however it is asked for', () => {
    fc.assert(
      fc.property(anySeries, fc.integer({ min: cluster.fromUnixSeconds, max: END }), (of, t) => {
        const cpu = limitedCpu(cpuDemand(of)(t), of);
        const memory = memoryUse(of)(Math.max(t, of.pod.startUnixSeconds));
        const limits = of.container.resources[of.pod.revision];
        expect(cpu).toBeGreaterThan(0);
        expect(memory).toBeGreaterThan(0);
        expect(cpu).toBeLessThanOrEqual(limits?.cpuLimitMillicores ?? Number.POSITIVE_INFINITY);
        expect(memory).toBeLessThan(limits?.memoryLimitBytes ?? Number.POSITIVE_INFINITY);
        const series = cpuDemand(of);
        for (let other = t - 600; other <= t; other += 300) series(other);
        expect(series(t)).toBe(cpuDemand(of)(t));
      }),
      { numRuns: 500 },
    );
  });

  it('refuses what makes no cluster', () => {
    expect(() => generateCluster({ ...options, days: 0 })).toThrow('a generated cluster needs days above 0, not 0');
    expect(() => generateCluster({ ...options, stepSeconds: Number.NaN })).toThrow('stepSeconds above 0, not NaN');
  });
});
