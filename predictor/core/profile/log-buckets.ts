/**
 * Logarithmic buckets: bucket i holds values in [RATIO^i, RATIO^(i+1)) times the smallest value, so any quantile read
 * from them is within 1 % of the true one, at every size, and no workload pays for a bucket's width (unlike buckets of
 * 5 %, where a steady 100m reads as 110m).
 */
const RATIO = 1.01;
const LOG_RATIO = Math.log(RATIO);

/** Below this amount (0.01 millicores, or a hundredth of a byte) everything counts as the lowest bucket. */
const SMALLEST = 0.01;

/** The highest index that fits 16 bits stands for 0.01 × 1.01^65535: no real amount gets near it. */
export function bucketOf(amount: number): number {
  return amount <= SMALLEST ? 0 : Math.floor(Math.log(amount / SMALLEST) / LOG_RATIO) + 1;
}

/** Lower and upper edge of a bucket, in the amount's unit. */
export function bucketEdges(bucket: number): readonly [number, number] {
  return bucket === 0 ? [0, SMALLEST] : [SMALLEST * RATIO ** (bucket - 1), SMALLEST * RATIO ** bucket];
}
