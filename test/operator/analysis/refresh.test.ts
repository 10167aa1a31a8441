import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { NeapError } from '../../../common/errors.ts';
import { analyze } from '../../../operator/analysis/analyze.ts';
import { startRefreshing } from '../../../operator/analysis/refresh.ts';
import { DEFAULT_PRICES } from '../../../operator/api/price-book.ts';
import { resolvePolicy } from '../../../operator/api/recommendation-policy.ts';
import { fakeSource } from './fake-source.ts';

const NOW = 1_800_000_000;

function setUp() {
  const registry = new Registry();
  const source = fakeSource([{ ref: { namespace: 'shop', kind: 'Deployment', name: 'web' }, containers: { app: { use: () => 100 } } }], {
    newest: () => NOW,
  });
  const refreshing = startRefreshing({
    source,
    registry,
    refreshSeconds: 0.01,
    now: () => NOW,
    run: (now, before, hooks) =>
      analyze(
        {
          source,
          policy: resolvePolicy(undefined),
          policyOrigin: 'default',
          prices: DEFAULT_PRICES,
          historySeconds: 2 * 86_400,
          stepSeconds: 300,
          filter: { namespaces: [], kinds: [], selector: '' },
          neapVersion: '0',
          ...hooks,
        },
        now,
        before,
      ),
  });
  const until = (isSo: () => boolean) =>
    new Promise<void>((resolve) => {
      if (isSo()) return resolve();
      const end = refreshing.subscribe(() => {
        if (!isSo()) return;
        end();
        resolve();
      });
    });
  return { source, registry, refreshing, until };
}

describe('refreshing', () => {
  it('keeps the last good analysis when a run fails, says why, and recovers by itself', async () => {
    const { source, registry, refreshing, until } = setUp();
    await refreshing.firstRun;
    const good = refreshing.current();
    expect(good.analysis?.totals.workloads).toBe(1);
    source.failWith = new NeapError('source', 'reading http://prom:9090: connection refused', { remedy: 'start it' });
    await until(() => refreshing.current().lastError !== undefined);
    expect(refreshing.current()).toMatchObject({
      lastError: { message: expect.stringContaining('connection refused'), remedy: 'start it', atUnixSeconds: NOW },
    });
    expect(refreshing.current().analysis).toBeDefined();
    expect(await registry.getSingleMetricAsString('neap_analysis_failures_total')).toMatch(/neap_analysis_failures_total [1-9]/);
    const failedAt = refreshing.current().version;
    source.failWith = undefined;
    await until(() => refreshing.current().version > failedAt);
    expect(refreshing.current().lastError).toBeUndefined();
    await refreshing.stop();
  });

  it('stops, also in the middle of a run, and runs no more', async () => {
    const { source, refreshing } = setUp();
    await refreshing.firstRun;
    await refreshing.stop();
    const reads = source.reads.length;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(source.reads.length).toBe(reads);
  });
});
