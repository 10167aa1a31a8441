import { known, type Result, unknown } from '../../../common/result.ts';
import { show, showPercent } from '../sizing/amounts.ts';
import type { TraceStep } from '../trace.ts';
import { MEAN_SHARE_MOST, MEAN_TOO_HIGH, millis } from './amounts.ts';
import { QUOTA_MICROS_PER_MILLICORE, quotaOf } from './demand.ts';

/** What `container_cpu_cfs_*_total` and the usage counter rose by over one step, and what was in force. */
export interface CounterStep {
  readonly periods: number;
  readonly throttledPeriods: number;
  /** CPU time used, µs. */
  readonly usedMicros: number;
  readonly limitMillicores: number;
  readonly burstMicros: number;
}

export interface CounterInput {
  /** NaN where unknown: such steps are left out. */
  readonly steps: readonly CounterStep[];
  readonly today: { readonly limitMillicores: number; readonly burstMicros: number };
  /** Share of periods that may be throttled. */
  readonly budget: number;
}

/**
 * `Enough`: seen at today's limit and burst to keep the budget. `Burst`: an estimate from bursts that were in force.
 * `TryBurst`: the largest burst the kernel takes, which can only throttle less, by how much nobody knows before.
 * `RaiseLimit`: no burst can help; the limit given is the least that could.
 */
export interface CounterSizing {
  readonly verdict: 'Enough' | 'Burst' | 'TryBurst' | 'RaiseLimit';
  readonly limitMillicores: number;
  readonly burstMicros: number;
  /** Share of periods throttled at today's limit and burst, as counted. */
  readonly now: number;
  /** Share afterwards: never above `most`; `estimate` where there is one, with the assumption it rests on. */
  readonly after: { readonly most: number; readonly estimate?: number; readonly assumption?: string };
}

export type CounterRefusal = 'NoCounters' | 'BadInput';

/** Fewer periods say nothing about a tail: one minute without a pause. */
const PERIODS_LEAST = 600;

/** A point of the tail with fewer throttled periods than this is noise: its share is off by a quarter and more. */
const THROTTLED_LEAST = 20;

/**
 * Counters tell one point of the tail, P(W > b) at the limit and burst in force (see backlog.ts), and the mean demand of
 * awake periods. How long and how tall the bursts are they do not tell, so from a single point nothing follows about
 * another burst but the direction. Points at two bursts give the tail's slope.
 */
export function sizeFromCounters(input: CounterInput): { result: Result<CounterSizing, CounterRefusal>; trace: TraceStep[] } {
  const { today, budget } = input;
  if (!(budget >= 0 && budget <= 1) || !(today.limitMillicores > 0) || !(today.burstMicros >= 0)) {
    const detail = `Not usable: budget ${budget}, limit ${today.limitMillicores}m, burst ${today.burstMicros} µs.`;
    return { result: unknown('BadInput', detail), trace: [{ stage: 'refused', text: detail }] };
  }
  const points = tailPoints(input);
  const here = points.find((p) => p.burstMicros === today.burstMicros);
  if (!here || here.periods < PERIODS_LEAST) {
    const detail = `${here?.periods ?? 0} periods are counted at today's limit of ${show('cpu', today.limitMillicores)} and burst; ${PERIODS_LEAST} are needed.`;
    return { result: unknown('NoCounters', detail), trace: [{ stage: 'refused', text: detail }] };
  }
  const now = here.throttled / here.periods;
  const trace: TraceStep[] = [
    {
      stage: 'throttling',
      short: `${showPercent(now)} throttled`,
      text: `${here.throttled} of ${here.periods} periods were throttled at today's limit of ${show('cpu', today.limitMillicores)} and burst of ${millis(today.burstMicros)}: ${showPercent(now)}, budget ${showPercent(budget)}.`,
    },
  ];
  const sizing = decide(input, points, here, trace);
  return { result: known({ ...sizing, now }), trace };
}

interface TailPoint {
  readonly burstMicros: number;
  readonly periods: number;
  readonly throttled: number;
  readonly usedMicros: number;
}

/** Sums at today's limit, a point for each burst that was in force, the smallest first. */
function tailPoints({ steps, today }: CounterInput): TailPoint[] {
  const points = new Map<number, TailPoint>();
  for (const s of steps) {
    const usable = s.periods > 0 && s.throttledPeriods >= 0 && s.throttledPeriods <= s.periods && s.usedMicros >= 0 && s.burstMicros >= 0;
    if (!usable || !Number.isFinite(s.periods + s.usedMicros) || s.limitMillicores !== today.limitMillicores) continue;
    const p = points.get(s.burstMicros);
    points.set(s.burstMicros, {
      burstMicros: s.burstMicros,
      periods: s.periods + (p?.periods ?? 0),
      throttled: s.throttledPeriods + (p?.throttled ?? 0),
      usedMicros: s.usedMicros + (p?.usedMicros ?? 0),
    });
  }
  return [...points.values()].sort((a, b) => a.burstMicros - b.burstMicros);
}

function decide(
  { today, budget }: CounterInput,
  points: readonly TailPoint[],
  here: TailPoint,
  trace: TraceStep[],
): Omit<CounterSizing, 'now'> {
  const now = here.throttled / here.periods;
  const quota = quotaOf(today.limitMillicores);
  if (now <= budget) return { verdict: 'Enough', ...today, after: { most: now } };

  const mean = here.usedMicros / here.periods;
  const isAtMost = today.burstMicros >= quota;
  if (mean > MEAN_TOO_HIGH * quota || isAtMost) {
    const forMean = Math.ceil(mean / MEAN_SHARE_MOST / QUOTA_MICROS_PER_MILLICORE);
    const limitMillicores = Math.max(today.limitMillicores + 1, forMean);
    const why = isAtMost
      ? 'the burst is already the quota, the most that the kernel takes'
      : `mean use of awake periods is ${showPercent(mean / quota)} of the quota, so nothing is saved up for bursts`;
    trace.push({
      stage: 'raise',
      short: `at least ${show('cpu', limitMillicores)}`,
      text: `No burst can help: ${why}. The limit has to rise, to ${show('cpu', limitMillicores)} at least; throttling hides how much more is wanted.`,
      amount: limitMillicores,
    });
    return { verdict: 'RaiseLimit', limitMillicores, burstMicros: Math.min(today.burstMicros, quota), after: { most: now } };
  }

  const fitted = fitTail(points, quota);
  const burstMicros = fitted === undefined ? quota : Math.min(quota, Math.ceil(fitted.burstFor(budget)));
  if (fitted === undefined || fitted.shareAt(burstMicros) > budget || burstMicros <= today.burstMicros) {
    trace.push({
      stage: 'burst',
      short: `try ${millis(quota)} burst`,
      text:
        `The largest burst the kernel takes is the quota, ${millis(quota)}. It can only throttle less than the ${showPercent(now)} of today; ` +
        `how much less depends on how long bursts are, which counters do not tell. Samples of 100 ms, or counters with this burst in force, will.`,
    });
    return { verdict: 'TryBurst', limitMillicores: today.limitMillicores, burstMicros: quota, after: { most: now } };
  }
  const estimate = fitted.shareAt(burstMicros);
  const assumption = `the share of periods falls with the burst by the same factor as between the ${fitted.points} bursts seen; bursts of several periods make it fall less`;
  trace.push({
    stage: 'burst',
    short: `${millis(burstMicros)} burst`,
    text: `With a burst of ${millis(burstMicros)} an estimated ${showPercent(estimate)} of periods would be throttled, ${showPercent(now)} at most. Assumed: ${assumption}.`,
  });
  return { verdict: 'Burst', limitMillicores: today.limitMillicores, burstMicros, after: { most: now, estimate, assumption } };
}

/**
 * Light tails fall exponentially, P(W > b) ≈ P(W > 0)·exp(−θ·b): a line through the logarithms of the shares seen, each
 * point weighing as many periods as were throttled in it (the inverse variance of the logarithm of a count).
 * @returns undefined with less than two bursts that throttled enough to count, or where more burst did not throttle less
 */
function fitTail(
  points: readonly TailPoint[],
  quota: number,
): { shareAt(burst: number): number; burstFor(share: number): number; points: number } | undefined {
  const used = points.filter((p) => p.throttled >= THROTTLED_LEAST && p.periods >= PERIODS_LEAST && p.burstMicros <= quota);
  if (used.length < 2) return undefined;
  let weight = 0;
  let sumB = 0;
  let sumL = 0;
  for (const p of used) {
    weight += p.throttled;
    sumB += p.throttled * p.burstMicros;
    sumL += p.throttled * Math.log(p.throttled / p.periods);
  }
  let covariance = 0;
  let variance = 0;
  for (const p of used) {
    const b = p.burstMicros - sumB / weight;
    covariance += p.throttled * b * (Math.log(p.throttled / p.periods) - sumL / weight);
    variance += p.throttled * b * b;
  }
  const slope = covariance / variance;
  if (!(slope < 0)) return undefined;
  const intercept = (sumL - slope * sumB) / weight;
  return {
    shareAt: (burst) => Math.min(1, Math.exp(intercept + slope * burst)),
    burstFor: (share) => Math.max(0, (Math.log(share) - intercept) / slope),
    points: used.length,
  };
}
