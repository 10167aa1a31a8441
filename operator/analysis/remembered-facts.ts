import type { WorkloadKey } from '../../predictor/core/workload.ts';
import type { ContainerFacts, HistorySummary, WorkloadFacts } from '../../predictor/source/history-source.ts';

/** What several reads told of the workloads: the newest state, and the events of each range that was read. */
export interface RememberedFacts {
  readonly newest: ReadonlyMap<WorkloadKey, WorkloadFacts>;
  /** By `workload/container`, oldest first. */
  readonly events: ReadonlyMap<string, readonly EventsOfRange[]>;
}

export const NO_FACTS: RememberedFacts = { newest: new Map(), events: new Map() };

interface EventsOfRange {
  readonly fromUnixSeconds: number;
  readonly toUnixSeconds: number;
  readonly facts: Pick<ContainerFacts, 'oomKills' | 'oomLimitBytes' | 'throttledShare'>;
}

export interface RangeRead {
  readonly fromUnixSeconds: number;
  readonly toUnixSeconds: number;
  readonly workloads: HistorySummary['workloads'];
}

export interface WindowNow {
  readonly windowFromUnixSeconds: number;
  readonly hasUsage: (workload: WorkloadKey) => boolean;
}

/**
 * Adds what one read told. A workload that the read does not know has no pods now, but its past still counts while it
 * has usage in the window; an empty range tells nothing. Events that ended before the window are forgotten.
 */
export function remember(before: RememberedFacts, read: RangeRead, window: WindowNow): RememberedFacts {
  if (read.toUnixSeconds <= read.fromUnixSeconds) return before;
  const newest = new Map<WorkloadKey, WorkloadFacts>();
  for (const [key, facts] of before.newest) if (window.hasUsage(key)) newest.set(key, { ...facts, runningPods: 0 });
  const events = new Map<string, readonly EventsOfRange[]>();
  for (const [key, ranges] of before.events) {
    const kept = ranges.filter((r) => r.toUnixSeconds > window.windowFromUnixSeconds);
    if (kept.length > 0) events.set(key, kept);
  }
  for (const [key, facts] of read.workloads) {
    const known = before.newest.get(key)?.containers ?? new Map<string, ContainerFacts>();
    newest.set(key, { ...facts, containers: new Map([...known, ...facts.containers]) });
    for (const [name, container] of facts.containers) {
      const { oomKills, oomLimitBytes, throttledShare } = container;
      if (oomKills === undefined && oomLimitBytes === undefined && throttledShare === undefined) continue;
      const { fromUnixSeconds, toUnixSeconds } = read;
      const range = { fromUnixSeconds, toUnixSeconds, facts: { oomKills, oomLimitBytes, throttledShare } };
      events.set(`${key}/${name}`, [...(events.get(`${key}/${name}`) ?? []), range]);
    }
  }
  return { newest, events };
}

/** The workloads with the events of the whole window: kills added up, throttling as the mean over time. */
export function factsOverWindow({ newest, events }: RememberedFacts): readonly WorkloadFacts[] {
  return [...newest].map(([key, facts]) => ({
    ...facts,
    containers: new Map(
      [...facts.containers].map(([name, container]) => [name, { ...container, ...summedUp(events.get(`${key}/${name}`) ?? []) }]),
    ),
  }));
}

function summedUp(ranges: readonly EventsOfRange[]): EventsOfRange['facts'] {
  let oomKills: number | undefined;
  let oomLimitBytes: number | undefined;
  let throttledSeconds = 0;
  let seconds = 0;
  for (const { fromUnixSeconds, toUnixSeconds, facts } of ranges) {
    if (facts.oomKills !== undefined) oomKills = (oomKills ?? 0) + facts.oomKills;
    oomLimitBytes = facts.oomLimitBytes ?? oomLimitBytes;
    if (facts.throttledShare === undefined) continue;
    throttledSeconds += facts.throttledShare * (toUnixSeconds - fromUnixSeconds);
    seconds += toUnixSeconds - fromUnixSeconds;
  }
  return { oomKills, oomLimitBytes, throttledShare: seconds > 0 ? throttledSeconds / seconds : undefined };
}
