/** Every kind of failure that ends a command, with the exit code that scripts rely on. */
export const EXIT_CODES = {
  done: 0,
  findings: 1,
  usage: 2,
  source: 3,
  noData: 4,
} as const;

export type ErrorCode =
  /** Bad flags, config or input files. */
  | 'usage'
  /** The history source can't be reached, refuses us, or is not what it should be. */
  | 'source'
  /** The source answered, but there is nothing to work with. */
  | 'noData';

/** How a caller may react: `transient` may be tried again, `split` with a smaller question, `terminal` never. */
export type Retry = 'transient' | 'split' | 'terminal';

export interface NeapErrorOptions {
  readonly cause?: unknown;
  readonly retry?: Retry;
  /** What the reader can do about it. */
  readonly remedy?: string;
}

/** A failure that a person will read: the message names the object and the value, `remedy` says what to do. */
export class NeapError extends Error {
  readonly code: ErrorCode;
  readonly retry: Retry;
  readonly remedy: string | undefined;

  constructor(code: ErrorCode, message: string, options: NeapErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'NeapError';
    this.code = code;
    this.retry = options.retry ?? 'terminal';
    this.remedy = options.remedy;
  }
}

/** The message of anything thrown, with its causes, on one line. */
export function messageOf(error: unknown): string {
  const parts: string[] = [];
  for (let e: unknown = error; e !== undefined && e !== null && parts.length < 5; e = (e as { cause?: unknown }).cause) {
    const text = e instanceof Error ? e.message || e.name : String(e);
    if (text && !parts.some((p) => p.includes(text))) parts.push(text);
  }
  return parts.join(': ').replace(/\s*\n\s*/g, ' ');
}
