import { NeapError } from '../../../common/errors.ts';
import type { ContainerUsage, UsageChunk } from '../../core/usage.ts';
import type { Resource, WorkloadKey } from '../../core/workload.ts';
import type { Samples } from './answer-parser.ts';
import type { AnswerFold } from './api.ts';
import { type PodLabels, podOfRow } from './pod-labels.ts';
import type { PodTime } from './pod-time.ts';

export interface UsageFoldOptions {
  readonly resource: Resource;
  readonly forms: readonly PodLabels[];
  readonly fromUnixSeconds: number;
  readonly stepSeconds: number;
  readonly slots: number;
  /** undefined leaves the pod out. */
  readonly resolve: (namespace: string, pod: string) => WorkloadKey | undefined;
  /** Slots that end later are not complete yet: they stay unknown. */
  readonly nowUnixSeconds: number;
  /** An answer with more samples is given up as too large. */
  readonly sampleLimit: number;
  /** Slots that a value looks back over, its own one included; 1 unless scrapes are rare. */
  readonly lookbackSlots: number;
  /** How many slots behind the last one were asked for. One before the first always is. */
  readonly slotsAhead: number;
  /** Of pods that come and go. */
  readonly podTime?: PodTime | undefined;
}

export interface FoldedUsage {
  readonly chunk: UsageChunk;
  readonly tally: UsageTally;
  /** End of the newest slot with a sample, undefined without any. */
  readonly newestUnixSeconds: number | undefined;
  /** How many pods have a sample, a column for each container of the chunk: what the means are made of. */
  readonly podsSeen: readonly Uint32Array[];
  /** When each pod was seen last within the chunk, by workload and container. */
  readonly lastSeen: LastSeen;
}

export type LastSeen = ReadonlyMap<WorkloadKey, ReadonlyMap<string, ReadonlyMap<string, number>>>;

export interface UsageTally {
  series: number;
  samples: number;
  notANumber: number;
  gaps: number;
  duplicates: number;
  fromTheFuture: number;
}

interface Columns extends ContainerUsage {
  readonly podsSeen: Uint32Array;
  readonly lastSeen: Map<string, number>;
  /** Pods folded in already. */
  readonly seen: Set<string>;
}

/**
 * Folds the series of pods into one of each container of a workload while the answer is read: what is kept grows with
 * containers × slots, not with pods. Amounts become millicores and bytes.
 *
 * A pod counts by the share of the slot that it was there. Where samples were counted (`podTime`), that tells it. Other
 * pods began somewhere in the first slot of their series and ended somewhere in the last, so that each of the two counts
 * half: on average that is the truth, and while old pods give way to new ones the two together stay one. Where values look
 * back over several slots, the last value is seen in all of them, and these count half a slot together. Whether a series
 * goes on before and behind the chunk is seen in the slots around it; one that reaches the end of what is known goes on.
 */
export function createUsageFold(options: UsageFoldOptions): AnswerFold<FoldedUsage> {
  const { resource, forms, fromUnixSeconds, stepSeconds, slots } = options;
  const scale = resource === 'cpu' ? 1000 : 1;
  const containers = new Map<WorkloadKey, Map<string, Columns>>();
  const tally: UsageTally = { series: 0, samples: 0, notANumber: 0, gaps: 0, duplicates: 0, fromTheFuture: 0 };
  let newestSlot = -1;
  /** Samples of the answer, those of no use too. */
  let read = 0;

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
      pods: new Float64Array(slots),
      podsSeen: new Uint32Array(slots),
      lastSeen: new Map(),
      seen: new Set(),
    };
    ofWorkload.set(container, columns);
    return columns;
  };

  /** The slot that a value at `time` describes, which may be one around the chunk; undefined where it is of no use. */
  const slotAt = (time: number): number | undefined => {
    if (time > options.nowUnixSeconds) {
      if (time > options.nowUnixSeconds + stepSeconds) tally.fromTheFuture++;
      return undefined;
    }
    return Math.round((time - fromUnixSeconds) / stepSeconds) - 1;
  };

  /** The values of one series by slot, reused. */
  const inSlots = { count: 0, slots: new Int32Array(64), values: new Float64Array(64) };
  const takeSlots = ({ count, times, values }: Samples): void => {
    if (count > inSlots.slots.length) {
      inSlots.slots = new Int32Array(2 * count);
      inSlots.values = new Float64Array(2 * count);
    }
    inSlots.count = 0;
    for (let i = 0; i < count; i++) {
      const slot = slotAt(times[i] as number);
      const ofChunk = slot === undefined || (slot >= 0 && slot < slots);
      if (ofChunk) tally.samples++;
      const value = (values[i] as number) * scale;
      if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) {
        if (ofChunk) tally.notANumber++;
        continue;
      }
      if (slot === undefined) continue;
      inSlots.slots[inSlots.count] = slot;
      inSlots.values[inSlots.count++] = value;
    }
  };

  /** @returns the last slot of the chunk with a sample, -1 without any */
  const foldSeries = (columns: Columns, second: boolean, podTime: Float64Array | undefined): number => {
    const { count } = inSlots;
    const first = inSlots.slots[0] as number;
    const end = inSlots.slots[count - 1] as number;
    const ended = end < slots - 1 + options.slotsAhead;
    const shareOf = (slot: number): number => {
      const counted = podTime?.[slot] ?? 0;
      if (counted > 0) return counted;
      const atStart = slot === first ? 0.5 : 1;
      return ended && slot > end - options.lookbackSlots ? Math.min(atStart, 0.5 / options.lookbackSlots) : atStart;
    };
    let last = -1;
    for (let i = 0; i < count; i++) {
      const slot = inSlots.slots[i] as number;
      if (slot < 0 || slot >= slots) continue;
      if (last >= 0) tally.gaps += Math.max(0, slot - last - 1);
      last = slot;
      foldValue(columns, slot, inSlots.values[i] as number, second ? 0 : shareOf(slot));
    }
    return last;
  };

  /** A share of 0 tells that the pod was counted already. */
  const foldValue = (columns: Columns, slot: number, value: number, share: number): void => {
    const before = columns.podsSeen[slot] as number;
    if (before === 0 || value > (columns.hottestPod[slot] as number)) columns.hottestPod[slot] = value;
    if (share === 0 && before > 0) {
      tally.duplicates++;
      return;
    }
    // The running mean, which needs no second column of sums.
    const mean = before === 0 ? 0 : (columns.meanOverPods[slot] as number);
    columns.meanOverPods[slot] = mean + (value - mean) / (before + 1);
    columns.podsSeen[slot] = before + 1;
    columns.pods[slot] = (columns.pods[slot] as number) + (share === 0 ? 1 : share);
  };

  return {
    series(row, samples) {
      tally.series++;
      read += samples.count;
      if (read > options.sampleLimit && slots > 1) throw tooManySamples(options.sampleLimit);
      const { namespace, pod, container } = podOfRow(row, forms);
      if (!namespace || !pod || !container) return;
      const workload = options.resolve(namespace, pod);
      if (workload === undefined) return;
      takeSlots(samples);
      if (inSlots.count === 0) return;
      const columns = columnsOf(workload, container);
      const second = columns.seen.has(pod);
      columns.seen.add(pod);
      const last = foldSeries(columns, second, options.podTime?.(namespace, pod, container));
      if (last < 0) return;
      newestSlot = Math.max(newestSlot, last);
      columns.lastSeen.set(pod, Math.max(columns.lastSeen.get(pod) ?? 0, slotEnd(last)));
    },

    done() {
      const list = [...containers.values()].flatMap((ofWorkload) => [...ofWorkload.values()]).filter(({ lastSeen }) => lastSeen.size > 0);
      const lastSeen = new Map<WorkloadKey, ReadonlyMap<string, ReadonlyMap<string, number>>>();
      for (const [workload, ofWorkload] of containers) {
        const seen = [...ofWorkload].filter(([, columns]) => columns.lastSeen.size > 0);
        if (seen.length > 0) lastSeen.set(workload, new Map(seen.map(([container, columns]) => [container, columns.lastSeen])));
      }
      return {
        chunk: {
          resource,
          fromUnixSeconds,
          stepSeconds,
          slots,
          containers: list.map(
            ({ workload, container, hottestPod, meanOverPods, pods }): ContainerUsage => ({
              workload,
              container,
              hottestPod,
              meanOverPods,
              pods,
            }),
          ),
        },
        tally,
        newestUnixSeconds: newestSlot < 0 ? undefined : slotEnd(newestSlot),
        podsSeen: list.map(({ podsSeen }) => podsSeen),
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
