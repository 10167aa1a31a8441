import type { DaySketch } from './day-sketch.ts';
import { bucketEdges } from './log-buckets.ts';

/** How a container's use spreads over the time of some days, each day with its weight. Amounts in the profile's unit. */
export interface Distribution {
  /** Smallest amount that use stays at or below for the share `p` (0…1) of the weighted time, within 1 %. */
  quantile(p: number): number;
  /** Share of the weighted time with use above the amount, 0…1. */
  shareAbove(amount: number): number;
  readonly lowest: number;
  readonly peak: number;
}

/** A distribution that days can still be added to. */
export interface GrowingDistribution extends Distribution {
  add(day: DaySketch, weight?: number): void;
}

/** @param days at least one */
export function distributionOf(days: readonly DaySketch[], weightOf: (day: DaySketch) => number = () => 1): Distribution {
  const distribution = growingDistribution();
  for (const day of days) distribution.add(day, weightOf(day));
  return distribution;
}

/** Empty: there is nothing to ask before a day was added. */
export function growingDistribution(): GrowingDistribution {
  const weights = new Map<number, number>();
  let total = 0;
  let lowest = Number.POSITIVE_INFINITY;
  let peak = Number.NEGATIVE_INFINITY;
  let sorted: [bucket: number, weight: number][] | undefined;
  const inOrder = (): readonly [bucket: number, weight: number][] => {
    sorted ??= [...weights].sort((x, y) => x[0] - y[0]);
    return sorted;
  };
  const clamp = (amount: number): number => Math.min(peak, Math.max(lowest, amount));

  return {
    get lowest() {
      return lowest;
    },
    get peak() {
      return peak;
    },
    add(day, weight = 1) {
      if (weight <= 0) return;
      sorted = undefined;
      lowest = Math.min(lowest, day.lowest);
      peak = Math.max(peak, day.peak);
      total += weight * day.slots;
      for (let i = 0; i < day.buckets.length; i++) {
        const bucket = day.buckets[i] as number;
        weights.set(bucket, (weights.get(bucket) ?? 0) + weight * (day.counts[i] as number));
      }
    },
    quantile(p) {
      const need = p * total * (1 - 1e-12);
      let below = 0;
      for (const [bucket, w] of inOrder()) {
        if (below + w >= need) {
          const [low, high] = bucketEdges(bucket);
          return clamp(low + (high - low) * Math.max(0, (need - below) / w));
        }
        below += w;
      }
      return peak;
    },
    shareAbove(amount) {
      if (amount >= peak) return 0;
      if (amount < lowest) return 1;
      let above = 0;
      for (const [bucket, w] of inOrder()) {
        const [bucketLow, bucketHigh] = bucketEdges(bucket);
        const low = Math.max(bucketLow, lowest);
        const high = Math.min(bucketHigh, peak);
        if (amount < low) above += w;
        else if (amount < high) above += (w * (high - amount)) / (high - low);
      }
      return above / total;
    },
  };
}
