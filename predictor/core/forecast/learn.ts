import {
  CELLS,
  CODES_PER_CELL,
  DENSITY_FLOOR,
  ERROR_FLOOR,
  ERROR_RATE,
  MAX_SHIFT_CODES,
  POINT_WEIGHTS,
  WEIGHT_FLOOR,
  WEIGHT_RATE,
} from './constants.ts';
import type { References } from './experts.ts';
import type { HourSketch } from './hours.ts';
import { ERROR_KINDS, NEAR_EXPERTS, type SeriesView } from './layout.ts';
import {
  cellOf,
  contextOf,
  DECAY_PER_CELL,
  getErrors,
  getWeight,
  pooledWeek,
  presentWeight,
  setErrors,
  setWeight,
  spread,
  type Table,
} from './mixture.ts';

/** Densities of an error by its size in cells, for the two widths. */
const REACH = (2 * MAX_SHIFT_CODES * 4) / CODES_PER_CELL;
const DENSITY = DECAY_PER_CELL.map((decay) => Float64Array.from({ length: REACH }, (_, cells) => decay ** cells * (1 - decay)));

const errors = new Float64Array(ERROR_KINDS);
const likelihood = Array.from({ length: POINT_WEIGHTS.length }, () => new Float64Array(NEAR_EXPERTS * ERROR_KINDS));
const pooled = Array.from({ length: ERROR_KINDS }, () => new Float64Array(CELLS));
const responsible = new Float64Array(ERROR_KINDS);

/** Density of error kind `e` at a difference of codes: upward kinds explain what came out higher, downward what lower. */
function density(e: number, difference: number): number {
  if (e < 2 ? difference < 0 : difference > 0) return 0;
  const cells = Math.min(REACH - 1, Math.round(Math.abs(difference) / CODES_PER_CELL));
  return (DENSITY[e % 2] as Float64Array)[cells] as number;
}

/** How likely each expert with each kind of error made the seen point, per point; sums go back through `total`. */
function fillLikelihood(view: SeriesView, table: Table, refs: References, seen: readonly number[]): void {
  const scale = 1 / presentWeight(view, table, refs);
  const last = table.experts - 1;
  const cells = pooledWeek(view, refs.record);
  for (let e = 0; e < ERROR_KINDS; e++) {
    const into = pooled[e] as Float64Array;
    into.set(cells);
    spread(into, e);
  }
  for (let k = 0; k <= last; k++) {
    if (refs.present[k] === 0) continue;
    const weight = getWeight(view, table, k) * scale;
    getErrors(view, table, { k, context: contextOf(refs, k) }, errors);
    for (let point = 0; point < seen.length; point++) {
      const level = seen[point] as number;
      const said = (point === 0 ? refs.top[k] : point === 1 ? refs.second[k] : refs.body[k]) as number;
      for (let e = 0; e < ERROR_KINDS; e++) {
        const d = k === last ? ((pooled[e] as Float64Array)[cellOf(refs.record, level)] as number) : density(e, level - said);
        (likelihood[point] as Float64Array)[k * ERROR_KINDS + e] = weight * (errors[e] as number) * (d + DENSITY_FLOOR);
      }
    }
  }
}

/**
 * One step of on-line expectation maximisation (Cappé, Moulines 2009) after an hour was seen: an expert's weight moves
 * towards its share in explaining the hour's upper samples, and its kinds of error towards those that explained them.
 * That is what "weighed by their own recent loss" means for a mixture: the loss is −log of what it said about the tail.
 */
export function learn(view: SeriesView, table: Table, refs: References, hour: HourSketch): void {
  const seen = [hour.top, hour.second, hour.body];
  const weightPresent = presentWeight(view, table, refs);
  fillLikelihood(view, table, refs, seen);
  const totals = seen.map((_, point) => sumPresent(likelihood[point] as Float64Array, table, refs));
  let weights = 0;
  for (let k = 0; k < table.experts; k++) {
    const old = getWeight(view, table, k);
    if (refs.present[k] === 0) {
      weights += old;
      continue;
    }
    let share = 0;
    for (let e = 0; e < ERROR_KINDS; e++) {
      let sum = 0;
      for (let point = 0; point < totals.length; point++) {
        sum +=
          ((POINT_WEIGHTS[point] as number) * ((likelihood[point] as Float64Array)[k * ERROR_KINDS + e] as number)) /
          (totals[point] as number);
      }
      responsible[e] = sum;
      share += sum;
    }
    learnErrors(view, table, { k, context: contextOf(refs, k) }, share, (share * weightPresent) / old);
    const moved = Math.max(WEIGHT_FLOOR, old + WEIGHT_RATE * (share * weightPresent - old));
    setWeight(view, table, k, moved);
    weights += moved;
  }
  for (let k = 0; k < table.experts; k++) setWeight(view, table, k, getWeight(view, table, k) / weights);
}

function sumPresent(of: Float64Array, table: Table, refs: References): number {
  let sum = 0;
  for (let k = 0; k < table.experts; k++) {
    if (refs.present[k] === 0) continue;
    for (let e = 0; e < ERROR_KINDS; e++) sum += of[k * ERROR_KINDS + e] as number;
  }
  return sum;
}

/** @param surprise how much more than by its weight the expert explained; at most three times counts */
function learnErrors(view: SeriesView, table: Table, at: { k: number; context: number }, share: number, surprise: number): void {
  if (share < 1e-9) return;
  getErrors(view, table, at, errors);
  const rate = ERROR_RATE * Math.min(3, surprise);
  let sum = 0;
  for (let e = 0; e < ERROR_KINDS; e++) {
    const old = errors[e] as number;
    const moved = Math.max(ERROR_FLOOR, old + rate * ((responsible[e] as number) / share - old));
    errors[e] = moved;
    sum += moved;
  }
  for (let e = 0; e < ERROR_KINDS; e++) errors[e] = (errors[e] as number) / sum;
  setErrors(view, table, at, errors);
}
