import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { demandOf } from '../../../../predictor/core/burst/demand.ts';
import { exponential, onOff, pareto, type Shape, samplesOf, tailOf } from './demands.ts';

const micros = fc.double({ min: 0, max: 400_000, noNaN: true });
const windows = fc.array(fc.array(micros, { minLength: 1, maxLength: 60 }), { minLength: 1, maxLength: 4 });
const quota = fc.double({ min: 1000, max: 400_000, noNaN: true });

/** The kernel's own rule, with tokens and work left undone in place of W. */
function bucket(demand: readonly number[], q: number, b: number): { throttled: number; stalled: number } {
  let tokens = b;
  let undone = 0;
  let throttled = 0;
  let stalled = 0;
  for (const x of demand) {
    const runtime = Math.min(tokens + q, q + b);
    const wanted = undone + x;
    const served = Math.min(wanted, runtime);
    undone = wanted - served;
    tokens = runtime - served;
    if (undone > 1e-6) {
      throttled++;
      stalled += undone / wanted;
    }
  }
  return { throttled, stalled };
}

describe('backlog', () => {
  it('throttles exactly the periods that the kernel’s token bucket does', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 200 }),
        fc.nat(150),
        fc.nat(150),
        (demand, q, extra) => {
          fc.pre(q > 0 && demand.some((x) => x > 0));
          const b = Math.min(q, extra);
          const model = tailOf(Float64Array.from(demand)).throttlingAt(q, b);
          const kernel = bucket(demand, q, b);
          expect(model.throttled).toBe(kernel.throttled);
          expect(model.stalled).toBeCloseTo(kernel.stalled, 6);
        },
      ),
    );
  });

  it('never throttles more with more burst or more quota, in periods and in time', () => {
    fc.assert(
      fc.property(windows, quota, quota, micros, micros, (demand, q, moreQuota, b, moreBurst) => {
        fc.pre(demand.flat().some((x) => x > 0));
        const tail = tailOf(...demand.map((w) => Float64Array.from(w)));
        const base = tail.throttlingAt(q, b);
        for (const better of [tail.throttlingAt(q, b + moreBurst), tail.throttlingAt(q + moreQuota, b)]) {
          expect(better.throttled).toBeLessThanOrEqual(base.throttled);
          expect(better.stalled).toBeLessThanOrEqual(base.stalled + 1e-9);
        }
        expect(base.stalled).toBeLessThanOrEqual(base.throttled);
      }),
    );
  });

  it('does not depend on the unit', () => {
    fc.assert(
      fc.property(windows, quota, quota, (demand, q, b) => {
        fc.pre(demand.flat().some((x) => x > 0));
        const scaled = (by: number) => tailOf(...demand.map((w) => Float64Array.from(w, (x) => x * by))).throttlingAt(q * by, b * by);
        expect(scaled(4)).toEqual(scaled(1));
      }),
    );
  });

  // Shares of all periods throttled at a burst of 0, half and one quota, from the table of independent demand. Its own
  // sampling error is not stated; ours, of 400 000 periods in busy times of some ten periods, is below 0.4 points at 40 %.
  it.each<[string, Shape, number, number[]]>([
    ['exponential 0.3', exponential, 0.3, [0.0396, 0.0078, 0.0019]],
    ['exponential 0.5', exponential, 0.5, [0.201, 0.094, 0.041]],
    ['exponential 0.7', exponential, 0.7, [0.468, 0.32, 0.219]],
    ['exponential 0.8', exponential, 0.8, [0.629, 0.501, 0.393]],
    ['Pareto 0.5', pareto, 0.5, [0.026, 0.0064, 0.0025]],
    ['Pareto 0.7', pareto, 0.7, [0.126, 0.037, 0.015]],
    ['on/off 0.3', onOff, 0.3, [0.22, 0.223, 0.134]],
  ])('reproduces the throttled share of %s', (_, shape, mean, shares) => {
    const q = 100_000;
    const periods = 400_000;
    // The demand is 3 quotas exactly in on/off: a hair below them, sums of it do not exceed a burst by rounding.
    const tail = tailOf(samplesOf(shape, mean * q * (1 - 1e-9), periods));
    for (const [i, share] of shares.entries()) {
      const seen = tail.throttlingAt(q, (i * q) / 2).throttled / periods;
      expect(Math.abs(seen - share)).toBeLessThan(0.0005 + 0.03 * share);
    }
  });
});

describe('demand', () => {
  it('refuses gaps and whatever is no CPU time, and idle samples', () => {
    for (const bad of [Number.NaN, -1, Number.POSITIVE_INFINITY]) {
      const refused = demandOf([{ usedMicros: Float64Array.of(1, bad, 3) }]);
      expect(refused).toMatchObject({ ok: false, reason: 'BadSample' });
    }
    expect(demandOf([])).toMatchObject({ ok: false, reason: 'NoSamples' });
    expect(demandOf([{ usedMicros: new Float64Array(10) }])).toMatchObject({ ok: false, reason: 'NoSamples' });
    expect(demandOf([{ usedMicros: Float64Array.of(1, 2), throttled: new Uint8Array(1) }])).toMatchObject({ reason: 'BadSample' });
  });

  it('counts the periods in which the kernel’s timer runs', () => {
    const demand = demandOf([{ usedMicros: Float64Array.of(5, 0, 0, 7, 7, 0, 0, 0) }]);
    expect(demand).toMatchObject({ ok: true, value: { periods: 8, awakePeriods: 5, hiddenPeriods: 0 } });
  });

  it('takes throttled work as wanted at the start of its run', () => {
    const demand = demandOf([{ usedMicros: Float64Array.of(10, 100, 100, 30, 5), throttled: Uint8Array.of(0, 1, 1, 0, 0) }]);
    expect(demand.ok && [...(demand.value.windows[0] as Float64Array)]).toEqual([10, 230, 0, 0, 5]);
    expect(demand.ok && demand.value.hiddenPeriods).toBe(3);
  });

  it('never puts the highest backlog below that of the demand which throttling hid, at quotas from the one in force', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 100 }),
        fc.integer({ min: 20, max: 200 }),
        fc.nat(200),
        (wanted, q, more) => {
          fc.pre(wanted.some((x) => x > 0));
          const used: number[] = [];
          const throttled: number[] = [];
          let undone = 0;
          for (let i = 0; i < wanted.length || undone > 0; i++) {
            const work = undone + (wanted[i] ?? 0);
            used.push(Math.min(work, q));
            undone = work - Math.min(work, q);
            throttled.push(undone > 0 ? 1 : 0);
          }
          const seen = demandOf([{ usedMicros: Float64Array.from(used), throttled: Uint8Array.from(throttled) }]);
          const highest = (demand: Iterable<number>): number => {
            let w = 0;
            let top = 0;
            for (const x of demand) {
              w = Math.max(0, w + x - q - more);
              top = Math.max(top, w);
            }
            return top;
          };
          expect(highest(seen.ok ? (seen.value.windows[0] as Float64Array) : [])).toBeGreaterThanOrEqual(highest(wanted));
        },
      ),
    );
  });
});
