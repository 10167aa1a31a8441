import { NeapError } from '../../common/errors.ts';
import { type ClusterProfile, createClusterProfile } from '../../predictor/core/profile/cluster-profile.ts';
import type { SizingPolicy } from '../../predictor/core/sizing/sizing-policy.ts';
import type { HistorySource, Progress, ReadCounters, SourceReport, WorkloadFilter } from '../../predictor/source/history-source.ts';
import type { ResolvedPrices } from '../api/price-book.ts';
import type { ResolvedPolicy } from '../api/recommendation-policy.ts';
import type { Analysis, WorkloadAnalysis } from './analysis.ts';
import { analyzeWorkload } from './build-analysis.ts';
import { findingsOf } from './findings.ts';
import { factsOverWindow, NO_FACTS, type RememberedFacts, remember } from './remembered-facts.ts';
import { totalsOf } from './totals.ts';

export interface AnalyzeOptions {
  readonly source: HistorySource;
  readonly policy: ResolvedPolicy;
  /** The file that the policy came from, or `default`. */
  readonly policyOrigin: string;
  readonly prices: ResolvedPrices;
  readonly historySeconds: number;
  readonly stepSeconds: number;
  readonly filter: WorkloadFilter;
  readonly neapVersion: string;
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
}

/** What a run leaves for the next one, so that history is read once and then only what is new. */
export interface AnalysisMemory {
  readonly profile: ClusterProfile;
  readonly facts: RememberedFacts;
  readonly newestSampleUnixSeconds: number | undefined;
  readonly readToUnixSeconds: number;
}

export interface AnalysisRun {
  readonly analysis: Analysis;
  readonly memory: AnalysisMemory;
}

/**
 * Reads what is new, and analyses all of it. `before` stays as it was, also when this fails.
 * @throws NeapError `source` or `noData`
 */
export async function analyze(options: AnalyzeOptions, nowUnixSeconds: number, before?: AnalysisMemory): Promise<AnalysisRun> {
  const { source, stepSeconds } = options;
  options.onProgress?.({ stage: 'inspecting', done: 0, total: 1 });
  const report = await source.inspect(options.signal);
  const end = endOfWindow(report, nowUnixSeconds, stepSeconds);
  const windowFrom = end - Math.ceil(options.historySeconds / stepSeconds) * stepSeconds;
  const profile = before?.profile.copy() ?? createClusterProfile();
  const fromUnixSeconds = Math.min(end, Math.max(windowFrom, before?.readToUnixSeconds ?? windowFrom));
  const summary = await source.read(
    {
      fromUnixSeconds,
      toUnixSeconds: end,
      stepSeconds,
      filter: options.filter,
      ...(options.signal ? { signal: options.signal } : {}),
      ...(options.onProgress ? { onProgress: options.onProgress } : {}),
    },
    { usage: (chunk) => profile.add(chunk) },
  );
  profile.forgetBefore(windowFrom);
  const { readToUnixSeconds, workloads } = summary;
  const counters = { ...summary.counters, requests: summary.counters.requests + report.requests };
  const facts = remember(
    before?.facts ?? NO_FACTS,
    { fromUnixSeconds, toUnixSeconds: readToUnixSeconds, workloads },
    { windowFromUnixSeconds: windowFrom, hasUsage: (workload) => profile.containersOf(workload).length > 0 },
  );
  const newestSampleUnixSeconds = summary.newestSampleUnixSeconds ?? before?.newestSampleUnixSeconds;
  const memory = { profile, facts, newestSampleUnixSeconds, readToUnixSeconds };
  return { analysis: assemble(options, { report, memory, counters, windowFrom, end, nowUnixSeconds }), memory };
}

/** Histories may have ended a while ago (an archive, a stopped server): the window then ends with them. */
function endOfWindow(report: SourceReport, nowUnixSeconds: number, stepSeconds: number): number {
  const newest = report.newestSampleUnixSeconds;
  if (newest === undefined) {
    const missing = report.checks.find((c) => c.status === 'missing');
    throw new NeapError('noData', `${report.server} holds no container usage${missing ? `: ${missing.title}: ${missing.found}` : ''}`, {
      remedy: missing?.remedy || 'Run `neap doctor` to see what is missing.',
    });
  }
  return Math.floor(Math.min(newest + stepSeconds, nowUnixSeconds) / stepSeconds) * stepSeconds;
}

interface Gathered {
  readonly report: SourceReport;
  readonly memory: AnalysisMemory;
  readonly counters: Readonly<ReadCounters>;
  readonly windowFrom: number;
  readonly end: number;
  readonly nowUnixSeconds: number;
}

function assemble(options: AnalyzeOptions, gathered: Gathered): Analysis {
  const { policy, prices, stepSeconds } = options;
  const { report, memory, counters, windowFrom, end, nowUnixSeconds } = gathered;
  const context = { policy: sizingPolicyOf(policy), prices, windowEndUnixSeconds: end, stepSeconds };
  const workloads = factsOverWindow(memory.facts)
    .map((facts) => analyzeWorkload(facts, memory.profile, context))
    .sort(byMoney);
  if (workloads.length === 0) {
    throw new NeapError('noData', `${options.source.title} has no workload with usage in the window that passes the filter`, {
      remedy: 'Widen --namespace, --kind, --selector or --history, or run `neap doctor`.',
    });
  }
  const newest = memory.newestSampleUnixSeconds ?? report.newestSampleUnixSeconds;
  const ageSeconds = newest === undefined ? undefined : Math.max(0, nowUnixSeconds - newest);
  const freshness = {
    newestSampleUnixSeconds: newest,
    ageSeconds,
    stale: ageSeconds === undefined || ageSeconds > staleAfterSeconds(stepSeconds),
  };
  return {
    generatedAt: new Date(nowUnixSeconds * 1000).toISOString(),
    neapVersion: options.neapVersion,
    source: { title: options.source.title, server: report.server },
    window: { fromUnixSeconds: windowFrom, toUnixSeconds: end, stepSeconds },
    freshness,
    prices,
    policy: {
      name: policy.name,
      origin: options.policyOrigin,
      cpuRiskBudget: policy.cpuRiskBudget,
      memoryRiskBudget: policy.memoryRiskBudget,
    },
    totals: totalsOf(workloads),
    workloads,
    findings: findingsOf({ workloads, report, freshness, counters }),
    counters,
  };
}

/** Two missed slots, and no less than the quarter of an hour that a scrape outage or a rollout of Prometheus takes. */
function staleAfterSeconds(stepSeconds: number): number {
  return Math.max(900, 2 * stepSeconds);
}

/** What saves most first; then what costs most; names make the order stable. */
function byMoney(a: WorkloadAnalysis, b: WorkloadAnalysis): number {
  return (
    b.savingsPerMonth - a.savingsPerMonth ||
    b.costNowPerMonth - a.costNowPerMonth ||
    a.ref.namespace.localeCompare(b.ref.namespace) ||
    a.ref.name.localeCompare(b.ref.name)
  );
}

function sizingPolicyOf(policy: ResolvedPolicy): SizingPolicy {
  return {
    cpu: {
      riskBudget: policy.cpuRiskBudget,
      peakMargin: 0,
      min: policy.cpuMinMillicores,
      max: policy.cpuMaxMillicores,
      limit: policy.cpuLimit,
    },
    memory: {
      riskBudget: policy.memoryRiskBudget,
      peakMargin: policy.memoryMargin,
      min: policy.memoryMinBytes,
      max: policy.memoryMaxBytes,
      limit: policy.memoryLimit,
    },
    minimumHistorySeconds: policy.minimumHistorySeconds,
    minimumChange: policy.minChange,
  };
}
