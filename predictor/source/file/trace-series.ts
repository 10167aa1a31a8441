import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { parse } from 'csv-parse';
import { messageOf, NeapError } from '../../../common/errors.ts';

/** One series of a trace file: times in unix seconds, strictly rising; values as they stand in the file, never NaN. */
export interface TraceSeries {
  readonly name: string;
  readonly t: Float64Array;
  readonly v: Float64Array;
  /** Rows whose value is empty or `NaN`; they are not among the samples. */
  readonly notANumber: number;
  /** Rows with the time of the row before; the larger value counts. */
  readonly duplicates: number;
}

const HEADER = 'series,unix_s,value';
const REPORTED_PROBLEMS = 20;

/**
 * Reads a CSV file with the columns `series,unix_s,value` and a header, gzip or not, rows grouped by series and times
 * rising. One series at a time is in memory, never the file.
 * @throws NeapError `usage` with file and line of the first 20 bad rows; a caller must take what came before as void
 */
export async function* readTraceSeries(path: string, signal?: AbortSignal): AsyncGenerator<TraceSeries> {
  const problems = new Problems(path);
  const series = new SeriesBuilder(problems);
  try {
    for await (const { record, info } of await openCsv(path, problems, signal)) {
      const done = series.add(record, info.lines);
      if (problems.isFull) break;
      if (done !== undefined) yield done;
    }
  } catch (error) {
    signal?.throwIfAborted();
    problems.throwIfAny();
    throw new NeapError('usage', `${path} cannot be read: ${messageOf(error)}`, {
      cause: error,
      remedy: `Give a CSV file with the columns ${HEADER}, plain or gzip.`,
    });
  }
  problems.throwIfAny();
  const last = series.finish();
  if (last === undefined)
    throw new NeapError('usage', `${path} holds no series`, { remedy: `Give a CSV file with the columns ${HEADER} and a header.` });
  yield last;
}

interface Row {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

async function openCsv(path: string, problems: Problems, signal: AbortSignal | undefined): Promise<AsyncIterable<Row>> {
  const parser = parse({
    info: true,
    bom: true,
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    on_skip: (error) => {
      problems.add(typeof error?.lines === 'number' ? error.lines : 0, error?.message ?? 'not CSV');
      return undefined;
    },
  });
  const isPacked = await isGzip(path);
  signal?.throwIfAborted();
  const bytes = createReadStream(path, signal === undefined ? {} : { signal });
  // Errors of every stage reach the reader through the last stream, which pipeline destroys with them.
  if (isPacked) pipeline(bytes, createGunzip(), parser, () => {});
  else pipeline(bytes, parser, () => {});
  return parser as AsyncIterable<Row>;
}

async function isGzip(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await file.close();
  }
}

class Problems {
  private readonly path: string;
  private readonly found: string[] = [];

  constructor(path: string) {
    this.path = path;
  }

  add(line: number, what: string): void {
    if (!this.isFull) this.found.push(`${this.path}:${line}: ${what}`);
  }

  get isFull(): boolean {
    return this.found.length >= REPORTED_PROBLEMS;
  }

  throwIfAny(): void {
    if (this.found.length === 0) return;
    const count = this.isFull
      ? `the first ${REPORTED_PROBLEMS} bad lines`
      : `${this.found.length} bad line${this.found.length > 1 ? 's' : ''}`;
    throw new NeapError('usage', `${count}:\n${this.found.join('\n')}`, {
      remedy: `Each line holds ${HEADER}: rows of one series together, times rising, values not negative.`,
    });
  }
}

/** Collects rows and gives back each series when the next one begins. */
class SeriesBuilder {
  private readonly problems: Problems;
  private readonly seen = new Set<string>();
  private header = false;
  private name: string | undefined;
  private lastTime = Number.NEGATIVE_INFINITY;
  private t: number[] = [];
  private v: number[] = [];
  private notANumber = 0;
  private duplicates = 0;

  constructor(problems: Problems) {
    this.problems = problems;
  }

  add(record: readonly string[], line: number): TraceSeries | undefined {
    if (!this.header) {
      this.header = true;
      if (record.join(',') !== HEADER) this.problems.add(line, `the first line is "${record.join(',')}", not "${HEADER}"`);
      return undefined;
    }
    const [name = '', time = '', value = ''] = record;
    const problem = rowProblem(record);
    if (problem !== undefined) {
      this.problems.add(line, problem);
      return undefined;
    }
    const done = name === this.name ? undefined : this.begin(name, line);
    this.addSample(Number(time), value, line);
    return done;
  }

  private begin(name: string, line: number): TraceSeries | undefined {
    const done = this.finish();
    if (this.seen.has(name)) this.problems.add(line, `series "${name}" begins again: rows of one series stand together`);
    this.seen.add(name);
    this.name = name;
    this.lastTime = Number.NEGATIVE_INFINITY;
    return done;
  }

  private addSample(time: number, text: string, line: number): void {
    if (time < this.lastTime) {
      this.problems.add(line, `time ${time} of series "${this.name}" is before ${this.lastTime}: times rise`);
      return;
    }
    const isRepeated = time === this.lastTime;
    this.lastTime = time;
    if (isRepeated) this.duplicates++;
    if (isUnknown(text)) {
      this.notANumber++;
      return;
    }
    const last = this.t.length - 1;
    if (isRepeated && this.t[last] === time) {
      this.v[last] = Math.max(this.v[last] as number, Number(text));
      return;
    }
    this.t.push(time);
    this.v.push(Number(text));
  }

  /** The series collected so far; undefined before the first. */
  finish(): TraceSeries | undefined {
    if (this.name === undefined) return undefined;
    const { name, notANumber, duplicates } = this;
    const done = { name, t: Float64Array.from(this.t), v: Float64Array.from(this.v), notANumber, duplicates };
    this.name = undefined;
    this.t = [];
    this.v = [];
    this.notANumber = 0;
    this.duplicates = 0;
    return done;
  }
}

const isUnknown = (text: string): boolean => text.trim() === '' || text === 'NaN';

function rowProblem(record: readonly string[]): string | undefined {
  const [name = '', time = '', value = ''] = record;
  if (record.length !== 3) return `${record.length} columns, not 3`;
  if (name === '') return 'no series';
  if (time.trim() === '' || !Number.isFinite(Number(time)) || Number(time) < 0) return `unix_s "${time}" is not a time in seconds`;
  if (isUnknown(value)) return undefined;
  if (!Number.isFinite(Number(value))) return `value "${value}" is not a number`;
  return Number(value) < 0 ? `value ${value} is negative` : undefined;
}
