import { known, type Result, unknown } from '../../../common/result.ts';

/** The kernel's default CFS period, which Kubernetes never changes unless its kubelet is told to. */
export const CFS_PERIOD_MICROS = 100_000;

/** A millicore of limit is 100 µs of quota in a period of 100 ms. */
export const QUOTA_MICROS_PER_MILLICORE = CFS_PERIOD_MICROS / 1000;

/** The kernel refuses less, and the kubelet writes this for limits below 10 millicores. */
const QUOTA_MICROS_LEAST = 1000;

export function quotaOf(limitMillicores: number): number {
  return Math.max(QUOTA_MICROS_LEAST, limitMillicores * QUOTA_MICROS_PER_MILLICORE);
}

/** Consecutive periods of one container, as an agent samples them: say a minute of every hour. */
export interface SampledWindow {
  /** CPU time used in each period, µs. */
  readonly usedMicros: Float64Array;
  /** Not 0 where the period ran out of quota (`nr_throttled` rose); undefined where none did. */
  readonly throttled?: Uint8Array;
}

/** What is known of how much CPU time the periods demanded, whoever holds it: samples or a sketch of them. */
export interface DemandTail {
  readonly periods: number;
  /**
   * Periods with demand, and the one after each run of them: the kernel's period timer runs on for one idle period, so
   * this is what `nr_periods` counts where nothing is throttled. It depends on no quota, so shares of it are comparable.
   */
  readonly awakePeriods: number;
  /** Periods that were throttled while sampled, or that waited for one that was: their demand is not what was used. */
  readonly hiddenPeriods: number;
  /** Mean demand of a period, idle ones included, µs: what tokens have to last for. */
  readonly meanMicros: number;
  readonly peakMicros: number;
  /** Never too low; grows neither with the quota nor with the burst. */
  throttlingAt(quotaMicros: number, burstMicros: number): ThrottledPeriods;
  /** Mean number of consecutive periods that each demand more than the quota; 0 where none does. */
  meanRunAbove(quotaMicros: number): number;
}

/** Counts of periods. `stalled` is the wall time throttled, in periods, never above `throttled`. */
export interface ThrottledPeriods {
  readonly throttled: number;
  readonly stalled: number;
}

/** Demand in periods, µs: what was used, with throttled work moved to where it may have been wanted first. */
export interface Demand {
  readonly windows: readonly Float64Array[];
  readonly periods: number;
  readonly awakePeriods: number;
  readonly hiddenPeriods: number;
  readonly meanMicros: number;
  readonly peakMicros: number;
}

export type DemandRefusal = 'NoSamples' | 'BadSample';

/**
 * A single gap or value that is no CPU time makes the whole refused: the backlog after it would be a guess.
 * Cut the samples into two windows at a gap instead.
 */
export function demandOf(windows: readonly SampledWindow[]): Result<Demand, DemandRefusal> {
  const out: Float64Array[] = [];
  let periods = 0;
  let awakePeriods = 0;
  let hiddenPeriods = 0;
  let sum = 0;
  let peak = 0;
  for (const [w, { usedMicros, throttled }] of windows.entries()) {
    const bad = usedMicros.findIndex((used) => !(used >= 0 && used < Number.POSITIVE_INFINITY));
    if (bad >= 0) return unknown('BadSample', `Window ${w}, period ${bad}: ${usedMicros[bad]} is no CPU time in µs.`);
    if (throttled && throttled.length !== usedMicros.length) {
      return unknown('BadSample', `Window ${w}: ${throttled.length} throttling marks for ${usedMicros.length} periods.`);
    }
    const moved = throttled ? wantedAtOnce(usedMicros, throttled) : { demand: usedMicros, hidden: 0 };
    out.push(moved.demand);
    periods += usedMicros.length;
    hiddenPeriods += moved.hidden;
    let before = 0;
    for (let i = 0; i < usedMicros.length; i++) {
      const used = usedMicros[i] as number;
      if (used > 0 || before > 0) awakePeriods++;
      before = used;
      sum += used;
      peak = Math.max(peak, moved.demand[i] as number);
    }
  }
  if (sum === 0) return unknown('NoSamples', periods === 0 ? 'No period was sampled.' : `All ${periods} sampled periods are idle.`);
  return known({ windows: out, periods, awakePeriods, hiddenPeriods, meanMicros: sum / periods, peakMicros: peak });
}

/**
 * Under throttling, use says less than what was wanted: the work of a throttled period may all have been wanted at the
 * start of its run. The run ends with the first period that was not throttled, which cleared the rest. Putting all of a
 * run's work into its first period gives the highest backlog that any demand which could have led to this use would
 * have had, at every quota that is not below the one in force.
 */
function wantedAtOnce(usedMicros: Float64Array, throttled: Uint8Array): { demand: Float64Array; hidden: number } {
  const demand = new Float64Array(usedMicros.length);
  let hidden = 0;
  let start = 0;
  for (let i = 0; i < usedMicros.length; i++) {
    demand[start] = (demand[start] as number) + (usedMicros[i] as number);
    if (throttled[i] || i > start) hidden++;
    if (!throttled[i]) start = i + 1;
  }
  return { demand, hidden };
}
