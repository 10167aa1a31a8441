import { NeapError } from '../../../common/errors.ts';
import type { ContainerUsage, UsageChunk } from '../../core/usage.ts';
import type { Resource, WorkloadKey } from '../../core/workload.ts';
import type { Samples } from './answer-parser.ts';
import type { AnswerFold } from './api.ts';
import type { PodLabels } from './dialect.ts';

export interface UsageFoldOptions {
  readonly resource: Resource;
  readonly labels: PodLabels;
  readonly fromUnixSeconds: number;
  readonly stepSeconds: number;
  readonly slots: number;
  /** undefined leaves the pod out. */
  readonly resolve: (namespace: string, pod: string) => WorkloadKey | undefined;
  /** Slots that end later are not complete yet: they stay unknown. */
  readonly nowUnixSeconds: number;
  /** An answer with more samples is given up as too large. */
  readonly sampleLimit: number;
}

export interface FoldedUsage {
  readonly chunk: UsageChunk;
  readonly tally: UsageTally;
  /** End of the newest slot with a sample, undefined without any. */
  readonly newestUnixSeconds: number | undefined;
  /** When each pod was seen last within the chunk. */
  readonly lastSeen: ReadonlyMap<WorkloadKey, ReadonlyMap<string, number>>;
}

export interface UsageTally {
  series: number;
  samples: number;
  notANumber: number;
  gaps: number;
  duplicates: number;
  fromTheFuture: number;
}

interface Columns extends ContainerUsage {
  /** Pods folded in already. */
  readonly seen: Set<string>;
}

/**
 * Folds the series of pods into one of each container of a workload while the answer is read: what is kept grows with
 * containers × slots, not with pods. Amounts become millicores and bytes.
 */
export function createUsageFold(options: UsageFoldOptions): AnswerFold<FoldedUsage> {
  const { resource, labels, fromUnixSeconds, stepSeconds, slots } = options;
  const scale = resource === 'cpu' ? 1000 : 1;
  const containers = new Map<WorkloadKey, Map<string, Columns>>();
  const lastSeen = new Map<WorkloadKey, Map<string, number>>();
  const tally: UsageTally = { series: 0, samples: 0, notANumber: 0, gaps: 0, duplicates: 0, fromTheFuture: 0 };
  let newestSlot = -1;

  const columnsOf = (workload: WorkloadKey, container: string): Columns => {
    const ofWorkload = containers.get(workload) ?? new Map<string, Columns>();
    containers.set(workload, ofWorkload);
    const known = ofWorkload.get(container);
    if (known) return known;
    const columns: Columns = {
      workload,
      container,
      hottestPod: new Float64Array(slots).fill(Number.NaN),
      meanOverPods: new Float64Array(slots).fill(Number.NaN),
      pods: new Uint32Array(slots),
      seen: new Set(),
    };
    ofWorkload.set(container, columns);
    return columns;
  };

  /** The slot that a value at `time` describes, -1 where it is of no use. */
  const slotAt = (time: number): number => {
    if (time > options.nowUnixSeconds) {
      if (time > options.nowUnixSeconds + stepSeconds) tally.fromTheFuture++;
      return -1;
    }
    const slot = Math.round((time - fromUnixSeconds) / stepSeconds) - 1;
    return slot < slots ? slot : -1;
  };

  /** @returns the last slot with a sample, -1 without any */
  const foldSamples = (columns: Columns, second: boolean, { count, times, values }: Samples): number => {
    let last = -1;
    for (let i = 0; i < count; i++) {
      const value = (values[i] as number) * scale;
      if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) {
        tally.notANumber++;
        continue;
      }
      const slot = slotAt(times[i] as number);
      if (slot < 0) continue;
      if (last >= 0) tally.gaps += Math.max(0, slot - last - 1);
      last = slot;
      foldValue(columns, slot, value, second);
    }
    return last;
  };

  const foldValue = (columns: Columns, slot: number, value: number, second: boolean): void => {
    const pods = columns.pods[slot] as number;
    if (pods === 0) {
      columns.hottestPod[slot] = value;
      columns.meanOverPods[slot] = value;
      columns.pods[slot] = 1;
      return;
    }
    if (value > (columns.hottestPod[slot] as number)) columns.hottestPod[slot] = value;
    if (second) {
      tally.duplicates++;
      return;
    }
    // The running mean, which needs no second column of sums.
    columns.meanOverPods[slot] = (columns.meanOverPods[slot] as number) + (value - (columns.meanOverPods[slot] as number)) / (pods + 1);
    columns.pods[slot] = pods + 1;
  };

  return {
    series(row, samples) {
      tally.series++;
      tally.samples += samples.count;
      if (tally.samples > options.sampleLimit && slots > 1) throw tooManySamples(options.sampleLimit);
      const namespace = row.get(labels.namespace);
      const pod = row.get(labels.pod);
      const container = row.get(labels.container);
      if (!namespace || !pod || !container) return;
      const workload = options.resolve(namespace, pod);
      if (workload === undefined) return;
      const columns = columnsOf(workload, container);
      const second = columns.seen.has(pod);
      columns.seen.add(pod);
      const last = foldSamples(columns, second, samples);
      if (last < 0) return;
      newestSlot = Math.max(newestSlot, last);
      const pods = lastSeen.get(workload) ?? new Map<string, number>();
      lastSeen.set(workload, pods);
      pods.set(pod, Math.max(pods.get(pod) ?? 0, slotEnd(last)));
    },

    done() {
      const list: ContainerUsage[] = [];
      for (const ofWorkload of containers.values()) {
        for (const { workload, container, hottestPod, meanOverPods, pods } of ofWorkload.values()) {
          list.push({ workload, container, hottestPod, meanOverPods, pods });
        }
      }
      return {
        chunk: { resource, fromUnixSeconds, stepSeconds, slots, containers: list },
        tally,
        newestUnixSeconds: newestSlot < 0 ? undefined : slotEnd(newestSlot),
        lastSeen,
      };
    },
  };

  function slotEnd(slot: number): number {
    return fromUnixSeconds + (slot + 1) * stepSeconds;
  }
}

function tooManySamples(limit: number): NeapError {
  return new NeapError('source', `the answer holds more than ${limit} samples`, { retry: 'split' });
}
