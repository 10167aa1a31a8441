import { DAY_SECONDS } from '../../../common/units.ts';
import { type DaySketch, type DayValues, mergeDays, sketchDay } from './day-sketch.ts';
import { type Distribution, distributionOf } from './distribution.ts';

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

/** Sums over all days; times are 0 for an empty profile, so ask `slots` first. */
export interface ProfileSpan {
  /** Slots with a value. */
  readonly slots: number;
  readonly firstUnixSeconds: number;
  readonly lastUnixSeconds: number;
  /** Mean use of one pod over the time of all pods, so that an hour with ten pods weighs ten times one with one. */
  readonly meanUse: number;
  /** Pods at a time, over the slots with a value. */
  readonly meanPods: number;
  /** Sum over the slots of the pods. */
  readonly podSlots: number;
  /** Mean over time of the hottest pod's use, over mean use of a pod; 1 where all are alike. */
  readonly hotPodRatio: number;
  readonly peakUnixSeconds: number;
}

export function spanOf(profile: ResourceProfile): ProfileSpan {
  let slots = 0;
  let hottest = 0;
  let podUse = 0;
  let podSlots = 0;
  let peaked: DaySketch | undefined;
  for (const d of profile.days) {
    slots += d.slots;
    hottest += d.hottestSum;
    podUse += d.podUseSum;
    podSlots += d.podSlots;
    if (!peaked || d.peak >= peaked.peak) peaked = d;
  }
  const meanUse = podSlots > 0 ? podUse / podSlots : 0;
  return {
    slots,
    firstUnixSeconds: profile.days[0]?.firstUnixSeconds ?? 0,
    lastUnixSeconds: profile.days.at(-1)?.lastUnixSeconds ?? 0,
    meanUse,
    meanPods: slots > 0 ? podSlots / slots : 0,
    podSlots,
    hotPodRatio: meanUse > 0 ? hottest / slots / meanUse : 1,
    peakUnixSeconds: peaked?.peakUnixSeconds ?? 0,
  };
}

/** A profile with what is read from it, worked out once. */
export interface ProfileView {
  readonly days: readonly DaySketch[];
  readonly span: ProfileSpan;
  /** Of all days alike. */
  readonly distribution: Distribution;
}

export function viewOf(profile: ResourceProfile): ProfileView {
  return { days: profile.days, span: spanOf(profile), distribution: distributionOf(profile.days) };
}
