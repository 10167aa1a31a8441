import { ZERO_CODE } from './codes.ts';
import {
  BODY_SHARE,
  CELLS,
  CELLS_ABOVE_RECORD,
  CELLS_PER_OCTAVE,
  CODES_PER_CELL,
  ERROR_WIDTHS_OCTAVES,
  HOURS_KEPT,
  NEAR_RECORD_CODES,
  OVERSHOOT_PRIOR_BOUNDS,
  POOL_HALF_LIFE_HOURS,
} from './constants.ts';
import type { References } from './experts.ts';
import { emptyHour, readHour } from './hours.ts';
import { AT, CONTEXTS, ERROR_KINDS, FAR_EXPERTS, getF32, getI32, getU16, NEAR_EXPERTS, type SeriesView, setU16 } from './layout.ts';

/** Where an expert table's learned numbers lie in the state. */
export interface Table {
  readonly weightsAt: number;
  readonly errorsAt: number;
  readonly experts: number;
}

export const NEAR_TABLE: Table = { weightsAt: AT.nearWeights, errorsAt: AT.nearErrors, experts: NEAR_EXPERTS };
export const FAR_TABLE: Table = { weightsAt: AT.farWeights, errorsAt: AT.farErrors, experts: FAR_EXPERTS };

const FULL = 65535;
const errorIndex = (k: number, context: number): number => (k * CONTEXTS + context) * (ERROR_KINDS - 1);

export function initTable(view: SeriesView, table: Table): void {
  for (let k = 0; k < table.experts; k++) {
    setU16(view, table.weightsAt, Math.round(FULL / table.experts), k);
    for (let context = 0; context < CONTEXTS; context++) {
      for (let e = 0; e < ERROR_KINDS - 1; e++) setU16(view, table.errorsAt, Math.round(FULL / ERROR_KINDS), errorIndex(k, context) + e);
    }
  }
}

export function getWeight(view: SeriesView, table: Table, k: number): number {
  return getU16(view, table.weightsAt, k) / FULL;
}
export function setWeight(view: SeriesView, table: Table, k: number, weight: number): void {
  setU16(view, table.weightsAt, Math.min(FULL, Math.round(weight * FULL)), k);
}

/** Shares of the four kinds of error (narrow up, wide up, narrow down, wide down) of an expert in a context. */
export function getErrors(view: SeriesView, table: Table, at: { k: number; context: number }, into: Float64Array): void {
  let rest = 1;
  for (let e = 0; e < ERROR_KINDS - 1; e++) {
    const share = getU16(view, table.errorsAt, errorIndex(at.k, at.context) + e) / FULL;
    into[e] = share;
    rest -= share;
  }
  into[ERROR_KINDS - 1] = Math.max(0, rest);
}
export function setErrors(view: SeriesView, table: Table, at: { k: number; context: number }, from: Float64Array): void {
  for (let e = 0; e < ERROR_KINDS - 1; e++) {
    setU16(view, table.errorsAt, Math.min(FULL, Math.round((from[e] as number) * FULL)), errorIndex(at.k, at.context) + e);
  }
}

/** 0 near the week's record, where ceilings keep errors small; 1 below. The pooled week has no level: 1. */
export function contextOf(refs: References, k: number): number {
  return k === refs.top.length - 1 || refs.record - (refs.top[k] as number) > NEAR_RECORD_CODES ? 1 : 0;
}

/** Kind of error → its decay per cell and its density at 0. Kinds 0 and 1 are upwards, 2 and 3 downwards. */
export const DECAY_PER_CELL = ERROR_WIDTHS_OCTAVES.map((width) => Math.exp(-1 / (width * CELLS_PER_OCTAVE)));

/** Relative amount of each cell's upper edge, the highest cell being 1. */
const RELATIVE = Float64Array.from({ length: CELLS }, (_, i) => 2 ** (-i / CELLS_PER_OCTAVE));
const POOL_DECAY = Float64Array.from({ length: HOURS_KEPT + 1 }, (_, lag) => 2 ** (-lag / POOL_HALF_LIFE_HOURS));

/**
 * Predictive distribution of a sample's level over cells of 1/32 octave, highest first. Cell `i` reaches up to the
 * code `record + (CELLS_ABOVE_RECORD − i) × 32`; an edge lies exactly on the record, so that a constant load pays no
 * bucket.
 */
export interface Distribution {
  /** Share of time above the upper edge of each cell. */
  readonly above: Float64Array;
  record: number;
}

export const newDistribution = (): Distribution => ({ above: new Float64Array(CELLS), record: 0 });

export function edgeCode(record: number, cell: number): number {
  return record + (CELLS_ABOVE_RECORD - cell) * CODES_PER_CELL;
}
export function cellOf(record: number, code: number): number {
  const cell = CELLS_ABOVE_RECORD + Math.floor((record - code) / CODES_PER_CELL);
  return cell < 0 ? 0 : cell >= CELLS ? CELLS - 1 : cell;
}
/** Amount of a cell's upper edge, the highest cell's being 1. */
export function relativeAmount(cell: number): number {
  return RELATIVE[cell] as number;
}
/** Code of the highest cell's edge, for amounts relative to it. */
export function topEdgeCode(record: number): number {
  return record + CELLS_ABOVE_RECORD * CODES_PER_CELL;
}

/** What the experts say, per kind of error, before it is spread by the error. */
const narrowUp = new Float64Array(CELLS);
const wideUp = new Float64Array(CELLS);
const narrowDown = new Float64Array(CELLS);
const wideDown = new Float64Array(CELLS);
const pool = new Float64Array(CELLS);
const errors = new Float64Array(ERROR_KINDS);
const sketch = emptyHour();

/** Shares of an hour's time that its three points stand for; each half-way between its neighbours. */
export function pointShares(view: SeriesView, into: Float64Array): void {
  const samples = Math.max(1, getF32(view, AT.samplesPerHour));
  const first = 1 / samples;
  const upper = Math.max(0, BODY_SHARE - first);
  into[0] = first / 2;
  into[1] = first / 2 + upper / 2;
  into[2] = 1 - first - upper / 2;
}
const shares = new Float64Array(3);
/** "Last minutes" are few samples: their highest is worth a twentieth of the hour, their mean most of it. */
const END_SHARES = [0.05, 0.1, 0.85] as const;

export function beginMixture(view: SeriesView): void {
  narrowUp.fill(0);
  wideUp.fill(0);
  narrowDown.fill(0);
  wideDown.fill(0);
  pointShares(view, shares);
}

function add(cell: number, mass: number): void {
  narrowUp[cell] = (narrowUp[cell] as number) + mass * (errors[0] as number);
  wideUp[cell] = (wideUp[cell] as number) + mass * (errors[1] as number);
  narrowDown[cell] = (narrowDown[cell] as number) + mass * (errors[2] as number);
  wideDown[cell] = (wideDown[cell] as number) + mass * (errors[3] as number);
}

/** Sum of the weights of the experts that have something to say. */
export function presentWeight(view: SeriesView, table: Table, refs: References): number {
  let sum = 0;
  for (let k = 0; k < table.experts; k++) if (refs.present[k] === 1) sum += getWeight(view, table, k);
  return sum;
}

/** Adds what the experts say about one hour; `part` is the hour's part of the horizon. */
export function addReferences(view: SeriesView, table: Table, refs: References, part: number): void {
  const scale = part / presentWeight(view, table, refs);
  const isNear = table === NEAR_TABLE;
  for (let k = 0; k < table.experts - 1; k++) {
    if (refs.present[k] === 0) continue;
    const weight = getWeight(view, table, k) * scale;
    getErrors(view, table, { k, context: contextOf(refs, k) }, errors);
    const own = isNear && k === 0 ? END_SHARES : shares;
    add(cellOf(refs.record, refs.top[k] as number), weight * (own[0] as number));
    add(cellOf(refs.record, refs.second[k] as number), weight * (own[1] as number));
    add(cellOf(refs.record, refs.body[k] as number), weight * (own[2] as number));
  }
}

/** Histogram of the week, recent hours more, over the cells; sums to 1. */
export function pooledWeek(view: SeriesView, record: number): Float64Array {
  pool.fill(0);
  pointShares(view, shares);
  const [first, second, rest] = shares as unknown as [number, number, number];
  const closed = getI32(view, AT.closedHour);
  let total = 0;
  for (let lag = 0; lag < HOURS_KEPT; lag++) {
    if (!readHour(view, closed - lag, sketch)) continue;
    const weight = POOL_DECAY[lag + 1] as number;
    total += weight;
    const top = cellOf(record, sketch.top);
    pool[top] = (pool[top] as number) + weight * first;
    const next = cellOf(record, sketch.second);
    pool[next] = (pool[next] as number) + weight * second;
    const body = cellOf(record, sketch.body);
    pool[body] = (pool[body] as number) + weight * rest;
  }
  if (total > 0) for (let i = 0; i < CELLS; i++) pool[i] = (pool[i] as number) / total;
  return pool;
}

export function addPool(view: SeriesView, table: Table, refs: References, part: number): void {
  const k = table.experts - 1;
  const weight = (getWeight(view, table, k) * part) / presentWeight(view, table, refs);
  getErrors(view, table, { k, context: 1 }, errors);
  const cells = pooledWeek(view, refs.record);
  for (let i = 0; i < CELLS; i++) if ((cells[i] as number) > 0) add(i, (cells[i] as number) * weight);
}

/** Spreads cells by one kind of error, in place. */
export function spread(cells: Float64Array, kind: number): void {
  const decay = DECAY_PER_CELL[kind % 2] as number;
  let carried = 0;
  if (kind < 2) {
    for (let i = CELLS - 1; i >= 0; i--) {
      carried = carried * decay + (cells[i] as number);
      cells[i] = carried * (1 - decay);
    }
  } else {
    for (let i = 0; i < CELLS; i++) {
      carried = carried * decay + (cells[i] as number);
      cells[i] = carried * (1 - decay);
    }
  }
}

/** How far the hourly peak moves from one hour to the next, octaves. */
export function usualMove(view: SeriesView): number {
  const weight = getF32(view, AT.recordWeight);
  return weight > 0 ? getF32(view, AT.moveSum) / weight : OVERSHOOT_PRIOR_BOUNDS[1];
}

/** Share of time above the week's record, as often as records were broken so far, and its decay per cell. */
function beyondRecord(view: SeriesView): { rate: number; decay: number } {
  const weight = getF32(view, AT.recordWeight);
  const prior = Math.min(OVERSHOOT_PRIOR_BOUNDS[1], Math.max(OVERSHOOT_PRIOR_BOUNDS[0], usualMove(view)));
  const overshoot = (getF32(view, AT.overshootSum) + prior) / (getF32(view, AT.overshootWeight) + 1);
  return { rate: weight > 0 ? getF32(view, AT.recordSum) / weight : 1, decay: Math.exp(-1 / (overshoot * CELLS_PER_OCTAVE)) };
}

/**
 * Sums the experts up. What lies above the week's record is bounded by how often, and shaped by how far, records were
 * broken so far: errors are learned at all levels, but a ceiling (a CPU limit, a full machine) at the record alone.
 */
export function finishMixture(view: SeriesView, record: number, into: Distribution): void {
  spread(narrowUp, 0);
  spread(wideUp, 1);
  spread(narrowDown, 2);
  spread(wideDown, 3);
  let above = 0;
  for (let i = 0; i < CELLS; i++) {
    into.above[i] = above;
    above += (narrowUp[i] as number) + (wideUp[i] as number) + (narrowDown[i] as number) + (wideDown[i] as number);
  }
  const { rate, decay } = beyondRecord(view);
  let share = Math.min(rate, into.above[CELLS_ABOVE_RECORD] as number);
  for (let i = CELLS_ABOVE_RECORD; i >= 0; i--) {
    into.above[i] = share;
    share *= decay;
  }
  into.record = record;
}

/** Share of time above a code. */
export function shareAboveCode(distribution: Distribution, code: number): number {
  if (code <= ZERO_CODE) return 1;
  const cell = CELLS_ABOVE_RECORD - Math.floor((code - distribution.record) / CODES_PER_CELL);
  if (cell < 0) return 0;
  return cell >= CELLS ? 1 : (distribution.above[cell] as number);
}
