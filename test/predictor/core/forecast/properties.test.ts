import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideRequest } from '../../../../predictor/core/forecast/decide.ts';
import { forecastUpper } from '../../../../predictor/core/forecast/forecast.ts';
import { newSeries, openSeries, SERIES_STATE_BYTES, type SeriesView } from '../../../../predictor/core/forecast/layout.ts';
import { advanceTo, ingest, initSeries } from '../../../../predictor/core/forecast/state.ts';
import { DAY, HOUR, MONDAY, STEP, synthetic } from './series.ts';

const KINDS = synthetic(1, 1).length;
/** A made series of some kind, cut off somewhere. */
const history = fc.record({
  seed: fc.integer({ min: 1, max: 1000 }),
  kind: fc.nat(KINDS - 1),
  slots: fc.integer({ min: (8 * HOUR) / STEP, max: (9 * DAY) / STEP }),
});
type History = typeof history extends fc.Arbitrary<infer T> ? T : never;
const horizons = fc.constantFrom(900, HOUR, 2 * HOUR, 6 * HOUR, DAY, 7 * DAY);
const budgets = fc.constantFrom(0.0001, 0.001, 0.005, 0.01, 0.02, 0.1);

function valuesOf({ seed, kind, slots }: History): Float64Array {
  return (synthetic(seed, 9)[kind] as { v: Float64Array }).v.subarray(0, slots);
}
function fed(values: Float64Array, factor = 1): SeriesView {
  const view = newSeries();
  initSeries(view);
  values.forEach((value, i) => {
    ingest(view, MONDAY + i * STEP, factor * value);
  });
  return view;
}
const endOf = (values: Float64Array): number => MONDAY + values.length * STEP;
const bytesOf = (view: SeriesView): string =>
  Buffer.from(view.u8.slice(view.byteOffset, view.byteOffset + SERIES_STATE_BYTES)).toString('hex');

const RUNS = { numRuns: 40 };

describe('forecastUpper', () => {
  it('is scale invariant: c times the use needs c times the amount', () => {
    fc.assert(
      fc.property(history, horizons, budgets, fc.double({ min: 1e-6, max: 1e9, noNaN: true }), (h, horizonSeconds, riskBudget, factor) => {
        const values = valuesOf(h);
        const options = { nowUnixSeconds: endOf(values), horizonSeconds, riskBudget };
        const one = forecastUpper(fed(values), options);
        const scaled = forecastUpper(fed(values, factor), options);
        expect(scaled.ok).toBe(one.ok);
        if (one.ok && scaled.ok) expect(scaled.value.value / (factor * one.value.value)).toBeCloseTo(1, 9);
      }),
      RUNS,
    );
  });

  it('is monotone in the budget: less risk never needs less', () => {
    fc.assert(
      fc.property(
        history,
        horizons,
        fc.uniqueArray(fc.double({ min: 1e-5, max: 0.5, noNaN: true }), { minLength: 2, maxLength: 5 }),
        (h, horizonSeconds, risks) => {
          const values = valuesOf(h);
          const view = fed(values);
          const amounts = risks
            .sort((x, y) => x - y)
            .map((riskBudget) => forecastUpper(view, { nowUnixSeconds: endOf(values), horizonSeconds, riskBudget }))
            .flatMap((f) => (f.ok ? [f.value.value] : []));
          expect([...amounts].sort((x, y) => y - x)).toEqual(amounts);
        },
      ),
      RUNS,
    );
  });

  it('changes nothing, and depends on the state alone', () => {
    fc.assert(
      fc.property(history, history, horizons, (h, other, horizonSeconds) => {
        const values = valuesOf(h);
        const view = fed(values);
        const before = bytesOf(view);
        const options = { nowUnixSeconds: endOf(values), horizonSeconds, riskBudget: 0.01 };
        const first = forecastUpper(view, options);
        fed(valuesOf(other));
        expect(forecastUpper(view, options)).toEqual(first);
        expect(bytesOf(view)).toBe(before);
      }),
      { numRuns: 15 },
    );
  });

  it('is a finite amount or a reason', () => {
    const anything = fc.array(fc.oneof(fc.double(), fc.double({ min: 0, max: 10 }), fc.constant(0)), { maxLength: 600 });
    fc.assert(
      fc.property(anything, fc.integer({ min: 1, max: 4000 }), horizons, budgets, (values, step, horizonSeconds, riskBudget) => {
        const view = newSeries();
        initSeries(view);
        values.forEach((value, i) => {
          ingest(view, MONDAY + i * step, value);
        });
        const forecast = forecastUpper(view, { nowUnixSeconds: MONDAY + values.length * step, horizonSeconds, riskBudget });
        if (forecast.ok) expect(Number.isFinite(forecast.value.value) && forecast.value.value > 0).toBe(true);
        else expect(forecast.reason).not.toBe('');
      }),
      RUNS,
    );
  });

  it('has no output on too little data', () => {
    fc.assert(
      fc.property(history, fc.integer({ min: 0, max: (5 * HOUR) / STEP }), horizons, (h, slots, horizonSeconds) => {
        const values = valuesOf(h).subarray(0, slots);
        expect(forecastUpper(fed(values), { nowUnixSeconds: MONDAY + 6 * HOUR, horizonSeconds, riskBudget: 0.01 }).ok).toBe(false);
      }),
      RUNS,
    );
  });
});

describe('ingest', () => {
  it('leaves the state as it is for NaN, infinities, negative values and times that do not ascend', () => {
    const junk = fc.record({
      after: fc.integer({ min: -DAY, max: 2 * HOUR }),
      value: fc.oneof(
        fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
        fc.double({ max: -1e-9, noNaN: true }),
      ),
    });
    fc.assert(
      fc.property(history, fc.array(junk, { minLength: 1, maxLength: 20 }), (h, samples) => {
        const values = valuesOf(h);
        const view = fed(values);
        const before = bytesOf(view);
        for (const { after, value } of samples) expect(ingest(view, endOf(values) + after, value)).toBe(false);
        expect(ingest(view, endOf(values) - STEP, 1e6)).toBe(false);
        expect(ingest(view, Number.NaN, 1)).toBe(false);
        expect(bytesOf(view)).toBe(before);
      }),
      RUNS,
    );
  });

  it('touches its own series alone in a buffer of many', () => {
    const buffer = new SharedArrayBuffer(3 * SERIES_STATE_BYTES);
    const view = openSeries(buffer);
    for (const at of [0, 1, 2]) {
      view.byteOffset = at * SERIES_STATE_BYTES;
      initSeries(view);
    }
    view.byteOffset = 0;
    const neighbour = bytesOf(view);
    view.byteOffset = SERIES_STATE_BYTES;
    const values = valuesOf({ seed: 5, kind: 1, slots: 2000 });
    values.forEach((value, i) => {
      ingest(view, MONDAY + i * STEP, value);
    });
    expect(bytesOf(view)).toBe(bytesOf(fed(values)));
    for (const at of [0, 2]) {
      view.byteOffset = at * SERIES_STATE_BYTES;
      expect(bytesOf(view)).toBe(neighbour);
    }
  });
});

describe('decideRequest', () => {
  it('never lowers a request on stale data, however long the gap', () => {
    fc.assert(
      fc.property(
        history,
        horizons,
        fc.integer({ min: HOUR + 1, max: 10 * DAY }),
        fc.double({ min: 0.1, max: 10, noNaN: true }),
        (h, horizonSeconds, gap, factor) => {
          const values = valuesOf(h);
          const view = fed(values);
          const inForce = factor * (values.at(-1) as number);
          const now = endOf(values) - STEP + gap;
          advanceTo(view, now);
          const decision = decideRequest(view, { nowUnixSeconds: now, horizonSeconds, riskBudget: 0.01, inForce });
          if (decision.ok) expect(decision.value.request).toBeGreaterThanOrEqual(inForce);
        },
      ),
      RUNS,
    );
  });

  it('says what it did: changed by more than 5 %, or held', () => {
    fc.assert(
      fc.property(history, fc.double({ min: 0.2, max: 5, noNaN: true }), (h, factor) => {
        const values = valuesOf(h);
        const view = fed(values);
        const options = { nowUnixSeconds: endOf(values), horizonSeconds: HOUR, riskBudget: 0.01 };
        const forecast = forecastUpper(view, options);
        if (!forecast.ok) return;
        const inForce = factor * forecast.value.value;
        const decision = decideRequest(view, { ...options, inForce });
        if (!decision.ok) throw new Error(decision.detail);
        const { request, changed, held } = decision.value;
        expect(changed).toBe(Math.abs(request - inForce) > 0.05 * inForce);
        if (held !== undefined) expect(request).toBe(inForce);
        expect(request === inForce || request === forecast.value.value).toBe(true);
      }),
      RUNS,
    );
  });
});
