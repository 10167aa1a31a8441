import { known, type Result, unknown } from '../../../common/result.ts';
import { show, showPercent } from '../sizing/amounts.ts';
import type { TraceStep } from '../trace.ts';
import { MEAN_SHARE_MOST, MEAN_TOO_HIGH, millis } from './amounts.ts';
import { type DemandTail, QUOTA_MICROS_PER_MILLICORE, quotaOf } from './demand.ts';

/** Shares of awake periods, 0…1. */
export interface ThrottlingBudget {
  /** Periods that may be throttled, as `nr_throttled / nr_periods` counts them. */
  readonly throttledShare: number;
  /** Wall time that may be spent throttled. Never above the share of periods, so it only says more where it is less. */
  readonly stalledShare?: number;
}

export interface BurstSizingInput {
  readonly tail: DemandTail;
  readonly today: LimitAndBurst;
  readonly budget: ThrottlingBudget;
  /** `keepLimit`: only the burst is chosen, unless none suffices. `lowerLimit`: both, the limit as low as it can be. */
  readonly mode: 'keepLimit' | 'lowerLimit';
  /** What a limit may be at all: the policy's bounds, at most the node's cores. */
  readonly bounds: { readonly leastMillicores: number; readonly mostMillicores: number };
}

export interface LimitAndBurst {
  readonly limitMillicores: number;
  /** CPU time a period may spend above its quota, µs; the kernel takes no more than the quota. */
  readonly burstMicros: number;
}

export interface Throttling {
  readonly throttledShare: number;
  readonly stalledShare: number;
}

/** Why burst alone can not help. */
export type RaiseReason =
  /** The mean demand is so near the quota that tokens are never saved up. */
  | 'MeanTooHigh'
  /** Bursts go on for several periods; a burst of at most one quota is spent in the first. */
  | 'BurstsTooLong'
  /** Single periods want more than twice the quota. */
  | 'BurstsTooTall';

export interface BurstSizing extends LimitAndBurst {
  readonly verdict: 'Enough' | 'Burst' | 'LowerLimit' | 'RaiseLimit';
  /** `cpu.max`'s first number. */
  readonly quotaMicros: number;
  /** Expected at today's limit without any burst, at today's limit and burst, and at what is recommended. */
  readonly before: Throttling;
  readonly now: Throttling;
  readonly after: Throttling;
  /** Set where today's limit can not keep the budget with any burst. */
  readonly raiseReason: RaiseReason | undefined;
}

export type BurstRefusal = 'BadInput' | 'TooFewPeriods' | 'NoLimitSuffices';

/** Bursts of this many periods and more are spent in their first. */
const LONG_RUN_PERIODS = 2;

/** What is promised must have been seen: ten throttled periods within the budget, one minute at least, an hour at most. */
const PERIODS_WITHIN_BUDGET = 10;
const PERIODS_LEAST = 600;
const PERIODS_ENOUGH = 36_000;

/**
 * Chooses quota and burst together: the lowest limit that keeps the budget with the largest burst that the kernel takes
 * (burst ≤ quota), then the smallest burst that still does. More of either never throttles more, so both are found by
 * bisection, with one pass over the samples a step.
 */
export function sizeBurst(input: BurstSizingInput): { result: Result<BurstSizing, BurstRefusal>; trace: TraceStep[] } {
  const refused = refusal(input);
  if (refused) return { result: refused, trace: [{ stage: 'refused', text: refused.detail ?? refused.reason }] };
  const { tail, today } = input;
  const quotaToday = quotaOf(today.limitMillicores);
  const before = throttling(tail, quotaToday, 0);
  const now = throttling(tail, quotaToday, Math.min(today.burstMicros, quotaToday));
  const trace = [samplesStep(tail), beforeStep(input, before, now)];
  const chosen = choose(input, trace);
  if (!chosen.ok) return { result: chosen, trace };
  const { limitMillicores, raiseReason } = chosen.value;
  const quotaMicros = quotaOf(limitMillicores);
  const burstMicros = smallestBurst(input, quotaMicros);
  const after = throttling(tail, quotaMicros, burstMicros);
  const verdict = verdictOf(input, limitMillicores, burstMicros);
  trace.push({
    stage: 'burst',
    short: `${show('cpu', limitMillicores)} with ${millis(burstMicros)} burst`,
    text:
      `${show('cpu', limitMillicores)} with a burst of ${millis(burstMicros)}: ${describe(after)}. ` +
      `Burst is at most the quota of ${millis(quotaMicros)}, the most that the kernel takes.`,
    amount: limitMillicores,
  });
  return { result: known({ verdict, limitMillicores, quotaMicros, burstMicros, before, now, after, raiseReason }), trace };
}

function choose(
  input: BurstSizingInput,
  trace: TraceStep[],
): Result<{ limitMillicores: number; raiseReason: RaiseReason | undefined }, BurstRefusal> {
  const { tail, today, bounds } = input;
  const meanShare = tail.meanMicros / quotaOf(today.limitMillicores);
  const enough = keepsBudget(input, today.limitMillicores) && (meanShare <= MEAN_TOO_HIGH || keepsBudgetWithoutBurst(input));
  if (enough && input.mode === 'keepLimit') return known({ limitMillicores: today.limitMillicores, raiseReason: undefined });

  const forMean = Math.ceil(tail.meanMicros / MEAN_SHARE_MOST / QUOTA_MICROS_PER_MILLICORE);
  const mayLower = input.mode === 'lowerLimit' && !isHidden(input);
  const wanted = enough ? Math.min(forMean, today.limitMillicores) : forMean;
  const floor = Math.max(bounds.leastMillicores, mayLower ? wanted : Math.max(wanted, today.limitMillicores));
  const limitMillicores = lowestLimit(input, floor);
  if (limitMillicores === undefined) {
    return unknown(
      'NoLimitSuffices',
      `Even ${show('cpu', bounds.mostMillicores)}, the most that is allowed, does not keep the budget of ${showPercent(input.budget.throttledShare)} of periods.`,
    );
  }
  if (input.mode === 'lowerLimit' && !mayLower) {
    trace.push({
      stage: 'hidden',
      text: `${showPercent(tail.hiddenPeriods / tail.periods)} of the sampled periods were throttled or caught up, which hides what they wanted: the limit is not lowered.`,
    });
  }
  const raiseReason = limitMillicores > today.limitMillicores && !enough ? raiseReasonOf(input, meanShare) : undefined;
  if (raiseReason) trace.push(raiseStep(input, raiseReason, meanShare, limitMillicores));
  return known({ limitMillicores, raiseReason });
}

/** Lowest whole millicores from the floor up that keep the budget; undefined where even the most does not. */
function lowestLimit(input: BurstSizingInput, floorMillicores: number): number | undefined {
  const most = input.bounds.mostMillicores;
  if (floorMillicores > most || !keepsBudget(input, most)) return undefined;
  let low = floorMillicores;
  let high = most;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (keepsBudget(input, middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function smallestBurst(input: BurstSizingInput, quotaMicros: number): number {
  let low = 0;
  let high = quotaMicros;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (within(input, throttling(input.tail, quotaMicros, middle))) high = middle;
    else low = middle + 1;
  }
  return low;
}

function keepsBudget(input: BurstSizingInput, limitMillicores: number): boolean {
  const quota = quotaOf(limitMillicores);
  return within(input, throttling(input.tail, quota, quota));
}

function keepsBudgetWithoutBurst(input: BurstSizingInput): boolean {
  return within(input, throttling(input.tail, quotaOf(input.today.limitMillicores), 0));
}

function within({ budget }: BurstSizingInput, t: Throttling): boolean {
  return t.throttledShare <= budget.throttledShare && t.stalledShare <= (budget.stalledShare ?? 1);
}

/** Work left over from before can throttle more periods than had demand: a share of one is the most. */
function throttling(tail: DemandTail, quotaMicros: number, burstMicros: number): Throttling {
  const { throttled, stalled } = tail.throttlingAt(quotaMicros, burstMicros);
  return { throttledShare: Math.min(1, throttled / tail.awakePeriods), stalledShare: Math.min(1, stalled / tail.awakePeriods) };
}

function isHidden({ tail, budget }: BurstSizingInput): boolean {
  return tail.hiddenPeriods / tail.periods > budget.throttledShare;
}

function raiseReasonOf({ tail, today }: BurstSizingInput, meanShare: number): RaiseReason {
  if (meanShare > MEAN_TOO_HIGH) return 'MeanTooHigh';
  return tail.meanRunAbove(quotaOf(today.limitMillicores)) >= LONG_RUN_PERIODS ? 'BurstsTooLong' : 'BurstsTooTall';
}

function verdictOf(input: BurstSizingInput, limitMillicores: number, burstMicros: number): BurstSizing['verdict'] {
  const today = input.today.limitMillicores;
  if (limitMillicores < today) return 'LowerLimit';
  if (limitMillicores > today) return 'RaiseLimit';
  return burstMicros === 0 ? 'Enough' : 'Burst';
}

function refusal({ tail, today, budget, bounds }: BurstSizingInput): Extract<Result<never, BurstRefusal>, { ok: false }> | undefined {
  const isShare = (share: number): boolean => share >= 0 && share <= 1;
  const problems = [
    ...(today.limitMillicores > 0 && Number.isInteger(today.limitMillicores) ? [] : [`limit ${today.limitMillicores}m`]),
    ...(today.burstMicros >= 0 && Number.isFinite(today.burstMicros) ? [] : [`burst ${today.burstMicros} µs`]),
    ...(isShare(budget.throttledShare) && isShare(budget.stalledShare ?? 0)
      ? []
      : [`budget ${budget.throttledShare}/${budget.stalledShare}`]),
    ...(bounds.leastMillicores <= bounds.mostMillicores &&
    Number.isInteger(bounds.leastMillicores) &&
    Number.isInteger(bounds.mostMillicores)
      ? []
      : [`bounds ${bounds.leastMillicores}m…${bounds.mostMillicores}m`]),
  ];
  if (problems.length > 0) return unknown('BadInput', `Not usable: ${problems.join(', ')}.`);
  const needed = Math.min(PERIODS_ENOUGH, Math.max(PERIODS_LEAST, Math.ceil(PERIODS_WITHIN_BUDGET / budget.throttledShare)));
  if (tail.awakePeriods < needed) {
    return unknown(
      'TooFewPeriods',
      `${tail.awakePeriods} periods with demand were sampled; a budget of ${showPercent(budget.throttledShare)} takes ${needed}.`,
    );
  }
  return undefined;
}

function samplesStep(tail: DemandTail): TraceStep {
  const hidden =
    tail.hiddenPeriods === 0 ? '' : ` ${tail.hiddenPeriods} were throttled or caught up; their work counts as wanted all at once.`;
  return {
    stage: 'samples',
    text: `${tail.periods} sampled periods of 100 ms, ${tail.awakePeriods} with demand: mean ${millis(tail.meanMicros)} of CPU time, highest ${millis(tail.peakMicros)}.${hidden}`,
  };
}

function beforeStep({ today, budget }: BurstSizingInput, before: Throttling, now: Throttling): TraceStep {
  const withBurst = today.burstMicros > 0 ? ` With today's burst of ${millis(today.burstMicros)}: ${describe(now)}.` : '';
  return {
    stage: 'throttling',
    short: `${showPercent(before.throttledShare)} throttled`,
    text:
      `At today's limit of ${show('cpu', today.limitMillicores)} without burst: ${describe(before)}.${withBurst} ` +
      `The budget is ${showPercent(budget.throttledShare)} of periods${budget.stalledShare === undefined ? '' : ` and ${showPercent(budget.stalledShare)} of time`}.`,
  };
}

function raiseStep({ tail, today }: BurstSizingInput, reason: RaiseReason, meanShare: number, limitMillicores: number): TraceStep {
  const quota = quotaOf(today.limitMillicores);
  const most = describe(throttling(tail, quota, quota));
  const run = Number(tail.meanRunAbove(quota).toFixed(1));
  const why: Readonly<Record<RaiseReason, string>> = {
    MeanTooHigh: `mean demand is ${showPercent(meanShare)} of the quota, so nothing is saved up for bursts`,
    BurstsTooLong: `bursts go on for ${run} periods in the mean, and a burst of one quota is spent in the first`,
    BurstsTooTall: `single periods want up to ${millis(tail.peakMicros)}, more than twice the quota of ${millis(quota)}`,
  };
  return {
    stage: 'raise',
    short: `burst alone can not help`,
    text: `Burst alone can not keep the budget at today's limit: ${why[reason]}. With the largest burst it would still be ${most}. The limit has to rise to ${show('cpu', limitMillicores)}.`,
    amount: limitMillicores,
  };
}

function describe(t: Throttling): string {
  return `${showPercent(t.throttledShare)} of periods throttled, ${showPercent(t.stalledShare)} of time`;
}
