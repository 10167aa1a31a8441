import { type Result, unknown } from '../../common/result.ts';
import { DAY_SECONDS } from '../../common/units.ts';
import type { ClusterProfile, ContainerProfile, Coverage } from '../../predictor/core/profile/cluster-profile.ts';
import { type ProfileSpan, type ProfileView, spanOf, viewOf } from '../../predictor/core/profile/resource-profile.ts';
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
import { type Incidents, incidentsOf } from './remembered-facts.ts';
import { riskOf } from './risk.ts';

/** What every workload is looked at with. */
export interface AnalysisContext {
  readonly policy: SizingPolicy;
  readonly prices: PricesUsed;
  readonly coverage: Coverage;
  readonly windowFromUnixSeconds: number;
  readonly windowEndUnixSeconds: number;
  readonly stepSeconds: number;
}

/** Kinds that run now and then: their pods come and go without anything being wrong. */
const INTERMITTENT_KINDS: ReadonlySet<string> = new Set(['CronJob', 'Job']);

/** One workload from its facts and profiles; pure. */
export function analyzeWorkload(facts: WorkloadFacts, profile: ClusterProfile, context: AnalysisContext): WorkloadAnalysis {
  const key = workloadKey(facts.ref);
  const names = [...new Set([...facts.containers.keys(), ...profile.containersOf(key)])].sort();
  const containers = names.map((name) => analyzeContainer(name, { facts, profile: profile.get(key, name), context }));
  containers.sort((a, b) => costOf(b) - costOf(a));
  const resources = containers.flatMap((c) => [c.cpu, c.memory]);
  const sum = (amountOf: (r: ResourceAnalysis) => number): number => resources.reduce((total, r) => total + amountOf(r), 0);
  const costNowPerMonth = sum((r) => r.costNowPerMonth);
  const costAfterPerMonth = sum((r) => r.costAfterPerMonth);
  return {
    ref: facts.ref,
    pods: Math.max(0, ...containers.map((c) => c.pods)),
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

interface ContainerInput {
  readonly facts: WorkloadFacts;
  readonly profile: ContainerProfile;
  readonly context: AnalysisContext;
}

function analyzeContainer(name: string, { facts, profile, context }: ContainerInput): ContainerAnalysis {
  const container = facts.containers.get(name);
  const incidents = incidentsOf(container?.events ?? []);
  const pods = podsPaidFor(facts, container, { profile, context });
  const analyze = (resource: Resource): ResourceAnalysis =>
    analyzeResource({ resource, view: viewOf(profile[resource]), container, incidents, facts, pods, context });
  return {
    name,
    pods,
    cpu: analyze('cpu'),
    memory: analyze('memory'),
    oomKills: container?.oomKillsKnown ? incidents.oomKills : undefined,
    throttledShare: incidents.throttledShare,
  };
}

interface ResourceInput {
  readonly resource: Resource;
  readonly view: ProfileView;
  readonly container: ContainerFacts | undefined;
  readonly incidents: Incidents;
  readonly facts: WorkloadFacts;
  readonly pods: number;
  readonly context: AnalysisContext;
}

function analyzeResource(input: ResourceInput): ResourceAnalysis {
  const { resource, view, container, facts, pods, context } = input;
  const current = container?.current;
  const currentRequest = resource === 'cpu' ? current?.cpuRequestMillicores : current?.memoryRequestBytes;
  const currentLimit = resource === 'cpu' ? current?.cpuLimitMillicores : current?.memoryLimitBytes;
  const { result, trace } = sizeResource({
    resource,
    profile: view,
    policy: context.policy,
    currentRequest,
    currentLimit,
    runningPods: container?.runningPods ?? 0,
    intermittent: INTERMITTENT_KINDS.has(facts.ref.kind),
    hpaOnResource: facts.hpaResources.includes(resource),
    oomLimitBytes: input.incidents.oomLimitBytes,
    windowEndUnixSeconds: context.windowEndUnixSeconds,
    stepSeconds: context.stepSeconds,
  });
  const recommendation: Result<ResourceRecommendation> = result;
  const usage = usageOf(view);
  const consumption = (requestPerPod: number | undefined): Consumption => ({
    resource,
    requestPerPod,
    meanUsePerPod: usage.ok ? usage.value.mean : undefined,
    pods,
  });
  const recommended = recommendation.ok ? recommendation.value.request : currentRequest;
  const costAfterPerMonth = monthlyCost(consumption(recommended), context.prices);
  const currentKnown = current !== undefined;
  return {
    resource,
    currentKnown,
    currentRequest,
    currentLimit,
    usage,
    recommendation,
    trace,
    overloadNow: currentRequest === undefined || !usage.ok ? undefined : view.distribution.shareAbove(currentRequest),
    // What is not known cannot be compared: it costs the same before and after.
    costNowPerMonth: currentKnown ? monthlyCost(consumption(currentRequest), context.prices) : costAfterPerMonth,
    costAfterPerMonth,
    wastePerMonth: monthlyWaste(consumption(currentRequest), context.prices),
  };
}

function usageOf({ span, distribution }: ProfileView): Result<UsageSummary> {
  if (span.slots === 0) return unknown('NoUsage', 'No usage sample in the window.');
  if (distribution.peak <= 0) return unknown('OnlyZeros', 'Every sample is zero: a broken exporter looks the same.');
  return {
    ok: true,
    value: {
      p50: distribution.quantile(0.5),
      p95: distribution.quantile(0.95),
      p99: distribution.quantile(0.99),
      max: distribution.peak,
      mean: span.meanUse,
      samples: span.slots,
      historySeconds: span.lastUnixSeconds - span.firstUnixSeconds,
    },
  };
}

/** A workload that was scaled to none counts on for a day, as many are at night. */
const SCALED_TO_NONE_SECONDS = DAY_SECONDS;

/**
 * Mean number of pods that a container's money is counted for, over the time that the source had samples since the
 * container was first seen, so that gaps in the history make nothing cheaper. What runs once, a Job, is spread over the
 * whole window: a thousand jobs that ran one after the other are one pod. A container that is gone costs nothing.
 */
function podsPaidFor(
  facts: WorkloadFacts,
  container: ContainerFacts | undefined,
  { profile, context }: Omit<ContainerInput, 'facts'>,
): number {
  const { windowEndUnixSeconds, windowFromUnixSeconds, stepSeconds, coverage } = context;
  const intermittent = INTERMITTENT_KINDS.has(facts.ref.kind);
  const spans = [spanOf(profile.cpu), spanOf(profile.memory)].filter(({ slots }) => slots > 0);
  const seenLast = Math.max(...spans.map((s) => s.lastUnixSeconds));
  const restsNow = facts.runningPods === 0 && windowEndUnixSeconds - seenLast < SCALED_TO_NONE_SECONDS;
  if (!intermittent && (container?.runningPods ?? 0) === 0 && !restsNow) return 0;
  const [span] = spans.sort((a, b) => b.podSlots - a.podSlots) as [ProfileSpan?];
  if (span === undefined) return container?.runningPods ?? 0;
  const since = facts.ref.kind === 'Job' ? windowFromUnixSeconds : span.firstUnixSeconds;
  return span.podSlots / Math.max(span.slots, 1, coverage.slotsSince(since, stepSeconds));
}
