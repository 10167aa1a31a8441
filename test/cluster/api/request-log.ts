import { fits, type RequestFacts, type RequestMatch } from './faults.ts';

export interface LoggedRequest extends RequestFacts {
  /** In the order of arrival, from 1. */
  readonly number: number;
  /** The server's time, in milliseconds since 1970. */
  readonly atMs: number;
  readonly method: string;
  readonly url: string;
  /** 0 while under way, and for a connection that was cut. */
  status: number;
  /** Of the answer's body, so far. */
  bytes: number;
  readonly requestBytes: number;
}

/** The last requests, for tests to count. */
export class RequestLog {
  readonly #capacity: number;
  #entries: LoggedRequest[] = [];
  #count = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  add(entry: Omit<LoggedRequest, 'number' | 'status' | 'bytes'>): LoggedRequest {
    const logged: LoggedRequest = { ...entry, number: ++this.#count, status: 0, bytes: 0 };
    this.#entries.push(logged);
    if (this.#entries.length > this.#capacity * 2) this.#entries = this.#entries.slice(-this.#capacity);
    return logged;
  }

  /** Those that fit, oldest first; only the last ones are kept. */
  entries(match: RequestMatch = {}): readonly LoggedRequest[] {
    return this.#entries.slice(-this.#capacity).filter((e) => fits(e, match));
  }

  count(match: RequestMatch = {}): number {
    return this.entries(match).length;
  }

  clear(): void {
    this.#entries = [];
  }
}
