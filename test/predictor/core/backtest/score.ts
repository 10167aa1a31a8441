import type { ReplayedDecision, TraceSeries } from '../../../../predictor/core/backtest/replay.ts';

export interface ReplayScore {
  /** Share of the samples above the request in force; one without a request counts as above. */
  readonly violation: number;
  /** Mean request ÷ mean use. */
  readonly footprint: number;
  /** Changes of more than 5 %. */
  readonly changesPerDay: number;
}

/** Scores a replay from `warmupSeconds` on, as the shared scorer does. */
export function scoreReplay(series: TraceSeries, decisions: Iterable<ReplayedDecision>, warmupSeconds: number): ReplayScore {
  const all = [...decisions];
  const from = (series.t[0] as number) + warmupSeconds;
  const last = series.t.at(-1) as number;
  let [samples, above, requested, used, changes, k] = [0, 0, 0, 0, 0, 0];
  let before: number | undefined;
  series.t.forEach((t, i) => {
    if (t < from) return;
    while ((all[k + 1]?.fromUnixSeconds ?? Number.POSITIVE_INFINITY) <= t) k++;
    const decision = all[k];
    const use = series.v[i] as number;
    samples++;
    used += use;
    if (decision === undefined || t < decision.fromUnixSeconds || t >= decision.toUnixSeconds) {
      above++;
      return;
    }
    requested += decision.request;
    if (use > decision.request + 1e-12) above++;
    if (before !== undefined && Math.abs(decision.request - before) > 0.05 * before) changes++;
    before = decision.request;
  });
  return { violation: above / samples, footprint: requested / used, changesPerDay: changes / ((last - from) / 86400) };
}
