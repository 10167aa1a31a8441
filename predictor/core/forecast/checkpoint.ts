import { known, type Result, unknown } from '../../../common/result.ts';
import { HOUR_SECONDS } from '../../../common/units.ts';
import { HOURS_KEPT } from './constants.ts';
import { AT, FORMAT_TAG, getF32, getF64, getI32, openSeries, SERIES_STATE_BYTES, type SeriesView } from './layout.ts';

/** A series on disk: its state and a checksum. Little-endian, as every platform that Node runs on is. */
export const CHECKPOINT_BYTES = SERIES_STATE_BYTES + 8;

export type CheckpointReason = 'WrongSize' | 'WrongVersion' | 'WrongChecksum' | 'Implausible';

/** FNV-1a over 32 bits (Fowler, Noll, Vo); against torn and rotten files, not against forgers. */
function checksum(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193);
  return hash >>> 0;
}

export function encodeCheckpoint(view: SeriesView): Uint8Array {
  const out = new Uint8Array(CHECKPOINT_BYTES);
  out.set(view.u8.subarray(view.byteOffset, view.byteOffset + SERIES_STATE_BYTES));
  const tail = new DataView(out.buffer, SERIES_STATE_BYTES);
  tail.setUint32(0, checksum(out.subarray(0, SERIES_STATE_BYTES)), true);
  tail.setUint32(4, FORMAT_TAG, true);
  return out;
}

/** Loads a checkpoint into a series, or says why not and leaves the series as it is. */
export function decodeCheckpoint(bytes: Uint8Array, into: SeriesView): Result<true, CheckpointReason> {
  if (bytes.length !== CHECKPOINT_BYTES) return unknown('WrongSize', `${bytes.length} bytes, ${CHECKPOINT_BYTES} expected`);
  const copy = Uint8Array.from(bytes);
  const tail = new DataView(copy.buffer, SERIES_STATE_BYTES);
  if (tail.getUint32(4, true) !== FORMAT_TAG) return unknown('WrongVersion', 'written by another version');
  const state = copy.subarray(0, SERIES_STATE_BYTES);
  if (tail.getUint32(0, true) !== checksum(state)) return unknown('WrongChecksum', 'the bytes are not those that were written');
  const fault = implausible(openSeries(copy.buffer));
  if (fault !== undefined) return unknown('Implausible', fault);
  into.u8.set(state, into.byteOffset);
  return known(true);
}

const F32_FIELDS = [
  'levelSum',
  'levelWeight',
  'recordSum',
  'recordWeight',
  'overshootSum',
  'samplesPerHour',
  'changePrice',
  'nearWeight',
] as const;

/** What cannot be, whoever wrote it; undefined where nothing is wrong. */
function implausible(view: SeriesView): string | undefined {
  if (getI32(view, AT.tag) !== FORMAT_TAG) return 'the state was never initialised';
  for (const name of F32_FIELDS) {
    const value = getF32(view, AT[name]);
    if (!(value >= 0 && value < 1e12)) return `${name} is ${value}`;
  }
  const scale = getF64(view, AT.scale);
  const first = getF64(view, AT.firstSeconds);
  const last = getF64(view, AT.lastSeconds);
  if (!(scale >= 0 && scale < Number.MAX_VALUE)) return `scale is ${scale}`;
  if (!(first >= 0 && last >= first)) return `samples from ${first} to ${last}`;
  const open = Math.floor(last / HOUR_SECONDS);
  const closed = getI32(view, AT.closedHour);
  if (last > 0 && (closed < open - 1 || closed > open + HOURS_KEPT * 52)) return `hour ${closed} closed, newest sample in hour ${open}`;
  if (getI32(view, AT.hoursSeen) < 0) return 'negative history';
  return undefined;
}
