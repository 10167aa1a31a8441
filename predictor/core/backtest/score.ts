import { DAY_SECONDS } from '../../../common/units.ts';
import type { ReplayedDecision, TraceSeries } from './replay.ts';

/** How the requests of a replay did against what was used while they were in force. */
export interface ReplayScore {
  readonly series: string;
  /** Samples with a request in force, after the warm-up. */
  readonly samples: number;
  /** Samples after the warm-up that came before the first decision. */
  readonly undecided: number;
  /** Share of the samples above the request in force, 0…1. */
  readonly above: number;
  /** Mean request ÷ mean use: 1 is the ideal that nobody reaches; Infinity where nothing was used. */
  readonly requestToUse: number;
  /** Changes of the request by more than 5 %, a day. */
  readonly changesPerDay: number;
}

/** A change by less is none, as elsewhere in the field. */
const CHANGE_SHARE = 0.05;

/** @param decisions of this series, oldest first, each from where the one before it ends or later */
export function scoreReplay(series: TraceSeries, decisions: readonly ReplayedDecision[], warmUpSeconds: number): ReplayScore {
  const from = (series.t[0] ?? 0) + warmUpSeconds;
  let at = 0;
  let samples = 0;
  let undecided = 0;
  let above = 0;
  let requested = 0;
  let used = 0;
  let changes = 0;
  let before: number | undefined;
  for (let i = 0; i < series.t.length; i++) {
    const time = series.t[i] as number;
    if (time < from) continue;
    while (at + 1 < decisions.length && (decisions[at + 1] as ReplayedDecision).fromUnixSeconds <= time) at++;
    const decision = decisions[at];
    if (decision === undefined || time < decision.fromUnixSeconds || time >= decision.toUnixSeconds) {
      undecided++;
      continue;
    }
    const use = series.v[i] as number;
    const { request } = decision;
    samples++;
    requested += request;
    used += use;
    if (use > request) above++;
    if (before !== undefined && Math.abs(request - before) > CHANGE_SHARE * before) changes++;
    before = request;
  }
  const scoredDays = ((series.t.at(-1) ?? 0) - from) / DAY_SECONDS;
  return {
    series: series.name,
    samples,
    undecided,
    above: samples > 0 ? above / samples : 0,
    requestToUse: requested / used,
    changesPerDay: scoredDays > 0 ? changes / scoredDays : 0,
  };
}
