import { HOUR_SECONDS } from '../../../common/units.ts';
import type { ContainerUsage } from '../../core/usage.ts';
import { RESOURCES, type Resource, type WorkloadKey, type WorkloadRef, workloadKey } from '../../core/workload.ts';
import { type ContainerFacts, type HistorySink, type HistorySummary, noReads, type WorkloadFacts } from '../history-source.ts';
import { endOf, type PodLife, type PodSamples, SlotFold, type SlotWindow, slotsBetween } from '../slot-fold.ts';
import type { SeriesSubject } from './series-subject.ts';
import type { TraceSeries } from './trace-series.ts';

/** The samples in the window, without copying them. */
export function samplesWithin({ t, v }: Pick<TraceSeries, 't' | 'v'>, window: SlotWindow): PodSamples {
  const from = lowerBound(t, window.fromUnixSeconds);
  const to = lowerBound(t, endOf(window));
  return { t: t.subarray(from, to), v: v.subarray(from, to), length: to - from };
}

/** First index whose time is at or after `unixSeconds`. */
function lowerBound(t: Float64Array, unixSeconds: number): number {
  let low = 0;
  let high = t.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((t[middle] as number) < unixSeconds) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * From the first sample to the last one and the usual distance of samples, since each stands for the time up to the
 * next; a single sample tells no distance, and stands for the rest of its slot.
 */
export function lifeOf({ t }: Pick<TraceSeries, 't'>): PodLife {
  const distances = t
    .slice(1)
    .map((time, i) => time - (t[i] as number))
    .sort();
  const usual = distances[distances.length >> 1] ?? Number.POSITIVE_INFINITY;
  return { fromUnixSeconds: t[0] ?? 0, toUnixSeconds: (t.at(-1) ?? 0) + usual };
}

interface WorkloadSeen {
  readonly ref: WorkloadRef;
  /** Time of the last sample of each pod, by container and pod name. */
  readonly containers: Map<string, Map<string, number>>;
}

/** Folds series as they come, in any order, into chunks that are handed over together, oldest first. */
export class SeriesFolding {
  private readonly counters = noReads();
  private readonly windows: readonly SlotWindow[];
  /** By window, resource, and `workload/container`: only what has samples. */
  private readonly folds: Map<string, { readonly usage: Pick<ContainerUsage, 'workload' | 'container'>; readonly fold: SlotFold }>[];
  private readonly seen = new Map<WorkloadKey, WorkloadSeen>();
  private newest: number | undefined;

  constructor(windows: readonly SlotWindow[]) {
    this.windows = windows;
    this.folds = windows.flatMap(() => RESOURCES.map(() => new Map()));
  }

  add(subject: SeriesSubject, resource: Resource, series: TraceSeries): void {
    const workload = workloadKey(subject.ref);
    this.counters.series++;
    this.counters.notANumber += series.notANumber;
    this.counters.duplicates += series.duplicates;
    const life = lifeOf(series);
    let before: number | undefined;
    for (const [i, window] of this.windows.entries()) {
      const samples = samplesWithin(series, window);
      if (samples.length === 0) continue;
      this.foldAt(i, resource, { workload, container: subject.container }).addPod(samples, life);
      this.counters.samples += samples.length;
      for (const t of samples.t) {
        this.counters.gaps += slotsBetween(before, t, window);
        before = t;
      }
    }
    if (before !== undefined) this.remember(subject, before);
  }

  private foldAt(window: number, resource: Resource, usage: Pick<ContainerUsage, 'workload' | 'container'>): SlotFold {
    const folds = this.folds[window * RESOURCES.length + RESOURCES.indexOf(resource)];
    const key = `${usage.workload}/${usage.container}`;
    const existing = folds?.get(key)?.fold;
    if (existing !== undefined) return existing;
    const fold = new SlotFold(this.windows[window] as SlotWindow, resource);
    folds?.set(key, { usage, fold });
    return fold;
  }

  private remember({ ref, container, pod }: SeriesSubject, lastSample: number): void {
    const key = workloadKey(ref);
    const seen = this.seen.get(key) ?? { ref, containers: new Map<string, Map<string, number>>() };
    this.seen.set(key, seen);
    const pods = seen.containers.get(container) ?? new Map<string, number>();
    seen.containers.set(container, pods);
    pods.set(pod, Math.max(lastSample, pods.get(pod) ?? lastSample));
    this.newest = Math.max(this.newest ?? lastSample, lastSample);
  }

  /** Hands over all that was folded, and forgets it. */
  async deliver(sink: HistorySink): Promise<void> {
    for (const [i, folds] of this.folds.entries()) {
      const resource = RESOURCES[i % RESOURCES.length] as Resource;
      const window = this.windows[Math.floor(i / RESOURCES.length)] as SlotWindow;
      const containers = [...folds.values()].map(({ usage, fold }): ContainerUsage => ({ ...usage, ...fold.finish() }));
      folds.clear();
      if (containers.length > 0) await sink.usage({ resource, ...window, containers });
    }
  }

  /** After `deliver`. A pod counts as running that has a sample in the last hour, or the last three steps. */
  summary(readToUnixSeconds: number): HistorySummary {
    const runningSince = readToUnixSeconds - Math.max(HOUR_SECONDS, 3 * (this.windows[0]?.stepSeconds ?? 0));
    const runningOf = (pods: ReadonlyMap<string, number>): Set<string> =>
      new Set([...pods].filter(([, last]) => last >= runningSince).map(([pod]) => pod));
    const facts = [...this.seen].map(([key, { ref, containers }]): [WorkloadKey, WorkloadFacts] => [
      key,
      {
        ref,
        runningPods: new Set([...containers.values()].flatMap((pods) => [...runningOf(pods)])).size,
        containers: new Map([...containers].map(([name, pods]) => [name, usageOnly(runningOf(pods).size)])),
        hpaResources: [],
      },
    ]);
    return { readToUnixSeconds, newestSampleUnixSeconds: this.newest, workloads: new Map(facts), counters: this.counters };
  }
}

/** Files tell nothing but usage. */
const usageOnly = (runningPods: number): ContainerFacts => ({ runningPods, current: undefined, oomKillsKnown: false, events: [] });
