import { DAY_SECONDS, HOUR_SECONDS } from '../../../common/units.ts';
import type { CallContext, PrometheusApi } from './api.ts';
import type { Dialect, UsageMetric } from './dialect.ts';
import { usageRows } from './usage-query.ts';

/** Time of the newest sample, where usage is known to end in the slot before `atUnixSeconds`. */
export async function readNewestSample(
  api: PrometheusApi,
  dialect: Dialect,
  at: { readonly namespaces: readonly string[]; readonly atUnixSeconds: number; readonly stepSeconds: number },
  context: CallContext,
): Promise<number | undefined> {
  const metric = dialect.cpu ?? dialect.memory;
  if (metric === undefined) return undefined;
  const [row] = await api.query(`max(timestamp(${usageRows(metric, at)}))`, at.atUnixSeconds, context);
  // A rate looks back over several scrapes and may outlive the last one by more than the server's own lookback.
  return row !== undefined && Number.isFinite(row.value) ? row.value : at.atUnixSeconds - at.stepSeconds;
}

/** The coarsest look at a history: one that ended months ago and was shorter than this may be missed. */
const COARSEST_STEP_SECONDS = 6 * HOUR_SECONDS;
/** A point shows samples of the five minutes before it. */
const FINEST_STEP_SECONDS = 300;

/**
 * Looks for the newest sample of all, in windows that grow as they go back in time: seen points first, then closer and
 * closer around the newest of them.
 */
export async function findNewestSample(
  api: PrometheusApi,
  dialect: Dialect,
  { nowUnixSeconds, days }: { readonly nowUnixSeconds: number; readonly days: number },
  context: CallContext,
): Promise<number | undefined> {
  const metric = dialect.cpu ?? dialect.memory;
  if (metric === undefined) return undefined;
  const look = (fromUnixSeconds: number, toUnixSeconds: number, stepSeconds: number): Promise<number | undefined> =>
    newestOfPoints(api, metric, { fromUnixSeconds, toUnixSeconds, stepSeconds }, context);
  let newest = await look(nowUnixSeconds, nowUnixSeconds, FINEST_STEP_SECONDS);
  let stepSeconds = FINEST_STEP_SECONDS;
  for (let far = 0, span = 1; newest === undefined && far < days; far += span, span *= 2) {
    stepSeconds = Math.min(COARSEST_STEP_SECONDS, (span * DAY_SECONDS) / 288);
    const oldest = Math.min(days, far + span);
    newest = await look(nowUnixSeconds - oldest * DAY_SECONDS, nowUnixSeconds - far * DAY_SECONDS, stepSeconds);
  }
  while (newest !== undefined && stepSeconds > FINEST_STEP_SECONDS) {
    const toUnixSeconds = Math.min(nowUnixSeconds, newest + FINEST_STEP_SECONDS + stepSeconds);
    stepSeconds = Math.max(FINEST_STEP_SECONDS, stepSeconds / 24);
    newest = (await look(newest, toUnixSeconds, stepSeconds)) ?? newest;
  }
  return newest;
}

async function newestOfPoints(
  api: PrometheusApi,
  metric: UsageMetric,
  at: { readonly fromUnixSeconds: number; readonly toUnixSeconds: number; readonly stepSeconds: number },
  context: CallContext,
): Promise<number | undefined> {
  let newest: number | undefined;
  const fold = () => ({
    series(_: ReadonlyMap<string, string>, { count, values }: { readonly count: number; readonly values: Float64Array }) {
      const value = values[count - 1];
      if (count > 0 && value !== undefined && Number.isFinite(value)) newest = value;
    },
    done: () => undefined,
  });
  const points = Math.floor((at.toUnixSeconds - at.fromUnixSeconds) / at.stepSeconds);
  const query = {
    expression: `max(timestamp(${usageRows(metric, { namespaces: [] })}))`,
    startUnixSeconds: at.toUnixSeconds - points * at.stepSeconds,
    endUnixSeconds: at.toUnixSeconds,
    stepSeconds: at.stepSeconds,
  };
  await api.queryRange(query, fold, context);
  return newest;
}
