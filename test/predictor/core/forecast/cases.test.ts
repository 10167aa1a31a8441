import { describe, expect, it } from 'vitest';
import { decideRequest } from '../../../../predictor/core/forecast/decide.ts';
import { forecastUpper } from '../../../../predictor/core/forecast/forecast.ts';
import { newSeries, type SeriesView } from '../../../../predictor/core/forecast/layout.ts';
import { advanceTo, ingest, initSeries } from '../../../../predictor/core/forecast/state.ts';
import { DAY, HOUR, hourOfDay, MONDAY, STEP, WEEK, weekday } from './series.ts';

const BUDGET = 0.01;
type Use = (unixSeconds: number) => number;

function history(days: number, use: Use): SeriesView {
  const view = newSeries();
  initSeries(view);
  for (let t = MONDAY; t < MONDAY + days * DAY; t += STEP) ingest(view, t, use(t));
  advanceTo(view, MONDAY + days * DAY);
  return view;
}

function upper(view: SeriesView, nowUnixSeconds: number, horizonSeconds: number, riskBudget = BUDGET): number {
  const forecast = forecastUpper(view, { nowUnixSeconds, horizonSeconds, riskBudget });
  if (!forecast.ok) throw new Error(forecast.detail);
  return forecast.value.value;
}

/** Requests decided every hour over the last days, each knowing the one before. */
function requests(days: number, use: Use, horizonSeconds: number, fromDay = 5): { request: number; peak: number }[] {
  const view = newSeries();
  initSeries(view);
  const out: { request: number; peak: number }[] = [];
  let inForce: number | undefined;
  for (let t = MONDAY; t < MONDAY + days * DAY; t += STEP) {
    if (t % HOUR === 0 && t >= MONDAY + fromDay * DAY) {
      advanceTo(view, t);
      const decision = decideRequest(view, { nowUnixSeconds: t, horizonSeconds, riskBudget: BUDGET, inForce });
      if (!decision.ok) throw new Error(decision.detail);
      inForce = decision.value.request;
      const slots = Array.from({ length: HOUR / STEP }, (_, i) => use(t + i * STEP));
      out.push({ request: inForce, peak: Math.max(...slots) });
    }
    ingest(view, t, use(t));
  }
  return out;
}

const business: Use = (t) => (weekday(t) < 5 && hourOfDay(t) >= 9 && hourOfDay(t) < 18 ? 800 : 80);
const sunday: Use = (t) => (weekday(t) === 6 ? 1000 : 100);

describe('cases that percentile rules get wrong', () => {
  it.each([1, 2, 3])('Monday 08:59 is sized for Monday, after %i weeks of office hours', (weeks) => {
    const now = MONDAY + weeks * WEEK + 9 * HOUR - 60;
    const view = newSeries();
    initSeries(view);
    for (let t = MONDAY; t < now; t += STEP) ingest(view, t, business(t));
    expect(upper(view, now, HOUR)).toBeGreaterThanOrEqual(800);
    expect(upper(view, now, DAY)).toBeGreaterThanOrEqual(800);
  });

  it.each([2, 3])('a night in the middle of %i weeks costs little when the request may change every hour', (weeks) => {
    const view = history(7 * weeks - 4 + 2 / 24, business);
    expect(upper(view, MONDAY + (7 * weeks - 4) * DAY + 2 * HOUR, HOUR)).toBeLessThan(160);
  });

  it.each([0.05, 0.08, 0.1, 0.12, 0.15])('a duty cycle of %f neither flips nor is forgotten when a request must hold a day', (duty) => {
    const use: Use = (t) => (hourOfDay(t) >= 10 && hourOfDay(t) < 10 + 24 * duty ? 1000 : 100);
    const made = requests(10, use, DAY).map((r) => r.request);
    expect(Math.min(...made)).toBeGreaterThanOrEqual(1000);
    expect(Math.max(...made)).toBeLessThanOrEqual(1010);
  });

  it.each([0.05, 0.08, 0.1, 0.12, 0.15])('a duty cycle of %f is covered, and only then, when a request may change every hour', (duty) => {
    const use: Use = (t) => (hourOfDay(t) >= 10 && hourOfDay(t) < 10 + 24 * duty ? 1000 : 100);
    const made = requests(10, use, HOUR);
    expect(made.filter((r) => r.request < r.peak)).toEqual([]);
    const mean = made.reduce((sum, r) => sum + r.request, 0) / made.length;
    expect(mean).toBeLessThan(1.3 * (100 + 900 * Math.ceil(24 * duty) * (1 / 24)));
  });

  it.each([1, 2, 3])('a weekly peak is remembered on Saturday night, after %i weeks', (weeks) => {
    const view = history(7 * weeks + 6, sunday);
    const now = MONDAY + (7 * weeks + 6) * DAY;
    for (const horizon of [HOUR, DAY]) {
      expect(upper(view, now, horizon)).toBeGreaterThanOrEqual(1000);
      expect(upper(view, now, horizon)).toBeLessThan(1300);
    }
  });

  it.each([1, 3, 8])('a constant load pays no bucket after %i days', (days) => {
    const view = history(days, () => 100);
    for (const horizon of [HOUR, DAY]) {
      expect(upper(view, MONDAY + days * DAY, horizon)).toBeGreaterThanOrEqual(100);
      expect(upper(view, MONDAY + days * DAY, horizon)).toBeLessThanOrEqual(101);
    }
  });

  it('a step up is followed within the hour, a step down within two days', () => {
    const up = requests(7, (t) => (t >= MONDAY + 6 * DAY ? 500 : 100), HOUR, 6);
    expect(up[1]?.request).toBeGreaterThanOrEqual(500);
    const down = requests(9, (t) => (t >= MONDAY + 6 * DAY ? 100 : 500), HOUR, 6);
    expect(down.at(48)?.request).toBeLessThan(250);
  });

  it('a container of 10 millicores is sized as one of 10 cores', () => {
    const small = history(4, (t) => business(t) / 80_000);
    expect(upper(small, MONDAY + 4 * DAY, DAY)).toBeCloseTo(upper(history(4, business), MONDAY + 4 * DAY, DAY) / 80_000, 9);
  });
});

describe('what cannot be known is refused', () => {
  const view = history(2 / 24, () => 100);
  const now = MONDAY + 2 * HOUR;
  const ask = (options: Partial<Parameters<typeof forecastUpper>[1]>, of = view): string => {
    const forecast = forecastUpper(of, { nowUnixSeconds: now, horizonSeconds: HOUR, riskBudget: BUDGET, ...options });
    return forecast.ok ? 'known' : forecast.reason;
  };
  const empty = newSeries();
  initSeries(empty);

  it.each([
    ['two hours of history', {}, view, 'LittleHistory'],
    ['two hours of history for a day', { horizonSeconds: DAY }, view, 'LittleHistory'],
    ['no sample', {}, empty, 'NoData'],
    ['memory that was never initialised', {}, newSeries(), 'NotASeries'],
    ['a budget of 0', { riskBudget: 0 }, history(1, () => 1), 'BadBudget'],
    ['a horizon beyond a week', { horizonSeconds: WEEK + 1 }, history(1, () => 1), 'BadHorizon'],
    ['a time before the newest sample', {}, history(1, () => 1), 'TimeBeforeData'],
    ['nothing but zeros', { nowUnixSeconds: MONDAY + DAY }, history(1, () => 0), 'OnlyZeros'],
    ['data that ended more than a week ago', { nowUnixSeconds: MONDAY + 9 * DAY }, history(1, () => 1), 'NoRecentData'],
  ])('%s', (_, options, of, reason) => {
    expect(ask(options, of)).toBe(reason);
  });
});

it('the forecast explains itself', () => {
  const view = history(9, business);
  const forecast = forecastUpper(view, { nowUnixSeconds: MONDAY + 9 * DAY + 120, horizonSeconds: HOUR, riskBudget: BUDGET });
  if (!forecast.ok) throw new Error(forecast.detail);
  const { experts, calibration, dataAgeSeconds, historySeconds, weekPeak } = forecast.value;
  expect(experts.reduce((sum, e) => sum + e.weight, 0)).toBeCloseTo(1, 9);
  expect(experts.map((e) => e.name)).toContain('same hour last week');
  expect(experts.every((e) => e.value === undefined || (e.value >= 80 && e.value <= 801))).toBe(true);
  expect(calibration).toMatchObject({ riskBudget: BUDGET, reach: 'near' });
  expect(calibration.exceededShare).toBeGreaterThanOrEqual(0);
  expect(calibration.riskPrice).toBeGreaterThanOrEqual(1);
  expect(dataAgeSeconds).toBe(STEP + 120);
  expect(historySeconds).toBe(9 * DAY - STEP);
  expect(weekPeak).toBeGreaterThanOrEqual(800);
});
