import type { Progress, WorkloadSeries, WorkloadSeriesRequest } from '../../predictor/source/history-source.ts';
import type { Analysis } from './analysis.ts';

/** What pages read: the newest analysis, how it came about, and the fine series of one workload on demand. */
export interface AnalysisReadModel {
  current(): AnalysisState;
  series(request: WorkloadSeriesRequest): Promise<WorkloadSeries>;
  /** Calls back after every change of state; returns the end of the subscription. */
  subscribe(listener: () => void): () => void;
}

export interface AnalysisState {
  /** Grows by one with every new analysis; 0 before the first. An ETag. */
  readonly version: number;
  /** undefined until the first run is done. */
  readonly analysis: Analysis | undefined;
  /** The run under way, if any. */
  readonly progress: Progress | undefined;
  /** Why the newest run failed; the analysis before it stays. undefined after a good run. */
  readonly lastError: { readonly message: string; readonly remedy: string | undefined; readonly atUnixSeconds: number } | undefined;
  /** Time to the next run after the newest one ended; shorter after a failure. */
  readonly refreshSeconds: number;
}
