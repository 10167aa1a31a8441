import { amountOf, codeOf, NO_CODE, packDistance, unpackDistance } from './codes.ts';
import { BODY_SHARE, HOURS_KEPT, MINUTES_PER_HOUR, NOW_MINUTES } from './constants.ts';
import { AT, getI32, getU16, type SeriesView, setU8, setU16 } from './layout.ts';

/** An hour in four numbers, codes. */
export interface HourSketch {
  top: number;
  second: number;
  body: number;
  /** Mean use of the last minutes. */
  end: number;
}

/** The minutes of an hour, reduced. */
export interface HourOfMinutes extends HourSketch {
  samples: number;
  /** Mean over the samples, code. */
  mean: number;
  /** Highest sample of the last minutes. */
  endTop: number;
}

export function emptyHour(): HourOfMinutes {
  return { top: NO_CODE, second: NO_CODE, body: NO_CODE, end: NO_CODE, samples: 0, mean: NO_CODE, endTop: NO_CODE };
}

/** Hours are counted from the epoch and never negative where there is a sample. */
function slotOf(hour: number): number {
  return hour % HOURS_KEPT;
}

/** Reads one of the closed hours that are kept into `into`; false where it is outside of them or had no sample. */
export function readHour(view: SeriesView, hour: number, into: HourSketch): boolean {
  const closed = getI32(view, AT.closedHour);
  if (hour > closed || hour <= closed - HOURS_KEPT || hour < 0) return false;
  // Read in place: this is the innermost of all that a pass over a million series does.
  const slot = slotOf(hour);
  const top = view.u16[((view.byteOffset + AT.hourTop) >> 1) + slot] as number;
  if (top === NO_CODE) return false;
  const bytes = view.byteOffset + slot;
  into.top = top;
  into.second = top - unpackDistance(view.u8[bytes + AT.hourSecond] as number);
  into.body = top - unpackDistance(view.u8[bytes + AT.hourBody] as number);
  into.end = top - unpackDistance(view.u8[bytes + AT.hourEnd] as number);
  return true;
}

export function writeHour(view: SeriesView, hour: number, sketch: HourSketch): void {
  const slot = slotOf(hour);
  setU16(view, AT.hourTop, sketch.top, slot);
  setU8(view, AT.hourSecond, packDistance(sketch.top - sketch.second), slot);
  setU8(view, AT.hourBody, packDistance(sketch.top - sketch.body), slot);
  setU8(view, AT.hourEnd, packDistance(sketch.top - sketch.end), slot);
}

export function clearHour(view: SeriesView, hour: number): void {
  setU16(view, AT.hourTop, NO_CODE, slotOf(hour));
}

/** Highest code of the week that is kept. */
export function weekRecord(view: SeriesView): number {
  let record = NO_CODE;
  for (let slot = 0; slot < HOURS_KEPT; slot++) {
    const top = getU16(view, AT.hourTop, slot);
    if (top > record) record = top;
  }
  return record;
}

/** Codes of the minutes that were reduced last, highest first; only the upper BODY_SHARE are in order. */
const sorted = new Float64Array(MINUTES_PER_HOUR);

/**
 * Reduces the last 60 minute slots before `endMinute` (unix minutes, exclusive) into `into`; false where none has a
 * sample. `endTop` and `end` tell of the newest minutes with samples.
 */
export function reduceMinutes(view: SeriesView, endMinute: number, into: HourOfMinutes): boolean {
  const last = getI32(view, AT.lastMinute);
  let n = 0;
  let endTop = NO_CODE;
  let sum = 0;
  let endSum = 0;
  let endSamples = 0;
  for (let minute = Math.min(last, endMinute - 1); minute >= endMinute - MINUTES_PER_HOUR && minute > last - MINUTES_PER_HOUR; minute--) {
    const code = getU16(view, AT.minutes, minute % MINUTES_PER_HOUR);
    if (code === NO_CODE) continue;
    const amount = amountOf(code);
    sum += amount;
    if (minute >= endMinute - NOW_MINUTES || endSamples === 0) {
      if (code > endTop) endTop = code;
      endSum += amount;
      endSamples++;
    }
    let i = n++;
    for (; i > 0 && (sorted[i - 1] as number) < code; i--) sorted[i] = sorted[i - 1] as number;
    sorted[i] = code;
  }
  if (n === 0) return false;
  into.samples = n;
  into.mean = codeOf(sum / n);
  into.top = sorted[0] as number;
  into.second = sorted[Math.min(n - 1, 1)] as number;
  into.body = sorted[Math.min(n - 1, Math.max(1, Math.floor(BODY_SHARE * n)))] as number;
  into.endTop = endTop;
  into.end = codeOf(endSum / endSamples);
  return true;
}

/** Share of the samples of the hour that was reduced last that are above a code. */
export function shareAbove(hour: HourOfMinutes, code: number): number {
  let above = 0;
  while (above < hour.samples && (sorted[above] as number) > code) above++;
  return above / hour.samples;
}

/** Stores the highest sample of a minute; slots of minutes without a sample in between are emptied. */
export function putMinute(view: SeriesView, minute: number, code: number, lastMinute: number): void {
  if (minute === lastMinute) {
    const slot = minute % MINUTES_PER_HOUR;
    if (code > getU16(view, AT.minutes, slot)) setU16(view, AT.minutes, code, slot);
    return;
  }
  const from = Math.max(lastMinute + 1, minute - MINUTES_PER_HOUR + 1);
  for (let empty = from; empty < minute; empty++) setU16(view, AT.minutes, NO_CODE, empty % MINUTES_PER_HOUR);
  setU16(view, AT.minutes, code, minute % MINUTES_PER_HOUR);
}
