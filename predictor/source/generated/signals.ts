import { noiseAt, uniformAt } from '../../../common/random.ts';
import { DAY_SECONDS, HOUR_SECONDS } from '../../../common/units.ts';

/** Load over the hours of a day (UTC), as a share of the day's peak; straight lines between the hours. */
const DAYS = {
  flat: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
  /** People at home: a shoulder at noon, the peak in the evening. */
  shopper: [
    0.25, 0.15, 0.1, 0.08, 0.08, 0.12, 0.22, 0.36, 0.46, 0.52, 0.58, 0.66, 0.7, 0.62, 0.58, 0.58, 0.62, 0.7, 0.82, 0.94, 1, 0.94, 0.7, 0.42,
  ],
  /** Machines that talk while offices are open, with a dip at lunch. */
  api: [
    0.12, 0.1, 0.1, 0.1, 0.1, 0.14, 0.24, 0.5, 0.82, 0.98, 1, 0.94, 0.62, 0.8, 0.96, 0.98, 0.92, 0.74, 0.5, 0.36, 0.28, 0.22, 0.18, 0.14,
  ],
  /** A tool for people with office hours: hard edges. */
  office: [0.03, 0.03, 0.03, 0.03, 0.03, 0.03, 0.05, 0.15, 0.6, 1, 1, 0.95, 0.6, 0.9, 1, 1, 0.9, 0.5, 0.15, 0.06, 0.04, 0.03, 0.03, 0.03],
  /** Work that is put where nobody waits for it. */
  night: [
    0.7, 0.95, 1, 1, 0.9, 0.5, 0.12, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05, 0.08, 0.15, 0.35,
  ],
} as const satisfies Record<string, readonly number[]>;
export type DayShape = keyof typeof DAYS;

/** Load over the days of a week, Sunday first, as a share of a usual day. */
const WEEKS = {
  even: [1, 1, 1, 1, 1, 1, 1],
  business: [0.22, 1, 1.04, 1.02, 1, 0.9, 0.28],
  leisure: [1.25, 0.92, 0.9, 0.92, 0.96, 1.08, 1.22],
  weekendOnly: [1, 0, 0, 0, 0, 0, 1],
} as const satisfies Record<string, readonly number[]>;
export type WeekShape = keyof typeof WEEKS;

export const SUNDAY = 0;
export const SATURDAY = 6;

/** 0 is Sunday. Day 0 of unix time was a Thursday. */
export function weekdayOf(unixSeconds: number): number {
  return (Math.floor(unixSeconds / DAY_SECONDS) + 4) % 7;
}

export interface Rhythm {
  readonly day: DayShape;
  readonly week: WeekShape;
}

/** Share of the usual peak at a time of the week; on the holiday (day number of unix time) it is a Sunday. */
export function rhythmAt({ day, week }: Rhythm, unixSeconds: number, holidayDay: number): number {
  const dayNumber = Math.floor(unixSeconds / DAY_SECONDS);
  const weekday = dayNumber === holidayDay ? SUNDAY : (dayNumber + 4) % 7;
  const hours = (unixSeconds - dayNumber * DAY_SECONDS) / HOUR_SECONDS;
  const hour = Math.floor(hours);
  const shape = DAYS[day];
  const here = shape[hour] as number;
  const next = shape[(hour + 1) % 24] as number;
  return (here + (next - here) * (hours - hour)) * (WEEKS[week][weekday] as number);
}

/** Noise in [-1, 1) that wanders from one random value to the next over `knotSeconds`. */
export function wanderAt(seed: number, unixSeconds: number, knotSeconds: number): number {
  const position = unixSeconds / knotSeconds;
  const knot = Math.floor(position);
  const f = position - knot;
  const a = noiseAt(seed, knot);
  return a + (noiseAt(seed, knot + 1) - a) * f * f * (3 - 2 * f);
}

export interface Bursts {
  readonly perDay: number;
  readonly seconds: number;
  /** Typical height as a multiple of the peak; one in a hundred is five times as high. */
  readonly height: number;
}

/** Height of the burst under way, as a multiple of the peak; 0 without one. */
export function burstAt({ perDay, seconds, height }: Bursts, seed: number, unixSeconds: number): number {
  // One draw an hour (or a burst's length, where that is longer): a burst may reach into the next bucket only.
  const bucketSeconds = Math.max(HOUR_SECONDS, seconds);
  const chance = (perDay * bucketSeconds) / DAY_SECONDS;
  const bucket = Math.floor(unixSeconds / bucketSeconds);
  let top = 0;
  for (let b = bucket - 1; b <= bucket; b++) {
    if (uniformAt(seed, b) >= chance) continue;
    const start = (b + uniformAt(seed ^ 0x51ed, b)) * bucketSeconds;
    if (unixSeconds < start || unixSeconds >= start + seconds) continue;
    const tail = 1 / Math.sqrt(1 - uniformAt(seed ^ 0x7a11, b));
    top = Math.max(top, (height / 2) * Math.min(10, tail));
  }
  return top;
}
