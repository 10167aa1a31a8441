import { known, unknown } from '../../../common/result.ts';
import { GIB, MIB } from '../../../common/units.ts';
import type { Analysis, ResourceAnalysis, WorkloadAnalysis } from '../../../operator/analysis/analysis.ts';
import { DEFAULT_PRICES } from '../../../operator/api/price-book.ts';
import { noReads } from '../../../predictor/source/history-source.ts';

export function resourceFixture(resource: 'cpu' | 'memory', over: Partial<ResourceAnalysis> = {}): ResourceAnalysis {
  const unit = resource === 'cpu' ? 1 : MIB;
  return {
    resource,
    currentKnown: true,
    currentRequest: 1000 * unit,
    currentLimit: resource === 'cpu' ? undefined : 2 * GIB,
    usage: known({
      p50: 120 * unit,
      p95: 300 * unit,
      p99: 380 * unit,
      max: 410 * unit,
      mean: 150 * unit,
      samples: 4032,
      historySeconds: 14 * 86_400,
    }),
    recommendation: known({
      request: 445 * unit,
      limit: resource === 'cpu' ? undefined : 445 * unit,
      overloadAfter: 0.004,
      why: resource === 'cpu' ? 'P99 of week 412m → +8 % risk margin → 445m' : 'highest use 387 MiB → +15 % margin → 445 MiB',
    }),
    trace: [
      { stage: 'history', text: '14 days of history, 4,032 samples' },
      { stage: 'quantile', text: resource === 'cpu' ? 'P99 of the week is 412m' : 'the highest use is 387 MiB', amount: 412 * unit },
      { stage: 'margin', text: '+8 % risk margin', amount: 445 * unit },
    ],
    overloadNow: 0,
    costNowPerMonth: resource === 'cpu' ? 69.23 : 9.28,
    costAfterPerMonth: resource === 'cpu' ? 30.81 : 4.13,
    wastePerMonth: resource === 'cpu' ? 58.84 : 7.89,
    ...over,
  };
}

export function workloadFixture(over: Partial<WorkloadAnalysis> = {}): WorkloadAnalysis {
  return {
    ref: { namespace: 'shop', kind: 'Deployment', name: 'cart' },
    pods: 3,
    costNowPerMonth: 78.51,
    costAfterPerMonth: 34.94,
    savingsPerMonth: 43.57,
    wastePerMonth: 66.73,
    risk: 'low',
    containers: [
      { name: 'app', pods: 3, cpu: resourceFixture('cpu'), memory: resourceFixture('memory'), oomKills: 0, throttledShare: undefined },
    ],
    ...over,
  };
}

/** Too young: nothing is recommended. */
export const YOUNG: WorkloadAnalysis = workloadFixture({
  ref: { namespace: 'shop', kind: 'StatefulSet', name: 'search-index-with-a-rather-long-name' },
  pods: 1,
  costNowPerMonth: 32.36,
  costAfterPerMonth: 32.36,
  savingsPerMonth: 0,
  wastePerMonth: 0,
  risk: 'unknown',
  containers: [
    {
      name: 'search',
      pods: 1,
      cpu: youngResource('cpu', 23.08),
      memory: youngResource('memory', 9.28),
      oomKills: undefined,
      throttledShare: undefined,
    },
  ],
});

function youngResource(resource: 'cpu' | 'memory', cost: number): ResourceAnalysis {
  return resourceFixture(resource, {
    usage: unknown('NoSamples'),
    recommendation: unknown('HistoryTooShort', '6 h of history, 24 h are needed'),
    trace: [{ stage: 'history', text: '6 h of history, 24 h are needed' }],
    overloadNow: undefined,
    costNowPerMonth: cost,
    costAfterPerMonth: cost,
    wastePerMonth: 0,
  });
}

export function analysisFixture(over: Partial<Analysis> = {}): Analysis {
  return {
    generatedAt: '2026-03-15T12:00:00.000Z',
    neapVersion: '0.1.0',
    source: { title: 'Prometheus at http://localhost:9090', server: 'Prometheus 2.42.0' },
    window: { fromUnixSeconds: 1_772_366_400, toUnixSeconds: 1_773_576_000, stepSeconds: 300, dataFromUnixSeconds: 1_772_366_400 },
    freshness: { newestSampleUnixSeconds: 1_773_575_940, ageSeconds: 60, stale: false },
    prices: DEFAULT_PRICES,
    policy: { name: 'default', origin: 'default', cpuRiskBudget: 0.01, memoryRiskBudget: 0.001 },
    totals: {
      workloads: 2,
      containers: 2,
      recommended: 1,
      costNowPerMonth: 110.87,
      costAfterPerMonth: 67.3,
      potentialSavingsPerMonth: 43.57,
      addedForSafetyPerMonth: 0,
      wastePerMonth: 66.73,
      requestedMillicores: 4000,
      usedMillicores: 450,
      recommendedMillicores: 2335,
      requestedBytes: 4000 * MIB,
      usedBytes: 450 * MIB,
      recommendedBytes: 2335 * MIB,
    },
    workloads: [workloadFixture(), YOUNG],
    findings: [
      {
        severity: 'warning',
        code: 'PodsWithoutOwner',
        text: '2 pods have no owner series.',
        remedy: 'Check kube-state-metrics.',
        subject: undefined,
      },
      {
        severity: 'info',
        code: 'TooYoung',
        text: 'has 6 h of history.',
        remedy: '',
        subject: 'shop/StatefulSet/search-index-with-a-rather-long-name',
      },
    ],
    counters: noReads(),
    ...over,
  };
}
