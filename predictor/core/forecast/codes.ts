import { CODES_PER_OCTAVE } from './constants.ts';

/** Code of an amount equal to the series' scale; ±32 octaves fit into 16 bits. */
export const CODE_OF_SCALE = 32768;
/** Nothing was measured. */
export const NO_CODE = 0;
/** Zero use, and anything 2^-32 below the scale. */
export const ZERO_CODE = 1;
const MAX_CODE = 65535;

/** Code of an amount given in scales, rounded up: a decoded peak is never below the peak. */
export function codeOf(amountInScales: number): number {
  if (!(amountInScales > 0)) return ZERO_CODE;
  // The little that is taken off keeps an exact step from being rounded to the next one by the logarithm's last bit.
  const code = Math.ceil(CODE_OF_SCALE + CODES_PER_OCTAVE * Math.log2(amountInScales) - 1e-6);
  return Math.min(MAX_CODE, Math.max(ZERO_CODE, code));
}

/** Amount in scales that a code stands for. */
export function amountOf(code: number): number {
  return code <= ZERO_CODE ? 0 : 2 ** ((code - CODE_OF_SCALE) / CODES_PER_OCTAVE);
}

/**
 * Distance below an hour's peak in one byte: quadratic, so that it is exact to a quarter code near the peak and still
 * reaches 16 octaves down. Rounded towards the peak, so that what is kept is never below what was seen.
 */
export function packDistance(codes: number): number {
  return Math.min(255, Math.floor(Math.sqrt(4 * Math.max(0, codes)) + 1e-9));
}

export function unpackDistance(byte: number): number {
  return byte * byte * 0.25;
}
