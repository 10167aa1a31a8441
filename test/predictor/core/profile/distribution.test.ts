import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { distributionOf } from '../../../../predictor/core/profile/distribution.ts';
import { addUsage, EMPTY_PROFILE, forgetBefore, spanOf } from '../../../../predictor/core/profile/resource-profile.ts';
import { profileOf } from '../profiles.ts';

const DAY = 86_400;
const amounts = fc.array(fc.double({ min: 0.02, max: 1e12, noNaN: true }), { minLength: 1, maxLength: 300 });

describe('distribution', () => {
  it('reads every quantile within 1 % of the exact one', () => {
    fc.assert(
      fc.property(amounts, fc.double({ min: 0, max: 1, noNaN: true }), (values, p) => {
        const sorted = [...values].sort((a, b) => a - b);
        const exact = sorted[Math.max(0, Math.ceil(p * (1 - 1e-12) * sorted.length) - 1)] as number;
        const read = distributionOf(profileOf(values).days).quantile(p);
        expect(read).toBeGreaterThanOrEqual(exact / 1.0101);
        expect(read).toBeLessThanOrEqual(exact * 1.0101);
      }),
    );
  });

  it('reads a constant as itself, whatever its size', () => {
    for (const amount of [0.4, 1, 10, 100, 1000, 5e8]) {
      const distribution = distributionOf(profileOf(new Array(288).fill(amount)).days);
      for (const p of [0, 0.5, 0.99, 1]) expect(distribution.quantile(p)).toBe(amount);
      expect(distribution.shareAbove(amount)).toBe(0);
      expect(distribution.shareAbove(amount * 0.999)).toBe(1);
    }
  });

  it('finds the share of time above an amount that leaves it, within a bucket', () => {
    const values = Array.from({ length: 1000 }, (_, i) => i + 1);
    const distribution = distributionOf(profileOf(values).days);
    for (const amount of [50, 500, 900, 990]) expect(distribution.shareAbove(amount)).toBeCloseTo(1 - amount / 1000, 1.9);
    expect(distribution.shareAbove(1000)).toBe(0);
    expect(distribution.shareAbove(0.5)).toBe(1);
  });

  it('falls with the amount and never leaves 0…1', () => {
    fc.assert(
      fc.property(
        amounts,
        fc.double({ min: 0, max: 2e12, noNaN: true }),
        fc.double({ min: 0, max: 1e12, noNaN: true }),
        (values, amount, more) => {
          const d = distributionOf(profileOf(values).days);
          expect(d.shareAbove(amount)).toBeLessThanOrEqual(1);
          expect(d.shareAbove(amount + more)).toBeLessThanOrEqual(d.shareAbove(amount) + 1e-12);
          expect(d.shareAbove(amount + more)).toBeGreaterThanOrEqual(0);
        },
      ),
    );
  });
});

describe('resource profile', () => {
  it('is the same whether slots come at once or in pieces, in any order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.double({ min: 0, max: 1e6, noNaN: true }), fc.constant(Number.NaN)), { minLength: 2, maxLength: 900 }),
        fc.nat(),
        (values, cutAt) => {
          const cut = cutAt % values.length;
          const whole = profileOf(values);
          const forth = profileOf(values.slice(cut), { from: cut * 300, into: profileOf(values.slice(0, cut)) });
          const back = profileOf(values.slice(0, cut), { into: profileOf(values.slice(cut), { from: cut * 300 }) });
          for (const parts of [forth, back]) {
            expect(parts.days.map((d) => [d.day, d.slots, d.peak, d.lowest, [...d.buckets], [...d.counts]])).toEqual(
              whole.days.map((d) => [d.day, d.slots, d.peak, d.lowest, [...d.buckets], [...d.counts]]),
            );
            expect(spanOf(parts).meanUse).toBeCloseTo(spanOf(whole).meanUse, 6);
          }
        },
      ),
    );
  });

  it('skips NaN, negative and infinite slots: they count as nothing', () => {
    const clean = profileOf([1, 2, 3]);
    const dirty = profileOf([1, Number.NaN, 2, -5, 3, Number.POSITIVE_INFINITY]);
    expect(spanOf(dirty).slots).toBe(3);
    expect(distributionOf(dirty.days).peak).toBe(distributionOf(clean.days).peak);
    expect(profileOf([Number.NaN, Number.NaN])).toEqual(EMPTY_PROFILE);
  });

  it('forgets whole days only, and only those that ended', () => {
    const profile = profileOf(new Array(3 * 288).fill(1));
    expect(forgetBefore(profile, DAY).days.map((d) => d.day)).toEqual([1, 2]);
    expect(forgetBefore(profile, DAY + 1).days.map((d) => d.day)).toEqual([1, 2]);
    expect(forgetBefore(profile, 0)).toBe(profile);
  });

  it('weighs mean use by the pods of each slot, so that used = mean use × mean pods', () => {
    const profile = addUsage(EMPTY_PROFILE, {
      fromUnixSeconds: 0,
      stepSeconds: 300,
      hottestPod: Float64Array.of(100, 900),
      meanOverPods: Float64Array.of(100, 900),
      pods: Float64Array.of(1, 10),
    });
    const { meanUse, meanPods } = spanOf(profile);
    expect(meanUse * meanPods).toBeCloseTo((100 + 9000) / 2, 9);
  });

  it('tells the hottest pod from the mean', () => {
    const profile = addUsage(EMPTY_PROFILE, {
      fromUnixSeconds: 0,
      stepSeconds: 300,
      hottestPod: Float64Array.of(30, 60),
      meanOverPods: Float64Array.of(10, 20),
      pods: Float64Array.of(20, 20),
    });
    expect(spanOf(profile)).toMatchObject({ hotPodRatio: 3, meanUse: 15, meanPods: 20 });
  });
});
