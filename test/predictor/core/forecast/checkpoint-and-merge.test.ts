import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHECKPOINT_BYTES, decodeCheckpoint, encodeCheckpoint } from '../../../../predictor/core/forecast/checkpoint.ts';
import { amountOf } from '../../../../predictor/core/forecast/codes.ts';
import { forecastUpper } from '../../../../predictor/core/forecast/forecast.ts';
import { emptyHour, readHour } from '../../../../predictor/core/forecast/hours.ts';
import { AT, getF64, getI32, getU16, newSeries, SERIES_STATE_BYTES, type SeriesView } from '../../../../predictor/core/forecast/layout.ts';
import { mergeSeries } from '../../../../predictor/core/forecast/merge.ts';
import { advanceTo, ingest, initSeries } from '../../../../predictor/core/forecast/state.ts';
import { DAY, HOUR, MONDAY, type Samples, synthetic } from './series.ts';

function feed(view: SeriesView, samples: Samples, takes: (i: number) => boolean): void {
  samples.t.forEach((t, i) => {
    if (takes(i)) ingest(view, t, samples.v[i] as number);
  });
}
function fresh(): SeriesView {
  const view = newSeries();
  initSeries(view);
  return view;
}
const pick = (seed: number, kind: number, days = 4): Samples => synthetic(seed, days)[kind % 9] as Samples;
const anyPick = fc.tuple(fc.integer({ min: 1, max: 500 }), fc.nat(8));

it('one series takes no more than 1.5 KiB, so that CPU and memory of a container take 3', () => {
  expect(SERIES_STATE_BYTES).toBeLessThanOrEqual(1536);
  expect(SERIES_STATE_BYTES % 8).toBe(0);
});

describe('checkpoint', () => {
  it('comes back as it went, and goes on alike', () => {
    fc.assert(
      fc.property(anyPick, ([seed, kind]) => {
        const samples = pick(seed, kind);
        const view = fresh();
        feed(view, samples, (i) => i < 800);
        const loaded = newSeries();
        expect(decodeCheckpoint(encodeCheckpoint(view), loaded).ok).toBe(true);
        feed(view, samples, (i) => i >= 800);
        feed(loaded, samples, (i) => i >= 800);
        expect(loaded.u8).toEqual(view.u8);
      }),
      { numRuns: 20 },
    );
  });

  it('that is damaged anywhere is refused, and the series in memory stays', () => {
    const view = fresh();
    feed(view, pick(1, 1), () => true);
    const good = encodeCheckpoint(view);
    fc.assert(
      fc.property(fc.nat(CHECKPOINT_BYTES - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const bad = Uint8Array.from(good);
        bad[at] = (bad[at] as number) ^ flip;
        const into = fresh();
        const before = into.u8.slice();
        const loaded = decodeCheckpoint(bad, into);
        expect(loaded.ok ? 'loaded' : loaded.reason).toMatch(/^Wrong/);
        expect(into.u8).toEqual(before);
      }),
      { numRuns: 200 },
    );
    const cut = decodeCheckpoint(good.subarray(0, 100), fresh());
    expect(cut.ok ? 'loaded' : cut.reason).toBe('WrongSize');
  });

  it('whose checksum is right but whose numbers cannot be is refused', () => {
    const view = fresh();
    feed(view, pick(1, 1), () => true);
    view.f32[AT.samplesPerHour / 4] = Number.NaN;
    const loaded = decodeCheckpoint(encodeCheckpoint(view), fresh());
    expect(loaded.ok ? 'loaded' : loaded.reason).toBe('Implausible');
    const never = decodeCheckpoint(encodeCheckpoint(newSeries()), fresh());
    expect(never.ok ? 'loaded' : never.reason).toBe('Implausible');
  });
});

/** Peaks of the week and of the open hour, in the unit of use. */
function profile(view: SeriesView): { hours: number[][]; minutes: number[] } {
  const scale = getF64(view, AT.scale);
  const closed = getI32(view, AT.closedHour);
  const hours: number[][] = [];
  const sketch = emptyHour();
  for (let hour = closed - 160; hour <= closed; hour++) {
    if (readHour(view, hour, sketch)) hours.push([hour, scale * amountOf(sketch.top), scale * amountOf(sketch.second)]);
  }
  return { hours, minutes: Array.from({ length: 60 }, (_, i) => scale * amountOf(getU16(view, AT.minutes, i))) };
}

describe('merge', () => {
  const splits = fc.constantFrom<(i: number) => boolean>(
    (i) => i % 2 === 0,
    (i) => i < 600,
    (i) => i >= 900,
    (i) => Math.floor(i / 100) % 3 === 0,
  );

  it('of two parts has the peaks of both together', () => {
    fc.assert(
      fc.property(anyPick, splits, ([seed, kind], takes) => {
        const samples = pick(seed, kind);
        const [one, two, together] = [fresh(), fresh(), fresh()];
        feed(one, samples, takes);
        feed(two, samples, (i) => !takes(i));
        feed(together, samples, () => true);
        for (const view of [one, two, together]) advanceTo(view, MONDAY + 4 * DAY);
        expect(mergeSeries(one, two).ok).toBe(true);
        const [merged, expected] = [profile(one), profile(together)];
        expect(merged.hours.length).toBe(expected.hours.length);
        // A code is 0.07 %; the distance to the peak is kept in a byte, up to 5 % too near.
        merged.hours.forEach((hour, i) => {
          const [at, top, second] = expected.hours[i] as number[];
          expect(hour[0]).toBe(at);
          expect((hour[1] as number) / (top as number)).toBeCloseTo(1, 2);
          expect((hour[2] as number) / (second as number)).toBeGreaterThan(0.95);
          expect((hour[2] as number) / (second as number)).toBeLessThan(1.05);
        });
        merged.minutes.forEach((use, i) => {
          expect(use).toBeGreaterThanOrEqual((expected.minutes[i] as number) * 0.999);
        });
        expect(getF64(one, AT.firstSeconds)).toBe(getF64(together, AT.firstSeconds));
        expect(getF64(one, AT.lastSeconds)).toBe(getF64(together, AT.lastSeconds));
      }),
      { numRuns: 30 },
    );
  });

  it('with a series that saw nothing changes nothing', () => {
    const view = fresh();
    feed(view, pick(3, 2), () => true);
    const before = view.u8.slice();
    expect(mergeSeries(view, fresh()).ok).toBe(true);
    expect(view.u8).toEqual(before);
    const empty = fresh();
    mergeSeries(empty, view);
    expect(empty.u8).toEqual(before);
  });

  it('gives a series that forecasts, between the two or above', () => {
    const samples = pick(7, 0, 8);
    const [one, two] = [fresh(), fresh()];
    feed(one, samples, (i) => i % 2 === 0);
    feed(two, samples, (i) => i % 2 === 1);
    const options = { nowUnixSeconds: MONDAY + 8 * DAY, horizonSeconds: HOUR, riskBudget: 0.01 };
    const apart = [one, two].map((view) => {
      advanceTo(view, options.nowUnixSeconds);
      const forecast = forecastUpper(view, options);
      return forecast.ok ? forecast.value.value : Number.NaN;
    });
    mergeSeries(one, two);
    const merged = forecastUpper(one, options);
    expect(merged.ok && merged.value.value).toBeGreaterThan(0.8 * Math.min(...apart));
    expect(merged.ok && merged.value.value).toBeLessThan(1.25 * Math.max(...apart));
  });

  it('refuses memory that holds no series', () => {
    const refused = mergeSeries(fresh(), newSeries());
    expect(refused.ok ? 'merged' : refused.reason).toBe('NotASeries');
  });
});
