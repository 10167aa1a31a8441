/**
 * Reads plain decimal numbers out of bytes, without making text of them. Numbers of up to 15 digits are exact, longer
 * ones are right to one part in 10^15.
 */
export class DecimalReader {
  bytes: Uint8Array = new Uint8Array(0);
  /** Index behind the number that was read last, -1 where there is none, or none that is plain (NaN, huge exponents). */
  end = -1;

  /** The number that begins at `p`; look at `end` before use. */
  read(p: number): number {
    const { bytes } = this;
    const negative = bytes[p] === MINUS;
    let q = negative ? p + 1 : p;
    let mantissa = 0;
    let exponent = 0;
    const first = q;
    let c = bytes[q] as number;
    for (; c >= ZERO && c <= NINE; c = bytes[++q] as number) {
      if (mantissa < MANTISSA_ROOM) mantissa = mantissa * 10 + (c - ZERO);
      else exponent++;
    }
    if (q === first) {
      this.end = -1;
      return Number.NaN;
    }
    if (c === DOT) {
      for (c = bytes[++q] as number; c >= ZERO && c <= NINE; c = bytes[++q] as number) {
        if (mantissa < MANTISSA_ROOM) {
          mantissa = mantissa * 10 + (c - ZERO);
          exponent--;
        }
      }
    }
    if (c === LOWER_E || c === UPPER_E) {
      exponent += this.power(q + 1);
      q = this.end;
    }
    this.end = -1;
    if (exponent < -MAX_EXACT_POWER || exponent > MAX_EXACT_POWER) return Number.NaN;
    this.end = q;
    const value = exponent < 0 ? mantissa / (POWERS[-exponent] as number) : mantissa * (POWERS[exponent] as number);
    return negative ? -value : value;
  }

  /** The exponent behind an `e`; sets `end`. */
  private power(p: number): number {
    const sign = this.bytes[p];
    let q = sign === PLUS || sign === MINUS ? p + 1 : p;
    let power = 0;
    for (let c = this.bytes[q] as number; c >= ZERO && c <= NINE && power < 1000; c = this.bytes[++q] as number)
      power = power * 10 + (c - ZERO);
    this.end = q;
    return sign === MINUS ? -power : power;
  }
}

/** Below this, one more digit keeps the mantissa an exact integer (2^53 is 9.007e15). */
const MANTISSA_ROOM = 9e14;
/** 10^22 is the largest power of ten that a double holds exactly. */
const MAX_EXACT_POWER = 22;
const POWERS = Float64Array.from({ length: MAX_EXACT_POWER + 1 }, (_, i) => Number(`1e${i}`));

const [PLUS, MINUS, DOT, ZERO, NINE] = [43, 45, 46, 48, 57];
const [UPPER_E, LOWER_E] = [69, 101];
