import { DAY_SECONDS } from '../../../common/units.ts';
import type { CallContext, PrometheusApi } from './api.ts';
import type { Dialect } from './dialect.ts';
import { usageSelector } from './usage-query.ts';

/** Time of the newest sample, where usage is known to end in the slot before `atUnixSeconds`. */
export async function readNewestSample(
  api: PrometheusApi,
  dialect: Dialect,
  at: { readonly namespaces: readonly string[]; readonly atUnixSeconds: number; readonly stepSeconds: number },
  context: CallContext,
): Promise<number | undefined> {
  const metric = dialect.cpu ?? dialect.memory;
  if (metric === undefined) return undefined;
  const rows = usageSelector(metric, at);
  const [row] = await api.query(`max(timestamp(${rows}))`, at.atUnixSeconds, context);
  // A rate looks back over several scrapes and may outlive the last one by more than the server's own lookback.
  return row !== undefined && Number.isFinite(row.value) ? row.value : at.atUnixSeconds - at.stepSeconds;
}

/** Looks for the newest sample of all, day by day back in time. */
export async function findNewestSample(
  api: PrometheusApi,
  dialect: Dialect,
  { nowUnixSeconds, days }: { readonly nowUnixSeconds: number; readonly days: number },
  context: CallContext,
): Promise<number | undefined> {
  const metric = dialect.cpu ?? dialect.memory;
  if (metric === undefined) return undefined;
  const rows = usageSelector(metric, { namespaces: [] });
  const [fresh] = await api.query(`max(timestamp(${rows}))`, nowUnixSeconds, context);
  if (fresh !== undefined) return fresh.value;
  for (let day = 0; day < days; day++) {
    const at = nowUnixSeconds - day * DAY_SECONDS;
    const [row] = await api.query(`max(max_over_time(timestamp(${rows})[1d:5m]))`, at, context);
    if (row !== undefined) return row.value;
  }
  return undefined;
}
