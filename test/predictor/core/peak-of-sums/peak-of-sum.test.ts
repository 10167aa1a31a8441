import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { uniforms } from '../../../../common/random.ts';
import { nodeRoom } from '../../../../predictor/core/peak-of-sums/node-room.ts';
import { type PeakOfSum, type PeakOfSumInput, peakOfSum } from '../../../../predictor/core/peak-of-sums/peak-of-sum.ts';
import type { Part } from '../../../../predictor/core/peak-of-sums/sum-of-parts.ts';
import { upperQuantile } from '../../../../predictor/core/peak-of-sums/upper-quantile.ts';

const HOUR = 3600;
const DAY_SLOTS = 24;
const SLOTS = 9 * DAY_SLOTS;
const PEAK = 1000;

/** Hourly slots keep the property tests quick; nothing depends on the step. */
function inputOf(parts: readonly Part[], overrides: Partial<PeakOfSumInput> = {}): PeakOfSumInput {
  return { resource: 'cpu', parts, slots: SLOTS, stepSeconds: HOUR, horizonSeconds: 2 * HOUR, budget: 0.05, ...overrides };
}

function peakOf(input: PeakOfSumInput): PeakOfSum {
  const { result } = peakOfSum(input);
  if (!result.ok) throw new Error(`${result.reason}: ${result.detail}`);
  return result.value;
}

const part = (usage: readonly number[], name = 'web'): Part => ({ name, usage: Float64Array.from(usage), peak: PEAK });

/** A day's ramp with noise, at its highest in the hour given. */
function ramp(peakHour: number, seed: number, slots = SLOTS): number[] {
  const next = uniforms(seed);
  return Array.from({ length: slots }, (_, i) => 300 + 200 * Math.cos(((i - peakHour) * Math.PI) / 12) + 50 * next());
}

const amounts = fc.array(fc.double({ min: 0, max: PEAK, noNaN: true }), { minLength: SLOTS, maxLength: SLOTS });
const parts = fc
  .array(amounts, { minLength: 1, maxLength: 4 })
  .filter((all) => all.some((usage) => usage.slice(-2).some((x) => x > 0)))
  .map((all) => all.map((usage, i) => part(usage, `part-${i}`)));
const budgets = fc.double({ min: 0.001, max: 0.5, noNaN: true });

describe('peak of sum', () => {
  it('lies between the largest part’s recent need and the sum of peaks', () => {
    fc.assert(
      fc.property(parts, budgets, (all, budget) => {
        const { amount, sumOfPeaks } = peakOf(inputOf(all, { budget }));
        expect(amount).toBeLessThanOrEqual(sumOfPeaks);
        for (const { usage } of all) {
          // The stretches that the next two hours are likened to: the last two, yesterday's and last week's.
          const at = [1, 2, 23, 24, 167, 168].map((back) => usage[SLOTS - back] as number);
          expect(amount).toBeGreaterThanOrEqual(upperQuantile(Float64Array.from(at), budget) - 1e-9);
        }
      }),
    );
  });

  it('falls as the budget grows', () => {
    fc.assert(
      fc.property(parts, budgets, budgets, (all, one, other) => {
        const [small, large] = [Math.min(one, other), Math.max(one, other)];
        expect(peakOf(inputOf(all, { budget: small })).amount).toBeGreaterThanOrEqual(peakOf(inputOf(all, { budget: large })).amount);
      }),
    );
  });

  it('is that of a single series, however it is split over workloads', () => {
    fc.assert(
      fc.property(amounts, fc.double({ min: 0.1, max: 0.9, noNaN: true }), (usage, share) => {
        fc.pre(usage.slice(-2).some((x) => x > 1));
        const split = [
          { ...part(usage.map((x) => x * share)), peak: PEAK * share },
          { ...part(usage.map((x) => x * (1 - share))), peak: PEAK * (1 - share) },
        ];
        const whole = peakOf(inputOf([part(usage)])).amount;
        expect(peakOf(inputOf(split)).amount / whole).toBeCloseTo(1, 6);
      }),
    );
  });

  it('never offers more when slots or whole series are unknown', () => {
    fc.assert(
      fc.property(
        parts,
        budgets,
        fc.array(fc.tuple(fc.nat(3), fc.nat(SLOTS - 1)), { minLength: 1, maxLength: 40 }),
        (all, budget, holes) => {
          const known = peakOf(inputOf(all, { budget })).amount;
          const holed = all.map((p) => ({ ...p, usage: Float64Array.from(p.usage) }));
          for (const [i, slot] of holes) {
            const usage = holed[i % holed.length]?.usage;
            if (usage) usage[slot] = Number.NaN;
          }
          expect(peakOf(inputOf(holed, { budget })).amount).toBeGreaterThanOrEqual(Math.min(known, all.length * PEAK) - 1e-6);
          const without = all.map((p, i) => (i === 0 ? { ...p, usage: new Float64Array(0) } : p));
          expect(peakOf(inputOf(without, { budget })).amount).toBeGreaterThanOrEqual(known - 1e-6);
        },
      ),
    );
  });

  it('does not depend on the unit or the order of the parts', () => {
    fc.assert(
      fc.property(parts, (all) => {
        const { amount } = peakOf(inputOf(all));
        const scaled = all.map((p) => ({ ...p, usage: p.usage.map((x) => 8 * x), peak: 8 * p.peak }));
        expect(peakOf(inputOf(scaled)).amount).toBeCloseTo(8 * amount, 4);
        expect(peakOf(inputOf([...all].reverse())).amount).toBeCloseTo(amount, 6);
      }),
    );
  });

  it('counts ramps that come together in full, and ramps that take turns for less', () => {
    const together = peakOf(
      inputOf(
        [ramp(9, 1), ramp(9, 2), ramp(9, 3)].map((usage, i) => part(usage, `w${i}`)),
        { horizonSeconds: 24 * HOUR },
      ),
    );
    const inTurn = peakOf(
      inputOf(
        [ramp(1, 1), ramp(9, 2), ramp(17, 3)].map((usage, i) => part(usage, `w${i}`)),
        { horizonSeconds: 24 * HOUR },
      ),
    );
    expect(together.amount).toBeGreaterThan(1.4 * inTurn.amount);
    // Reserving the bases and the single largest spike would be some 900 + 400 here.
    expect(together.amount).toBeGreaterThan(1500);
  });

  it('knows the ramp before it comes', () => {
    // Now is 07:00 of the last day: the last hours are the day's lowest.
    const usage = ramp(9, 4, SLOTS + 12);
    const now = SLOTS + 7 - DAY_SLOTS;
    const { amount } = peakOf(inputOf([part(usage.slice(0, now))], { slots: now, horizonSeconds: 3 * HOUR }));
    expect(amount).toBeGreaterThanOrEqual(Math.max(...usage.slice(now, now + 3)) * 0.97);
  });

  it('keeps the budget on what comes, with slots of five minutes', () => {
    const step = 300;
    const perDay = 288;
    const days = 24;
    const all = [1, 2, 3, 4, 5].map((seed) => {
      const next = uniforms(seed);
      let wander = 0;
      return Array.from({ length: days * perDay }, (_, i) => {
        wander = 0.98 * wander + 20 * (next() - 0.5);
        return Math.max(0, 300 + 150 * Math.sin((2 * Math.PI * i) / perDay) + wander + (next() < 0.02 ? 200 : 0));
      });
    });
    let above = 0;
    let slots = 0;
    for (let now = 10 * perDay; now + 12 <= days * perDay; now += 12) {
      const { amount } = peakOf(
        inputOf(
          all.map((usage, i) => ({ name: `w${i}`, usage: Float64Array.from(usage.slice(0, now)), peak: PEAK })),
          { slots: now, stepSeconds: step, horizonSeconds: HOUR, budget: 0.02 },
        ),
      );
      for (let i = now; i < now + 12; i++) if (all.reduce((sum, usage) => sum + (usage[i] as number), 0) > amount) above++;
      slots += 12;
    }
    // 4000 slots in hours that hang together: the share is known to about a third of itself.
    expect(above / slots).toBeLessThan(0.027);
    expect(above / slots).toBeGreaterThan(0.01);
  });

  it('learns from the past whether the likeness is too low or too high', () => {
    // Every day a tenth more than the day before, at its highest when the likeness has only seen the day before.
    const growing = ramp(SLOTS % DAY_SLOTS, 5).map((x, i) => 0.3 * x * 1.1 ** Math.floor(i / DAY_SLOTS));
    const grown = peakOf(inputOf([part(growing)]));
    expect(grown.factor).toBeGreaterThan(1.05);
    expect(grown.amount).toBeCloseTo(grown.highest * grown.factor, 9);
    // One slot in ten is three times as high: their height need not be kept free where a fifth of time may be above.
    const spiky = Array.from({ length: SLOTS }, (_, i) => (i % 10 === 4 ? 300 : 100 + (i % 7)));
    const cautious = peakOf(inputOf([part(spiky)], { budget: 0.2, horizonSeconds: 12 * HOUR }));
    expect(cautious.highest).toBe(300);
    expect(cautious.amount).toBeLessThan(120);
  });

  it('refuses what it can not answer', () => {
    const usage = ramp(9, 1);
    expect(peakOfSum(inputOf([])).result).toMatchObject({ ok: false, reason: 'NoParts' });
    expect(peakOfSum(inputOf([part(usage.slice(1))])).result).toMatchObject({ reason: 'BadPart' });
    expect(peakOfSum(inputOf([part(usage.with(3, -1))])).result).toMatchObject({ reason: 'BadPart' });
    expect(peakOfSum(inputOf([{ ...part(usage), peak: Number.NaN }])).result).toMatchObject({ reason: 'BadPart' });
    expect(peakOfSum(inputOf([part(usage)], { budget: 0 })).result).toMatchObject({ reason: 'BadInput' });
    expect(peakOfSum(inputOf([part(usage)], { horizonSeconds: Number.NaN })).result).toMatchObject({ reason: 'BadInput' });
    expect(peakOfSum(inputOf([part(usage.slice(0, 49))], { slots: 49 })).result).toMatchObject({ reason: 'TooYoung' });
    expect(peakOfSum(inputOf([part(usage.map(() => 0))])).result).toMatchObject({ reason: 'OnlyZeros' });
  });
});

describe('node room', () => {
  const input = { ...inputOf([part(ramp(9, 1))]), reserved: 100 };

  it('is what the parts and the reserve leave, and never negative', () => {
    const { result, trace } = nodeRoom({ ...input, allocatable: 4000 });
    expect(result.ok && result.value.room).toBeCloseTo(3900 - peakOf(input).amount, 9);
    expect(trace.map((s) => s.stage)).toEqual(['parts', 'likeness', 'calibration', 'bounds', 'room']);
    expect(nodeRoom({ ...input, allocatable: 50 }).result).toMatchObject({ ok: true, value: { room: 0 } });
    expect(nodeRoom({ ...input, parts: [], allocatable: 4000 }).result).toMatchObject({ ok: false, reason: 'NoParts' });
  });

  it('shrinks as workloads come', () => {
    const room = (all: readonly Part[]): number => {
      const { result } = nodeRoom({ ...input, parts: all, allocatable: 4000 });
      return result.ok ? result.value.room : Number.NaN;
    };
    expect(room([part(ramp(9, 1)), part(ramp(21, 2), 'night')])).toBeLessThan(room([part(ramp(9, 1))]));
  });
});
