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
 * a day at most, so that the server never has to load more than that at once; over less where it refuses even this.
 * Each value's time is the end of its window.
 */
export async function overDays<T>(
  api: PrometheusApi,
  time: TimeWindow,
  expressionOf: (windowSeconds: number) => string,
  fold: () => AnswerFold<T>,
  context: CallContext & { readonly counters: { splits: number } },
): Promise<T> {
  const span = time.toUnixSeconds - time.fromUnixSeconds;
  for (let most = Math.min(DAY_SECONDS, span); ; most /= 4) {
    const windows = Math.max(1, Math.ceil(span / most));
    const seconds = Math.max(1, Math.ceil(span / windows));
    const query = {
      expression: expressionOf(seconds),
      startUnixSeconds: time.toUnixSeconds - (windows - 1) * seconds,
      endUnixSeconds: time.toUnixSeconds,
      stepSeconds: seconds,
    };
    try {
      return await api.queryRange(query, fold, context);
    } catch (error) {
      if (!(error instanceof NeapError) || error.retry !== 'split' || most / 4 < SHORTEST_WINDOW_SECONDS) throw error;
      context.counters.splits++;
    }
  }
}
