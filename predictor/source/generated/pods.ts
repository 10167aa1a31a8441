import { noiseAt, seedFor, uniformAt } from '../../../common/random.ts';
import { DAY_SECONDS, HOUR_SECONDS, MINUTE_SECONDS } from '../../../common/units.ts';
import type { GeneratedPod } from './cluster.ts';
import { nameSuffix } from './name-suffix.ts';
import { type Rhythm, rhythmAt } from './signals.ts';
import type { Schedule, WorkloadSpec } from './workload-spec.ts';

export interface PodSurroundings {
  /** The workload's own. */
  readonly seed: number;
  readonly fromUnixSeconds: number;
  /** The present that the history leads to. */
  readonly endUnixSeconds: number;
  /** Until when pods are planned: the end, or later for a cluster that goes on. */
  readonly lastUnixSeconds: number;
  readonly holidayDay: number;
  /** Names. */
  readonly nodes: readonly string[];
}

/** One stay of a pod in the cluster. */
interface Stay {
  /** Which of the workload's pods: 0 is the first. */
  readonly index: number;
  readonly start: number;
  readonly end: number | undefined;
  readonly revision: number;
  /** Of a Job's or CronJob's pod. */
  readonly job?: string;
}

/** Every pod of the workload that was there at some time of the window. */
export function podsOf(spec: WorkloadSpec, around: PodSurroundings): GeneratedPod[] {
  return staysOf(spec, around)
    .filter((stay) => stay.start < around.lastUnixSeconds && (stay.end === undefined || stay.end > around.fromUnixSeconds))
    .map((stay) => makePod(spec, stay, around));
}

function staysOf(spec: WorkloadSpec, around: PodSurroundings): Stay[] {
  if (spec.schedule !== undefined) return scheduledStays(spec, spec.schedule, around);
  const { endUnixSeconds } = around;
  if (spec.run !== undefined) {
    const start = Math.round(endUnixSeconds - spec.run.daysBeforeEnd * DAY_SECONDS);
    return indexes(spec.pods).map((index) => ({
      index,
      start,
      end: start + (spec.run?.hours ?? 0) * HOUR_SECONDS,
      revision: 0,
      job: spec.name,
    }));
  }
  if (spec.autoscaler !== undefined) return autoscaledStays(spec, around);
  const gone = spec.goneDaysBeforeEnd === undefined ? undefined : Math.round(endUnixSeconds - spec.goneDaysBeforeEnd * DAY_SECONDS);
  const count = spec.kind === 'DaemonSet' ? around.nodes.length : spec.pods;
  return indexes(count).flatMap((index) => {
    const start = bornAt(spec, index, around);
    if (spec.rollout === undefined) return [{ index, start, end: gone, revision: 0 }];
    const change = Math.round(endUnixSeconds - spec.rollout.daysBeforeEnd * DAY_SECONDS) + index * 40;
    return [
      { index, start, end: change + 20, revision: 0 },
      { index, start: change, end: gone, revision: 1 },
    ];
  });
}

/** Pods that are older than the window came up to three weeks before it. */
function bornAt(spec: WorkloadSpec, index: number, { seed, fromUnixSeconds, endUnixSeconds }: PodSurroundings): number {
  if (spec.bornHoursBeforeEnd !== undefined) return Math.round(endUnixSeconds - spec.bornHoursBeforeEnd * HOUR_SECONDS) + index * 15;
  return Math.round(fromUnixSeconds - (1 + 20 * uniformAt(seed, index)) * DAY_SECONDS);
}

function scheduledStays(spec: WorkloadSpec, schedule: Schedule, { seed, fromUnixSeconds, lastUnixSeconds }: PodSurroundings): Stay[] {
  const { everySeconds, offsetSeconds, shortestSeconds, longestSeconds } = schedule;
  const stays: Stay[] = [];
  const first = Math.floor((fromUnixSeconds - longestSeconds - MINUTE_SECONDS - offsetSeconds) / everySeconds);
  for (let run = first; run * everySeconds + offsetSeconds < lastUnixSeconds; run++) {
    const due = run * everySeconds + offsetSeconds;
    for (let index = 0; index < spec.pods; index++) {
      const draw = run * spec.pods + index;
      const start = due + 2 + Math.floor(20 * uniformAt(seed ^ 0x57a7, draw));
      const end = start + Math.round(shortestSeconds + (longestSeconds - shortestSeconds) * uniformAt(seed, draw));
      // The name that the CronJob controller gives: the minute of unix time at which the run was due.
      stays.push({ index, start, end, revision: 0, job: `${spec.name}-${Math.floor(due / MINUTE_SECONDS)}` });
    }
  }
  return stays;
}

/** Each pod beyond the minimum comes and goes with the hours. */
function autoscaledStays(spec: WorkloadSpec, around: PodSurroundings): Stay[] {
  const { autoscaler, pods, rhythm } = spec;
  if (autoscaler === undefined) return [];
  const stays: Stay[] = [];
  const scaler = { ...autoscaler, nominalPods: pods };
  const wanted = (hour: number): number => autoscaledPods(scaler, rhythm, hour * HOUR_SECONDS, around.holidayDay);
  const firstHour = Math.floor(around.fromUnixSeconds / HOUR_SECONDS);
  const lastHour = Math.ceil(around.lastUnixSeconds / HOUR_SECONDS);
  for (let index = 0; index < autoscaler.maxPods; index++) {
    let start = wanted(firstHour) > index ? bornAt(spec, index, around) : undefined;
    for (let hour = firstHour + 1; hour < lastHour; hour++) {
      const isWanted = wanted(hour) > index;
      if (isWanted && start === undefined) start = hour * HOUR_SECONDS;
      if (!isWanted && start !== undefined) {
        stays.push({ index, start, end: hour * HOUR_SECONDS, revision: 0 });
        start = undefined;
      }
    }
    if (start !== undefined) stays.push({ index, start, end: undefined, revision: 0 });
  }
  return stays;
}

interface Scaler {
  readonly minPods: number;
  readonly maxPods: number;
  readonly nominalPods: number;
}

/** How many pods the autoscaler keeps in an hour: three tenths more than the load needs. */
export function autoscaledPods(scaler: Scaler, rhythm: Rhythm, unixSeconds: number, holidayDay: number): number {
  const hourStart = Math.floor(unixSeconds / HOUR_SECONDS) * HOUR_SECONDS;
  const needed = Math.ceil(1.3 * scaler.nominalPods * rhythmAt(rhythm, hourStart, holidayDay));
  return Math.min(scaler.maxPods, Math.max(scaler.minPods, needed));
}

function makePod(spec: WorkloadSpec, stay: Stay, around: PodSurroundings): GeneratedPod {
  const { kind, name, hotPods } = spec;
  const seed = seedFor(around.seed, `${stay.job ?? ''}/${stay.index}/${stay.start}`);
  const isHot = hotPods !== undefined && stay.index < hotPods.count;
  const owner = ownerOf(spec, stay, around.seed);
  const suffix = nameSuffix(seed, 5);
  return {
    name: podName(kind, name, { owner: owner?.name ?? name, index: stay.index, suffix }),
    node: around.nodes[((around.seed >>> 8) + stay.index) % around.nodes.length] as string,
    owner,
    startUnixSeconds: stay.start,
    endUnixSeconds: stay.end,
    revision: stay.revision,
    load: (isHot ? hotPods.factor : 1) * (1 + 0.08 * noiseAt(seed, 3)),
    seed,
  };
}

function ownerOf({ kind, name }: WorkloadSpec, stay: Stay, seed: number): GeneratedPod['owner'] {
  switch (kind) {
    case 'Deployment':
    case 'Rollout':
      return { kind: 'ReplicaSet', name: `${name}-${nameSuffix(seed + stay.revision, 9)}` };
    case 'StatefulSet':
    case 'DaemonSet':
      return { kind, name };
    case 'CronJob':
    case 'Job':
      return { kind: 'Job', name: stay.job ?? name };
    case 'Pod':
      return undefined;
  }
}

function podName(kind: WorkloadSpec['kind'], name: string, parts: { owner: string; index: number; suffix: string }): string {
  if (kind === 'Pod') return name;
  return kind === 'StatefulSet' ? `${name}-${parts.index}` : `${parts.owner}-${parts.suffix}`;
}

const indexes = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
