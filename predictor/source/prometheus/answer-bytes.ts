import { DecimalReader } from './decimal.ts';

/**
 * The bytes of a JSON answer that arrives in pieces, and the tokens in them. What is not taken yet is kept in one buffer
 * that grows by doubling, and a string that is not complete is searched on from where it ended: the work stays linear
 * however small the pieces are.
 */
export class AnswerBytes {
  bytes: Uint8Array = new Uint8Array(0);
  /** Of the next byte that is not taken. */
  position = 0;
  private store: Uint8Array = new Uint8Array(0);
  /** Behind what was searched of the string that begins at `position`; 0 where none is under way. */
  private searched = 0;
  private escaped = false;
  private readonly decimals = new DecimalReader();

  append(chunk: Uint8Array): void {
    const rest = this.rest;
    const shift = this.position;
    if (rest === 0) {
      this.bytes = chunk;
    } else {
      const used = this.bytes.buffer === this.store.buffer ? this.bytes.byteOffset - this.store.byteOffset + this.bytes.length : -1;
      if (used >= 0 && used + chunk.length <= this.store.length) {
        this.store.set(chunk, used);
        this.bytes = this.store.subarray(used - rest, used + chunk.length);
      } else {
        this.store = new Uint8Array(2 * (rest + chunk.length));
        this.store.set(this.bytes.subarray(this.position));
        this.store.set(chunk, rest);
        this.bytes = this.store.subarray(0, rest + chunk.length);
      }
    }
    this.position = 0;
    if (this.searched > 0) this.searched -= shift;
  }

  /** Bytes that are not taken. */
  get rest(): number {
    return this.bytes.length - this.position;
  }

  skipSpace(): void {
    let c = this.bytes[this.position];
    while (c === SPACE || c === NEWLINE || c === RETURN || c === TAB) c = this.bytes[++this.position];
  }

  /** Takes the string that begins here: undefined where it is not complete yet, null where it has a bad escape. */
  takeString(): string | undefined | null {
    const start = this.position;
    let p = Math.max(start + 1, this.searched);
    if (this.searched === 0) this.escaped = false;
    for (let c = this.bytes[p]; c !== QUOTE; c = this.bytes[p]) {
      if (p >= this.bytes.length) {
        this.searched = p;
        return undefined;
      }
      if (c === BACKSLASH) {
        this.escaped = true;
        // The escape is looked at whole, when it is all there.
        if (p + 1 >= this.bytes.length) {
          this.searched = p;
          return undefined;
        }
        p++;
      }
      p++;
    }
    this.searched = 0;
    this.position = p + 1;
    if (!this.escaped) return UTF8.decode(this.bytes.subarray(start + 1, p));
    try {
      return JSON.parse(UTF8.decode(this.bytes.subarray(start, p + 1))) as string;
    } catch {
      return null;
    }
  }

  /** The number, true, false or null that begins here, not taken; undefined where more may follow. */
  literal(atEnd: boolean): string | undefined {
    let end = this.position;
    while (isLiteralByte(this.bytes[end]) && end - this.position < LONGEST_LITERAL) end++;
    return end === this.bytes.length && !atEnd ? undefined : LATIN1.decode(this.bytes.subarray(this.position, end));
  }

  /**
   * The tight loop: takes as many `[time,"value"]` as come one after the other without white space. Stops before the
   * first one that is incomplete or unusual, which then goes the general way.
   * @returns whether any was taken
   */
  takeSamples(push: (time: number, value: number) => void): boolean {
    const { bytes, decimals } = this;
    decimals.bytes = bytes;
    let p = this.position;
    let taken = false;
    while (bytes[p] === OPEN_BRACKET) {
      const time = decimals.read(p + 1);
      let q = decimals.end;
      if (q < 0 || bytes[q] !== COMMA || bytes[q + 1] !== QUOTE) break;
      const value = decimals.read(q + 2);
      q = decimals.end;
      if (q < 0 || bytes[q] !== QUOTE || bytes[q + 1] !== CLOSE_BRACKET) break;
      push(time, value);
      taken = true;
      p = q + 2;
      this.position = p;
      if (bytes[p] !== COMMA || bytes[p + 1] !== OPEN_BRACKET) break;
      p++;
    }
    return taken;
  }

  /** Text from some bytes before the position on, for messages. */
  excerpt(before: number, after: number): string {
    return UTF8.decode(this.bytes.subarray(Math.max(0, this.position - before), this.position + after));
  }
}

const LONGEST_LITERAL = 100;
const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });
const LATIN1 = new TextDecoder('latin1');

const [TAB, NEWLINE, RETURN, SPACE] = [9, 10, 13, 32];
export const [QUOTE, COMMA, COLON] = [34, 44, 58];
export const [OPEN_BRACKET, BACKSLASH, CLOSE_BRACKET, OPEN_BRACE, CLOSE_BRACE] = [91, 92, 93, 123, 125];

/** Letters, digits, `+`, `-` and `.`: what numbers, true, false and null are made of. */
function isLiteralByte(c: number | undefined): boolean {
  return c !== undefined && ((c >= 48 && c <= 57) || (c >= 97 && c <= 122) || (c >= 65 && c <= 90) || c === 43 || c === 45 || c === 46);
}
