import { FAR_PHASES, HOURS_KEPT, MINUTES_PER_HOUR, RUNGS } from './constants.ts';

/** Experts of the next two hours, and of anything later; see experts.ts. */
export const NEAR_EXPERTS = 13;
export const FAR_EXPERTS = 8;
/** Per expert: errors near the record and below it; three of the four shares, the fourth is the rest. */
export const CONTEXTS = 2;
export const ERROR_KINDS = 4;
const STORED_ERRORS = ERROR_KINDS - 1;
export const ERRORS_PER_EXPERT = CONTEXTS * STORED_ERRORS;

export const FORMAT_VERSION = 1;
/** "NP" and the version, so that memory that was never initialised, or an older layout, is refused. */
export const FORMAT_TAG = 0x4e500000 | FORMAT_VERSION;

let next = 0;
function take(bytes: number): number {
  const at = next;
  next += bytes;
  return at;
}

/** Byte offsets within one series' state. Widest fields first, so that all are aligned. */
export const AT = {
  /** Amount that code 32768 stands for: the first positive sample. f64 */
  scale: take(8),
  firstSeconds: take(8),
  lastSeconds: take(8),
  tag: take(4),
  /** Unix hour that was closed last; the next one is being filled. i32 */
  closedHour: take(4),
  /** Hours with data since the start. i32 */
  hoursSeen: take(4),
  /** Unix minute of the newest slot. i32 */
  lastMinute: take(4),
  /** Decayed sums of hourly mean use (in scales) and their weight. f32 */
  levelSum: take(4),
  levelWeight: take(4),
  /** Decayed sum of the share of time above the record of its week, and the weight. f32 */
  recordSum: take(4),
  recordWeight: take(4),
  /** Decayed sum of how far records were overshot, octaves, and how many were broken. f32 */
  overshootSum: take(4),
  overshootWeight: take(4),
  /** Decayed sum of how far the hourly peak moved from hour to hour, octaves; its weight is recordWeight. f32 */
  moveSum: take(4),
  /** Mean number of samples in an hour. f32 */
  samplesPerHour: take(4),
  /** Price of one change, in mean uses × hours. f32 */
  changePrice: take(4),
  /** Decayed hours of calibration, near and far. f32 */
  nearWeight: take(4),
  farWeight: take(4),
  /** Per rung: decayed sum of the share of time above the request it would have set. f32 */
  nearExceeded: take(4 * RUNGS),
  farExceeded: take(4 * RUNGS),
  /** Code of the highest sample of each minute of the last hour; 0 is none. u16 */
  minutes: take(2 * MINUTES_PER_HOUR),
  /** Code of the highest sample of each hour of the week. u16 */
  hourTop: take(2 * HOURS_KEPT),
  /** What the last closed hour ended with: highest sample of the last minutes, and its mean use. u16 */
  endTop: take(2),
  hourMean: take(2),
  nearWeights: take(2 * NEAR_EXPERTS),
  farWeights: take(2 * FAR_EXPERTS),
  nearErrors: take(2 * NEAR_EXPERTS * ERRORS_PER_EXPERT),
  farErrors: take(2 * FAR_EXPERTS * ERRORS_PER_EXPERT),
  /** Requests that each rung has in force, as codes. u16 */
  nearRequests: take(2 * RUNGS),
  farRequests: take(2 * RUNGS * FAR_PHASES),
  /** How far below the hour's highest sample the second, the body and the last minutes are; see codes.ts. u8 */
  hourSecond: take(HOURS_KEPT),
  hourBody: take(HOURS_KEPT),
  hourEnd: take(HOURS_KEPT),
} as const;

/** Fixed size of one series (one container, one resource), bytes; a multiple of 8. */
export const SERIES_STATE_BYTES = Math.ceil(next / 8) * 8;

/**
 * Where one series lives: typed arrays over a whole buffer (shared between threads or not) and the place of the series
 * in it. One view serves a million series: move `byteOffset` to the next, a multiple of SERIES_STATE_BYTES.
 */
export interface SeriesView {
  readonly f64: Float64Array;
  readonly f32: Float32Array;
  readonly i32: Int32Array;
  readonly u16: Uint16Array;
  readonly u8: Uint8Array;
  byteOffset: number;
}

/** @param byteOffset a multiple of 8 */
export function openSeries(buffer: ArrayBufferLike, byteOffset = 0): SeriesView {
  const bytes = Math.floor(buffer.byteLength / 8) * 8;
  return {
    f64: new Float64Array(buffer, 0, bytes / 8),
    f32: new Float32Array(buffer, 0, bytes / 4),
    i32: new Int32Array(buffer, 0, bytes / 4),
    u16: new Uint16Array(buffer, 0, bytes / 2),
    u8: new Uint8Array(buffer, 0, bytes),
    byteOffset,
  };
}

/** A view on one series in memory of its own, for tests, the CLI and replays. */
export function newSeries(): SeriesView {
  return openSeries(new ArrayBuffer(SERIES_STATE_BYTES));
}

export function getF64(view: SeriesView, at: number): number {
  return view.f64[(view.byteOffset + at) >> 3] as number;
}
export function setF64(view: SeriesView, at: number, value: number): void {
  view.f64[(view.byteOffset + at) >> 3] = value;
}
export function getF32(view: SeriesView, at: number, index = 0): number {
  return view.f32[((view.byteOffset + at) >> 2) + index] as number;
}
export function setF32(view: SeriesView, at: number, value: number, index = 0): void {
  view.f32[((view.byteOffset + at) >> 2) + index] = value;
}
export function getI32(view: SeriesView, at: number): number {
  return view.i32[(view.byteOffset + at) >> 2] as number;
}
export function setI32(view: SeriesView, at: number, value: number): void {
  view.i32[(view.byteOffset + at) >> 2] = value;
}
export function getU16(view: SeriesView, at: number, index = 0): number {
  return view.u16[((view.byteOffset + at) >> 1) + index] as number;
}
export function setU16(view: SeriesView, at: number, value: number, index = 0): void {
  view.u16[((view.byteOffset + at) >> 1) + index] = value;
}
export function setU8(view: SeriesView, at: number, value: number, index: number): void {
  view.u8[view.byteOffset + at + index] = value;
}
