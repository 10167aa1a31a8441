import { type Result, unknown } from '../../common/result.ts';
import type { ClusterProfile } from '../../predictor/core/profile/cluster-profile.ts';
import { distributionOf } from '../../predictor/core/profile/distribution.ts';
import { type ResourceProfile, spanOf } from '../../predictor/core/profile/resource-profile.ts';
import { sizeResource } from '../../predictor/core/sizing/size-resource.ts';
import type { SizingPolicy } from '../../predictor/core/sizing/sizing-policy.ts';
import type { Resource } from '../../predictor/core/workload.ts';
import { workloadKey } from '../../predictor/core/workload.ts';
import type { ContainerFacts, WorkloadFacts } from '../../predictor/source/history-source.ts';
import { type Consumption, monthlyCost, monthlyWaste } from '../cost/monthly-cost.ts';
import type {
  ContainerAnalysis,
  PricesUsed,
  ResourceAnalysis,
  ResourceRecommendation,
  UsageSummary,
  WorkloadAnalysis,
} from './analysis.ts';
import { riskOf } from './risk.ts';

/** What every workload is looked at with. */
export interface AnalysisContext {
  readonly policy: SizingPolicy;
  readonly prices: PricesUsed;
  readonly windowEndUnixSeconds: number;
  readonly stepSeconds: number;
}

/** Kinds that run now and then: their pods come and go without anything being wrong. */
const INTERMITTENT_KINDS: ReadonlySet<string> = new Set(['CronJob', 'Job']);

/** One workload from its facts and profiles; pure. */
export function analyzeWorkload(facts: WorkloadFacts, profile: ClusterProfile, context: AnalysisContext): WorkloadAnalysis {
  const key = workloadKey(facts.ref);
  const names = [...new Set([...facts.containers.keys(), ...profile.containersOf(key)])].sort();
  const intermittent = INTERMITTENT_KINDS.has(facts.ref.kind);
  const pods = podsPaidFor(
    facts,
    names.map((name) => profile.get(key, name).memory),
    intermittent,
    context,
  );
  const containers = names.map((name): ContainerAnalysis => {
    const profiles = profile.get(key, name);
    const container = facts.containers.get(name);
    const analyze = (resource: Resource): ResourceAnalysis =>
      analyzeResource({ resource, profile: profiles[resource], container, facts, pods, intermittent, context });
    return {
      name,
      cpu: analyze('cpu'),
      memory: analyze('memory'),
      oomKills: container?.oomKills,
      throttledShare: container?.throttledShare,
    };
  });
  containers.sort((a, b) => costOf(b) - costOf(a));
  const resources = containers.flatMap((c) => [c.cpu, c.memory]);
  const sum = (amountOf: (r: ResourceAnalysis) => number): number => resources.reduce((total, r) => total + amountOf(r), 0);
  const costNowPerMonth = sum((r) => r.costNowPerMonth);
  const costAfterPerMonth = sum((r) => r.costAfterPerMonth);
  return {
    ref: facts.ref,
    pods,
    costNowPerMonth,
    costAfterPerMonth,
    savingsPerMonth: costNowPerMonth - costAfterPerMonth,
    wastePerMonth: sum((r) => r.wastePerMonth),
    risk: riskOf(containers, context.policy),
    containers,
  };
}

/** The dearest container comes first: it is what the workload is about, beside its sidecars. */
function costOf({ cpu, memory }: ContainerAnalysis): number {
  return cpu.costNowPerMonth + memory.costNowPerMonth;
}

interface ResourceInput {
  readonly resource: Resource;
  readonly profile: ResourceProfile;
  readonly container: ContainerFacts | undefined;
  readonly facts: WorkloadFacts;
  readonly pods: number;
  readonly intermittent: boolean;
  readonly context: AnalysisContext;
}

function analyzeResource(input: ResourceInput): ResourceAnalysis {
  const { resource, profile, container, facts, pods, context } = input;
  const current = container?.current;
  const currentRequest = resource === 'cpu' ? current?.cpuRequestMillicores : current?.memoryRequestBytes;
  const currentLimit = resource === 'cpu' ? current?.cpuLimitMillicores : current?.memoryLimitBytes;
  const { result, trace } = sizeResource({
    resource,
    profile,
    policy: context.policy,
    currentRequest,
    currentLimit,
    runningPods: facts.runningPods,
    intermittent: input.intermittent,
    hpaOnResource: facts.hpaResources.includes(resource),
    oomLimitBytes: container?.oomLimitBytes,
    windowEndUnixSeconds: context.windowEndUnixSeconds,
    stepSeconds: context.stepSeconds,
  });
  const recommendation: Result<ResourceRecommendation> = result;
  const usage = usageOf(profile);
  const consumption = (requestPerPod: number | undefined): Consumption => ({
    resource,
    requestPerPod,
    meanUsePerPod: usage.ok ? usage.value.mean : undefined,
    pods,
  });
  const now = consumption(currentRequest);
  const costNowPerMonth = monthlyCost(now, context.prices);
  return {
    resource,
    currentRequest,
    currentLimit,
    usage,
    recommendation,
    trace,
    overloadNow: currentRequest === undefined || !usage.ok ? undefined : distributionOf(profile.days).shareAbove(currentRequest),
    costNowPerMonth,
    costAfterPerMonth: recommendation.ok ? monthlyCost(consumption(recommendation.value.request), context.prices) : costNowPerMonth,
    wastePerMonth: monthlyWaste(now, context.prices),
  };
}

function usageOf(profile: ResourceProfile): Result<UsageSummary> {
  if (profile.days.length === 0) return unknown('NoUsage', 'No usage sample in the window.');
  const span = spanOf(profile);
  const distribution = distributionOf(profile.days);
  return {
    ok: true,
    value: {
      p50: distribution.quantile(0.5),
      p95: distribution.quantile(0.95),
      p99: distribution.quantile(0.99),
      max: distribution.peak,
      mean: span.mean,
      samples: span.slots,
      historySeconds: span.lastUnixSeconds - span.firstUnixSeconds,
    },
  };
}

/**
 * Mean number of pods that money is counted for. What runs all the time counts as many pods as it had while seen, so
 * that a gap in the history does not make it cheaper; what runs now and then counts for the share of time it ran.
 * A workload that is gone costs nothing any more.
 */
function podsPaidFor(
  facts: WorkloadFacts,
  profiles: readonly ResourceProfile[],
  intermittent: boolean,
  { windowEndUnixSeconds, stepSeconds }: AnalysisContext,
): number {
  const seen = profiles.filter((p) => p.days.length > 0).map(spanOf);
  if (!intermittent) {
    if (facts.runningPods === 0) return 0;
    return seen.length === 0 ? facts.runningPods : Math.max(...seen.map((s) => s.meanPods));
  }
  const podSeconds = Math.max(0, ...seen.map((s) => s.meanPods * s.slots * stepSeconds));
  const since = Math.min(...seen.map((s) => s.firstUnixSeconds));
  return podSeconds > 0 ? podSeconds / Math.max(stepSeconds, windowEndUnixSeconds - since) : 0;
}
