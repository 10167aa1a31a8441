import { seedFor, uniforms } from '../../../../common/random.ts';

export const HOUR = 3600;
export const DAY = 24 * HOUR;
export const WEEK = 7 * DAY;
/** A Monday, 00:00 UTC (1970-01-05 was one). */
export const MONDAY = 4 * DAY + 2800 * WEEK;
/** Slots as a Prometheus scrape of common length leaves them. */
export const STEP = 300;

/** 0 is Monday. */
export function weekday(unixSeconds: number): number {
  return Math.floor(unixSeconds / DAY + 3) % 7;
}
/** 0…24, with fractions. */
export function hourOfDay(unixSeconds: number): number {
  return (unixSeconds % DAY) / HOUR;
}

export interface Samples {
  readonly name: string;
  readonly t: Float64Array;
  readonly v: Float64Array;
}

export function sampled(name: string, days: number, use: (unixSeconds: number) => number): Samples {
  const n = Math.round((days * DAY) / STEP);
  const t = Float64Array.from({ length: n }, (_, i) => MONDAY + i * STEP);
  return { name, t, v: t.map(use) };
}

/** Mean 1 or so, heavy to the right. */
function noisy(random: () => number, spread: number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Math.exp(spread * normal);
}

/** Kinds of load that production shows, each with its own randomness; nothing here was looked at while choosing constants. */
export function synthetic(seed: number, days: number): readonly Samples[] {
  const daily = (t: number): number => 1 + 0.6 * Math.sin(((hourOfDay(t) - 8) / 24) * 2 * Math.PI);
  const weekend = (t: number): number => (weekday(t) >= 5 ? 0.4 : 1);
  const make = (name: string, use: (t: number, random: () => number) => number): Samples => {
    const random = uniforms(seedFor(seed, name));
    return sampled(name, days, (t) => use(t, random));
  };
  const middle = MONDAY + (days * DAY) / 2;
  return [
    make('daily', (t, r) => daily(t) * noisy(r, 0.1)),
    make('weekly', (t, r) => daily(t) * weekend(t) * noisy(r, 0.15)),
    make('bursts', (_, r) => (r() < 0.03 ? 5 : 1) * noisy(r, 0.2)),
    make('level-shift', (t, r) => (t > middle ? 3 : 1) * daily(t) * noisy(r, 0.1)),
    make('slow-leak', (t, r) => (1 + (t - MONDAY) / (10 * DAY)) * noisy(r, 0.02)),
    make('hourly-cron', (t, r) => (t % HOUR < 600 ? 4 : 1) * noisy(r, 0.1)),
    make('nightly-job', (t, r) => (hourOfDay(t) >= 2 && hourOfDay(t) < 3.5 ? 6 : 1) * noisy(r, 0.1)),
    make('holiday', (t, r) => daily(t) * (t > middle && t < middle + 2 * DAY ? 0.3 : 1) * noisy(r, 0.1)),
    make('heavy-tail', (_, r) => noisy(r, 0.8)),
  ];
}
