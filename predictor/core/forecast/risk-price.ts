import { amountOf, CODE_OF_SCALE, NO_CODE } from './codes.ts';
import {
  CALIBRATE_ANEW_HOURS,
  CALIBRATE_FROM_HOURS,
  CELLS,
  CHANGE_PRICE_BOUNDS,
  CHANGE_SHARE,
  CHANGES_PER_DAY,
  CODES_PER_OCTAVE,
  FAR_PRIOR_HOURS,
  HOURS_PER_DAY,
  LONG_HALF_LIFE_HOURS,
  MAX_EXPECTED_SHARE,
  OCTAVES_PER_RUNG,
  PRIOR_HALF_LIFE_HOURS,
  PRIOR_HOURS,
  RUNGS,
  UNREACHABLE_TOLERANCE,
} from './constants.ts';
import { AT, getF32, getI32, getU16, type SeriesView, setF32, setU16 } from './layout.ts';
import { type Distribution, edgeCode, relativeAmount, shareAboveCode, topEdgeCode } from './mixture.ts';

/**
 * The price of risk. A request costs itself; an hour with use above it costs `price` mean uses. The cheapest request
 * minimises `request + price × level × P(use > request)`: the budget is spent where it saves most, on short high
 * bursts, and not evenly. Which price keeps which budget is not computed but seen: every series pretends a decision
 * at each of nine prices (rungs) every hour, and keeps the share of time that was above.
 */
export type Reach = 'near' | 'far';

/** Mean use of the week, in scales. */
export function level(view: SeriesView): number {
  const weight = getF32(view, AT.levelWeight);
  return weight > 0 ? getF32(view, AT.levelSum) / weight : 0;
}

const RUNG_PRICES = Float64Array.from({ length: RUNGS }, (_, rung) => 2 ** (OCTAVES_PER_RUNG * rung));
export function rungPrice(rung: number): number {
  return RUNG_PRICES[rung] as number;
}

/** Level relative to the amount of the distribution's highest cell. */
function relativeLevel(view: SeriesView, distribution: Distribution): number {
  return level(view) / 2 ** ((topEdgeCode(distribution.record) - CODE_OF_SCALE) / CODES_PER_OCTAVE);
}

/** Code of the request that is cheapest at a price, among those that cover what is expected. */
export function cheapest(view: SeriesView, distribution: Distribution, price: number): number {
  const perHour = price * relativeLevel(view, distribution);
  let best = 0;
  let cost = Number.POSITIVE_INFINITY;
  for (let cell = 0; cell < CELLS; cell++) {
    if ((distribution.above[cell] as number) > MAX_EXPECTED_SHARE) break;
    const c = relativeAmount(cell) + perHour * (distribution.above[cell] as number);
    if (c < cost) {
      cost = c;
      best = cell;
    }
  }
  return edgeCode(distribution.record, best);
}

/** What a request costs per hour at a price, in scales: itself and its risk. */
export function costOf(view: SeriesView, distribution: Distribution, price: number, code: number): number {
  return amountOf(code) + price * level(view) * shareAboveCode(distribution, code);
}

/**
 * The request to set when `inForce` is set now. A change costs `changePrice` mean uses × hours, and is made if it saves
 * more than that before the next decision: risk makes going up urgent by itself, and slack makes going down worth it.
 * What does not cover what is expected is changed at once.
 *
 * @param hours until the next decision
 */
export function settle(view: SeriesView, distribution: Distribution, at: { price: number; inForce: number; hours: number }): number {
  const wanted = cheapest(view, distribution, at.price);
  if (at.inForce === NO_CODE || shareAboveCode(distribution, at.inForce) > MAX_EXPECTED_SHARE) return wanted;
  const saved = costOf(view, distribution, at.price, at.inForce) - costOf(view, distribution, at.price, wanted);
  return saved * at.hours > getF32(view, AT.changePrice) * level(view) ? wanted : at.inForce;
}

const modelShares = new Float64Array(RUNGS);
const shares = new Float64Array(RUNGS);

/** Share of time above the request at each rung: what was seen, with a prior of what the distribution says. */
export function sharesOfRungs(view: SeriesView, distribution: Distribution, reach: Reach): Float64Array {
  const weight = getF32(view, reach === 'near' ? AT.nearWeight : AT.farWeight);
  const at = reach === 'near' ? AT.nearExceeded : AT.farExceeded;
  const prior = reach === 'far' ? FAR_PRIOR_HOURS : PRIOR_HOURS * 2 ** (-getI32(view, AT.hoursSeen) / PRIOR_HALF_LIFE_HOURS) + 1e-9;
  let lowest = 1;
  for (let rung = 0; rung < RUNGS; rung++) {
    modelShares[rung] = shareAboveCode(distribution, cheapest(view, distribution, rungPrice(rung)));
    const share = (getF32(view, at, rung) + prior * (modelShares[rung] as number)) / (weight + prior);
    // A higher price never exceeds more often; what the samples say otherwise is chance.
    lowest = Math.min(lowest, share);
    shares[rung] = lowest;
  }
  return shares;
}

/**
 * Between two rungs whose shares differ by more than this, the series has nothing in between (it is on or off): where
 * the step lies is unknown, and the dearer rung is the one that is known to keep the budget. In an ordinary tail
 * one rung makes a factor of about three.
 */
const STEP = 8;

/**
 * The price that keeps a budget: between the two rungs around it, as far as one would have to decide by the dearer one
 * that often to keep the budget on the whole.
 */
export function priceFor(shareOfRung: Float64Array, riskBudget: number): number {
  const budget = Math.max(riskBudget, (shareOfRung[RUNGS - 1] as number) * UNREACHABLE_TOLERANCE);
  for (let rung = 0; rung < RUNGS; rung++) {
    const share = shareOfRung[rung] as number;
    if (share > budget) continue;
    if (rung === 0 || (shareOfRung[rung - 1] as number) > STEP * budget) return rungPrice(rung);
    const before = shareOfRung[rung - 1] as number;
    const part = before > share ? (before - budget) / (before - share) : 1;
    return 2 ** (OCTAVES_PER_RUNG * (rung - 1 + part));
  }
  return rungPrice(RUNGS - 1);
}

const FORGET = 2 ** (-1 / LONG_HALF_LIFE_HOURS);

/** Books an hour of a reach: the share of its samples above what each rung had in force. */
export function bookHour(view: SeriesView, reach: Reach, phases: number, shareAbove: (code: number) => number): void {
  const seen = getI32(view, AT.hoursSeen);
  if (seen < CALIBRATE_FROM_HOURS) return;
  const [weightAt, exceededAt, requestsAt] =
    reach === 'near' ? [AT.nearWeight, AT.nearExceeded, AT.nearRequests] : [AT.farWeight, AT.farExceeded, AT.farRequests];
  let booked = 0;
  for (let phase = 0; phase < phases; phase++) if (getU16(view, requestsAt, phase * RUNGS) !== NO_CODE) booked++;
  if (booked === 0) return;
  if (seen === CALIBRATE_ANEW_HOURS) {
    setF32(view, weightAt, 0);
    for (let rung = 0; rung < RUNGS; rung++) setF32(view, exceededAt, 0, rung);
  }
  setF32(view, weightAt, getF32(view, weightAt) * FORGET + 1);
  for (let rung = 0; rung < RUNGS; rung++) {
    let above = 0;
    for (let phase = 0; phase < phases; phase++) {
      const code = getU16(view, requestsAt, phase * RUNGS + rung);
      if (code !== NO_CODE) above += shareAbove(code);
    }
    setF32(view, exceededAt, getF32(view, exceededAt, rung) * FORGET + above / booked, rung);
  }
}

const CHANGE_CODES = Math.log2(1 + CHANGE_SHARE) * CODES_PER_OCTAVE;
/** A change too many a day makes changing dearer by 5 %, as one too few makes it cheaper. */
const CHANGE_PRICE_RATE = 0.05;
/** The rung whose changes set the price of changing: the one nearest to the usual budget. */
const USUAL_BUDGET = 0.01;

/** Pretends the next hour's decision at every rung, with the price of changing, which follows the changes made. */
export function pretendNear(view: SeriesView, distribution: Distribution): void {
  const usual = Math.round(Math.log2(priceFor(sharesOfRungs(view, distribution, 'near'), USUAL_BUDGET)) / OCTAVES_PER_RUNG);
  for (let rung = 0; rung < RUNGS; rung++) {
    const inForce = getU16(view, AT.nearRequests, rung);
    const code = Math.max(1, Math.round(settle(view, distribution, { price: rungPrice(rung), inForce, hours: 1 })));
    setU16(view, AT.nearRequests, code, rung);
    if (rung !== usual || inForce === NO_CODE) continue;
    const changed = Math.abs(code - inForce) > CHANGE_CODES ? 1 : 0;
    const moved = getF32(view, AT.changePrice) * Math.exp(CHANGE_PRICE_RATE * (changed - CHANGES_PER_DAY / HOURS_PER_DAY));
    setF32(view, AT.changePrice, Math.min(CHANGE_PRICE_BOUNDS[1], Math.max(CHANGE_PRICE_BOUNDS[0], moved)));
  }
}

/** Pretends a restart, with a request for the day, at every rung. */
export function pretendFar(view: SeriesView, distribution: Distribution, phase: number): void {
  for (let rung = 0; rung < RUNGS; rung++) {
    setU16(view, AT.farRequests, Math.max(1, Math.round(cheapest(view, distribution, rungPrice(rung)))), phase * RUNGS + rung);
  }
}
