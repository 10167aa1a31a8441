import { known, type Result, unknown } from '../../common/result.ts';
import { GIB, HOURS_PER_MONTH, MIB } from '../../common/units.ts';
import type {
  Analysis,
  ContainerAnalysis,
  Finding,
  ResourceAnalysis,
  ResourceRecommendation,
  RiskLevel,
  Totals,
  UsageSummary,
  WorkloadAnalysis,
} from '../../operator/analysis/analysis.ts';
import type { Resource, WorkloadRef } from '../../predictor/core/workload.ts';
import { noReads } from '../../predictor/source/history-source.ts';

/** Plain analyses for tests of the page: every builder gives something believable, overrides say what the test is about. */

const PRICES = { currency: 'USD', cpuCoreHour: 0.0316, memoryGibHour: 0.00424, origin: 'default prices' };
const BUDGETS = { cpu: 0.01, memory: 0.001 };

/** The end of the built windows. */
export const WINDOW_END = Date.UTC(2026, 10, 16, 7, 30) / 1000;
const STEP_SECONDS = 300;
const WINDOW_SECONDS = 14 * 86_400;

export interface ResourceSpec {
  readonly request?: number | undefined;
  readonly limit?: number | undefined;
  /** Mean use of one pod; P95 and peaks follow from it. undefined: no sample. */
  readonly mean?: number | undefined;
  readonly recommended?: number | undefined;
  readonly refusal?: { readonly reason: string; readonly detail: string } | undefined;
  readonly overloadNow?: number | undefined;
  readonly overloadAfter?: number;
  /** The recommendation sets no limit. */
  readonly dropLimit?: boolean;
}

export function aResource(resource: Resource, pods: number, spec: ResourceSpec): ResourceAnalysis {
  const { request, limit, mean } = spec;
  const usage = mean === undefined ? unknown('NoUsage', 'No usage sample in the window.') : known(usageAround(resource, mean));
  const recommendation = recommendationFor(resource, spec, usage);
  const costNow = costOf(resource, request ?? 0) * pods;
  return {
    resource,
    currentKnown: true,
    currentRequest: request,
    currentLimit: limit,
    usage,
    recommendation,
    trace: traceOf(resource, spec, usage, recommendation),
    overloadNow: request === undefined || !usage.ok ? undefined : (spec.overloadNow ?? overloadOf(request, usage.value)),
    costNowPerMonth: costNow,
    costAfterPerMonth: recommendation.ok ? costOf(resource, recommendation.value.request) * pods : costNow,
    wastePerMonth: costOf(resource, Math.max(0, (request ?? 0) - (mean ?? request ?? 0))) * pods,
  };
}

export interface ContainerSpec {
  readonly name?: string;
  readonly cpu?: ResourceSpec;
  readonly memory?: ResourceSpec;
  readonly oomKills?: number | undefined;
  readonly throttledShare?: number | undefined;
}

export function aContainer(pods: number, spec: ContainerSpec = {}): ContainerAnalysis {
  return {
    name: spec.name ?? 'app',
    pods,
    cpu: aResource('cpu', pods, spec.cpu ?? { request: 1000, limit: 2000, mean: 180, recommended: 445 }),
    memory: aResource('memory', pods, spec.memory ?? { request: 2 * GIB, limit: 2 * GIB, mean: 600 * MIB, recommended: 896 * MIB }),
    oomKills: 'oomKills' in spec ? spec.oomKills : 0,
    throttledShare: spec.throttledShare,
  };
}

export interface WorkloadSpec {
  readonly ref?: Partial<WorkloadRef>;
  readonly pods?: number;
  readonly containers?: readonly ContainerSpec[];
  readonly risk?: RiskLevel;
}

export function aWorkload(spec: WorkloadSpec = {}): WorkloadAnalysis {
  const pods = spec.pods ?? 3;
  const containers = (spec.containers ?? [{}]).map((container) => aContainer(pods, container));
  const resources = containers.flatMap(({ cpu, memory }) => [cpu, memory]);
  const costNowPerMonth = sum(resources, (r) => r.costNowPerMonth);
  const costAfterPerMonth = sum(resources, (r) => r.costAfterPerMonth);
  return {
    ref: { namespace: 'shop', kind: 'Deployment', name: 'checkout', ...spec.ref },
    pods,
    costNowPerMonth,
    costAfterPerMonth,
    savingsPerMonth: costNowPerMonth - costAfterPerMonth,
    wastePerMonth: sum(resources, (r) => r.wastePerMonth),
    risk: spec.risk ?? riskOf(containers),
    containers,
  };
}

export function anAnalysis(workloads: readonly WorkloadAnalysis[] = [aWorkload()], overrides: Partial<Analysis> = {}): Analysis {
  return {
    generatedAt: new Date(WINDOW_END * 1000).toISOString(),
    neapVersion: '0.1.0',
    source: { title: 'Prometheus at http://prometheus.monitoring:9090', server: 'Prometheus 2.42.0' },
    window: {
      fromUnixSeconds: WINDOW_END - WINDOW_SECONDS,
      toUnixSeconds: WINDOW_END,
      stepSeconds: STEP_SECONDS,
      dataFromUnixSeconds: WINDOW_END - WINDOW_SECONDS,
    },
    freshness: { newestSampleUnixSeconds: WINDOW_END - 40, ageSeconds: 40, stale: false },
    prices: PRICES,
    policy: { name: 'default', origin: 'default', cpuRiskBudget: BUDGETS.cpu, memoryRiskBudget: BUDGETS.memory },
    totals: totalsOf(workloads),
    workloads: [...workloads].sort((a, b) => b.savingsPerMonth - a.savingsPerMonth),
    findings: workloads.flatMap(findingsOf),
    counters: { ...noReads(), requests: 48, bytes: 21_400_000, series: 3204, samples: 12_918_400, gaps: 212, retries: 1 },
    ...overrides,
  };
}

function usageAround(resource: Resource, mean: number): UsageSummary {
  const spread = resource === 'cpu' ? [0.9, 1.9, 2.3, 3.1] : [1, 1.18, 1.24, 1.31];
  const [p50, p95, p99, max] = spread.map((factor) => mean * factor) as [number, number, number, number];
  return { p50, p95, p99, max, mean, samples: 4032, historySeconds: WINDOW_SECONDS };
}

function recommendationFor(resource: Resource, spec: ResourceSpec, usage: Result<UsageSummary>): Result<ResourceRecommendation> {
  if (spec.refusal !== undefined) return unknown(spec.refusal.reason, spec.refusal.detail);
  if (!usage.ok) return usage;
  const request = spec.recommended ?? Math.ceil(usage.value.p99 * (resource === 'cpu' ? 1.08 : 1.15));
  return known({
    request,
    limit: spec.dropLimit ? undefined : resource === 'memory' ? Math.max(request, spec.limit ?? request) : spec.limit,
    overloadAfter: spec.overloadAfter ?? 0.006,
    why:
      resource === 'cpu'
        ? `P99 of 14 d ${shown(resource, usage.value.p99)} → +8 % margin → ${shown(resource, request)}`
        : `peak ${shown(resource, usage.value.max)} → +15 % margin → ${shown(resource, request)}`,
  });
}

function traceOf(
  resource: Resource,
  spec: ResourceSpec,
  usage: Result<UsageSummary>,
  recommendation: Result<ResourceRecommendation>,
): ResourceAnalysis['trace'] {
  const refusal = recommendation.ok ? [] : [{ stage: 'refused', text: recommendation.detail ?? recommendation.reason }];
  if (!usage.ok) return refusal;
  const { mean, p99 } = usage.value;
  const history = {
    stage: 'history',
    text: `14d of history, 4032 samples, mean use ${shown(resource, mean)} a pod. The hottest pod uses 1.2 times the mean of 3 pods; it is the one that is sized for.`,
  };
  if (!recommendation.ok) return [history, ...refusal];
  const { request, limit } = recommendation.value;
  return [
    history,
    {
      stage: 'quantile',
      text: `P99 of time over 14 days, hottest pod: ${shown(resource, p99)}. It leaves the risk budget of 1 % above it.`,
      amount: p99,
    },
    {
      stage: 'margin',
      text: '+8 % risk margin, learned from how 13 days compared with the days before each: what 80 % of them needed.',
      amount: p99 * 1.08,
    },
    { stage: 'request', text: `Recommended request: ${shown(resource, request)}.`, amount: request },
    {
      stage: 'limit',
      text: `Limit by the policy's mode Keep: ${limit === undefined ? 'none' : shown(resource, limit)}.`,
      ...(limit === undefined ? {} : { amount: limit }),
    },
    {
      stage: 'check',
      text: `Over the window the hottest pod would have been above it ${(100 * (spec.overloadAfter ?? 0.006)).toFixed(2)} % of the time; the budget is 1 %.`,
    },
  ];
}

function overloadOf(request: number, { p50, p95, p99, max }: UsageSummary): number {
  if (request >= max) return 0;
  if (request >= p99) return 0.004;
  if (request >= p95) return 0.031;
  return request >= p50 ? 0.22 : 0.74;
}

function riskOf(containers: readonly ContainerAnalysis[]): RiskLevel {
  const resources = containers.flatMap(({ cpu, memory }) => [cpu, memory]);
  if (resources.every((r) => !r.usage.ok)) return 'unknown';
  const worst = Math.max(...resources.map((r) => (r.overloadNow ?? 0) / BUDGETS[r.resource]));
  if (containers.some((c) => (c.oomKills ?? 0) > 0) || worst > 5) return 'high';
  return worst > 1 ? 'medium' : 'low';
}

function totalsOf(workloads: readonly WorkloadAnalysis[]): Totals {
  const containers = workloads.flatMap((w) => w.containers);
  const falls = containers.flatMap((c) => [c.cpu, c.memory]).map((r) => r.costNowPerMonth - r.costAfterPerMonth);
  const amount = (of: (c: (typeof containers)[number]) => number) => sum(containers, (c) => c.pods * of(c));
  return {
    workloads: workloads.length,
    containers: containers.length,
    recommended: containers.filter((c) => c.cpu.recommendation.ok && c.memory.recommendation.ok).length,
    costNowPerMonth: sum(workloads, (w) => w.costNowPerMonth),
    costAfterPerMonth: sum(workloads, (w) => w.costAfterPerMonth),
    potentialSavingsPerMonth: sum(falls, (fall) => Math.max(0, fall)),
    addedForSafetyPerMonth: sum(falls, (fall) => Math.max(0, -fall)),
    wastePerMonth: sum(workloads, (w) => w.wastePerMonth),
    requestedMillicores: amount((c) => c.cpu.currentRequest ?? 0),
    usedMillicores: amount((c) => (c.cpu.usage.ok ? c.cpu.usage.value.mean : 0)),
    recommendedMillicores: amount((c) => (c.cpu.recommendation.ok ? c.cpu.recommendation.value.request : (c.cpu.currentRequest ?? 0))),
    requestedBytes: amount((c) => c.memory.currentRequest ?? 0),
    usedBytes: amount((c) => (c.memory.usage.ok ? c.memory.usage.value.mean : 0)),
    recommendedBytes: amount((c) => (c.memory.recommendation.ok ? c.memory.recommendation.value.request : (c.memory.currentRequest ?? 0))),
  };
}

function findingsOf({ ref, containers }: WorkloadAnalysis): Finding[] {
  return containers
    .filter((c) => (c.oomKills ?? 0) > 0)
    .map((c) => ({
      severity: 'warning',
      code: 'OomKilled',
      text: `OOM killed ${c.oomKills} times in the window.`,
      remedy: 'Apply the recommended memory request and limit.',
      subject: `${ref.namespace}/${ref.kind}/${ref.name}/${c.name}`,
    }));
}

function costOf(resource: Resource, amount: number): number {
  return HOURS_PER_MONTH * (resource === 'cpu' ? (amount / 1000) * PRICES.cpuCoreHour : (amount / GIB) * PRICES.memoryGibHour);
}

function shown(resource: Resource, amount: number): string {
  return resource === 'cpu' ? `${Math.round(amount)}m` : `${Math.round(amount / MIB)}Mi`;
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
