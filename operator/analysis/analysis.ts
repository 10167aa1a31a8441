import type { Result } from '../../common/result.ts';
import type { TraceStep } from '../../predictor/core/trace.ts';
import type { Resource, WorkloadRef } from '../../predictor/core/workload.ts';
import type { ReadCounters } from '../../predictor/source/history-source.ts';

/**
 * What `neap analyze` found: plain data, made by `analyze`, shown by the CLI, the page and reports.
 * Amounts are millicores and bytes, money is per month in `prices.currency`, shares are 0…1.
 */
export interface Analysis {
  /** ISO time of the run. */
  readonly generatedAt: string;
  readonly neapVersion: string;
  readonly source: AnalysisSource;
  readonly window: AnalysisWindow;
  readonly freshness: Freshness;
  readonly prices: PricesUsed;
  readonly policy: PolicyUsed;
  readonly totals: Totals;
  /** Sorted by what could be saved, highest first. */
  readonly workloads: readonly WorkloadAnalysis[];
  /** Things the reader should know before he believes the numbers. */
  readonly findings: readonly Finding[];
  readonly counters: Readonly<ReadCounters>;
}

export interface AnalysisSource {
  readonly title: string;
  readonly server: string;
}

export interface AnalysisWindow {
  readonly fromUnixSeconds: number;
  readonly toUnixSeconds: number;
  readonly stepSeconds: number;
  /** Start of the oldest sample in it, which may be later than the window that was asked for. */
  readonly dataFromUnixSeconds: number;
}

export interface Freshness {
  /** Time of the newest sample; undefined without any. */
  readonly newestSampleUnixSeconds: number | undefined;
  readonly ageSeconds: number | undefined;
  readonly stale: boolean;
}

export interface PricesUsed {
  readonly currency: string;
  readonly cpuCoreHour: number;
  readonly memoryGibHour: number;
  /** Name of the price book, or where the default comes from. */
  readonly origin: string;
}

export interface PolicyUsed {
  readonly name: string;
  /** The file, or `default`. */
  readonly origin: string;
  readonly cpuRiskBudget: number;
  readonly memoryRiskBudget: number;
}

export interface Totals {
  readonly workloads: number;
  readonly containers: number;
  /** Containers with a recommendation for both resources. */
  readonly recommended: number;
  readonly costNowPerMonth: number;
  readonly costAfterPerMonth: number;
  /** Sum of the falls in cost; what raises would add is apart, so that one does not hide the other. */
  readonly potentialSavingsPerMonth: number;
  readonly addedForSafetyPerMonth: number;
  /** Cost of what is requested and was not used on average. */
  readonly wastePerMonth: number;
  readonly requestedMillicores: number;
  readonly usedMillicores: number;
  readonly recommendedMillicores: number;
  readonly requestedBytes: number;
  readonly usedBytes: number;
  readonly recommendedBytes: number;
}

export interface WorkloadAnalysis {
  readonly ref: WorkloadRef;
  /** Mean number of pods that money is counted for: the container with most of them. */
  readonly pods: number;
  readonly costNowPerMonth: number;
  readonly costAfterPerMonth: number;
  /** costNow − costAfter; negative where safety costs more. */
  readonly savingsPerMonth: number;
  readonly wastePerMonth: number;
  readonly risk: RiskLevel;
  readonly containers: readonly ContainerAnalysis[];
}

/** How today's request does: `high` is above its risk budget now or was OOM killed, `low` within it. */
export type RiskLevel = 'high' | 'medium' | 'low' | 'unknown';

export interface ContainerAnalysis {
  readonly name: string;
  /** Mean number of pods that its money is counted for; 0 where it is gone. */
  readonly pods: number;
  readonly cpu: ResourceAnalysis;
  readonly memory: ResourceAnalysis;
  /** At least so many in the window; undefined where the source cannot know. */
  readonly oomKills: number | undefined;
  /** Share of CFS periods that ran out of quota; undefined where unknown or without limit. */
  readonly throttledShare: number | undefined;
}

export interface ResourceAnalysis {
  readonly resource: Resource;
  /** Whether the source knows request and limit; if not, both are undefined and nothing is said of savings and risk. */
  readonly currentKnown: boolean;
  /** undefined where nothing is requested, or it is not known. */
  readonly currentRequest: number | undefined;
  readonly currentLimit: number | undefined;
  /** Use of the hottest pod; unknown without a sample. */
  readonly usage: Result<UsageSummary>;
  readonly recommendation: Result<ResourceRecommendation>;
  /** Every stage of the way, also where it ends in a refusal. */
  readonly trace: readonly TraceStep[];
  /** Share of time the hottest pod was above today's request; undefined without request or usage. */
  readonly overloadNow: number | undefined;
  readonly costNowPerMonth: number;
  readonly costAfterPerMonth: number;
  readonly wastePerMonth: number;
}

export interface UsageSummary {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
  /** Mean over time and pods: what was used on average by one pod. */
  readonly mean: number;
  readonly samples: number;
  readonly historySeconds: number;
}

export interface ResourceRecommendation {
  readonly request: number;
  /** undefined: set no limit. */
  readonly limit: number | undefined;
  /** Share of time the hottest pod would have been above the recommended request in the window. */
  readonly overloadAfter: number;
  /** One line: `P99 of week 412m → +8 % risk margin → 445m`. */
  readonly why: string;
}

export interface Finding {
  readonly severity: 'info' | 'warning' | 'critical';
  /** Stable code, CamelCase. */
  readonly code: string;
  readonly text: string;
  /** What to do about it, '' where nothing is to be done. */
  readonly remedy: string;
  /** `namespace/kind/name[/container]`, undefined where it is about the whole. */
  readonly subject: string | undefined;
}
