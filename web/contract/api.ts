/**
 * What the JSON API sends, and all that the page knows. Amounts are millicores for CPU and bytes for memory, money is
 * per month in `currency`, shares are 0…1, times are unix seconds. null is unknown or unset, never 0.
 */
export type ResourceName = 'cpu' | 'memory';
export type Risk = 'high' | 'medium' | 'low' | 'unknown';

/** A number that may be unknown, with the reason that a page can show. */
export type Maybe<T> = ({ readonly ok: true } & T) | { readonly ok: false; readonly reason: string; readonly detail: string | null };

/** How the analysis stands: sent by `/api/v1/status` and with every event of `/api/v1/events`. */
export interface StateDto {
  /** Grows with every new analysis; 0 before the first. */
  readonly version: number;
  readonly generatedAt: number | null;
  readonly refreshSeconds: number;
  readonly progress: { readonly stage: string; readonly done: number; readonly total: number } | null;
  readonly error: { readonly message: string; readonly remedy: string | null; readonly at: number } | null;
  /** Time of the newest sample that the analysis knows. */
  readonly newestSampleAt: number | null;
  /** True where the samples, or the analysis itself, are older than they should be. */
  readonly stale: boolean;
  /** The server's clock, so that a page can tell ages whatever the visitor's clock says. */
  readonly now: number;
}

export interface StatusDto {
  readonly state: StateDto;
  /** null until the first analysis is done. */
  readonly data: DataDto | null;
}

/** Where the numbers come from and how clean they are. */
export interface DataDto {
  readonly neapVersion: string;
  readonly source: { readonly title: string; readonly server: string };
  readonly window: WindowDto;
  readonly prices: PricesDto;
  readonly policy: PolicyDto;
  readonly counters: Readonly<Record<string, number>>;
  /** The most severe first, at most 200 of `findingsTotal`. */
  readonly findings: readonly FindingDto[];
  readonly findingsTotal: number;
}

export interface WindowDto {
  readonly from: number;
  /** Start of the oldest sample in the window. */
  readonly dataFrom: number;
  readonly to: number;
  readonly stepSeconds: number;
}

export interface PricesDto {
  readonly currency: string;
  readonly cpuCoreHour: number;
  readonly memoryGibHour: number;
  readonly origin: string;
}

export interface PolicyDto {
  readonly name: string;
  readonly origin: string;
  readonly cpuRiskBudget: number;
  readonly memoryRiskBudget: number;
}

export interface FindingDto {
  readonly severity: 'info' | 'warning' | 'critical';
  readonly code: string;
  readonly text: string;
  readonly remedy: string;
  readonly subject: string | null;
}

export interface MoneyDto {
  readonly costNow: number;
  readonly costAfter: number;
  /** costNow − costAfter; negative where safety costs more. */
  readonly savings: number;
  /** Cost of what is requested and was not used on average. */
  readonly waste: number;
}

export interface OverviewDto {
  readonly currency: string;
  readonly window: WindowDto;
  readonly prices: PricesDto;
  readonly policy: PolicyDto;
  readonly totals: TotalsDto;
  readonly efficiency: Readonly<Record<ResourceName, EfficiencyDto>>;
  readonly coverage: CoverageDto;
  /** Workloads by risk of today's requests. */
  readonly risks: Readonly<Record<Risk, number>>;
  /** What could save most, highest first. */
  readonly topSavings: readonly WorkloadRowDto[];
  /** What is under-provisioned today, worst first. */
  readonly topRisks: readonly WorkloadRowDto[];
  /** The costliest namespaces; the rest is one row named null. */
  readonly namespaces: readonly NamespaceDto[];
}

export interface TotalsDto extends MoneyDto {
  readonly workloads: number;
  /** Sum of the falls in cost alone; `addedForSafety` is the sum of the raises. */
  readonly potentialSavings: number;
  readonly addedForSafety: number;
}

export interface EfficiencyDto {
  readonly used: number;
  readonly requested: number;
  readonly recommended: number;
}

export interface CoverageDto {
  readonly containers: number;
  /** Containers with a recommendation for both resources. */
  readonly recommended: number;
  /** Why the others have none, the most frequent first. A container counts once, under its first reason. */
  readonly reasons: readonly CoverageReasonDto[];
}

export interface CoverageReasonDto {
  readonly reason: string;
  readonly containers: number;
  /** The detail of one of them. */
  readonly example: string | null;
}

export interface NamespaceDto extends MoneyDto {
  readonly namespace: string | null;
  readonly workloads: number;
}

export interface WorkloadRowDto extends MoneyDto {
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
  readonly pods: number;
  readonly cpu: PairDto;
  readonly memory: PairDto;
  readonly risk: Risk;
  /** What is wrong with today's requests, in a few words; '' where nothing is. */
  readonly riskText: string;
  /** The reasoning of the recommendation that moves most money; '' where there is none. */
  readonly why: string;
  /** Reasons why containers have no recommendation; empty where all have one. */
  readonly blocked: readonly BlockedDto[];
}

/** One pod's amounts, its containers added up. */
export interface PairDto {
  /** Whether the source knows what is requested. */
  readonly requestKnown: boolean;
  /** null where nothing is requested, or it is not known. */
  readonly request: number | null;
  readonly p95: number | null;
  /** What the request would be: containers without a recommendation keep theirs. null where none has one. */
  readonly recommended: number | null;
}

export interface BlockedDto {
  readonly reason: string;
  readonly detail: string | null;
  readonly containers: readonly string[];
}

export interface WorkloadsDto {
  readonly currency: string;
  /** Of the whole filtered set, not of the page. */
  readonly totals: MoneyDto & { readonly workloads: number; readonly pods: number };
  readonly page: number;
  readonly pages: number;
  readonly size: number;
  readonly rows: readonly WorkloadRowDto[];
  readonly facets: FacetsDto;
  /** Workloads before any filter. */
  readonly unfiltered: number;
}

/** How many workloads each choice would leave, given the other filters. */
export interface FacetsDto {
  readonly namespaces: readonly FacetDto[];
  readonly kinds: readonly FacetDto[];
  readonly risks: readonly FacetDto[];
  readonly withSavings: number;
}

export interface FacetDto {
  readonly value: string;
  readonly workloads: number;
}

export interface WorkloadDto {
  readonly currency: string;
  readonly window: WindowDto;
  readonly policy: PolicyDto;
  readonly prices: PricesDto;
  readonly row: WorkloadRowDto;
  readonly containers: readonly ContainerDto[];
  readonly findings: readonly FindingDto[];
  readonly snippet: SnippetDto | null;
}

export interface ContainerDto {
  readonly name: string;
  readonly cpu: ResourceDto;
  readonly memory: ResourceDto;
  readonly oomKills: number | null;
  readonly throttledShare: number | null;
}

export interface ResourceDto {
  readonly resource: ResourceName;
  /** Whether the source knows request and limit. */
  readonly requestKnown: boolean;
  /** null where nothing is requested, or it is not known. */
  readonly request: number | null;
  readonly limit: number | null;
  readonly usage: Maybe<UsageDto>;
  readonly recommendation: Maybe<RecommendationDto>;
  readonly trace: readonly { readonly stage: string; readonly text: string; readonly amount: number | null }[];
  /** Share of time the hottest pod was above today's request. */
  readonly overloadNow: number | null;
  readonly riskBudget: number;
  readonly costNow: number;
  readonly costAfter: number;
  readonly waste: number;
}

export interface UsageDto {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
  readonly mean: number;
  readonly samples: number;
  readonly historySeconds: number;
}

export interface RecommendationDto {
  readonly request: number;
  /** null: set no limit. */
  readonly limit: number | null;
  readonly overloadAfter: number;
  readonly why: string;
}

/** The recommendation in a form to take away. */
export interface SnippetDto {
  readonly yaml: string;
  /** null where `kubectl set resources` can't change this kind. */
  readonly kubectl: string | null;
}

/** Columns of equal length; point i covers the time from `from + i · stepSeconds`. */
export interface SeriesDto {
  readonly from: number;
  readonly stepSeconds: number;
  readonly containers: readonly { readonly name: string; readonly cpu: SeriesColumnsDto; readonly memory: SeriesColumnsDto }[];
}

export interface SeriesColumnsDto {
  /** The highest use of any pod within the point's time. */
  readonly hottest: readonly (number | null)[];
  /** Mean over pods and time. */
  readonly mean: readonly (number | null)[];
  readonly request: readonly (number | null)[];
  readonly limit: readonly (number | null)[];
}

/** RFC 9457 problem details, with what to do about it. */
export interface ProblemDto {
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly remedy: string | null;
  readonly requestId: string;
  /** Every invalid parameter, where that is the problem. */
  readonly invalid?: readonly { readonly parameter: string; readonly message: string }[];
}
