import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CounterInput, type CounterStep, sizeFromCounters } from '../../../../predictor/core/burst/size-from-counters.ts';
import { exponential, samplesOf, tailOf } from './demands.ts';

const STEP: CounterStep = { periods: 3000, throttledPeriods: 0, usedMicros: 3000 * 40_000, limitMillicores: 1000, burstMicros: 0 };

function inputOf(steps: readonly Partial<CounterStep>[], overrides: Partial<CounterInput> = {}): CounterInput {
  return {
    steps: steps.map((s) => ({ ...STEP, ...s })),
    today: { limitMillicores: 1000, burstMicros: 0 },
    budget: 0.01,
    ...overrides,
  };
}

function sized(input: CounterInput) {
  const { result } = sizeFromCounters(input);
  if (!result.ok) throw new Error(result.detail);
  return result.value;
}

describe('burst sizing from counters', () => {
  it('leaves alone what was seen to keep the budget', () => {
    expect(sized(inputOf([{ throttledPeriods: 20 }]))).toMatchObject({ verdict: 'Enough', burstMicros: 0, limitMillicores: 1000 });
  });

  it('claims nothing from a single point but that the largest burst throttles no more', () => {
    const value = sized(inputOf([{ throttledPeriods: 600 }, { throttledPeriods: 300 }]));
    expect(value).toMatchObject({ verdict: 'TryBurst', burstMicros: 100_000, now: 0.15, after: { most: 0.15 } });
    expect(value.after.estimate).toBeUndefined();
  });

  it('raises the limit where the mean leaves nothing to save up, or the burst is already the largest', () => {
    const busy = sized(inputOf([{ throttledPeriods: 2000, usedMicros: 3000 * 95_000 }]));
    expect(busy).toMatchObject({ verdict: 'RaiseLimit', limitMillicores: Math.ceil(950 / 0.7) });
    const spent = sized(
      inputOf([{ throttledPeriods: 300, burstMicros: 100_000 }], { today: { limitMillicores: 1000, burstMicros: 100_000 } }),
    );
    expect(spent.verdict).toBe('RaiseLimit');
    expect(spent.limitMillicores).toBeGreaterThan(1000);
  });

  it('estimates from two bursts what a third would do, within a factor for a light tail', () => {
    const tail = tailOf(samplesOf(exponential, 30_000, 400_000));
    const stepAt = (burstMicros: number): Partial<CounterStep> => ({
      periods: tail.periods,
      throttledPeriods: tail.throttlingAt(100_000, burstMicros).throttled,
      usedMicros: tail.meanMicros * tail.periods,
      burstMicros,
    });
    const value = sized(inputOf([stepAt(0), stepAt(20_000)], { budget: 0.005 }));
    expect(value.verdict).toBe('Burst');
    expect(value.after.assumption).toBeDefined();
    expect(value.burstMicros).toBeLessThanOrEqual(100_000);
    const real = tail.throttlingAt(100_000, value.burstMicros).throttled / tail.periods;
    expect(real / (value.after.estimate as number)).toBeGreaterThan(0.8);
    expect(real / (value.after.estimate as number)).toBeLessThan(1.25);
  });

  it('is unknown without counters at today’s limit, and leaves out broken steps', () => {
    for (const steps of [
      [],
      [{ periods: Number.NaN }],
      [{ throttledPeriods: Number.NaN }],
      [{ throttledPeriods: 4000 }],
      [{ usedMicros: Number.POSITIVE_INFINITY }],
      [{ limitMillicores: 500 }],
      [{ periods: 100, throttledPeriods: 10 }],
    ]) {
      expect(sizeFromCounters(inputOf(steps)).result).toMatchObject({ ok: false, reason: 'NoCounters' });
    }
    expect(sizeFromCounters(inputOf([{}], { budget: Number.NaN })).result).toMatchObject({ reason: 'BadInput' });
    const clean = sized(inputOf([{ throttledPeriods: 300 }]));
    expect(sized(inputOf([{ throttledPeriods: 300 }, { periods: Number.NaN }, { usedMicros: -1 }]))).toEqual(clean);
  });

  it('never gives a burst above the quota, a lower limit, or an estimate above what is seen', () => {
    const step = fc.record({
      periods: fc.integer({ min: 1, max: 100_000 }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      use: fc.double({ min: 0, max: 3, noNaN: true }),
      burstMicros: fc.constantFrom(0, 10_000, 50_000, 100_000),
    });
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 1, maxLength: 8 }),
        fc.constantFrom(0, 10_000, 100_000),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (drawn, burstMicros, budget) => {
          const steps = drawn.map((s) => ({
            ...s,
            throttledPeriods: Math.floor(s.periods * s.share),
            usedMicros: s.periods * s.use * 100_000,
          }));
          const { result } = sizeFromCounters(inputOf(steps, { today: { limitMillicores: 1000, burstMicros }, budget }));
          if (!result.ok) return;
          expect(result.value.burstMicros).toBeLessThanOrEqual(100_000);
          expect(result.value.burstMicros).toBeGreaterThanOrEqual(burstMicros);
          expect(result.value.limitMillicores).toBeGreaterThanOrEqual(1000);
          expect(result.value.after.most).toBeLessThanOrEqual(result.value.now);
          if (result.value.after.estimate !== undefined) expect(result.value.after.estimate).toBeLessThanOrEqual(result.value.after.most);
        },
      ),
    );
  });
});
