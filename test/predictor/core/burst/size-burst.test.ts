import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tailOfDemand } from '../../../../predictor/core/burst/backlog.ts';
import { demandOf } from '../../../../predictor/core/burst/demand.ts';
import { type BurstSizing, type BurstSizingInput, sizeBurst } from '../../../../predictor/core/burst/size-burst.ts';
import { exponential, onOff, pareto, type Shape, samplesOf, tailOf } from './demands.ts';

function inputOf(samples: Float64Array, overrides: Partial<BurstSizingInput> = {}): BurstSizingInput {
  return {
    tail: tailOf(samples),
    today: { limitMillicores: 1000, burstMicros: 0 },
    budget: { throttledShare: 0.01 },
    mode: 'keepLimit',
    bounds: { leastMillicores: 10, mostMillicores: 64_000 },
    ...overrides,
  };
}

function sized(input: BurstSizingInput): BurstSizing {
  const { result } = sizeBurst(input);
  if (!result.ok) throw new Error(`${result.reason}: ${result.detail}`);
  return result.value;
}

describe('burst sizing', () => {
  it('keeps the limit and chooses the smallest burst that keeps the budget', () => {
    const input = inputOf(samplesOf(exponential, 30_000, 40_000));
    const value = sized(input);
    expect(value).toMatchObject({ verdict: 'Burst', limitMillicores: 1000, quotaMicros: 100_000, raiseReason: undefined });
    expect(value.before.throttledShare).toBeGreaterThan(0.03);
    expect(value.after.throttledShare).toBeLessThanOrEqual(0.01);
    const less = input.tail.throttlingAt(value.quotaMicros, value.burstMicros - 1).throttled / input.tail.awakePeriods;
    expect(less).toBeGreaterThan(0.01);
  });

  it('leaves alone what needs no burst', () => {
    expect(sized(inputOf(samplesOf(exponential, 10_000, 5000)))).toMatchObject({
      verdict: 'Enough',
      burstMicros: 0,
      limitMillicores: 1000,
    });
  });

  // Quota per unit of mean demand at a budget of 1 %, without burst and with a burst of one quota, and what burst saves.
  it.each<[string, Shape, number, number]>([
    ['exponential', exponential, 4.66, 2.57],
    ['Pareto', pareto, 2.5, 1.53],
  ])('lowers the limit of %s demand as far as the table says', (_, shape, withoutBurst, withBurst) => {
    const mean = 100_000;
    const input = inputOf(samplesOf(shape, mean, 400_000, 5), {
      mode: 'lowerLimit',
      today: { limitMillicores: Math.round(withoutBurst * 1000), burstMicros: 0 },
    });
    const value = sized(input);
    // The tail's quantile of 400 000 periods is off by less than 2 %, and so is the table.
    expect(value.before.throttledShare).toBeGreaterThan(0.0085);
    expect(value.before.throttledShare).toBeLessThan(0.0115);
    expect(value.verdict).toBe('LowerLimit');
    expect(Math.abs(value.limitMillicores / 1000 / withBurst - 1)).toBeLessThan(0.03);
    expect(value.after.throttledShare).toBeLessThanOrEqual(0.01);
    const next = input.tail.throttlingAt(value.quotaMicros - 100, value.quotaMicros - 100).throttled / input.tail.awakePeriods;
    expect(next).toBeGreaterThan(0.01);
  });

  it('says that the limit must rise when bursts last for several periods', () => {
    // Eight periods of two cores in a row, then rest: no burst of one quota reaches beyond the first.
    const samples = Float64Array.from({ length: 8000 }, (_, i) => (i % 80 < 8 ? 200_000 : 5000));
    const value = sized(inputOf(samples));
    expect(value).toMatchObject({ verdict: 'RaiseLimit', raiseReason: 'BurstsTooLong' });
    expect(value.limitMillicores).toBeGreaterThan(1600);
    expect(value.limitMillicores).toBeLessThan(2000);
    expect(value.after.throttledShare).toBeLessThanOrEqual(0.01);
    const { trace } = sizeBurst(inputOf(samples));
    expect(trace.find((s) => s.stage === 'raise')?.text).toMatch(/bursts go on for 8 periods/);
  });

  it('says that the limit must rise for bursts of one period above twice the quota, and for a mean near the quota', () => {
    expect(sized(inputOf(samplesOf(onOff, 50_000, 20_000)))).toMatchObject({ verdict: 'RaiseLimit', raiseReason: 'BurstsTooTall' });
    // 1.9 quotas in one period of ten: burst alone helps, though an awake period wants nearly the quota in the mean.
    const lone = Float64Array.from({ length: 5000 }, (_, i) => (i % 10 === 0 ? 190_000 : 0));
    expect(sized(inputOf(lone))).toMatchObject({ verdict: 'Burst', burstMicros: 90_000 });
    const near = samplesOf(exponential, 96_000, 20_000);
    const value = sized(inputOf(near));
    expect(value).toMatchObject({ verdict: 'RaiseLimit', raiseReason: 'MeanTooHigh' });
    expect(value.limitMillicores).toBeGreaterThan(960 / 0.7);
  });

  it('does not raise a limit that keeps the budget, nor lower it to where the mean would be most of it', () => {
    const steady = new Float64Array(2000).fill(80_000);
    expect(sized(inputOf(steady, { mode: 'lowerLimit' }))).toMatchObject({ verdict: 'Enough', limitMillicores: 1000 });
    const roomy = sized(inputOf(steady, { mode: 'lowerLimit', today: { limitMillicores: 4000, burstMicros: 0 } }));
    expect(roomy.limitMillicores).toBe(Math.ceil(800 / 0.7));
  });

  it('does not lower a limit whose throttling hides the demand', () => {
    const usedMicros = Float64Array.from({ length: 4000 }, (_, i) => (i % 10 < 2 ? 100_000 : 1000));
    const demand = demandOf([{ usedMicros, throttled: Uint8Array.from(usedMicros, (_, i) => (i % 10 === 0 ? 1 : 0)) }]);
    if (!demand.ok) throw new Error(demand.detail);
    const { result, trace } = sizeBurst(
      inputOf(usedMicros, { mode: 'lowerLimit', tail: tailOfDemand(demand.value), budget: { throttledShare: 0.05 } }),
    );
    expect(result.ok && result.value.limitMillicores).toBe(1000);
    expect(trace.some((s) => s.stage === 'hidden')).toBe(true);
  });

  it('keeps a budget of time as well as one of periods', () => {
    const samples = samplesOf(exponential, 30_000, 40_000);
    const loose = sized(inputOf(samples, { budget: { throttledShare: 0.03, stalledShare: 1 } }));
    const tight = sized(inputOf(samples, { budget: { throttledShare: 0.03, stalledShare: 0.002 } }));
    expect(loose.after.stalledShare).toBeGreaterThan(0.002);
    expect(tight.after.stalledShare).toBeLessThanOrEqual(0.002);
    expect(tight.burstMicros).toBeGreaterThan(loose.burstMicros);
  });

  it('refuses too few samples, nonsense, and a limit above what is allowed', () => {
    const few = samplesOf(exponential, 30_000, 500);
    expect(sizeBurst(inputOf(few)).result).toMatchObject({ ok: false, reason: 'TooFewPeriods' });
    const many = samplesOf(exponential, 90_000, 5000);
    expect(sizeBurst(inputOf(many, { bounds: { leastMillicores: 10, mostMillicores: 1000 } })).result).toMatchObject({
      reason: 'NoLimitSuffices',
    });
    for (const bad of [Number.NaN, -1, 2]) {
      expect(sizeBurst(inputOf(many, { budget: { throttledShare: bad } })).result).toMatchObject({ reason: 'BadInput' });
    }
    expect(sizeBurst(inputOf(many, { today: { limitMillicores: Number.NaN, burstMicros: 0 } })).result).toMatchObject({
      reason: 'BadInput',
    });
  });

  const anyInput = fc
    .record({
      samples: fc.array(fc.oneof(fc.integer({ min: 0, max: 300_000 }), fc.constantFrom(0, 1, 1e6)), { minLength: 20, maxLength: 60 }),
      limitMillicores: fc.integer({ min: 1, max: 4000 }),
      burstMicros: fc.integer({ min: 0, max: 1_000_000 }),
      throttledShare: fc.double({ min: 0, max: 1, noNaN: true }),
      mode: fc.constantFrom('keepLimit' as const, 'lowerLimit' as const),
    })
    .filter(({ samples }) => samples.some((x) => x > 0));

  // Repeated, so that there are periods enough for any budget.
  const build = ({
    samples,
    limitMillicores,
    burstMicros,
    throttledShare,
    mode,
  }: typeof anyInput extends fc.Arbitrary<infer T> ? T : never) =>
    inputOf(
      Float64Array.from({ length: 720 }, (_, i) => samples[i % samples.length] as number),
      {
        today: { limitMillicores, burstMicros },
        budget: { throttledShare: Math.max(0.02, throttledShare) },
        mode,
      },
    );

  it('never gives a burst above the quota, keeps the budget, and raises nothing that kept it', () => {
    fc.assert(
      fc.property(anyInput, (drawn) => {
        const input = build(drawn);
        const { result } = sizeBurst(input);
        if (!result.ok) {
          expect(result.reason).toBe('TooFewPeriods');
          return;
        }
        const value = result.value;
        expect(value.burstMicros).toBeLessThanOrEqual(value.quotaMicros);
        expect(value.burstMicros).toBeGreaterThanOrEqual(0);
        expect(value.after.throttledShare).toBeLessThanOrEqual(input.budget.throttledShare);
        if (input.mode === 'keepLimit') expect(value.limitMillicores).toBeGreaterThanOrEqual(input.today.limitMillicores);
        if (value.before.throttledShare <= input.budget.throttledShare) {
          expect(value.limitMillicores).toBeLessThanOrEqual(Math.max(input.today.limitMillicores, input.bounds.leastMillicores));
        }
        for (const t of [value.before, value.now, value.after]) expect(t.stalledShare).toBeLessThanOrEqual(t.throttledShare + 1e-12);
      }),
    );
  });

  it('asks for no less when the budget is smaller, and scales with the demand', () => {
    fc.assert(
      fc.property(anyInput, fc.double({ min: 0.02, max: 1, noNaN: true }), (drawn, other) => {
        const input = build({ ...drawn, mode: 'lowerLimit' });
        const [small, large] = [input.budget.throttledShare, other].sort((a, b) => a - b) as [number, number];
        const at = (throttledShare: number) =>
          sizeBurst({ ...input, today: { limitMillicores: 12_000, burstMicros: 0 }, budget: { throttledShare } }).result;
        const [tight, loose] = [at(small), at(large)];
        if (!tight.ok || !loose.ok) return;
        expect(tight.value.limitMillicores).toBeGreaterThanOrEqual(loose.value.limitMillicores);

        const doubled = build({ ...drawn, mode: 'lowerLimit', samples: drawn.samples.map((x) => 2 * x) });
        const twice = sizeBurst({
          ...doubled,
          today: { limitMillicores: 24_000, burstMicros: 0 },
          budget: { throttledShare: small },
        }).result;
        if (!twice.ok || tight.value.limitMillicores <= 20) return;
        expect(Math.abs(twice.value.limitMillicores - 2 * tight.value.limitMillicores)).toBeLessThanOrEqual(2);
      }),
    );
  });
});
