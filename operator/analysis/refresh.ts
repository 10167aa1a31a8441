import { setTimeout as sleep } from 'node:timers/promises';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { messageOf, NeapError } from '../../common/errors.ts';
import type { HistorySource, Progress, WorkloadSeriesRequest } from '../../predictor/source/history-source.ts';
import type { Analysis } from './analysis.ts';
import type { AnalysisMemory, AnalysisRun } from './analyze.ts';
import type { AnalysisReadModel, AnalysisState } from './read-model.ts';

export interface RefreshOptions {
  readonly source: HistorySource;
  /** One run; `before` is what the last good one left. */
  readonly run: (nowUnixSeconds: number, before: AnalysisMemory | undefined, hooks: RunHooks) => Promise<AnalysisRun>;
  readonly refreshSeconds: number;
  readonly registry: Registry;
  /** Unix seconds. */
  readonly now: () => number;
  readonly onFailure?: (error: unknown) => void;
}

export interface RunHooks {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}

export interface Refreshing extends AnalysisReadModel {
  /** Resolves after the first run, good or not. */
  readonly firstRun: Promise<void>;
  /** Aborts a run under way and waits for it to end. */
  stop(): Promise<void>;
}

/** After a failure the next try comes sooner than the next refresh, but never in a tight loop. */
const RETRY_SECONDS = 15;

/** Runs the analysis now and every `refreshSeconds`; a failed run keeps the last good result and says why it failed. */
export function startRefreshing(options: RefreshOptions): Refreshing {
  const metrics = refreshMetrics(options.registry);
  const retrySeconds = Math.min(RETRY_SECONDS, options.refreshSeconds);
  const listeners = new Set<() => void>();
  const abort = new AbortController();
  let memory: AnalysisMemory | undefined;
  let state: AnalysisState = {
    version: 0,
    analysis: undefined,
    progress: undefined,
    lastError: undefined,
    refreshSeconds: options.refreshSeconds,
  };
  const set = (change: Partial<AnalysisState>): void => {
    state = { ...state, ...change };
    for (const listener of listeners) listener();
  };

  async function runOnce(): Promise<boolean> {
    const startedAt = options.now();
    const stopTimer = metrics.duration.startTimer();
    try {
      const run = await options.run(startedAt, memory, { signal: abort.signal, onProgress: (progress) => set({ progress }) });
      memory = run.memory;
      metrics.observe(run.analysis, options.now());
      const { refreshSeconds } = options;
      set({ version: state.version + 1, analysis: run.analysis, progress: undefined, lastError: undefined, refreshSeconds });
      return true;
    } catch (error) {
      if (abort.signal.aborted) return false;
      metrics.failures.inc();
      options.onFailure?.(error);
      const remedy = error instanceof NeapError ? error.remedy : undefined;
      set({
        progress: undefined,
        refreshSeconds: retrySeconds,
        lastError: { message: messageOf(error), remedy, atUnixSeconds: options.now() },
      });
      return false;
    } finally {
      stopTimer();
    }
  }

  let firstDone: () => void = () => {};
  const firstRun = new Promise<void>((resolve) => {
    firstDone = resolve;
  });
  async function loop(): Promise<void> {
    while (!abort.signal.aborted) {
      const good = await runOnce();
      firstDone();
      const pause = good ? options.refreshSeconds : retrySeconds;
      await sleep(pause * 1000, undefined, { signal: abort.signal }).catch(() => undefined);
    }
  }
  const running = loop();

  return {
    firstRun,
    current: () => state,
    series: (request: WorkloadSeriesRequest) => options.source.readWorkload(request),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async stop() {
      abort.abort();
      await running;
    },
  };
}

function refreshMetrics(registry: Registry) {
  const registers = [registry];
  const duration = new Histogram({
    name: 'neap_analysis_duration_seconds',
    help: 'Time that one run of the analysis took, failed ones too.',
    buckets: [0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300],
    registers,
  });
  const failures = new Counter({ name: 'neap_analysis_failures_total', help: 'Runs of the analysis that failed.', registers });
  const lastGood = new Gauge({ name: 'neap_analysis_last_success_timestamp_seconds', help: 'Unix time of the last good run.', registers });
  const newest = new Gauge({
    name: 'neap_history_newest_sample_timestamp_seconds',
    help: 'Unix time of the newest usage sample read.',
    registers,
  });
  const samples = new Counter({ name: 'neap_history_samples_total', help: 'Usage samples read.', registers });
  const requests = new Counter({ name: 'neap_history_requests_total', help: 'Requests made to the history source.', registers });
  const workloads = new Gauge({ name: 'neap_workloads', help: 'Workloads in the newest analysis.', registers });
  const money = new Gauge({
    name: 'neap_money_per_month',
    help: 'Money per month in the price book currency, by what it is.',
    labelNames: ['what', 'currency'],
    registers,
  });
  return {
    duration,
    failures,
    observe(analysis: Analysis, nowUnixSeconds: number): void {
      const { totals, prices, freshness, counters } = analysis;
      lastGood.set(nowUnixSeconds);
      if (freshness.newestSampleUnixSeconds !== undefined) newest.set(freshness.newestSampleUnixSeconds);
      samples.inc(counters.samples);
      requests.inc(counters.requests);
      workloads.set(totals.workloads);
      money.set({ what: 'cost_now', currency: prices.currency }, totals.costNowPerMonth);
      money.set({ what: 'cost_after', currency: prices.currency }, totals.costAfterPerMonth);
      money.set({ what: 'potential_savings', currency: prices.currency }, totals.potentialSavingsPerMonth);
      money.set({ what: 'waste', currency: prices.currency }, totals.wastePerMonth);
    },
  };
}
