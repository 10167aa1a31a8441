import { known, type Result, unknown } from '../../../common/result.ts';
import { CODE_OF_SCALE, NO_CODE, ZERO_CODE } from './codes.ts';
import { CODES_PER_OCTAVE, FAR_PHASES, HOURS_KEPT, MINUTES_PER_HOUR, RUNGS } from './constants.ts';
import { clearHour, emptyHour, readHour, writeHour } from './hours.ts';
import {
  AT,
  ERRORS_PER_EXPERT,
  FAR_EXPERTS,
  getF32,
  getF64,
  getI32,
  getU16,
  NEAR_EXPERTS,
  SERIES_STATE_BYTES,
  type SeriesView,
  setF32,
  setF64,
  setI32,
  setU16,
} from './layout.ts';
import { advanceTo, hasSamples, isSeries } from './state.ts';

export type MergeReason = 'NotASeries';

/**
 * Adds what another state of the same container saw (before a move, or on another shard) to `into`; `from` is only
 * advanced to the same hour.
 *
 * The week's peaks and second peaks, the open hour and the history's ends are exactly those of one state that saw the
 * samples of both, if no minute was seen by both. Bodies are the higher of the two, as the lower could lower something.
 * What was learned (trust, errors, calibration) is not a sum of samples: it is averaged by the hours behind it.
 */
export function mergeSeries(into: SeriesView, from: SeriesView): Result<true, MergeReason> {
  if (!isSeries(into) || !isSeries(from)) return unknown('NotASeries', 'one of the two is no series of this version');
  if (!hasSamples(from)) return known(true);
  if (!hasSamples(into)) {
    into.u8.set(from.u8.subarray(from.byteOffset, from.byteOffset + SERIES_STATE_BYTES), into.byteOffset);
    return known(true);
  }
  const newest = Math.max(getF64(into, AT.lastSeconds), getF64(from, AT.lastSeconds), openSeconds(into), openSeconds(from));
  advanceTo(into, newest);
  advanceTo(from, newest);
  const shift = alignScale(into, from);
  mergeLearned(into, from, shift);
  mergeHours(into, from, shift);
  mergeMinutes(into, from, shift);
  setF64(into, AT.firstSeconds, Math.min(getF64(into, AT.firstSeconds), getF64(from, AT.firstSeconds)));
  setF64(into, AT.lastSeconds, Math.max(getF64(into, AT.lastSeconds), getF64(from, AT.lastSeconds)));
  return known(true);
}

function openSeconds(view: SeriesView): number {
  return (getI32(view, AT.closedHour) + 1) * 3600;
}

/** Codes to add to `from`'s, rounded up so that no peak is lowered. */
function alignScale(into: SeriesView, from: SeriesView): number {
  if (getF64(into, AT.scale) === 0) setF64(into, AT.scale, getF64(from, AT.scale));
  const ratio = getF64(from, AT.scale) / getF64(into, AT.scale);
  return ratio > 0 ? Math.ceil(Math.log2(ratio) * CODES_PER_OCTAVE - 1e-6) : 0;
}

function moved(code: number, shift: number): number {
  return code <= ZERO_CODE ? code : Math.min(2 * CODE_OF_SCALE - 1, Math.max(ZERO_CODE, code + shift));
}

const a = emptyHour();
const b = emptyHour();

function mergeHours(into: SeriesView, from: SeriesView, shift: number): void {
  const closed = getI32(into, AT.closedHour);
  let seen = 0;
  for (let hour = closed - HOURS_KEPT + 1; hour <= closed; hour++) {
    const mine = readHour(into, hour, a);
    const theirs = readHour(from, hour, b);
    if (!mine && !theirs) {
      clearHour(into, hour);
      continue;
    }
    seen++;
    if (!theirs) continue;
    const other = { top: moved(b.top, shift), second: moved(b.second, shift), body: moved(b.body, shift), end: moved(b.end, shift) };
    if (!mine) {
      writeHour(into, hour, other);
      continue;
    }
    writeHour(into, hour, {
      top: Math.max(a.top, other.top),
      second: Math.max(Math.min(a.top, other.top), a.second, other.second),
      body: Math.max(a.body, other.body),
      end: Math.max(a.end, other.end),
    });
  }
  setI32(into, AT.hoursSeen, Math.max(getI32(into, AT.hoursSeen), getI32(from, AT.hoursSeen), seen));
  setU16(into, AT.endTop, Math.max(getU16(into, AT.endTop), moved(getU16(from, AT.endTop), shift)));
  setU16(into, AT.hourMean, Math.max(getU16(into, AT.hourMean), moved(getU16(from, AT.hourMean), shift)));
}

function mergeMinutes(into: SeriesView, from: SeriesView, shift: number): void {
  const lastInto = getI32(into, AT.lastMinute);
  const lastFrom = getI32(from, AT.lastMinute);
  const last = Math.max(lastInto, lastFrom);
  const codeAt = (view: SeriesView, ofLast: number, minute: number): number =>
    minute > ofLast || minute <= ofLast - MINUTES_PER_HOUR ? NO_CODE : getU16(view, AT.minutes, minute % MINUTES_PER_HOUR);
  for (let minute = last - MINUTES_PER_HOUR + 1; minute <= last; minute++) {
    const code = Math.max(codeAt(into, lastInto, minute), moved(codeAt(from, lastFrom, minute), shift));
    setU16(into, AT.minutes, code, minute % MINUTES_PER_HOUR);
  }
  setI32(into, AT.lastMinute, last);
}

/** Sums in the unit of use, which the scale changes; all others are shares or octaves. */
function mergeLearned(into: SeriesView, from: SeriesView, shift: number): void {
  const mine = getI32(into, AT.hoursSeen);
  const theirs = getI32(from, AT.hoursSeen);
  const share = mine + theirs > 0 ? theirs / (mine + theirs) : 0.5;
  const mix = (at: number, index = 0, factor = 1): void => {
    setF32(into, at, (1 - share) * getF32(into, at, index) + share * factor * getF32(from, at, index), index);
  };
  mix(AT.levelSum, 0, 2 ** (shift / CODES_PER_OCTAVE));
  for (const at of [AT.levelWeight, AT.recordSum, AT.recordWeight, AT.overshootSum, AT.overshootWeight, AT.moveSum]) mix(at);
  for (const at of [AT.samplesPerHour, AT.changePrice, AT.nearWeight, AT.farWeight]) mix(at);
  for (let rung = 0; rung < RUNGS; rung++) {
    mix(AT.nearExceeded, rung);
    mix(AT.farExceeded, rung);
  }
  const mix16 = (at: number, count: number): void => {
    for (let i = 0; i < count; i++) setU16(into, at, Math.round((1 - share) * getU16(into, at, i) + share * getU16(from, at, i)), i);
  };
  mix16(AT.nearWeights, NEAR_EXPERTS);
  mix16(AT.farWeights, FAR_EXPERTS);
  mix16(AT.nearErrors, NEAR_EXPERTS * ERRORS_PER_EXPERT);
  mix16(AT.farErrors, FAR_EXPERTS * ERRORS_PER_EXPERT);
  // A pretended request is only ever judged against use: the higher one is the careful one.
  const highest = (at: number, count: number): void => {
    for (let i = 0; i < count; i++) setU16(into, at, Math.max(getU16(into, at, i), moved(getU16(from, at, i), shift)), i);
  };
  highest(AT.nearRequests, RUNGS);
  highest(AT.farRequests, RUNGS * FAR_PHASES);
}
