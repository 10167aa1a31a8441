import { bucketOf } from './log-buckets.ts';

/**
 * One UTC day of one container's use of one resource. A list of days is the window's distribution: old days fall off
 * whole, each day can be weighted when it is read, and merging is exact.
 */
export interface DaySketch {
  /** Days since the epoch, UTC. */
  readonly day: number;
  /** Occupied buckets, ascending, and how many slots fell into each: use of the hottest pod. */
  readonly buckets: Uint16Array;
  readonly counts: Uint16Array;
  /** Slots with a value. */
  readonly slots: number;
  /** Sum over the slots of the hottest pod's use. */
  readonly hottestSum: number;
  /** Sum over the slots of the use of all pods: mean over pods × pods. */
  readonly podUseSum: number;
  readonly lowest: number;
  readonly peak: number;
  readonly peakUnixSeconds: number;
  /** Sum over the slots of the pods, each by the share of the slot that it was there. */
  readonly podSlots: number;
  readonly firstUnixSeconds: number;
  readonly lastUnixSeconds: number;
}

/** Values of consecutive slots of one day; NaN is unknown and skipped. */
export interface DayValues {
  readonly fromUnixSeconds: number;
  readonly stepSeconds: number;
  readonly hottestPod: Float64Array;
  readonly meanOverPods: Float64Array;
  readonly pods: Float64Array;
}

/** Folds the slots `[start, end)` of the values, which lie in one UTC day. undefined where none of them is known. */
export function sketchDay(day: number, values: DayValues, start: number, end: number): DaySketch | undefined {
  const occupied = new Map<number, number>();
  let slots = 0;
  let hottestSum = 0;
  let podUseSum = 0;
  let podSlots = 0;
  let lowest = Number.POSITIVE_INFINITY;
  let peak = Number.NEGATIVE_INFINITY;
  let peakAt = 0;
  let first = 0;
  let last = 0;
  for (let i = start; i < end; i++) {
    const use = values.hottestPod[i] as number;
    if (!(use >= 0) || use === Number.POSITIVE_INFINITY) continue;
    const at = values.fromUnixSeconds + i * values.stepSeconds;
    if (slots === 0) first = at;
    last = at + values.stepSeconds;
    slots++;
    hottestSum += use;
    const pods = values.pods[i] as number;
    podUseSum += (values.meanOverPods[i] as number) * pods;
    podSlots += pods;
    if (use < lowest) lowest = use;
    if (use > peak) {
      peak = use;
      peakAt = at;
    }
    const b = bucketOf(use);
    occupied.set(b, (occupied.get(b) ?? 0) + 1);
  }
  if (slots === 0) return undefined;
  const sorted = [...occupied].sort((x, y) => x[0] - y[0]);
  return {
    day,
    buckets: Uint16Array.from(sorted, ([b]) => b),
    counts: Uint16Array.from(sorted, ([, n]) => n),
    slots,
    hottestSum,
    podUseSum,
    lowest,
    peak,
    peakUnixSeconds: peakAt,
    podSlots,
    firstUnixSeconds: first,
    lastUnixSeconds: last,
  };
}

/** Two parts of the same day as one. */
export function mergeDays(a: DaySketch, b: DaySketch): DaySketch {
  const occupied = new Map<number, number>();
  for (const d of [a, b])
    for (let i = 0; i < d.buckets.length; i++) {
      const bucket = d.buckets[i] as number;
      occupied.set(bucket, (occupied.get(bucket) ?? 0) + (d.counts[i] as number));
    }
  const sorted = [...occupied].sort((x, y) => x[0] - y[0]);
  const peaked = b.peak > a.peak ? b : a;
  return {
    day: a.day,
    buckets: Uint16Array.from(sorted, ([bucket]) => bucket),
    counts: Uint16Array.from(sorted, ([, n]) => n),
    slots: a.slots + b.slots,
    hottestSum: a.hottestSum + b.hottestSum,
    podUseSum: a.podUseSum + b.podUseSum,
    lowest: Math.min(a.lowest, b.lowest),
    peak: peaked.peak,
    peakUnixSeconds: peaked.peakUnixSeconds,
    podSlots: a.podSlots + b.podSlots,
    firstUnixSeconds: Math.min(a.firstUnixSeconds, b.firstUnixSeconds),
    lastUnixSeconds: Math.max(a.lastUnixSeconds, b.lastUnixSeconds),
  };
}
