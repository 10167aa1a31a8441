import type { WorkloadKey } from '../../core/workload.ts';
import type { DayEvents } from '../history-source.ts';
import type { CallContext, PrometheusApi } from './api.ts';
import type { Dialect } from './dialect.ts';
import { knowsOoms, readOomKills } from './oom-kills.ts';
import { readThrottling } from './throttling.ts';
import type { TimeWindow } from './windows.ts';

export interface ContainerEvents {
  readonly oomKillsKnown: boolean;
  /** Days with something to tell, oldest first. */
  of(workload: WorkloadKey, container: string): readonly DayEvents[];
}

export interface EventOptions {
  readonly dialect: Dialect;
  readonly namespaces: readonly string[];
  /** From the start of a UTC day. */
  readonly time: TimeWindow;
  /** Most points that one query may have. */
  readonly pointLimit: number;
  /** undefined leaves the pod out. */
  readonly resolve: (namespace: string, pod: string) => WorkloadKey | undefined;
}

type Draft = { -readonly [K in keyof DayEvents]: DayEvents[K] };

/** OOM kills and throttling of all containers, by UTC day. */
export async function readEvents(
  api: PrometheusApi,
  options: EventOptions,
  context: CallContext & { readonly counters: { splits: number } },
): Promise<ContainerEvents> {
  const { resolve } = options;
  const counts = (namespace: string, pod: string): boolean => resolve(namespace, pod) !== undefined;
  const [kills, throttling] = await Promise.all([
    readOomKills(api, { ...options, counts }, context),
    readThrottling(api, options, context),
  ]);
  const found = new Map<string, Map<number, Draft>>();
  const draftOf = (row: { readonly namespace: string; readonly pod: string; readonly container: string; readonly day: number }) => {
    const workload = resolve(row.namespace, row.pod);
    if (workload === undefined) return undefined;
    const key = `${workload}/${row.container}`;
    const days = found.get(key) ?? new Map<number, Draft>();
    found.set(key, days);
    const draft = days.get(row.day) ?? { day: row.day, oomKills: 0, oomLimitBytes: undefined, cfsPeriods: 0, throttledPeriods: 0 };
    days.set(row.day, draft);
    return draft;
  };
  for (const row of [...kills].sort((a, b) => a.lastUnixSeconds - b.lastUnixSeconds)) {
    const draft = draftOf(row);
    if (draft === undefined) continue;
    draft.oomKills += row.kills;
    draft.oomLimitBytes = row.limitBytes ?? draft.oomLimitBytes;
  }
  for (const row of throttling) {
    const draft = draftOf(row);
    if (draft === undefined) continue;
    draft.cfsPeriods += row.periods;
    // A counter that began between two scrapes can look ahead of the other.
    draft.throttledPeriods = Math.min(draft.cfsPeriods, draft.throttledPeriods + row.throttled);
  }
  return {
    oomKillsKnown: knowsOoms(options.dialect),
    of: (workload, container) => [...(found.get(`${workload}/${container}`)?.values() ?? [])].sort((a, b) => a.day - b.day),
  };
}
