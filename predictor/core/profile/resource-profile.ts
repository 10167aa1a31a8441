import { DAY_SECONDS } from '../../../common/units.ts';
import { type DaySketch, type DayValues, mergeDays, sketchDay } from './day-sketch.ts';

/** What is remembered of one container's use of one resource: its days, oldest first, one entry a day with data. */
export interface ResourceProfile {
  readonly days: readonly DaySketch[];
}

export const EMPTY_PROFILE: ResourceProfile = { days: [] };

/** The profile with more slots added. Slots must not be given twice; days may come in any order. */
export function addUsage(profile: ResourceProfile, values: DayValues): ResourceProfile {
  const days = new Map(profile.days.map((d) => [d.day, d]));
  const slots = values.hottestPod.length;
  for (let start = 0; start < slots; ) {
    const day = Math.floor((values.fromUnixSeconds + start * values.stepSeconds) / DAY_SECONDS);
    const end = Math.min(slots, Math.ceil(((day + 1) * DAY_SECONDS - values.fromUnixSeconds) / values.stepSeconds));
    const sketch = sketchDay(day, values, start, end);
    const before = days.get(day);
    if (sketch) days.set(day, before ? mergeDays(before, sketch) : sketch);
    start = end;
  }
  return { days: [...days.values()].sort((a, b) => a.day - b.day) };
}

/** Forgets whole days that ended before the given time. */
export function forgetBefore(profile: ResourceProfile, unixSeconds: number): ResourceProfile {
  const kept = profile.days.filter((d) => (d.day + 1) * DAY_SECONDS > unixSeconds);
  return kept.length === profile.days.length ? profile : { days: kept };
}

/** Sums over all days; times are 0 for an empty profile, so ask `days.length` first. */
export interface ProfileSpan {
  readonly slots: number;
  readonly firstUnixSeconds: number;
  readonly lastUnixSeconds: number;
  /** Mean use of one pod over the time and pods. */
  readonly mean: number;
  readonly meanPods: number;
  /** Mean use of the hottest pod over mean use of a pod; 1 where all are alike. */
  readonly hotPodRatio: number;
  readonly peakUnixSeconds: number;
}

export function spanOf(profile: ResourceProfile): ProfileSpan {
  let slots = 0;
  let hottest = 0;
  let mean = 0;
  let podSlots = 0;
  let peaked: DaySketch | undefined;
  for (const d of profile.days) {
    slots += d.slots;
    hottest += d.hottestSum;
    mean += d.meanSum;
    podSlots += d.podSlots;
    if (!peaked || d.peak >= peaked.peak) peaked = d;
  }
  return {
    slots,
    firstUnixSeconds: profile.days[0]?.firstUnixSeconds ?? 0,
    lastUnixSeconds: profile.days.at(-1)?.lastUnixSeconds ?? 0,
    mean: slots > 0 ? mean / slots : 0,
    meanPods: slots > 0 ? podSlots / slots : 0,
    hotPodRatio: mean > 0 ? hottest / mean : 1,
    peakUnixSeconds: peaked?.peakUnixSeconds ?? 0,
  };
}
