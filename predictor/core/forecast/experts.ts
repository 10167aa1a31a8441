import { HOUR_SECONDS } from '../../../common/units.ts';
import { NO_CODE } from './codes.ts';
import { FAR_LEAD_HOURS, HOURS_PER_DAY, HOURS_PER_WEEK, MAX_SHIFT_CODES } from './constants.ts';
import { emptyHour, type HourOfMinutes, type HourSketch, readHour, reduceMinutes, weekRecord } from './hours.ts';
import { AT, FAR_EXPERTS, getI32, getU16, NEAR_EXPERTS, type SeriesView } from './layout.ts';

/**
 * What each expert says about one hour: the three points of an hour sketch, as codes. An expert is a piece of the
 * series' own past, sometimes moved to today's level; what it is worth and how far it errs is learned elsewhere.
 */
export interface References {
  readonly names: readonly string[];
  readonly top: Float64Array;
  readonly second: Float64Array;
  readonly body: Float64Array;
  /** 1 where the expert has something to say. The last expert is the pooled week and has no points of its own. */
  readonly present: Uint8Array;
  /** Highest code of the week. */
  record: number;
}

const NEAR_NAMES = [
  'last minutes',
  'last hour at its end level',
  'last hour',
  'hour before',
  'same hour of seven days',
  "same hour of seven days at today's level",
  'same hour yesterday',
  "same hour yesterday at today's level",
  'same hour two days ago',
  'same hour three days ago',
  'same hour last week',
  "same hour last week at today's level",
  'pooled week',
] as const;
const FAR_NAMES = [
  'latest hour',
  'same hour of the last day',
  'same hour of the day before',
  'same hour of two days before',
  'same hour of seven days',
  'same hour last week',
  'hours around the same of the last day',
  'pooled week',
] as const;

function references(names: readonly string[], experts: number): References {
  if (names.length !== experts) throw new Error(`${names.length} names for ${experts} experts`);
  return {
    names,
    top: new Float64Array(experts),
    second: new Float64Array(experts),
    body: new Float64Array(experts),
    present: new Uint8Array(experts),
    record: NO_CODE,
  };
}

export const newNearReferences = (): References => references(NEAR_NAMES, NEAR_EXPERTS);
export const newFarReferences = (): References => references(FAR_NAMES, FAR_EXPERTS);

/** The hour that ended at a moment, and where the series stood then. */
export interface Recent {
  present: boolean;
  readonly hour: HourOfMinutes;
  /** First hour that is not closed at the moment. */
  openHour: number;
  /** How much of the open hour has passed, 0…1. */
  passed: number;
}

export const newRecent = (): Recent => ({ present: false, hour: emptyHour(), openHour: 0, passed: 0 });

/** At the start of an hour the hour before it is read from the week; its minutes may be gone by then. */
export function recentAtHour(view: SeriesView, openHour: number, into: Recent): void {
  into.openHour = openHour;
  into.passed = 0;
  into.present = getI32(view, AT.closedHour) === openHour - 1 && readHour(view, openHour - 1, into.hour);
  into.hour.endTop = getU16(view, AT.endTop);
  into.hour.mean = getU16(view, AT.hourMean);
}

export function recentAt(view: SeriesView, nowUnixSeconds: number, into: Recent): void {
  const openHour = Math.floor(nowUnixSeconds / HOUR_SECONDS);
  const minute = Math.floor(nowUnixSeconds / 60);
  if (minute % 60 === 0) {
    recentAtHour(view, openHour, into);
    return;
  }
  into.openHour = openHour;
  into.passed = nowUnixSeconds / HOUR_SECONDS - openHour;
  into.present = reduceMinutes(view, minute, into.hour);
}

const a = emptyHour();
const b = emptyHour();

function put(refs: References, k: number, from: HourSketch, shift: number): void {
  refs.top[k] = from.top + shift;
  refs.second[k] = from.second + shift;
  refs.body[k] = from.body + shift;
  refs.present[k] = 1;
}

/** A level is moved by at most two octaves, and upwards not beyond the record: ratios of small levels say little. */
function bounded(shift: number, top: number, record: number): number {
  if (shift <= 0) return Math.max(-MAX_SHIFT_CODES, shift);
  return Math.min(shift, MAX_SHIFT_CODES, Math.max(0, record - top));
}

/** How far today's level is from the one at the same time `lag` hours ago, codes; 0 where either is unknown. */
function levelShift(view: SeriesView, recent: Recent, lag: number): number {
  if (!recent.present || !readHour(view, recent.openHour - 1 - lag, b)) return 0;
  let then = b.end;
  if (recent.passed > 0 && readHour(view, recent.openHour - lag, b)) then += recent.passed * (b.end - then);
  return recent.hour.end - then;
}

function putSeasonal(view: SeriesView, refs: References, at: { k: number; hour: number; shift: number }): void {
  if (readHour(view, at.hour, a)) put(refs, at.k, a, bounded(at.shift, a.top, refs.record));
}

const mean = emptyHour();

/** Mean over the days of the week, in octaves, each day moved by its own shift. */
function putDays(view: SeriesView, refs: References, at: { k: number; hour: number; lags: number; recent: Recent | null }): void {
  let days = 0;
  mean.top = 0;
  mean.second = 0;
  mean.body = 0;
  for (let lag = at.lags; lag <= HOURS_PER_WEEK; lag += HOURS_PER_DAY) {
    if (!readHour(view, at.hour - lag, a)) continue;
    const shift = at.recent === null ? 0 : levelShift(view, at.recent, lag);
    const moved = Math.min(MAX_SHIFT_CODES, Math.max(-MAX_SHIFT_CODES, shift));
    mean.top += a.top + moved;
    mean.second += a.second + moved;
    mean.body += a.body + moved;
    days++;
  }
  if (days === 0) return;
  mean.top /= days;
  mean.second /= days;
  mean.body /= days;
  put(refs, at.k, mean, Math.min(0, refs.record - mean.top));
}

/** What is known at the moment of `recent` about `hour`, which begins less than two hours after it. */
export function nearReferences(view: SeriesView, hour: number, recent: Recent, refs: References): void {
  refs.present.fill(0);
  refs.record = Math.max(weekRecord(view), recent.present ? recent.hour.top : NO_CODE);
  if (recent.present) {
    put(refs, 0, { top: recent.hour.endTop, second: recent.hour.endTop, body: recent.hour.end, end: 0 }, 0);
    put(refs, 1, recent.hour, bounded(recent.hour.end - recent.hour.mean, recent.hour.top, refs.record));
    put(refs, 2, recent.hour, 0);
  }
  if (readHour(view, recent.openHour - 2, a)) put(refs, 3, a, 0);
  const today = levelShift(view, recent, HOURS_PER_DAY);
  putDays(view, refs, { k: 4, hour, lags: HOURS_PER_DAY, recent: null });
  putDays(view, refs, { k: 5, hour, lags: HOURS_PER_DAY, recent });
  putSeasonal(view, refs, { k: 6, hour: hour - HOURS_PER_DAY, shift: 0 });
  putSeasonal(view, refs, { k: 7, hour: hour - HOURS_PER_DAY, shift: today });
  putSeasonal(view, refs, { k: 8, hour: hour - 2 * HOURS_PER_DAY, shift: 0 });
  putSeasonal(view, refs, { k: 9, hour: hour - 3 * HOURS_PER_DAY, shift: 0 });
  putSeasonal(view, refs, { k: 10, hour: hour - HOURS_PER_WEEK, shift: 0 });
  putSeasonal(view, refs, { k: 11, hour: hour - HOURS_PER_WEEK, shift: levelShift(view, recent, HOURS_PER_WEEK) });
  refs.present[NEAR_EXPERTS - 1] = 1;
}

/** Reads the highest of three neighbouring hours, point by point. */
function readAround(view: SeriesView, hour: number, into: HourSketch): boolean {
  let found = false;
  for (let near = hour - 1; near <= hour + 1; near++) {
    if (!readHour(view, near, a)) continue;
    into.top = found ? Math.max(into.top, a.top) : a.top;
    into.second = found ? Math.max(into.second, a.second) : a.second;
    into.body = found ? Math.max(into.body, a.body) : a.body;
    found = true;
  }
  return found;
}

/** From where an hour further away is seen. */
export interface Standpoint {
  /** First hour of which nothing is known. */
  readonly openHour: number;
  /** The hour that stands for "latest"; while learning it is one as old as the forecast's usual lead. */
  readonly latestHour: number;
}

/** What is known from a standpoint about `hour`, which may be a week later. */
export function farReferences(view: SeriesView, hour: number, { openHour, latestHour }: Standpoint, refs: References): void {
  refs.present.fill(0);
  refs.record = weekRecord(view);
  const day = HOURS_PER_DAY * Math.max(1, Math.ceil((hour - openHour + 1) / HOURS_PER_DAY));
  if (readHour(view, latestHour, a)) put(refs, 0, a, 0);
  putSeasonal(view, refs, { k: 1, hour: hour - day, shift: 0 });
  putSeasonal(view, refs, { k: 2, hour: hour - day - HOURS_PER_DAY, shift: 0 });
  putSeasonal(view, refs, { k: 3, hour: hour - day - 2 * HOURS_PER_DAY, shift: 0 });
  putDays(view, refs, { k: 4, hour: hour - day + HOURS_PER_DAY, lags: HOURS_PER_DAY, recent: null });
  const week = HOURS_PER_WEEK * Math.max(1, Math.ceil((hour - openHour + 1) / HOURS_PER_WEEK));
  putSeasonal(view, refs, { k: 5, hour: hour - week, shift: 0 });
  if (readAround(view, hour - day, mean)) put(refs, 6, mean, 0);
  refs.present[FAR_EXPERTS - 1] = 1;
}

/** The hour that "latest" is learned from, for a target hour. */
export function latestWhileLearning(hour: number): number {
  return hour - FAR_LEAD_HOURS;
}
