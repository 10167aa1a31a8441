import { createBreather } from '../../common/breather.ts';
import { NeapError } from '../../common/errors.ts';
import { DAY_SECONDS } from '../../common/units.ts';
import { type ClusterProfile, createClusterProfile, splitChunk } from '../../predictor/core/profile/cluster-profile.ts';
import type { SizingPolicy } from '../../predictor/core/sizing/sizing-policy.ts';
import type { UsageChunk } from '../../predictor/core/usage.ts';
import type { WorkloadKey } from '../../predictor/core/workload.ts';
import type { HistorySource, Progress, ReadCounters, SourceReport, WorkloadFilter } from '../../predictor/source/history-source.ts';
import type { ResolvedPrices } from '../api/price-book.ts';
import type { ResolvedPolicy } from '../api/recommendation-policy.ts';
import type { Analysis, WorkloadAnalysis } from './analysis.ts';
import { analyzeWorkload } from './build-analysis.ts';
import { findingsOf } from './findings.ts';
import { NO_FACTS, type RememberedFacts, remember } from './remembered-facts.ts';
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
  /** Usage up to `settledToUnixSeconds`. */
  readonly settled: ClusterProfile;
  readonly settledToUnixSeconds: number;
  readonly facts: RememberedFacts;
  readonly newestSampleUnixSeconds: number | undefined;
}

export interface AnalysisRun {
  readonly analysis: Analysis;
  /** undefined where there is nothing to build upon. */
  readonly memory: AnalysisMemory | undefined;
}

/**
 * The newest slots are read again by the next run: samples come late (remote write, Thanos, Mimir), and so do the owner
 * series of new pods, for which kube-state-metrics may take some scrapes.
 */
const SETTLES_AFTER_SECONDS = 900;

/**
 * Reads what has not settled yet, and analyses all of it. `before` stays as it was, also when this fails.
 * @throws NeapError `source` or `noData`
 */
export async function analyze(options: AnalyzeOptions, nowUnixSeconds: number, before?: AnalysisMemory): Promise<AnalysisRun> {
  const { source, stepSeconds, filter, signal, onProgress } = options;
  onProgress?.({ stage: 'inspecting', done: 0, total: 1 });
  const report = await source.inspect(signal);
  const breathe = createBreather();
  const end = endOfWindow(report, nowUnixSeconds, stepSeconds);
  const windowFrom = end - Math.ceil(options.historySeconds / stepSeconds) * stepSeconds;
  const settledBefore = Math.max(windowFrom, before?.settledToUnixSeconds ?? windowFrom);
  const settledToUnixSeconds = Math.max(settledBefore, settlesTo(end, stepSeconds));
  const fromUnixSeconds = Math.min(end, settledBefore);
  const eventsFromUnixSeconds = Math.floor(fromUnixSeconds / DAY_SECONDS) * DAY_SECONDS;
  const settled = before?.settled.copy() ?? createClusterProfile();
  const unsettled: UsageChunk[] = [];
  const addTo = async (profile: ClusterProfile, { containers, ...frame }: UsageChunk): Promise<void> => {
    for (const usage of containers) {
      profile.add(frame, usage);
      await breathe();
    }
  };
  const summary = await source.read(
    {
      fromUnixSeconds,
      toUnixSeconds: end,
      stepSeconds,
      eventsFromUnixSeconds,
      filter,
      ...(signal ? { signal } : {}),
      ...(onProgress ? { onProgress } : {}),
    },
    {
      async usage(chunk) {
        const [early, late] = splitChunk(chunk, settledToUnixSeconds);
        if (early) await addTo(settled, early);
        if (late) unsettled.push(late);
      },
    },
  );
  settled.forgetBefore(windowFrom);
  const profile = settled.copy();
  for (const chunk of unsettled) await addTo(profile, chunk);
  const known = before?.facts ?? NO_FACTS;
  const read = {
    eventsFromUnixSeconds,
    windowFromUnixSeconds: windowFrom,
    toUnixSeconds: end,
    workloads: summary.workloads,
    hasUsage: (workload: WorkloadKey): boolean => profile.containersOf(workload).length > 0,
  };
  // An empty range, as when clocks went back, tells nothing: not even that pods are gone.
  const facts = end > fromUnixSeconds ? remember(known, read) : known;
  const newestSampleUnixSeconds = summary.newestSampleUnixSeconds ?? before?.newestSampleUnixSeconds;
  const counters = { ...summary.counters, requests: summary.counters.requests + report.requests };
  const gathered = { report, profile, facts, newestSampleUnixSeconds, counters, windowFrom, end, nowUnixSeconds };
  const analysis = await assemble(options, gathered, breathe);
  // Holes in a partial answer must not stay: all of it is asked for again.
  if (counters.partialAnswers > 0) return { analysis, memory: before };
  return { analysis, memory: { settled, settledToUnixSeconds, facts, newestSampleUnixSeconds } };
}

function settlesTo(end: number, stepSeconds: number): number {
  return Math.floor((end - Math.max(SETTLES_AFTER_SECONDS, 2 * stepSeconds)) / stepSeconds) * stepSeconds;
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
  readonly profile: ClusterProfile;
  readonly facts: RememberedFacts;
  readonly newestSampleUnixSeconds: number | undefined;
  readonly counters: Readonly<ReadCounters>;
  readonly windowFrom: number;
  readonly end: number;
  readonly nowUnixSeconds: number;
}

async function assemble(options: AnalyzeOptions, gathered: Gathered, breathe: () => Promise<void> | undefined): Promise<Analysis> {
  const { policy, prices, stepSeconds } = options;
  const { report, profile, facts, counters, windowFrom, end, nowUnixSeconds } = gathered;
  const coverage = profile.coverage();
  if (coverage.fromUnixSeconds === undefined) {
    throw new NeapError('noData', `${options.source.title} has no workload with usage in the window that passes the filter`, {
      remedy: 'Widen --namespace, --kind, --selector or --history, or run `neap doctor`.',
    });
  }
  const context = {
    policy: sizingPolicyOf(policy),
    prices,
    coverage,
    windowFromUnixSeconds: windowFrom,
    windowEndUnixSeconds: end,
    stepSeconds,
  };
  const workloads: WorkloadAnalysis[] = [];
  for (const workload of facts.values()) {
    workloads.push(analyzeWorkload(workload, profile, context));
    await breathe();
  }
  workloads.sort(byMoney);
  const newest = gathered.newestSampleUnixSeconds ?? report.newestSampleUnixSeconds;
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
    window: { fromUnixSeconds: windowFrom, toUnixSeconds: end, stepSeconds, dataFromUnixSeconds: coverage.fromUnixSeconds },
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
