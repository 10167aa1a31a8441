/** Mean demand over quota above which no burst can be saved up: beyond it a group overruns for seconds on end. */
export const MEAN_TOO_HIGH = 0.9;

/** A limit is not put where the mean demand is above this share of it: there burst hardly helps, and a small drift
 *  throttles all the time (exponential demand at 0.8 is throttled in 39 % of periods with the largest burst). */
export const MEAN_SHARE_MOST = 0.7;

/** CPU time for sentences: `12 ms`, `0.3 ms`. */
export function millis(micros: number): string {
  return `${Number((micros / 1000).toFixed(micros < 10_000 ? 1 : 0))} ms`;
}
