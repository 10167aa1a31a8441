import { HOUR_SECONDS } from '../../../common/units.ts';
import { amountOf, codeOf, NO_CODE, ZERO_CODE } from './codes.ts';
import {
  CHANGE_PRICE_BOUNDS,
  CODES_PER_OCTAVE,
  FAR_EVERY_HOURS,
  FAR_PHASES,
  HOURS_KEPT,
  HOURS_PER_DAY,
  LARGEST_AMOUNT,
  LONG_HALF_LIFE_HOURS,
  RECORD_SHARE_PRIOR,
  SMALLEST_AMOUNT,
} from './constants.ts';
import { distributeFar, distributeNear } from './distribute.ts';
import {
  farReferences,
  latestWhileLearning,
  nearReferences,
  newFarReferences,
  newNearReferences,
  newRecent,
  recentAtHour,
} from './experts.ts';
import { clearHour, emptyHour, putMinute, readHour, reduceMinutes, shareAbove, weekRecord, writeHour } from './hours.ts';
import { AT, FORMAT_TAG, getF32, getF64, getI32, SERIES_STATE_BYTES, type SeriesView, setF32, setF64, setI32, setU16 } from './layout.ts';
import { learn } from './learn.ts';
import { FAR_TABLE, initTable, NEAR_TABLE, usualMove } from './mixture.ts';
import { bookHour, pretendFar, pretendNear } from './risk-price.ts';

/** Makes the state of a series that has seen nothing. */
export function initSeries(view: SeriesView): void {
  view.u8.fill(0, view.byteOffset, view.byteOffset + SERIES_STATE_BYTES);
  setI32(view, AT.tag, FORMAT_TAG);
  setF32(view, AT.changePrice, CHANGE_PRICE_BOUNDS[0]);
  initTable(view, NEAR_TABLE);
  initTable(view, FAR_TABLE);
}

/** Whether the memory holds a series of this version. */
export function isSeries(view: SeriesView): boolean {
  return getI32(view, AT.tag) === FORMAT_TAG;
}

export function hasSamples(view: SeriesView): boolean {
  return getF64(view, AT.lastSeconds) > 0;
}

/** Whether any use above 0 was ever seen. */
export function hasUse(view: SeriesView): boolean {
  return getF64(view, AT.scale) > 0;
}

/**
 * Takes one sample: the peak use within the sample's slot, in any unit but always the same.
 *
 * Refused, with the state untouched: NaN, infinity and amounts beyond 1e100, negative values, and a time not after the last sample's.
 *
 * @returns whether the sample was taken
 */
export function ingest(view: SeriesView, unixSeconds: number, value: number): boolean {
  if (!(value >= 0 && value <= LARGEST_AMOUNT) || !(unixSeconds > 0) || unixSeconds > 2 ** 40) return false;
  const minute = Math.floor(unixSeconds / 60);
  if (!hasSamples(view)) {
    setF64(view, AT.firstSeconds, unixSeconds);
    setI32(view, AT.closedHour, Math.floor(unixSeconds / HOUR_SECONDS) - 1);
    setI32(view, AT.lastMinute, minute - 1);
  } else {
    if (unixSeconds <= getF64(view, AT.lastSeconds)) return false;
    advanceTo(view, unixSeconds);
    // An hour that was closed early, because its end had come, takes no late samples.
    if (Math.floor(unixSeconds / HOUR_SECONDS) <= getI32(view, AT.closedHour)) return false;
  }
  // Zeros have the same code at every scale, so that the first positive value can still choose it.
  if (value >= SMALLEST_AMOUNT && !hasUse(view)) setF64(view, AT.scale, value);
  putMinute(view, minute, value < SMALLEST_AMOUNT ? ZERO_CODE : codeOf(value / getF64(view, AT.scale)), getI32(view, AT.lastMinute));
  setI32(view, AT.lastMinute, Math.max(minute, getI32(view, AT.lastMinute)));
  setF64(view, AT.lastSeconds, unixSeconds);
  return true;
}

/** Closes every hour that has ended by then, learning from it. Called by `ingest`; call it before deciding at an hour's start. */
export function advanceTo(view: SeriesView, nowUnixSeconds: number): void {
  if (!hasSamples(view)) return;
  const open = Math.floor(nowUnixSeconds / HOUR_SECONDS);
  let hour = getI32(view, AT.closedHour) + 1;
  if (hour >= open) return;
  closeHour(view, hour);
  // After a gap of more than what is kept nothing is left to close or clear twice.
  for (hour = Math.max(hour + 1, open - HOURS_KEPT); hour < open; hour++) {
    clearHour(view, hour);
    setI32(view, AT.closedHour, hour);
  }
}

const hour60 = emptyHour();
const before = emptyHour();
const recent = newRecent();
const near = newNearReferences();
const far = newFarReferences();
const FORGET = 2 ** (-1 / LONG_HALF_LIFE_HOURS);

/** Only the first hour that a pass closes can have samples: a sample closes all hours before its own. */
function closeHour(view: SeriesView, hour: number): void {
  if (!reduceMinutes(view, (hour + 1) * 60, hour60)) {
    clearHour(view, hour);
    setI32(view, AT.closedHour, hour);
    return;
  }
  const seen = getI32(view, AT.hoursSeen);
  const above = (code: number): number => shareAbove(hour60, code);
  bookHour(view, 'near', 1, above);
  bookHour(view, 'far', FAR_PHASES, above);
  if (seen > 0) {
    recentAtHour(view, hour, recent);
    nearReferences(view, hour, recent, near);
    learn(view, NEAR_TABLE, near, hour60);
    if (seen >= HOURS_PER_DAY) {
      farReferences(view, hour, { openHour: hour, latestHour: latestWhileLearning(hour) }, far);
      learn(view, FAR_TABLE, far, hour60);
    }
  }
  bookRecord(view, hour, seen > 0 ? weekRecord(view) : NO_CODE);
  writeHour(view, hour, hour60);
  setI32(view, AT.closedHour, hour);
  setI32(view, AT.hoursSeen, seen + 1);
  setU16(view, AT.endTop, hour60.endTop);
  setU16(view, AT.hourMean, hour60.mean);
  forgetAndAdd(view, AT.levelSum, amountOf(hour60.mean));
  forgetAndAdd(view, AT.levelWeight, 1);
  const samples = getF32(view, AT.samplesPerHour);
  setF32(view, AT.samplesPerHour, seen === 0 ? hour60.samples : samples + (hour60.samples - samples) / Math.min(HOURS_PER_DAY, seen + 1));
  pretend(view, hour + 1);
}

/**
 * Whether the hour that was reduced last broke the week's record, for how much of its time, and by how much; and how far
 * the peak moved since the hour before (as usual where that is unknown).
 */
function bookRecord(view: SeriesView, hour: number, record: number): void {
  const share = record === NO_CODE ? RECORD_SHARE_PRIOR : shareAbove(hour60, record);
  const overshoot = record === NO_CODE ? 0 : Math.max(0, hour60.top - record) / CODES_PER_OCTAVE;
  const moved = readHour(view, hour - 1, before) ? Math.abs(hour60.top - before.top) / CODES_PER_OCTAVE : usualMove(view);
  forgetAndAdd(view, AT.moveSum, moved);
  forgetAndAdd(view, AT.recordSum, share);
  forgetAndAdd(view, AT.recordWeight, 1);
  forgetAndAdd(view, AT.overshootSum, overshoot);
  forgetAndAdd(view, AT.overshootWeight, overshoot > 0 ? 1 : 0);
}

function forgetAndAdd(view: SeriesView, at: number, amount: number): void {
  setF32(view, at, getF32(view, at) * FORGET + amount);
}

/** Decisions at every rung for the hour that begins, and every few hours for the day that begins. */
function pretend(view: SeriesView, openHour: number): void {
  const now = openHour * HOUR_SECONDS;
  pretendNear(view, distributeNear(view, now, HOUR_SECONDS));
  if (openHour % FAR_EVERY_HOURS === 0 && getI32(view, AT.hoursSeen) >= HOURS_PER_DAY) {
    pretendFar(view, distributeFar(view, now, HOURS_PER_DAY * HOUR_SECONDS), (openHour / FAR_EVERY_HOURS) % FAR_PHASES);
  }
}
