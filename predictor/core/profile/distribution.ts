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

/** @param days at least one */
export function distributionOf(days: readonly DaySketch[], weightOf: (day: DaySketch) => number = () => 1): Distribution {
  const weights = new Map<number, number>();
  let lowest = Number.POSITIVE_INFINITY;
  let peak = 0;
  for (const d of days) {
    const w = weightOf(d);
    if (w <= 0) continue;
    lowest = Math.min(lowest, d.lowest);
    peak = Math.max(peak, d.peak);
    for (let i = 0; i < d.buckets.length; i++) {
      const bucket = d.buckets[i] as number;
      weights.set(bucket, (weights.get(bucket) ?? 0) + w * (d.counts[i] as number));
    }
  }
  const sorted = [...weights].sort((x, y) => x[0] - y[0]);
  const total = sorted.reduce((sum, [, w]) => sum + w, 0);
  const clamp = (amount: number): number => Math.min(peak, Math.max(lowest, amount));

  function quantile(p: number): number {
    const need = p * total * (1 - 1e-12);
    let below = 0;
    for (const [bucket, w] of sorted) {
      if (below + w >= need) {
        const [low, high] = bucketEdges(bucket);
        return clamp(low + (high - low) * Math.max(0, (need - below) / w));
      }
      below += w;
    }
    return peak;
  }

  function shareAbove(amount: number): number {
    if (amount >= peak) return 0;
    if (amount < lowest) return 1;
    let above = 0;
    for (const [bucket, w] of sorted) {
      const [bucketLow, bucketHigh] = bucketEdges(bucket);
      const low = Math.max(bucketLow, lowest);
      const high = Math.min(bucketHigh, peak);
      if (amount < low) above += w;
      else if (amount < high) above += (w * (high - amount)) / (high - low);
    }
    return above / total;
  }

  return { quantile, shareAbove, lowest, peak };
}
