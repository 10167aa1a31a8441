import { NeapError } from '../../../common/errors.ts';
import { DAY_SECONDS } from '../../../common/units.ts';
import type { AnswerFold, CallContext, PrometheusApi } from './api.ts';

export interface TimeWindow {
  readonly fromUnixSeconds: number;
  readonly toUnixSeconds: number;
}

/** kube-state-metrics may be scraped every few minutes: a shorter window might hold nothing. */
export const SHORTEST_WINDOW_SECONDS = 900;

type SplitContext = CallContext & { readonly counters: { splits: number } };

/**
 * Evaluates an expression over windows of equal length that together cover the time, in one query: each looks back over
 * a day at most, so that the server never has to load more than that at once. Where it refuses even this, it is asked
 * for half of the time with shorter windows, and so on. Each value's time is the end of its window.
 * @returns one result a query, oldest first
 */
export function overDays<T>(
  api: PrometheusApi,
  time: TimeWindow,
  expressionOf: (windowSeconds: number) => string,
  fold: () => AnswerFold<T>,
  context: SplitContext,
): Promise<readonly T[]> {
  const ask = async ({ fromUnixSeconds, toUnixSeconds }: TimeWindow, longestSeconds: number): Promise<readonly T[]> => {
    const span = toUnixSeconds - fromUnixSeconds;
    const windows = Math.max(1, Math.ceil(span / longestSeconds));
    const stepSeconds = Math.max(1, Math.ceil(span / windows));
    const startUnixSeconds = toUnixSeconds - (windows - 1) * stepSeconds;
    const query = { expression: expressionOf(stepSeconds), startUnixSeconds, endUnixSeconds: toUnixSeconds, stepSeconds };
    try {
      return [await api.queryRange(query, fold, context)];
    } catch (error) {
      const shorter = Math.min(longestSeconds, span) / 4;
      if (!isTooMuch(error) || shorter < SHORTEST_WINDOW_SECONDS) throw error;
      context.counters.splits++;
      const middle = Math.round((fromUnixSeconds + toUnixSeconds) / 2);
      const older = await ask({ fromUnixSeconds, toUnixSeconds: middle }, shorter);
      return [...older, ...(await ask({ fromUnixSeconds: middle, toUnixSeconds }, shorter))];
    }
  };
  return ask(time, DAY_SECONDS);
}

/**
 * Evaluates an expression over windows that begin at multiples of `windowSeconds` (1 day, then 6 hours and so on where
 * the server refuses) since the epoch, whatever part of time is asked for: what they tell of a UTC day does not depend on
 * how reads were cut. The last window may be shorter. Each value's time is the end of its window.
 * @returns one result a query, oldest first
 */
export async function overUtcDays<T>(
  api: PrometheusApi,
  time: TimeWindow,
  expressionOf: (windowSeconds: number) => string,
  fold: () => AnswerFold<T>,
  context: SplitContext,
): Promise<readonly T[]> {
  const ask = async ({ fromUnixSeconds, toUnixSeconds }: TimeWindow, windowSeconds: number): Promise<readonly T[]> => {
    const whole = Math.floor((toUnixSeconds - fromUnixSeconds) / windowSeconds);
    const stepSeconds = whole > 0 ? windowSeconds : toUnixSeconds - fromUnixSeconds;
    if (stepSeconds <= 0) return [];
    const end = fromUnixSeconds + Math.max(1, whole) * stepSeconds;
    const query = {
      expression: expressionOf(stepSeconds),
      startUnixSeconds: fromUnixSeconds + stepSeconds,
      endUnixSeconds: end,
      stepSeconds,
    };
    const answers: T[] = [];
    try {
      answers.push(await api.queryRange(query, fold, context));
    } catch (error) {
      const shorter = windowSeconds / 4;
      if (!isTooMuch(error) || shorter < SHORTEST_WINDOW_SECONDS) throw error;
      context.counters.splits++;
      const middle = fromUnixSeconds + Math.max(1, whole >> 1) * windowSeconds;
      answers.push(...(await ask({ fromUnixSeconds, toUnixSeconds: Math.min(middle, end) }, shorter)));
      answers.push(...(await ask({ fromUnixSeconds: Math.min(middle, end), toUnixSeconds: end }, shorter)));
    }
    return [...answers, ...(await ask({ fromUnixSeconds: end, toUnixSeconds }, windowSeconds))];
  };
  return ask(time, DAY_SECONDS);
}

export function isTooMuch(error: unknown): boolean {
  return error instanceof NeapError && error.retry === 'split';
}
