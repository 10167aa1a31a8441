import type { Analysis } from '../../operator/analysis/analysis.ts';
import type { AnalysisReadModel, AnalysisState } from '../../operator/analysis/read-model.ts';
import { type Resource, workloadKey } from '../../predictor/core/workload.ts';
import type { ContainerSeries, WorkloadSeries, WorkloadSeriesRequest } from '../../predictor/source/history-source.ts';

export interface FakeReadModel extends AnalysisReadModel {
  /** Changes the state and tells the subscribers. */
  set(change: Partial<AnalysisState>): void;
  readonly seriesRequests: WorkloadSeriesRequest[];
  /** Makes every later `series` fail. */
  failSeries(error: Error): void;
  readonly subscribers: number;
}

export function fakeReadModel(analysis?: Analysis, state: Partial<AnalysisState> = {}): FakeReadModel {
  let now: AnalysisState = {
    version: analysis === undefined ? 0 : 1,
    analysis,
    progress: undefined,
    lastError: undefined,
    refreshSeconds: 300,
    ...state,
  };
  let failure: Error | undefined;
  const listeners = new Set<() => void>();
  const seriesRequests: WorkloadSeriesRequest[] = [];
  return {
    current: () => now,
    series: async (request) => {
      seriesRequests.push(request);
      if (failure !== undefined) throw failure;
      return dailySeries(now.analysis as Analysis, request);
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    set: (change) => {
      now = { ...now, ...change };
      for (const listener of listeners) listener();
    },
    seriesRequests,
    failSeries: (error) => {
      failure = error;
    },
    get subscribers() {
      return listeners.size;
    },
  };
}

/** A day and night shape around the workload's mean use, with a gap of two hours in the middle of the window. */
function dailySeries(analysis: Analysis, request: WorkloadSeriesRequest): WorkloadSeries {
  const { fromUnixSeconds, stepSeconds } = request;
  const slots = Math.round((request.toUnixSeconds - fromUnixSeconds) / stepSeconds);
  const workload = analysis.workloads.find(({ ref }) => workloadKey(ref) === workloadKey(request.workload));
  const column = (at: (i: number) => number) => Float64Array.from({ length: slots }, (_, i) => at(i));
  const inGap = (i: number) => Math.abs(i - slots * 0.56) * stepSeconds < 3600;
  const containers = (workload?.containers ?? []).map((container): [string, Record<Resource, ContainerSeries>] => {
    const of = (resource: Resource): ContainerSeries => {
      const { usage, currentRequest, currentLimit } = container[resource];
      const mean = usage.ok ? usage.value.mean : Number.NaN;
      const max = usage.ok ? usage.value.max : Number.NaN;
      const use = (i: number, noise: number) => {
        const hours = (fromUnixSeconds + i * stepSeconds) / 3600;
        const day = 0.5 + 0.5 * Math.sin(((hours - 9) / 24) * 2 * Math.PI);
        const weekend = [2, 3].includes(Math.floor(hours / 24) % 7) ? 0.55 : 1;
        const jitter = 0.5 + 0.5 * Math.sin(i * 12.9898 + Math.floor(i / 7) * 78.233 + noise);
        return resource === 'cpu' ? mean * (0.35 + 1.1 * day * weekend + 0.25 * jitter) : mean * (0.9 + 0.12 * day + 0.04 * jitter);
      };
      return {
        meanOverPods: column((i) => (inGap(i) ? Number.NaN : use(i, 0))),
        hottestPod: column((i) => (inGap(i) ? Number.NaN : Math.min(max, use(i, 2) * (resource === 'cpu' ? 1.35 : 1.08)))),
        request: column((i) => (i < slots * 0.2 ? (currentRequest ?? Number.NaN) * 0.8 : (currentRequest ?? Number.NaN))),
        limit: column(() => currentLimit ?? Number.NaN),
      };
    };
    return [container.name, { cpu: of('cpu'), memory: of('memory') }];
  });
  return { fromUnixSeconds, stepSeconds, slots, containers: new Map(containers) };
}
