import { NeapError } from '../../../common/errors.ts';
import { ARRAY_ROLES, type Expecting, KEY_ROLES, OBJECT_ROLES, type Role } from './answer-grammar.ts';
import { DecimalReader } from './decimal.ts';

/** The samples of one series, in the order of the answer. The arrays are reused: copy what is to be kept. */
export interface Samples {
  readonly count: number;
  /** Unix seconds. */
  readonly times: Float64Array;
  readonly values: Float64Array;
}

/** Called once a series, as soon as it is complete. */
export type SeriesListener = (labels: ReadonlyMap<string, string>, samples: Samples) => void;

/**
 * Reads the JSON answer of `/api/v1/query` and `/api/v1/query_range` as it arrives, in pieces cut anywhere, and hands
 * over one series at a time: memory is bounded by the longest series, not by the answer. Keys may come in any order,
 * white space may be anywhere; what the format may grow (warnings, statistics, histograms) is skipped.
 *
 * Own code, because a library of tokens (stream-json) makes an object of every bracket and number and is some twenty
 * times slower than `JSON.parse`, while this format is nearly all `[time,"value"]` pairs, for which one tight loop over
 * the bytes is faster than `JSON.parse` and makes no garbage.
 */
export class AnswerParser {
  private readonly listener: SeriesListener;
  /** Names the request in errors. */
  private readonly target: string;

  private bytes: Uint8Array = new Uint8Array(0);
  private position = 0;
  private atEnd = false;
  private expecting: Expecting = 'value';
  /** Roles of the open containers; the last one is the innermost. */
  private readonly roles: Role[] = [];
  private readonly closers: number[] = [];
  /** Role of the value that comes next. */
  private next: Role = 'top';
  private label = '';

  private labels = new Map<string, string>();
  private count = 0;
  private times = new Float64Array(1024);
  private values = new Float64Array(1024);
  /** Elements of the open sample read so far. */
  private elements = 0;
  private time = Number.NaN;
  private readonly decimals = new DecimalReader();

  private status = '';
  private errorType = '';
  private errorText = '';

  constructor(target: string, listener: SeriesListener) {
    this.target = target;
    this.listener = listener;
  }

  write(chunk: Uint8Array): void {
    const rest = this.bytes.length - this.position;
    if (rest === 0) this.bytes = chunk;
    else {
      const joined = new Uint8Array(rest + chunk.length);
      joined.set(this.bytes.subarray(this.position));
      joined.set(chunk, rest);
      this.bytes = joined;
    }
    this.position = 0;
    this.run();
    if (this.bytes.length - this.position > LONGEST_TOKEN) throw this.malformed(`a token of more than ${LONGEST_TOKEN} bytes`);
  }

  /**
   * To be called after the last piece.
   * @throws NeapError: `transient` where the answer is cut off, else `terminal` (no JSON, or the server says error)
   */
  end(): void {
    this.atEnd = true;
    this.run();
    if (this.expecting !== 'nothing') {
      throw new NeapError('source', `${this.target}: the answer is cut off`, {
        retry: 'transient',
        remedy: 'look for a proxy that limits answers',
      });
    }
    if (this.status !== 'success') {
      const what = this.errorText === '' ? `status "${this.status}"` : `${this.errorType || 'error'}: ${this.errorText}`;
      throw new NeapError('source', `${this.target} answered ${what}`);
    }
  }

  /** Takes tokens until one is incomplete. */
  private run(): void {
    for (;;) {
      this.skipSpace();
      if (this.position >= this.bytes.length || !this.token()) return;
    }
  }

  private skipSpace(): void {
    let c = this.bytes[this.position];
    while (c === SPACE || c === NEWLINE || c === RETURN || c === TAB) c = this.bytes[++this.position];
  }

  /** Takes one token; false where more bytes are needed for it. */
  private token(): boolean {
    const c = this.bytes[this.position] as number;
    switch (this.expecting) {
      case 'firstElementOrEnd':
        return c === CLOSE_BRACKET ? this.close(c) : this.value(c);
      case 'value':
        return this.value(c);
      case 'firstKeyOrEnd':
        return c === CLOSE_BRACE ? this.close(c) : this.key(c);
      case 'key':
        return this.key(c);
      case 'colon':
        if (c !== COLON) throw this.malformed('a colon is missing');
        this.position++;
        this.expecting = 'value';
        return true;
      case 'commaOrEnd':
        return this.separator(c);
      case 'nothing':
        throw this.malformed('text after the end');
    }
  }

  private separator(c: number): boolean {
    if (c !== COMMA) return this.close(c);
    this.position++;
    const inObject = this.closers.at(-1) === CLOSE_BRACE;
    this.expecting = inObject ? 'key' : 'value';
    if (!inObject) this.next = this.elementRole(this.roles.at(-1) as Role);
    return true;
  }

  private value(c: number): boolean {
    if (c === OPEN_BRACE) return this.open(OBJECT_ROLES.has(this.next) ? this.next : 'skip', CLOSE_BRACE);
    if (this.next === 'top') throw this.notJson();
    if (c === OPEN_BRACKET) {
      if (this.next === 'sample' && this.roles.at(-1) === 'values' && this.samples()) return true;
      return this.open(ARRAY_ROLES.has(this.next) ? this.next : 'skip', CLOSE_BRACKET);
    }
    return c === QUOTE ? this.string() : this.literal();
  }

  private open(role: Role, closer: number): boolean {
    if (this.roles.length >= DEEPEST) throw this.malformed('too many levels');
    this.roles.push(role);
    this.closers.push(closer);
    this.position++;
    if (role === 'series') this.count = 0;
    if (role === 'series' || role === 'metric') this.labels = new Map();
    if (role === 'values') this.count = 0;
    if (role === 'sample') {
      this.elements = 0;
      if (this.roles.at(-2) === 'series') this.count = 0;
    }
    this.expecting = closer === CLOSE_BRACE ? 'firstKeyOrEnd' : 'firstElementOrEnd';
    if (closer === CLOSE_BRACKET) this.next = this.elementRole(role);
    return true;
  }

  private close(c: number): boolean {
    if (this.closers.pop() !== c) throw this.malformed('a comma or the end of an object or array is missing');
    const role = this.roles.pop();
    this.position++;
    this.expecting = this.roles.length === 0 ? 'nothing' : 'commaOrEnd';
    if (role === 'series') this.listener(this.labels, { count: this.count, times: this.times, values: this.values });
    if (role === 'sample' && this.elements !== 2) throw this.malformed('a sample is not a pair');
    return true;
  }

  private elementRole(container: Role): Role {
    if (container === 'result') return 'series';
    if (container === 'values') return 'sample';
    return container === 'sample' ? (this.elements === 0 ? 'time' : 'sampleValue') : 'skip';
  }

  private key(c: number): boolean {
    if (c !== QUOTE) throw this.malformed('a key is missing');
    const text = this.takeString();
    if (text === undefined) return false;
    this.expecting = 'colon';
    const role = this.roles.at(-1) as Role;
    if (role === 'metric') {
      this.next = 'label';
      this.label = text;
    } else this.next = KEY_ROLES[role]?.get(text) ?? 'skip';
    return true;
  }

  private string(): boolean {
    const text = this.takeString();
    if (text === undefined) return false;
    this.expecting = 'commaOrEnd';
    if (this.next === 'label') this.labels.set(this.label, text);
    else if (this.next === 'sampleValue') this.addSample(this.number(text));
    else if (this.next === 'status') this.status = text;
    else if (this.next === 'errorType') this.errorType = text;
    else if (this.next === 'error') this.errorText = text.slice(0, 1000);
    else if (this.next === 'time') throw this.malformed('a time is not a number');
    return true;
  }

  /** Numbers, true, false and null. */
  private literal(): boolean {
    let end = this.position;
    while (isLiteralByte(this.bytes[end])) end++;
    if (end === this.bytes.length && !this.atEnd) return false;
    const text = LATIN1.decode(this.bytes.subarray(this.position, end));
    if (!/^(true|false|null|-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?)$/.test(text)) throw this.malformed(`"${text.slice(0, 40)}" is no value`);
    this.position = end;
    this.expecting = 'commaOrEnd';
    if (this.next === 'time') {
      this.time = this.number(text);
      this.elements++;
    } else if (this.next === 'sampleValue') this.addSample(this.number(text));
    return true;
  }

  private addSample(value: number): void {
    this.elements++;
    if (this.elements === 2) this.push(this.time, value);
  }

  /** undefined where the string is not complete yet. */
  private takeString(): string | undefined {
    const start = this.position;
    let escaped = false;
    let p = start + 1;
    for (let c = this.bytes[p]; c !== QUOTE; c = this.bytes[p]) {
      if (c === BACKSLASH) {
        escaped = true;
        p++;
      }
      p++;
      if (p >= this.bytes.length) return undefined;
    }
    this.position = p + 1;
    if (!escaped) return UTF8.decode(this.bytes.subarray(start + 1, p));
    try {
      return JSON.parse(UTF8.decode(this.bytes.subarray(start, p + 1))) as string;
    } catch {
      throw this.malformed('a string has a bad escape');
    }
  }

  /**
   * The tight loop: as many `[time,"value"]` as come one after the other without white space. Stops before the first
   * one that is incomplete or unusual, which then goes the general way.
   * @returns whether any was taken
   */
  private samples(): boolean {
    const { bytes } = this;
    this.decimals.bytes = bytes;
    let p = this.position;
    let taken = false;
    while (bytes[p] === OPEN_BRACKET) {
      const time = this.decimals.read(p + 1);
      let q = this.decimals.end;
      if (q < 0 || bytes[q] !== COMMA || bytes[q + 1] !== QUOTE) break;
      const value = this.decimals.read(q + 2);
      q = this.decimals.end;
      if (q < 0 || bytes[q] !== QUOTE || bytes[q + 1] !== CLOSE_BRACKET) break;
      this.push(time, value);
      taken = true;
      p = q + 2;
      this.position = p;
      this.expecting = 'commaOrEnd';
      if (bytes[p] !== COMMA || bytes[p + 1] !== OPEN_BRACKET) break;
      p++;
    }
    return taken;
  }

  /** Prometheus writes NaN, +Inf and -Inf beside decimals. */
  private number(text: string): number {
    const value = text === '+Inf' || text === 'Inf' ? Number.POSITIVE_INFINITY : text === '-Inf' ? Number.NEGATIVE_INFINITY : Number(text);
    if ((Number.isNaN(value) && text !== 'NaN') || text.trim() === '') throw this.malformed(`"${text.slice(0, 40)}" is no sample value`);
    return value;
  }

  private push(time: number, value: number): void {
    if (this.count === this.times.length) {
      this.times = grown(this.times);
      this.values = grown(this.values);
    }
    this.times[this.count] = time;
    this.values[this.count++] = value;
  }

  private notJson(): NeapError {
    const head = UTF8.decode(this.bytes.subarray(this.position, this.position + 80)).replace(/\s+/g, ' ');
    return new NeapError('source', `${this.target}: the answer is not JSON of a Prometheus API, it begins with ${JSON.stringify(head)}`, {
      remedy: 'check the address and its path prefix: a login page or another service may answer there',
    });
  }

  private malformed(what: string): NeapError {
    const near = UTF8.decode(this.bytes.subarray(Math.max(0, this.position - 20), this.position + 20));
    return new NeapError('source', `${this.target}: the answer is not well-formed: ${what} near ${JSON.stringify(near)}`);
  }
}

/** Keys, labels and error texts longer than this are refused. */
const LONGEST_TOKEN = 4 << 20;
const DEEPEST = 64;
const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });
const LATIN1 = new TextDecoder('latin1');

const [TAB, NEWLINE, RETURN, SPACE, QUOTE] = [9, 10, 13, 32, 34];
const [COMMA, COLON] = [44, 58];
const [OPEN_BRACKET, BACKSLASH, CLOSE_BRACKET, OPEN_BRACE, CLOSE_BRACE] = [91, 92, 93, 123, 125];

/** Letters, digits, `+`, `-` and `.`: what numbers, true, false and null are made of. */
function isLiteralByte(c: number | undefined): boolean {
  return c !== undefined && ((c >= 48 && c <= 57) || (c >= 97 && c <= 122) || (c >= 65 && c <= 90) || c === 43 || c === 45 || c === 46);
}

function grown(array: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const bigger = new Float64Array(array.length * 2);
  bigger.set(array);
  return bigger;
}
