import { NeapError } from '../../../common/errors.ts';
import { DAY_SECONDS } from '../../../common/units.ts';
import type { AnswerFold, CallContext, PrometheusApi } from './api.ts';

export interface TimeWindow {
  readonly fromUnixSeconds: number;
  readonly toUnixSeconds: number;
}

/** kube-state-metrics may be scraped every few minutes: a shorter window might hold nothing. */
export const SHORTEST_WINDOW_SECONDS = 900;

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
  context: CallContext & { readonly counters: { splits: number } },
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
      if (!(error instanceof NeapError) || error.retry !== 'split' || shorter < SHORTEST_WINDOW_SECONDS) throw error;
      context.counters.splits++;
      const middle = Math.round((fromUnixSeconds + toUnixSeconds) / 2);
      const older = await ask({ fromUnixSeconds, toUnixSeconds: middle }, shorter);
      return [...older, ...(await ask({ fromUnixSeconds: middle, toUnixSeconds }, shorter))];
    }
  };
  return ask(time, DAY_SECONDS);
}
