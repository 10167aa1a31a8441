import { known, type Result, unknown } from '../../../common/result.ts';
import { upperQuantile } from './upper-quantile.ts';

/** What is known of a part whose course over time is not: amounts that are equally likely, such as quantiles at equal steps. */
export interface Marginal {
  readonly name: string;
  readonly amounts: Float64Array;
}

/** Upper quantiles of the sum, by how the parts may hang together. */
export interface SumBounds {
  /** Parts that know nothing of each other. */
  readonly independent: number;
  /** Parts that rise and fall together: the sum of their quantiles. */
  readonly together: number;
  /**
   * What to count with: the larger of both. Together is mostly more, but spikes that are each rarer than the budget are
   * below every part's quantile, and seldom missing from all of many independent parts.
   */
  readonly amount: number;
  /** No dependence whatever exceeds the budget above this: each part at its share of the budget (Bonferroni). */
  readonly atWorst: number;
}

export type MarginalsRefusal = 'NoParts' | 'BadPart' | 'BadInput';

/** Resolution of the convolution, shares of the sum of peaks. */
const CELLS = 1024;

/** Where only distributions are known, the quantile of the sum is not: it lies between the ends of an interval. */
export function sumOfMarginals(parts: readonly Marginal[], budget: number): Result<SumBounds, MarginalsRefusal> {
  if (!(budget > 0 && budget < 1)) return unknown('BadInput', `Not usable: budget ${budget}.`);
  if (parts.length === 0) return unknown('NoParts', 'No online workload is known on the node.');
  for (const { name, amounts } of parts) {
    const bad = amounts.find((amount) => !(amount >= 0 && amount < Number.POSITIVE_INFINITY));
    if (amounts.length === 0 || bad !== undefined)
      return unknown('BadPart', `${name} has ${bad === undefined ? 'no amounts' : `an amount of ${bad}`}.`);
  }
  const sumAt = (share: number): number => parts.reduce((sum, p) => sum + upperQuantile(p.amounts, share), 0);
  const together = sumAt(budget);
  const atWorst = sumAt(budget / parts.length);
  // The grid may round up beyond what is possible.
  const independent = parts.length === 1 ? together : Math.min(atWorst, independentQuantile(parts, budget));
  return known({ independent, together, amount: Math.max(independent, together), atWorst });
}

/**
 * The distribution of an independent sum, on a grid. An amount between two cells is shared out between them so that its
 * mean stays: rounding widens the sum by less than a cell and never moves it down.
 */
function independentQuantile(parts: readonly Marginal[], budget: number): number {
  const peaks = parts.map((p) => p.amounts.reduce((a, b) => Math.max(a, b), 0));
  const cell = peaks.reduce((a, b) => a + b, 0) / CELLS;
  if (cell === 0) return 0;
  let sum = Float64Array.of(1);
  for (const [i, { amounts }] of parts.entries()) {
    sum = convolve(sum, onGrid(amounts, cell, Math.ceil((peaks[i] as number) / cell) + 1));
  }
  let above = 0;
  for (let i = sum.length - 1; i > 0; i--) {
    above += sum[i] as number;
    if (above > budget * (1 + 1e-9)) return i * cell;
  }
  return 0;
}

function onGrid(amounts: Float64Array, cell: number, cells: number): Float64Array<ArrayBuffer> {
  const out = new Float64Array(cells + 1);
  for (const amount of amounts) {
    const position = amount / cell;
    const below = Math.floor(position);
    const up = (position - below) / amounts.length;
    out[below] = (out[below] as number) + 1 / amounts.length - up;
    out[below + 1] = (out[below + 1] as number) + up;
  }
  return out;
}

function convolve(a: Float64Array, b: Float64Array): Float64Array<ArrayBuffer> {
  const out = new Float64Array(a.length + b.length - 1);
  for (let i = 0; i < a.length; i++) {
    const p = a[i] as number;
    if (p === 0) continue;
    for (let j = 0; j < b.length; j++) out[i + j] = (out[i + j] as number) + p * (b[j] as number);
  }
  return out;
}
