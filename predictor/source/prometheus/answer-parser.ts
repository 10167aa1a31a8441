import { NeapError } from '../../../common/errors.ts';
import { AnswerBytes, CLOSE_BRACE, CLOSE_BRACKET, COLON, COMMA, OPEN_BRACE, OPEN_BRACKET, QUOTE } from './answer-bytes.ts';
import { ARRAY_ROLES, type Expecting, KEY_ROLES, OBJECT_ROLES, type Role } from './answer-grammar.ts';

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

  private readonly resultType: 'matrix' | 'vector';

  private readonly input = new AnswerBytes();
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

  private status = '';
  private errorType = '';
  private errorText = '';
  private foundType = '';
  private hasResult = false;
  private partial = false;
  /** Characters of the labels of the open series. */
  private labelLength = 0;
  private readonly push = (time: number, value: number): void => this.addToSeries(time, value);

  constructor(target: string, resultType: 'matrix' | 'vector', listener: SeriesListener) {
    this.target = target;
    this.resultType = resultType;
    this.listener = listener;
  }

  write(chunk: Uint8Array): void {
    this.input.append(chunk);
    this.run();
    if (this.input.rest > LONGEST_TOKEN) throw this.malformed(`a token of more than ${LONGEST_TOKEN} bytes`);
  }

  /**
   * To be called after the last piece.
   * @returns whether the server says that something is missing
   * @throws NeapError: `transient` where the answer is cut off, else `terminal` (no JSON, the server says error, or there
   * is no result of the kind that was asked for)
   */
  end(): { readonly partial: boolean } {
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
    if (!this.hasResult || (this.foundType !== '' && this.foundType !== this.resultType)) {
      const what = this.foundType === '' ? 'without a result' : `with a ${this.foundType} instead of a ${this.resultType}`;
      throw new NeapError('source', `${this.target} answered ${what}`, { remedy: 'look at the server or proxy that answers there' });
    }
    return { partial: this.partial };
  }

  /** Takes tokens until one is incomplete. */
  private run(): void {
    for (;;) {
      this.input.skipSpace();
      if (this.input.rest <= 0 || !this.token()) return;
    }
  }

  /** Takes one token; false where more bytes are needed for it. */
  private token(): boolean {
    const c = this.input.bytes[this.input.position] as number;
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
        this.input.position++;
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
    this.input.position++;
    const inObject = this.closers.at(-1) === CLOSE_BRACE;
    this.expecting = inObject ? 'key' : 'value';
    if (!inObject) this.next = this.elementRole(this.roles.at(-1) as Role);
    return true;
  }

  private value(c: number): boolean {
    if (c === OPEN_BRACE) return this.open(OBJECT_ROLES.has(this.next) ? this.next : 'skip', CLOSE_BRACE);
    if (this.next === 'top') throw this.notJson();
    if (c === OPEN_BRACKET) {
      if (this.next === 'sample' && this.roles.at(-1) === 'values' && this.input.takeSamples(this.push)) {
        this.expecting = 'commaOrEnd';
        return true;
      }
      return this.open(ARRAY_ROLES.has(this.next) ? this.next : 'skip', CLOSE_BRACKET);
    }
    return c === QUOTE ? this.string() : this.literal();
  }

  private open(role: Role, closer: number): boolean {
    if (this.roles.length >= DEEPEST) throw this.malformed('too many levels');
    this.roles.push(role);
    this.closers.push(closer);
    this.input.position++;
    if (role === 'series') this.count = 0;
    if (role === 'result') this.hasResult = closer === CLOSE_BRACKET;
    if (role === 'series' || role === 'metric') {
      this.labels = new Map();
      this.labelLength = 0;
    }
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
    this.input.position++;
    this.expecting = this.roles.length === 0 ? 'nothing' : 'commaOrEnd';
    if (role === 'series') this.listener(this.labels, { count: this.count, times: this.times, values: this.values });
    if (role === 'sample' && this.elements !== 2) throw this.malformed('a sample is not a pair');
    return true;
  }

  private elementRole(container: Role): Role {
    if (container === 'result') return 'series';
    if (container === 'values') return 'sample';
    if (container === 'warnings') return 'warning';
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
    if (this.next === 'label') this.addLabel(text);
    else if (this.next === 'sampleValue') this.addSample(this.number(text));
    else if (this.next === 'status') this.status = text;
    else if (this.next === 'resultType') this.foundType = text.slice(0, 40);
    else if (this.next === 'warning') this.partial ||= !text.startsWith('PromQL');
    else if (this.next === 'errorType') this.errorType = text;
    else if (this.next === 'error') this.errorText = text.slice(0, 1000).replace(/\p{Cc}+/gu, ' ');
    else if (this.next === 'time') throw this.malformed('a time is not a number');
    return true;
  }

  /** Numbers, true, false and null. */
  private literal(): boolean {
    const text = this.input.literal(this.atEnd);
    if (text === undefined) return false;
    if (!/^(true|false|null|-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?)$/.test(text)) throw this.malformed(`"${text.slice(0, 40)}" is no value`);
    this.input.position += text.length;
    this.expecting = 'commaOrEnd';
    if (this.next === 'time') {
      this.time = this.number(text);
      this.elements++;
    } else if (this.next === 'sampleValue') this.addSample(this.number(text));
    else if (this.next === 'isPartial') this.partial ||= text === 'true';
    return true;
  }

  private addLabel(text: string): void {
    this.labelLength += this.label.length + text.length;
    if (this.labelLength > LONGEST_LABELS) throw this.malformed(`a series with more than ${LONGEST_LABELS} characters of labels`);
    this.labels.set(this.label, text);
  }

  private addSample(value: number): void {
    this.elements++;
    if (this.elements === 2) this.addToSeries(this.time, value);
  }

  /** undefined where the string is not complete yet. */
  private takeString(): string | undefined {
    const text = this.input.takeString();
    if (text === null) throw this.malformed('a string has a bad escape');
    return text;
  }

  /** Prometheus writes NaN, +Inf and -Inf beside decimals. */
  private number(text: string): number {
    const value = text === '+Inf' || text === 'Inf' ? Number.POSITIVE_INFINITY : text === '-Inf' ? Number.NEGATIVE_INFINITY : Number(text);
    if ((Number.isNaN(value) && text !== 'NaN') || text.trim() === '') throw this.malformed(`"${text.slice(0, 40)}" is no sample value`);
    return value;
  }

  private addToSeries(time: number, value: number): void {
    if (this.count === this.times.length) {
      if (this.count >= MOST_SAMPLES) throw this.malformed(`a series with more than ${MOST_SAMPLES} samples`);
      this.times = grown(this.times);
      this.values = grown(this.values);
    }
    this.times[this.count] = time;
    this.values[this.count++] = value;
  }

  private notJson(): NeapError {
    const head = this.input.excerpt(0, 80).replace(/\s+/g, ' ');
    return new NeapError('source', `${this.target}: the answer is not JSON of a Prometheus API, it begins with ${JSON.stringify(head)}`, {
      remedy: 'check the address and its path prefix: a login page or another service may answer there',
    });
  }

  private malformed(what: string): NeapError {
    const near = this.input.excerpt(20, 20);
    return new NeapError('source', `${this.target}: the answer is not well-formed: ${what} near ${JSON.stringify(near)}`);
  }
}

/** Keys, labels and error texts longer than this are refused. */
const LONGEST_TOKEN = 4 << 20;
/** Of one series: names, values and what escapes them take far less. */
const LONGEST_LABELS = 64 << 10;
/** Of one series; servers give 11,000 points at most. A power of two: arrays grow by doubling. */
const MOST_SAMPLES = 1 << 17;
const DEEPEST = 64;

function grown(array: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const bigger = new Float64Array(array.length * 2);
  bigger.set(array);
  return bigger;
}
