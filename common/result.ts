/**
 * The outcome of something that may well not be known. A number that is unknown is never 0 or NaN: it is a reason,
 * which a page can show. `throw` is kept for IO faults and bugs.
 */
export type Result<T, R extends string = string> = Known<T> | Unknown<R>;

export interface Known<T> {
  readonly ok: true;
  readonly value: T;
}

export interface Unknown<R extends string = string> {
  readonly ok: false;
  /** Stable code, CamelCase, fit for a condition's reason. */
  readonly reason: R;
  /** One sentence for a person, with the values that led to it. */
  readonly detail?: string;
}

export function known<T>(value: T): Known<T> {
  return { ok: true, value };
}

export function unknown<R extends string>(reason: R, detail?: string): Unknown<R> {
  return detail === undefined ? { ok: false, reason } : { ok: false, reason, detail };
}
