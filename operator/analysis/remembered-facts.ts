import { DAY_SECONDS } from '../../common/units.ts';
import type { WorkloadKey } from '../../predictor/core/workload.ts';
import type { DayEvents, HistorySummary, WorkloadFacts } from '../../predictor/source/history-source.ts';

/** What several reads told of the workloads: the newest state of each, with the events of the whole window. */
export type RememberedFacts = ReadonlyMap<WorkloadKey, ToldFacts>;

export interface ToldFacts extends WorkloadFacts {
  /** End of the newest read that told of the workload. */
  readonly toldUnixSeconds: number;
}

export const NO_FACTS: RememberedFacts = new Map();

export interface FactsRead {
  /** The first day that the read told events of; it replaces what was known of that day and later ones. */
  readonly eventsFromUnixSeconds: number;
  readonly windowFromUnixSeconds: number;
  readonly toUnixSeconds: number;
  readonly workloads: HistorySummary['workloads'];
  /** Whether there is usage of the workload in the window. */
  readonly hasUsage: (workload: WorkloadKey) => boolean;
}

/**
 * Adds what one read told. A workload that the read does not know has no pods now, but is remembered for as long as it
 * has usage in the window, or was told of within it. Of containers, only those that the newest read tells of go on; events of days that ended
 * before the window are forgotten.
 */
export function remember(before: RememberedFacts, read: FactsRead): RememberedFacts {
  const firstNewDay = Math.floor(read.eventsFromUnixSeconds / DAY_SECONDS);
  const firstDay = Math.floor(read.windowFromUnixSeconds / DAY_SECONDS);
  const after = new Map<WorkloadKey, ToldFacts>();
  for (const [key, facts] of before) {
    // A pod without owner and usage was one whose owner came to be known a scrape later.
    const stillTold = facts.ref.kind !== 'Pod' && facts.toldUnixSeconds >= read.windowFromUnixSeconds;
    if (read.workloads.has(key) || (!read.hasUsage(key) && !stillTold)) continue;
    const containers = [...facts.containers].map(([name, c]) => [name, { ...c, runningPods: 0 }] as const);
    after.set(key, { ...facts, runningPods: 0, containers: new Map(containers) });
  }
  for (const [key, facts] of read.workloads) {
    const known = before.get(key)?.containers;
    const containers = [...facts.containers].map(([name, container]) => {
      const past = known?.get(name)?.events.filter(({ day }) => day >= firstDay && day < firstNewDay) ?? [];
      return [name, past.length === 0 ? container : { ...container, events: [...past, ...container.events] }] as const;
    });
    after.set(key, { ...facts, toldUnixSeconds: read.toUnixSeconds, containers: new Map(containers) });
  }
  return after;
}

/** Events of some days as one. */
export interface Incidents {
  readonly oomKills: number;
  /** Limit at the last kill, bytes. */
  readonly oomLimitBytes: number | undefined;
  /** Share of CFS periods that ran out of quota; undefined where unknown or without limit. */
  readonly throttledShare: number | undefined;
}

export function incidentsOf(events: readonly DayEvents[]): Incidents {
  let oomKills = 0;
  let oomLimitBytes: number | undefined;
  let periods = 0;
  let throttled = 0;
  for (const day of events) {
    oomKills += day.oomKills;
    oomLimitBytes = day.oomLimitBytes ?? oomLimitBytes;
    periods += day.cfsPeriods;
    throttled += day.throttledPeriods;
  }
  return { oomKills, oomLimitBytes, throttledShare: periods > 0 ? Math.min(1, throttled / periods) : undefined };
}
