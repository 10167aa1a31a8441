import { formatDuration } from '../../../common/duration.ts';
import { known, type Result, unknown } from '../../../common/result.ts';
import { DAY_SECONDS, HOUR_SECONDS, WEEK_SECONDS } from '../../../common/units.ts';
import { show, showPercent } from '../sizing/amounts.ts';
import type { TraceStep } from '../trace.ts';
import type { Resource } from '../workload.ts';
import { type Part, type PartsRefusal, type SumOfParts, sumOfParts } from './sum-of-parts.ts';
import { fadingUpperQuantile, upperQuantile } from './upper-quantile.ts';

export interface PeakOfSumInput {
  readonly resource: Resource;
  /**
   * What is on the node now, each with the history of its workload, wherever that ran. The answer is strict about gaps:
   * where more slots than the budget are unknown it goes towards the sum of peaks, so fill short gaps before, where
   * something better than the peak is known.
   */
  readonly parts: readonly Part[];
  /** Slots in every part's history; the last one ends now. */
  readonly slots: number;
  readonly stepSeconds: number;
  readonly horizonSeconds: number;
  /** Share of time within the horizon that the sum may exceed the answer, above 0 and below 1. */
  readonly budget: number;
}

export interface PeakOfSum {
  /** What the parts together need over the horizon, millicores or bytes. */
  readonly amount: number;
  /** What they would need if their peaks met. The amount is never above. */
  readonly sumOfPeaks: number;
  /** Highest sum in the stretches of history that look like the horizon, and the factor on it that history asks for. */
  readonly highest: number;
  readonly factor: number;
  /** Past slots that the factor is learned from. */
  readonly calibrationSlots: number;
  readonly unknownShare: number;
}

export type PeakRefusal = PartsRefusal | 'BadInput' | 'TooYoung' | 'OnlyZeros';

/** History that the factor is learned from, at least: a day of forecasts, the first of which needs a day before it. */
const HISTORY_LEAST_SECONDS = 2 * DAY_SECONDS;

/** The recent past that says where the level is now, at least and at most. */
const RECENT_LEAST_SECONDS = HOUR_SECONDS;
const RECENT_MOST_SECONDS = DAY_SECONDS;

/**
 * How much the parts of a node will use together. Their histories are added slot by slot, so that morning ramps that
 * come together count in full. What is to come is then likened to three stretches of that sum: the last hour (or as long
 * as the horizon), the horizon's time yesterday, and a week ago. The highest sum in them, times a factor, is the answer.
 *
 * The factor is what keeps the budget: every past horizon is forecast by the same rule from what was known then, and the
 * factor is the upper quantile of use ÷ forecast over all their slots, each week counting half of the
 * next, so that the budgeted share of past time lies above (split conformal prediction). It is below 1 where the likeness is cautious and above where the future outgrows it.
 *
 * Unknown slots count with the part's peak, except in the past forecasts, where they count as nothing: both only raise
 * the answer.
 */
export function peakOfSum(input: PeakOfSumInput): { result: Result<PeakOfSum, PeakRefusal>; trace: TraceStep[] } {
  const peak = compute(input);
  if (!peak.ok) return { result: peak, trace: [{ stage: 'refused', text: peak.detail ?? peak.reason }] };
  return { result: peak, trace: traceOf(input, peak.value) };
}

function compute(input: PeakOfSumInput): Result<PeakOfSum, PeakRefusal> {
  const { slots, stepSeconds, horizonSeconds, budget } = input;
  if (!(budget > 0 && budget < 1) || !(stepSeconds > 0) || !(horizonSeconds >= stepSeconds) || DAY_SECONDS % stepSeconds !== 0) {
    return unknown('BadInput', `Not usable: budget ${budget}, step ${stepSeconds} s, horizon ${horizonSeconds} s.`);
  }
  if (slots * stepSeconds < HISTORY_LEAST_SECONDS + horizonSeconds) {
    return unknown(
      'TooYoung',
      `Needs ${formatDuration(HISTORY_LEAST_SECONDS + horizonSeconds)} of history, has ${formatDuration(slots * stepSeconds)}.`,
    );
  }
  const summed = sumOfParts(input.parts, slots);
  if (!summed.ok) return summed;
  const sum = summed.value;
  const stretches = stretchesFor(input);
  const highest = highestIn(sum.most, stretches(slots));
  if (highest === 0)
    return unknown('OnlyZeros', 'Every sample that matters is zero: a broken exporter looks the same, so nothing is concluded from it.');
  const ratios = pastRatios(sum, stretches, input);
  const factor = fadingUpperQuantile(ratios, budget, WEEK_SECONDS / stepSeconds);
  // Where a past forecast was 0 and use was not, no factor is enough.
  const forecast = factor === Number.POSITIVE_INFINITY ? sum.sumOfPeaks : highest * factor;
  // Never below what the same stretches themselves ask for, hence never below what the largest part asks for alone.
  const seen = upperQuantile(valuesIn(sum.most, stretches(slots)), budget);
  const amount = Math.min(sum.sumOfPeaks, Math.max(forecast, seen));
  return known({
    amount,
    sumOfPeaks: sum.sumOfPeaks,
    highest,
    factor,
    calibrationSlots: ratios.length,
    unknownShare: sum.unknownShare,
  });
}

type Stretch = readonly [from: number, to: number];

/** The stretches of slots before `now` that the horizon from `now` on is likened to. */
function stretchesFor({ stepSeconds, horizonSeconds }: PeakOfSumInput): (now: number) => Stretch[] {
  const horizon = Math.round(horizonSeconds / stepSeconds);
  const recent = Math.ceil(Math.min(RECENT_MOST_SECONDS, Math.max(RECENT_LEAST_SECONDS, horizonSeconds)) / stepSeconds);
  const seasons = [DAY_SECONDS, WEEK_SECONDS].map((seconds) => seconds / stepSeconds);
  return (now) => {
    const out: Stretch[] = [[Math.max(0, now - recent), now]];
    for (const season of seasons) if (now - season >= 0) out.push([now - season, Math.min(now, now - season + horizon)]);
    return out;
  };
}

function highestIn(values: Float64Array, stretches: readonly Stretch[]): number {
  let highest = 0;
  for (const [from, to] of stretches) for (let i = from; i < to; i++) highest = Math.max(highest, values[i] as number);
  return highest;
}

function valuesIn(values: Float64Array, stretches: readonly Stretch[]): Float64Array {
  return Float64Array.from(stretches.flatMap(([from, to]) => [...values.subarray(from, to)]));
}

/** Use over forecast in every past slot, forecast at horizons that adjoin and end now, the first after a day of history. */
function pastRatios(
  sum: SumOfParts,
  stretches: (now: number) => Stretch[],
  { slots, stepSeconds, horizonSeconds }: PeakOfSumInput,
): Float64Array {
  const horizon = Math.round(horizonSeconds / stepSeconds);
  const day = DAY_SECONDS / stepSeconds;
  const past = Math.floor((slots - day) / horizon);
  const ratios = new Float64Array(past * horizon);
  for (let k = 0; k < past; k++) {
    const start = slots - (past - k) * horizon;
    const forecast = highestIn(sum.least, stretches(start));
    for (let i = 0; i < horizon; i++) {
      const used = sum.most[start + i] as number;
      ratios[k * horizon + i] = used === 0 ? 0 : used / forecast;
    }
  }
  return ratios;
}

function traceOf({ resource, parts, budget, horizonSeconds, slots, stepSeconds }: PeakOfSumInput, peak: PeakOfSum): TraceStep[] {
  const gaps =
    peak.unknownShare === 0 ? '' : ` ${showPercent(peak.unknownShare)} of their slots are unknown and count with the part's peak.`;
  const fine = 1 / peak.calibrationSlots;
  const coarse = budget < fine ? ` A budget finer than ${showPercent(fine)} can not be told from that many: the highest ratio counts.` : '';
  return [
    {
      stage: 'parts',
      text: `${parts.length} workloads over ${formatDuration(slots * stepSeconds)}, added slot by slot; their peaks one by one add up to ${show(resource, peak.sumOfPeaks)}.${gaps}`,
    },
    {
      stage: 'likeness',
      short: `together ${show(resource, peak.highest)}`,
      text: `Highest sum in the last ${formatDuration(Math.min(RECENT_MOST_SECONDS, Math.max(RECENT_LEAST_SECONDS, horizonSeconds)))} and at the horizon's time yesterday and a week ago: ${show(resource, peak.highest)}.`,
      amount: peak.highest,
    },
    {
      stage: 'calibration',
      short: Number.isFinite(peak.factor) ? `×${Number(peak.factor.toFixed(3))}` : 'up to the peaks',
      text: `Times ${Number(peak.factor.toFixed(3))}: with that, forecasts of ${peak.calibrationSlots} past slots would have been exceeded ${showPercent(budget)} of the time, the budget.${coarse}`,
      amount: peak.amount,
    },
    {
      stage: 'bounds',
      text: `At most the sum of the peaks, at least what the likened stretches themselves ask for: ${show(resource, peak.amount)}.`,
      amount: peak.amount,
    },
  ];
}
