import { uniforms } from '../../../common/random.ts';
import { known, type Result, unknown } from '../../../common/result.ts';
import { showPercent } from '../sizing/amounts.ts';
import type { TraceStep } from '../trace.ts';

/** One container, or pod, on the node. */
export interface InterferenceGroup {
  /** Demand of measured periods, µs; consecutive ones where runs of more than one period are drawn. */
  readonly demandMicros: Float64Array;
  readonly quotaMicros: number;
  readonly burstMicros: number;
}

export interface InterferenceInput {
  readonly groups: readonly InterferenceGroup[];
  /** CPU time that the node can give in a period: 100 ms a core. */
  readonly cpuMicrosPerPeriod: number;
  /** Simulated periods; the standard error falls with their square root. */
  readonly periods: number;
  readonly seed: number;
  /** Measured periods drawn in one piece, so that bursts of several periods stay whole. 1: each on its own. */
  readonly runPeriods?: number;
  /** Share of draws in which all groups draw the same place of their samples: cron on the minute, retries. Sort the
   *  samples to have their bursts coincide, or leave them as sampled at the same time. */
  readonly togetherShare?: number;
}

export interface Interference {
  /** Share of periods whose work is not done at their end. */
  readonly overloadShare: number;
  /** Standard error of `overloadShare`, from batch means: 95 % lie within twice of it. */
  readonly standardError: number;
  /** Mean number of periods, this one included, until the node has caught up: what work that goes last waits. */
  readonly meanPeriodsToClear: number;
  /** Share of group periods that ran out of quota and burst. */
  readonly throttledShare: number;
  /** Mean demand over the node's CPU. */
  readonly utilisation: number;
}

export type InterferenceRefusal = 'NoGroups' | 'BadInput';

/** The first periods are not counted: the node starts empty and the buckets full. */
const WARM_UP_PERIODS = 2000;
const BATCHES = 50;

/** Sums of µs that are equal but for rounding are not an overload. */
const DUST = 1e-9;

/**
 * Odds that bursts meet. Each group may run what it has tokens for and keeps the rest for later periods; the node does
 * what is let through, first come first served, and carries over what it can not do. This is the model behind the
 * figures in the kernel's discussion of CFS burst (Chang, LKML, May 2021), fed with measured demand instead of a
 * textbook's distribution.
 */
export function simulateInterference(input: InterferenceInput): { result: Result<Interference, InterferenceRefusal>; trace: TraceStep[] } {
  const refused = refusal(input);
  if (refused) return { result: refused, trace: [{ stage: 'refused', text: refused.detail ?? refused.reason }] };
  const interference = simulate(input);
  return { result: known(interference), trace: [step(input, interference)] };
}

function simulate(input: InterferenceInput): Interference {
  const { groups, cpuMicrosPerPeriod: cpu, periods } = input;
  const draw = createDraw(input);
  const net = Float64Array.from(groups, (g) => g.burstMicros);
  const batches = new Float64Array(BATCHES);
  let nodeBacklog = 0;
  let busyPeriods = 0;
  let overloaded = 0;
  let toClear = 0;
  let throttled = 0;
  for (let t = -WARM_UP_PERIODS; t < periods; t++) {
    const counts = t >= 0;
    draw.next();
    let released = 0;
    for (let g = 0; g < groups.length; g++) {
      const { quotaMicros, burstMicros } = groups[g] as InterferenceGroup;
      const before = net[g] as number;
      const after = Math.min(before, burstMicros) + quotaMicros - draw.demandOf(g);
      net[g] = after;
      // Tokens spent are tokens had minus tokens left; work left undone leaves none.
      released += Math.min(Math.max(0, before), burstMicros) + quotaMicros - Math.max(0, after);
      if (counts && after < 0) throttled++;
    }
    nodeBacklog = nodeBacklog + released - cpu;
    const isOver = nodeBacklog > DUST * cpu;
    if (counts) busyPeriods++;
    if (isOver && counts) {
      overloaded++;
      const batch = Math.floor((t / periods) * BATCHES);
      batches[batch] = (batches[batch] as number) + 1;
    }
    if (!isOver) {
      nodeBacklog = 0;
      toClear += (busyPeriods * (busyPeriods + 1)) / 2;
      busyPeriods = 0;
    }
  }
  toClear += (busyPeriods * (busyPeriods + 1)) / 2;
  return {
    overloadShare: overloaded / periods,
    standardError: batchError(batches, periods / BATCHES),
    meanPeriodsToClear: toClear / periods,
    throttledShare: throttled / (periods * groups.length),
    utilisation: groups.reduce((sum, g) => sum + meanOf(g.demandMicros), 0) / cpu,
  };
}

/** Each group goes through its samples in runs that begin at random places. */
function createDraw({ groups, seed, runPeriods = 1, togetherShare = 0 }: InterferenceInput): { next(): void; demandOf(g: number): number } {
  const random = uniforms(seed);
  const place = new Float64Array(groups.length);
  let left = 0;
  return {
    next() {
      if (left > 0) {
        left--;
        for (let g = 0; g < groups.length; g++) {
          const at = (place[g] as number) + 1;
          place[g] = at < (groups[g] as InterferenceGroup).demandMicros.length ? at : 0;
        }
        return;
      }
      left = runPeriods - 1;
      const common = togetherShare > 0 && random() < togetherShare ? random() : undefined;
      for (let g = 0; g < groups.length; g++) {
        place[g] = Math.floor((common ?? random()) * (groups[g] as InterferenceGroup).demandMicros.length);
      }
    },
    demandOf: (g) => (groups[g] as InterferenceGroup).demandMicros[place[g] as number] as number,
  };
}

/** Batches are long against the node's busy times, so their means are nearly independent. */
function batchError(batches: Float64Array, perBatch: number): number {
  const shares = batches.map((n) => n / perBatch);
  const mean = meanOf(shares);
  const squares = shares.reduce((sum, share) => sum + (share - mean) ** 2, 0);
  return Math.sqrt(squares / (BATCHES - 1) / BATCHES);
}

function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function refusal(input: InterferenceInput): Extract<Result<never, InterferenceRefusal>, { ok: false }> | undefined {
  const { groups, cpuMicrosPerPeriod, periods, runPeriods = 1, togetherShare = 0 } = input;
  if (groups.length === 0) return unknown('NoGroups', 'No container with a limit: nothing can burst.');
  const problems: string[] = [];
  if (!(cpuMicrosPerPeriod > 0 && cpuMicrosPerPeriod < Number.POSITIVE_INFINITY)) problems.push(`CPU ${cpuMicrosPerPeriod} µs a period`);
  if (!(Number.isInteger(periods) && periods >= BATCHES)) problems.push(`${periods} periods to simulate, ${BATCHES} are the least`);
  if (!(Number.isInteger(runPeriods) && runPeriods >= 1)) problems.push(`runs of ${runPeriods} periods`);
  if (!(togetherShare >= 0 && togetherShare <= 1)) problems.push(`a share of ${togetherShare} drawn together`);
  const isAmount = (value: number): boolean => value >= 0 && value < Number.POSITIVE_INFINITY;
  for (const [g, { demandMicros, quotaMicros, burstMicros }] of groups.entries()) {
    if (demandMicros.length === 0 || !demandMicros.every(isAmount)) problems.push(`group ${g} has no samples or one that is no CPU time`);
    if (!(quotaMicros > 0 && isAmount(quotaMicros) && isAmount(burstMicros)))
      problems.push(`group ${g} has quota ${quotaMicros} µs and burst ${burstMicros} µs`);
  }
  return problems.length > 0 ? unknown('BadInput', `Not usable: ${problems.join('; ')}.`) : undefined;
}

function step({ groups, periods, seed, togetherShare = 0 }: InterferenceInput, found: Interference): TraceStep {
  const together = togetherShare > 0 ? `, in ${showPercent(togetherShare)} of draws all together` : ', drawn independently';
  return {
    stage: 'interference',
    short: `${showPercent(found.overloadShare)} overloaded`,
    text:
      `${periods} simulated periods (seed ${seed}) of ${groups.length} containers${together}, at ${showPercent(found.utilisation)} mean use of the node: ` +
      `in ${showPercent(found.overloadShare)} ± ${showPercent(2 * found.standardError)} of periods bursts meet and work is left for the next; ` +
      `the node catches up within ${Number(found.meanPeriodsToClear.toFixed(4))} periods in the mean.`,
  };
}
