import { known, type Result, unknown } from '../../../common/result.ts';
import { COUNTERS, createTailSketch, type TailSketch } from './tail-sketch.ts';

/** `NTS1`: Neap tail sketch, layout 1. */
const MAGIC = 0x4e545331;

const SCALARS = [
  'periods',
  'awakePeriods',
  'hiddenPeriods',
  'usedMicros',
  'peakMicros',
  'lastMicros',
  'heldMicros',
  'heldPeriods',
] as const;
const FLOATS_PER_QUOTA = 2;
const INTEGERS_PER_QUOTA = COUNTERS + 3;
const HEADER_BYTES = 8;

/** More is no sketch of ours; it keeps a damaged length from asking for gigabytes. */
const QUOTAS_MOST = 1024;

/** For checkpoints and for sending, little-endian, with the open window: going on from it is going on without a break. */
export function tailSketchToBytes(sketch: TailSketch): Uint8Array<ArrayBuffer> {
  const quotas = sketch.quotasMicros.length;
  const bytes = new Uint8Array(sizeOf(quotas));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, quotas, true);
  let at = HEADER_BYTES;
  const floats = [...SCALARS.map((field) => sketch[field]), ...sketch.quotasMicros, ...sketch.backlog];
  for (const value of floats) {
    view.setFloat64(at, value, true);
    at += 8;
  }
  for (const integers of [sketch.counts, sketch.runs, sketch.above, sketch.running]) {
    for (const value of integers) {
      view.setUint32(at, value, true);
      at += 4;
    }
  }
  view.setUint32(at, checksum(bytes.subarray(0, at)), true);
  return bytes;
}

/** Refuses whatever `tailSketchToBytes` can not have written. */
export function tailSketchFromBytes(bytes: Uint8Array): Result<TailSketch, 'BadSketch'> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEADER_BYTES || view.getUint32(0, true) !== MAGIC)
    return unknown('BadSketch', 'These bytes are no tail sketch of layout 1.');
  const quotas = view.getUint32(4, true);
  if (quotas > QUOTAS_MOST || bytes.length !== sizeOf(quotas)) {
    return unknown('BadSketch', `${bytes.length} bytes are no sketch of ${quotas} quotas.`);
  }
  const end = bytes.length - 4;
  if (view.getUint32(end, true) !== checksum(bytes.subarray(0, end))) return unknown('BadSketch', 'The checksum does not match.');

  let at = HEADER_BYTES;
  const float = (): number => {
    at += 8;
    return view.getFloat64(at - 8, true);
  };
  const integer = (): number => {
    at += 4;
    return view.getUint32(at - 4, true);
  };
  const scalars = SCALARS.map(float);
  const sketch = createTailSketch(Float64Array.from({ length: quotas }, float));
  for (const [i, field] of SCALARS.entries()) sketch[field] = scalars[i] as number;
  for (let k = 0; k < quotas; k++) sketch.backlog[k] = float();
  for (const integers of [sketch.counts, sketch.runs, sketch.above, sketch.running]) {
    for (let i = 0; i < integers.length; i++) integers[i] = integer();
  }
  const wrong = inconsistency(sketch);
  return wrong === undefined ? known(sketch) : unknown('BadSketch', wrong);
}

function inconsistency(sketch: TailSketch): string | undefined {
  const isAmount = (value: number): boolean => value >= 0 && value < Number.POSITIVE_INFINITY;
  if (!SCALARS.every((field) => isAmount(sketch[field])) || !sketch.backlog.every(isAmount)) return 'An amount is negative or no number.';
  if (!sketch.quotasMicros.every((quota, k) => isAmount(quota) && quota > (k === 0 ? 0 : (sketch.quotasMicros[k - 1] as number)))) {
    return 'The quotas do not rise.';
  }
  const placed = sketch.periods - sketch.heldPeriods;
  for (let k = 0; k < sketch.quotasMicros.length; k++) {
    const counted = sketch.counts.subarray(k * COUNTERS, (k + 1) * COUNTERS).reduce((sum, n) => sum + n, 0);
    if (counted !== placed) return `Quota ${k} counts ${counted} periods of ${placed}.`;
  }
  return sketch.awakePeriods <= sketch.periods && sketch.hiddenPeriods <= sketch.periods
    ? undefined
    : 'More periods of a kind than periods.';
}

function sizeOf(quotas: number): number {
  return HEADER_BYTES + 8 * (SCALARS.length + FLOATS_PER_QUOTA * quotas) + 4 * INTEGERS_PER_QUOTA * quotas + 4;
}

/** FNV-1a (Fowler, Noll, Vo), 32 bits: finds the torn and flipped bytes that disks and networks make. */
function checksum(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
