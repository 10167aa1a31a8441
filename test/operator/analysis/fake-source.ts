import type { UsageChunk } from '../../../predictor/core/usage.ts';
import { type Resource, type WorkloadKey, type WorkloadRef, workloadKey } from '../../../predictor/core/workload.ts';
import {
  type DayEvents,
  type HistoryRequest,
  type HistorySource,
  noReads,
  type SourceReport,
  type WorkloadFacts,
} from '../../../predictor/source/history-source.ts';

export interface FakeContainer {
  /** Millicores and bytes of the hottest pod at a time; NaN for a gap. */
  readonly use: (resource: Resource, unixSeconds: number) => number;
  /** Pods at a time; those of the workload unless given. */
  readonly podsAt?: (unixSeconds: number) => number;
  readonly cpuRequestMillicores?: number;
  readonly cpuLimitMillicores?: number;
  readonly memoryRequestBytes?: number;
  readonly memoryLimitBytes?: number;
  readonly events?: readonly DayEvents[];
  /** Pods that run it now; those of the workload unless given. */
  readonly runningPods?: number;
  readonly currentKnown?: boolean;
}

export interface FakeWorkload {
  readonly ref: WorkloadRef;
  readonly pods?: number;
  readonly runningPods?: number;
  readonly hpaResources?: readonly Resource[];
  readonly containers: Readonly<Record<string, FakeContainer>>;
}

export interface FakeSource extends HistorySource {
  /** What was asked for, in order. */
  readonly reads: HistoryRequest[];
  failWith: Error | undefined;
  partialAnswers: number;
}

/** A history of functions of time that ends at `newest`; a chunk is a day. */
export function fakeSource(
  workloads: readonly FakeWorkload[],
  options: { newest: () => number; report?: Partial<SourceReport> },
): FakeSource {
  const facts = new Map<WorkloadKey, WorkloadFacts>(workloads.map((w) => [workloadKey(w.ref), factsOf(w)]));
  const source: FakeSource = {
    title: 'a test history',
    reads: [],
    failWith: undefined,
    partialAnswers: 0,
    inspect: async () => ({
      server: 'Fake 1.0',
      checks: [],
      newestSampleUnixSeconds: options.newest(),
      clockSkewSeconds: undefined,
      requests: 1,
      ...options.report,
    }),
    async read(request, sink) {
      source.reads.push(request);
      if (source.failWith) throw source.failWith;
      let samples = 0;
      for (let from = request.fromUnixSeconds; from < request.toUnixSeconds; from += 86_400) {
        const slots = Math.min(86_400, request.toUnixSeconds - from) / request.stepSeconds;
        for (const resource of ['cpu', 'memory'] as const) {
          await sink.usage(chunkOf(workloads, { resource, from, step: request.stepSeconds, slots }));
          samples += slots;
        }
      }
      return {
        readToUnixSeconds: request.toUnixSeconds,
        newestSampleUnixSeconds: options.newest(),
        workloads: request.toUnixSeconds > request.fromUnixSeconds ? facts : new Map(),
        counters: { ...noReads(), samples, partialAnswers: source.partialAnswers },
      };
    },
    readWorkload: () => Promise.reject(new Error('not asked for here')),
    close: async () => {},
  };
  return source;
}

function factsOf(w: FakeWorkload): WorkloadFacts {
  const runningPods = w.runningPods ?? w.pods ?? 1;
  return {
    ref: w.ref,
    runningPods,
    hpaResources: w.hpaResources ?? [],
    containers: new Map(
      Object.entries(w.containers).map(([name, c]) => {
        const current = {
          cpuRequestMillicores: c.cpuRequestMillicores,
          cpuLimitMillicores: c.cpuLimitMillicores,
          memoryRequestBytes: c.memoryRequestBytes,
          memoryLimitBytes: c.memoryLimitBytes,
        };
        return [
          name,
          {
            runningPods: c.runningPods ?? runningPods,
            current: c.currentKnown === false ? undefined : current,
            oomKillsKnown: true,
            events: c.events ?? [],
          },
        ];
      }),
    ),
  };
}

function chunkOf(workloads: readonly FakeWorkload[], at: { resource: Resource; from: number; step: number; slots: number }): UsageChunk {
  return {
    resource: at.resource,
    fromUnixSeconds: at.from,
    stepSeconds: at.step,
    slots: at.slots,
    containers: workloads.flatMap((w) =>
      Object.entries(w.containers).map(([container, c]) => {
        const use = Float64Array.from({ length: at.slots }, (_, i) => c.use(at.resource, at.from + i * at.step));
        const pods = use.map((u, i) => (Number.isNaN(u) ? 0 : (c.podsAt?.(at.from + i * at.step) ?? w.pods ?? 1)));
        return { workload: workloadKey(w.ref), container, hottestPod: use, meanOverPods: use, pods };
      }),
    ),
  };
}
