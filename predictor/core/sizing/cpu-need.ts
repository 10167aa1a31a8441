import { formatDuration } from '../../../common/duration.ts';
import { HOUR_SECONDS } from '../../../common/units.ts';
import type { DaySketch } from '../profile/day-sketch.ts';
import { distributionOf, growingDistribution } from '../profile/distribution.ts';
import type { ProfileView } from '../profile/resource-profile.ts';
import type { TraceStep } from '../trace.ts';
import { show, showPercent } from './amounts.ts';

/** What a container will need, before bounds and rounding. */
export interface Need {
  readonly amount: number;
  readonly trace: readonly TraceStep[];
}

/** Each whole week counts half of the one after it: recent weeks lead, yet every hour of the week weighs the same, on
 *  whatever weekday one asks, so that Monday morning is not forgotten over the weekend. */
const WEEK_DECAY = 0.5;

/**
 * Bounds of the learned margin. Slots are means over minutes, so that even days that are all alike hide peaks: 8 % is
 * the smallest of a coarse grid (3, 5, 8, 10, 15 %) with which the rule needs less than any multiple of a P95 on every
 * recorded set of `npm run bench sizing`. Above 50 % the past says little, and a larger margin would only pretend.
 */
const MARGIN_MIN = 0.08;
const MARGIN_MAX = 0.5;

/** Margin where there are too few days to learn one from: what peers add to everything. */
const MARGIN_UNLEARNED = 0.15;
const DAYS_TO_LEARN = 3;

/** The share of past days that the margin would have covered. */
const MARGIN_COVERAGE = 0.8;

/** A day with fewer slots than this share of the fullest says too little about its quantile. */
const FULL_DAY = 0.5;

/**
 * The quantile of the hottest pod's use that leaves the risk budget of time above it, plus the margin that such a
 * quantile would have needed on the days seen so far: each day's own against that of all days before it.
 * @param profile with at least one day
 */
export function cpuNeed({ days, span, distribution }: ProfileView, riskBudget: number): Need {
  const p = 1 - riskBudget;
  const newest = (days.at(-1) as DaySketch).day;
  const base = distributionOf(days, (d) => WEEK_DECAY ** Math.floor((newest - d.day) / 7)).quantile(p);
  const margin = learnedMargin(days, p);
  const withMargin = base * (1 + margin.share);
  const ceiling = distribution.peak * (1 + MARGIN_UNLEARNED);
  const history = formatDuration(Math.max(1, Math.round((span.lastUnixSeconds - span.firstUnixSeconds) / HOUR_SECONDS)) * HOUR_SECONDS);
  const quantileName = `P${Number((100 * p).toFixed(2))}`;
  const trace: TraceStep[] = [
    {
      stage: 'quantile',
      short: `${quantileName} of ${history} ${show('cpu', base)}`,
      text: `${quantileName} of time over ${history}, hottest pod, each week counting half of the one after it: ${show('cpu', base)}. It leaves the risk budget of ${showPercent(riskBudget)} above it.`,
      amount: base,
    },
    { stage: 'margin', short: `+${showPercent(margin.share)} margin`, text: margin.text, amount: withMargin },
  ];
  if (withMargin <= ceiling) return { amount: withMargin, trace };
  trace.push({
    stage: 'ceiling-of-peak',
    short: `peak ${show('cpu', distribution.peak)} +${showPercent(MARGIN_UNLEARNED)}`,
    text: `Cut to ${showPercent(MARGIN_UNLEARNED)} above the highest use ever seen, ${show('cpu', distribution.peak)}: a margin that exceeds it by more was learned from days that differ too much.`,
    amount: ceiling,
  });
  return { amount: ceiling, trace };
}

function learnedMargin(days: readonly DaySketch[], p: number): { share: number; text: string } {
  const fullest = days.reduce((most, d) => Math.max(most, d.slots), 0);
  const before = growingDistribution();
  const missing: number[] = [];
  for (const [i, today] of days.entries()) {
    const said = i === 0 ? 0 : before.quantile(p);
    if (said > 0 && today.slots >= FULL_DAY * fullest) missing.push(distributionOf([today]).quantile(p) / said - 1);
    before.add(today);
  }
  if (missing.length < DAYS_TO_LEARN) {
    return {
      share: MARGIN_UNLEARNED,
      text: `+${showPercent(MARGIN_UNLEARNED)}: too few days (${missing.length}) that can be compared with days before them to learn a margin from; ${DAYS_TO_LEARN} are needed.`,
    };
  }
  missing.sort((a, b) => a - b);
  const needed = missing[Math.min(missing.length - 1, Math.floor(MARGIN_COVERAGE * missing.length))] as number;
  const share = Math.min(MARGIN_MAX, Math.max(MARGIN_MIN, needed));
  const said =
    needed <= MARGIN_MIN
      ? `the floor, as ${showPercent(MARGIN_COVERAGE)} of them stayed within it`
      : needed > MARGIN_MAX
        ? 'the ceiling'
        : `what ${showPercent(MARGIN_COVERAGE)} of them needed`;
  return {
    share,
    text: `+${showPercent(share)} risk margin, learned from how ${missing.length} days compared with the days before each: ${said}.`,
  };
}
