import type { UsageChunk } from '../core/usage.ts';
import type { Resource, WorkloadKey, WorkloadRef } from '../core/workload.ts';

/**
 * Where history comes from. A source is IO at the edge: it turns what a server or a file holds into the plain data
 * below, and resolves pods to workloads. Amounts are millicores for CPU and bytes for memory, times unix seconds.
 */
export interface HistorySource {
  /** For messages and pages: `Prometheus at http://…`, `file cpu-prod.csv.gz`. */
  readonly title: string;
  /** Finds out what is there. Throws NeapError `source` where nobody answers as a history source would. */
  inspect(signal?: AbortSignal): Promise<SourceReport>;
  /**
   * Reads `[fromUnixSeconds, toUnixSeconds)` in time chunks, oldest first, and hands each over as soon as it is folded;
   * the next is not handed over before the sink has taken it. To go on later, ask again from where enough had settled.
   */
  read(request: HistoryRequest, sink: HistorySink): Promise<HistorySummary>;
  /** The fine series of one workload, for a page. Reads only that workload's pods. */
  readWorkload(request: WorkloadSeriesRequest): Promise<WorkloadSeries>;
  /** Frees connections. */
  close(): Promise<void>;
}

export interface HistoryRequest {
  readonly fromUnixSeconds: number;
  readonly toUnixSeconds: number;
  readonly stepSeconds: number;
  /**
   * Start of a UTC day, at or before `fromUnixSeconds`: events are told by whole days from here on, so that a later read
   * can replace the days it tells anew. A counter's rise between two short reads would belong to neither.
   */
  readonly eventsFromUnixSeconds: number;
  readonly filter: WorkloadFilter;
  readonly signal?: AbortSignal;
  /** Called as work goes on; `done` counts units of `total`, which may still grow. */
  readonly onProgress?: (progress: Progress) => void;
}

export interface Progress {
  readonly stage: string;
  readonly done: number;
  readonly total: number;
}

/** Empty lists let everything through. */
export interface WorkloadFilter {
  /** Exact names, or `*` patterns. */
  readonly namespaces: readonly string[];
  /** Case-insensitive kinds. */
  readonly kinds: readonly string[];
  /** Kubernetes label selector over pod labels (`app=web,tier!=db`), '' for none. */
  readonly selector: string;
}

export interface HistorySink {
  /** One time chunk of one resource. */
  usage(chunk: UsageChunk): void | Promise<void>;
}

export interface HistorySummary {
  /** Exclusive end of what was read: the next read starts here. */
  readonly readToUnixSeconds: number;
  /** Time of the newest usage sample, undefined where there is none. */
  readonly newestSampleUnixSeconds: number | undefined;
  readonly workloads: ReadonlyMap<WorkloadKey, WorkloadFacts>;
  readonly counters: ReadCounters;
}

/** What is known of a workload at the end of the range that was read. A workload without pods or usage in it is left out. */
export interface WorkloadFacts {
  readonly ref: WorkloadRef;
  /** Pods with a running container in the last slots; 0 where the workload is gone or scaled to none. */
  readonly runningPods: number;
  readonly containers: ReadonlyMap<string, ContainerFacts>;
  /** Resources that any HorizontalPodAutoscaler of this workload scales on, by utilisation of the request. */
  readonly hpaResources: readonly Resource[];
}

export interface ContainerFacts {
  /** Running pods that have this container; 0 for one of former pods, and for an init container that is done. */
  readonly runningPods: number;
  /** What the pods ask for now; undefined where the source cannot know. */
  readonly current: CurrentResources | undefined;
  /** Whether the source would know of an OOM kill. */
  readonly oomKillsKnown: boolean;
  /** Days with something to tell, oldest first, from the request's `eventsFromUnixSeconds` on. */
  readonly events: readonly DayEvents[];
}

/** What happened to a container on one UTC day. */
export interface DayEvents {
  /** Days since the epoch. */
  readonly day: number;
  /** At least so many; sources may see only one of several in a short time. */
  readonly oomKills: number;
  /** Memory limit in force at the last kill of the day, bytes. */
  readonly oomLimitBytes: number | undefined;
  /** CFS periods of all pods, and those that ran out of quota; both 0 where unknown or without CPU limit. */
  readonly cfsPeriods: number;
  readonly throttledPeriods: number;
}

/** What the newest running pod asks for; undefined where nothing is set. */
export interface CurrentResources {
  readonly cpuRequestMillicores: number | undefined;
  readonly cpuLimitMillicores: number | undefined;
  readonly memoryRequestBytes: number | undefined;
  readonly memoryLimitBytes: number | undefined;
}

/** Everything that was odd, counted, so that a page can say how clean the history is. */
export interface ReadCounters {
  requests: number;
  retries: number;
  /** Chunks cut smaller because the server refused them as too large. */
  splits: number;
  bytes: number;
  series: number;
  samples: number;
  notANumber: number;
  /** Slots in the middle of a series without sample. */
  gaps: number;
  /** Second series of one container in one slot (HA pairs, restarts within a slot); the larger value counts. */
  duplicates: number;
  /** Samples dated after the local clock by more than a step. */
  fromTheFuture: number;
  /** Pods with usage but without owner series. */
  podsWithoutOwner: number;
  /** Answers that the server itself called partial (`warnings`). */
  partialAnswers: number;
}

export function noReads(): ReadCounters {
  return {
    requests: 0,
    retries: 0,
    splits: 0,
    bytes: 0,
    series: 0,
    samples: 0,
    notANumber: 0,
    gaps: 0,
    duplicates: 0,
    fromTheFuture: 0,
    podsWithoutOwner: 0,
    partialAnswers: 0,
  };
}

export interface WorkloadSeriesRequest {
  readonly workload: WorkloadRef;
  readonly fromUnixSeconds: number;
  readonly toUnixSeconds: number;
  readonly stepSeconds: number;
  readonly signal?: AbortSignal;
}

/** Equal-length columns per container and resource; NaN where unknown. */
export interface WorkloadSeries {
  readonly fromUnixSeconds: number;
  readonly stepSeconds: number;
  readonly slots: number;
  readonly containers: ReadonlyMap<string, Readonly<Record<Resource, ContainerSeries>>>;
}

export interface ContainerSeries {
  readonly hottestPod: Float64Array;
  readonly meanOverPods: Float64Array;
  /** Request and limit in force, the largest over the pods. */
  readonly request: Float64Array;
  readonly limit: Float64Array;
}

/** What `neap doctor` prints: one row a thing that Neap looks for. */
export interface SourceReport {
  /** `Prometheus 2.42.0`, `VictoriaMetrics`, `Thanos`, `Mimir`, as far as the server says. */
  readonly server: string;
  readonly checks: readonly SourceCheck[];
  readonly newestSampleUnixSeconds: number | undefined;
  /** Server clock minus ours, seconds; undefined where the server sends no date. */
  readonly clockSkewSeconds: number | undefined;
  /** How many requests it took to find out. */
  readonly requests: number;
}

export interface SourceCheck {
  /** Stable id: `usage.cpu`, `owners.pod`, `requests`, … */
  readonly id: string;
  readonly title: string;
  /** `missing` stops recommendations; `degraded` makes them poorer. */
  readonly status: 'ok' | 'degraded' | 'missing';
  /** What was found: metric and label names, counts. */
  readonly found: string;
  /** What to do about it, '' where all is well. */
  readonly remedy: string;
}
