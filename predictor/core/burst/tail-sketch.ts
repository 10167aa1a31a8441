import { known, type Result, unknown } from '../../../common/result.ts';
import type { DemandTail } from './demand.ts';

/** Bursts that a sketch tells apart at each quota: multiples of a sixteenth of it, up to the quota itself. */
export const BURST_STEPS = 16;

/** Counters a quota: W = 0, W in each of the sixteenths, W above the quota. */
export const COUNTERS = BURST_STEPS + 2;

/**
 * Throttling statistics of a stream of periods in fixed room, for an agent to keep and send: for each quota of a small
 * grid the backlog W (see backlog.ts) and how often it was how large. 17 quotas take 1.8 KB. Counts of replicas add up.
 */
export interface TailSketch {
  /** Ascending, µs. */
  readonly quotasMicros: Float64Array;
  /** `COUNTERS` a quota. */
  readonly counts: Uint32Array;
  /** Runs of consecutive periods with demand above the quota, and the periods in them, a quota. */
  readonly runs: Uint32Array;
  readonly above: Uint32Array;
  /** The open window: W and whether a run goes on, a quota. */
  readonly backlog: Float64Array;
  readonly running: Uint8Array;
  periods: number;
  awakePeriods: number;
  hiddenPeriods: number;
  usedMicros: number;
  peakMicros: number;
  /** The open window: the last period's use, and the use and number of throttled periods not yet placed. */
  lastMicros: number;
  heldMicros: number;
  heldPeriods: number;
}

/** From a quarter to four times today's quota in steps of 19 %, with today's exactly. Pass whole millicores' quotas. */
export function quotaGrid(todayMicros: number): Float64Array {
  return Float64Array.from({ length: 17 }, (_, i) => Math.ceil((todayMicros * 2 ** ((i - 8) / 4)) / 100) * 100);
}

/** @param quotasMicros ascending and above 0 */
export function createTailSketch(quotasMicros: Float64Array): TailSketch {
  const quotas = quotasMicros.length;
  return {
    quotasMicros,
    counts: new Uint32Array(quotas * COUNTERS),
    runs: new Uint32Array(quotas),
    above: new Uint32Array(quotas),
    backlog: new Float64Array(quotas),
    running: new Uint8Array(quotas),
    periods: 0,
    awakePeriods: 0,
    hiddenPeriods: 0,
    usedMicros: 0,
    peakMicros: 0,
    lastMicros: 0,
    heldMicros: 0,
    heldPeriods: 0,
  };
}

/**
 * One more period of the open window. Throttled work counts as wanted at once, as `demandOf` does.
 * @returns false where the value is no CPU time: the window is closed, since what follows does not adjoin
 */
export function addPeriod(sketch: TailSketch, usedMicros: number, throttled = false): boolean {
  if (!(usedMicros >= 0 && usedMicros < Number.POSITIVE_INFINITY)) {
    closeWindow(sketch);
    return false;
  }
  sketch.periods++;
  sketch.usedMicros += usedMicros;
  if (usedMicros > 0 || sketch.lastMicros > 0) sketch.awakePeriods++;
  sketch.lastMicros = usedMicros;
  sketch.heldMicros += usedMicros;
  sketch.heldPeriods++;
  if (throttled || sketch.heldPeriods > 1) sketch.hiddenPeriods++;
  if (!throttled) place(sketch);
  return true;
}

/** Ends the open window: the next period does not adjoin the last. */
export function closeWindow(sketch: TailSketch): void {
  place(sketch);
  sketch.backlog.fill(0);
  sketch.running.fill(0);
  sketch.lastMicros = 0;
}

function place(sketch: TailSketch): void {
  for (let demand = sketch.heldMicros; sketch.heldPeriods > 0; sketch.heldPeriods--, demand = 0) countPeriod(sketch, demand);
  sketch.heldMicros = 0;
}

function countPeriod(sketch: TailSketch, demandMicros: number): void {
  sketch.peakMicros = Math.max(sketch.peakMicros, demandMicros);
  const { quotasMicros, backlog, counts, running, runs, above } = sketch;
  for (let k = 0; k < quotasMicros.length; k++) {
    const quota = quotasMicros[k] as number;
    const w = Math.max(0, (backlog[k] as number) + demandMicros - quota);
    backlog[k] = w;
    const counter = k * COUNTERS + Math.min(COUNTERS - 1, Math.ceil((w / quota) * BURST_STEPS));
    counts[counter] = (counts[counter] as number) + 1;
    const isAbove = demandMicros > quota ? 1 : 0;
    if (isAbove && !running[k]) runs[k] = (runs[k] as number) + 1;
    above[k] = (above[k] as number) + isAbove;
    running[k] = isAbove;
  }
}

/** Both together, as one sketch of closed windows. Neither is changed but that its open window is closed. */
export function mergeTailSketches(a: TailSketch, b: TailSketch): Result<TailSketch, 'GridsDiffer'> {
  if (a.quotasMicros.length !== b.quotasMicros.length || !a.quotasMicros.every((quota, k) => quota === b.quotasMicros[k])) {
    return unknown('GridsDiffer', 'The sketches were taken at different quotas; their counts can not be added.');
  }
  const out = createTailSketch(a.quotasMicros);
  for (const from of [a, b]) {
    closeWindow(from);
    for (const field of ['counts', 'runs', 'above'] as const) {
      for (const [i, n] of from[field].entries()) out[field][i] = (out[field][i] as number) + n;
    }
    out.periods += from.periods;
    out.awakePeriods += from.awakePeriods;
    out.hiddenPeriods += from.hiddenPeriods;
    out.usedMicros += from.usedMicros;
    out.peakMicros = Math.max(out.peakMicros, from.peakMicros);
  }
  return known(out);
}

/**
 * What the sketch knows. Between its quotas and bursts the next lower ones answer, below its lowest quota every period
 * counts as throttled, and stalled time as the whole of throttled periods: never too low.
 */
export function tailOfSketch(sketch: TailSketch): Result<DemandTail, 'NoSamples'> {
  closeWindow(sketch);
  if (sketch.usedMicros === 0) return unknown('NoSamples', `${sketch.periods} periods were sampled, none with demand.`);
  const { quotasMicros, counts, periods, awakePeriods, hiddenPeriods, peakMicros } = sketch;
  const quotaIndex = (quotaMicros: number): number => quotasMicros.findLastIndex((quota) => quota <= quotaMicros);
  return known({
    periods,
    awakePeriods,
    hiddenPeriods,
    peakMicros,
    meanMicros: sketch.usedMicros / periods,
    throttlingAt(quotaMicros, burstMicros) {
      const k = quotaIndex(quotaMicros);
      if (k < 0) return { throttled: periods, stalled: periods };
      const step = Math.min(BURST_STEPS, Math.floor((burstMicros / (quotasMicros[k] as number)) * BURST_STEPS));
      let throttled = 0;
      for (let i = step + 1; i < COUNTERS; i++) throttled += counts[k * COUNTERS + i] as number;
      return { throttled, stalled: throttled };
    },
    meanRunAbove(quotaMicros) {
      const k = Math.max(0, quotaIndex(quotaMicros));
      const runs = sketch.runs[k] as number;
      return runs === 0 ? 0 : (sketch.above[k] as number) / runs;
    },
  });
}
