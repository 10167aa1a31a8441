import type { HttpClientOptions } from '../../../common/http/http-client.ts';
import { createHttpClient } from '../../../common/http/http-client.ts';
import { DAY_SECONDS } from '../../../common/units.ts';
import type { HistorySource, WorkloadFilter } from '../history-source.ts';
import { type CallContext, createPrometheusApi } from './api.ts';
import { type Dialect, discoverDialect } from './dialect.ts';
import { inspectServer } from './inspect.ts';
import { OwnerTable } from './owners.ts';
import { readHistory } from './reader.ts';
import type { SelectedPods } from './selected-pods.ts';
import type { TimeWindow } from './windows.ts';
import { readWorkloadSeries } from './workload-series.ts';

export interface PrometheusSourceOptions extends HttpClientOptions {
  /** Most samples that one answer may hold; queries are made for less time where they would exceed it. */
  readonly sampleBudget?: number;
  readonly nowUnixSeconds?: () => number;
}

const DEFAULT_SAMPLE_BUDGET = 5_000_000;
/** How long names and labels that were found hold. */
const DIALECT_LIFE_SECONDS = 3600;

/** History of a server with the Prometheus HTTP API: Prometheus, VictoriaMetrics, Thanos, Mimir. */
export function createPrometheusSource(options: PrometheusSourceOptions): HistorySource {
  const http = createHttpClient(options);
  const api = createPrometheusApi(http);
  const nowUnixSeconds = options.nowUnixSeconds ?? (() => Date.now() / 1000);
  const owners = new OwnerTable();
  const sampleBudget = options.sampleBudget ?? DEFAULT_SAMPLE_BUDGET;
  const closing = new AbortController();
  let found: { readonly window: TimeWindow; readonly dialect: Dialect; readonly atUnixSeconds: number } | undefined;

  const dialect = async (window: TimeWindow, context: CallContext): Promise<Dialect> => {
    const now = nowUnixSeconds();
    // A window that was not looked at may hold other names: older exporters, or a newer one.
    if (found && now - found.atUnixSeconds < DIALECT_LIFE_SECONDS && covers(found, window)) return found.dialect;
    found = { window, dialect: await discoverDialect(api, window, context), atUnixSeconds: now };
    return found.dialect;
  };
  /** Ends with the caller's signal, with the source, and, where one of several requests fails, for the others. */
  const run = async <T>(signal: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    const own = new AbortController();
    try {
      return await work(AbortSignal.any([own.signal, closing.signal, ...(signal ? [signal] : [])]));
    } finally {
      own.abort(new Error('the call has ended'));
    }
  };

  const selectors = new Map<string, SelectedPods>();
  const selectedPods = ({ namespaces, selector }: WorkloadFilter): SelectedPods => {
    const key = JSON.stringify([namespaces, selector]);
    const pods = selectors.get(key) ?? new Map<string, number>();
    selectors.set(key, pods);
    return pods;
  };
  let longestSeconds = DAY_SECONDS;
  const noteLength = ({ fromUnixSeconds, toUnixSeconds }: TimeWindow): void => {
    longestSeconds = Math.max(longestSeconds, toUnixSeconds - fromUnixSeconds);
  };
  /** Forgets pods that are farther back than any window that was asked for. */
  const forget = ({ toUnixSeconds }: TimeWindow): void => {
    const before = toUnixSeconds - longestSeconds;
    owners.forget(before);
    for (const pods of selectors.values()) for (const [pod, time] of pods) if (time < before) pods.delete(pod);
  };

  const parts = { api, owners, selectedPods, dialect, nowUnixSeconds, sampleBudget };
  return {
    title: `Prometheus at ${http.baseUrl}`,
    inspect: (caller) => run(caller, (signal) => inspectServer(parts, signal)),
    read: (request, sink) =>
      run(request.signal, async (signal) => {
        noteLength(request);
        const summary = await readHistory(parts, { ...request, signal }, sink);
        forget(request);
        return summary;
      }),
    readWorkload: (request) =>
      run(request.signal, (signal) => {
        noteLength(request);
        return readWorkloadSeries(parts, { ...request, signal });
      }),
    async close() {
      closing.abort(new Error('the source was closed'));
      await http.close();
    },
  };
}

/** Later windows count as covered for a while: names seldom change. */
function covers(found: { readonly window: TimeWindow; readonly atUnixSeconds: number }, window: TimeWindow): boolean {
  return (
    window.fromUnixSeconds >= found.window.fromUnixSeconds && window.toUnixSeconds <= found.window.toUnixSeconds + DIALECT_LIFE_SECONDS
  );
}
