import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Marginal, type SumBounds, sumOfMarginals } from '../../../../predictor/core/peak-of-sums/sum-of-marginals.ts';
import { upperQuantile } from '../../../../predictor/core/peak-of-sums/upper-quantile.ts';

function boundsOf(parts: readonly Marginal[], budget: number): SumBounds {
  const bounds = sumOfMarginals(parts, budget);
  if (!bounds.ok) throw new Error(bounds.detail);
  return bounds.value;
}

const amounts = fc.array(fc.double({ min: 0, max: 1000, noNaN: true }), { minLength: 1, maxLength: 40 }).map((a) => Float64Array.from(a));
const parts = fc.array(amounts, { minLength: 1, maxLength: 5 }).map((all) => all.map((a, i) => ({ name: `p${i}`, amounts: a })));
const budgets = fc.double({ min: 0.001, max: 0.5, noNaN: true });

describe('sum of marginals', () => {
  it('orders its bounds and stays within the sum of peaks', () => {
    fc.assert(
      fc.property(parts, budgets, (all, budget) => {
        const { independent, together, amount, atWorst } = boundsOf(all, budget);
        expect(amount).toBe(Math.max(independent, together));
        expect(amount).toBeLessThanOrEqual(atWorst);
        expect(atWorst).toBeLessThanOrEqual(all.reduce((sum, p) => sum + Math.max(...p.amounts), 0) + 1e-9);
      }),
    );
  });

  it('falls as the budget grows', () => {
    fc.assert(
      fc.property(parts, budgets, budgets, (all, one, other) => {
        const small = boundsOf(all, Math.min(one, other));
        const large = boundsOf(all, Math.max(one, other));
        for (const bound of ['independent', 'together', 'amount', 'atWorst'] as const)
          expect(small[bound]).toBeGreaterThanOrEqual(large[bound]);
      }),
    );
  });

  it('is the plain quantile of a single part', () => {
    fc.assert(
      fc.property(amounts, budgets, (a, budget) => {
        const quantile = upperQuantile(a, budget);
        expect(boundsOf([{ name: 'web', amounts: a }], budget)).toEqual({
          independent: quantile,
          together: quantile,
          amount: quantile,
          atWorst: quantile,
        });
      }),
    );
  });

  it('is not exceeded at worst beyond the budget, whatever the dependence', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.nat(100), { minLength: 3, maxLength: 3 }), { minLength: 20, maxLength: 60 }),
        budgets,
        (rows, budget) => {
          const all = [0, 1, 2].map((i) => ({ name: `p${i}`, amounts: Float64Array.from(rows, (row) => row[i] as number) }));
          const { atWorst } = boundsOf(all, budget);
          const above = rows.filter((row) => row.reduce((a, b) => a + b, 0) > atWorst).length;
          expect(above / rows.length).toBeLessThanOrEqual(budget + 1e-9);
        },
      ),
    );
  });

  it('knows the sum of many independent parts', () => {
    // 24 uniform parts: mean 12, variance 2, nearly normal; its 99th percentile is 12 + 2.326·√2 within half a percent.
    const uniform = Float64Array.from({ length: 1000 }, (_, i) => (i + 0.5) / 1000);
    const all = Array.from({ length: 24 }, (_, i) => ({ name: `p${i}`, amounts: uniform }));
    const { independent, together } = boundsOf(all, 0.01);
    expect(independent).toBeGreaterThan(15.2);
    expect(independent).toBeLessThan(15.45);
    expect(together).toBeCloseTo(24 * 0.9895, 1);
  });

  it('does not overlook spikes that are rarer than the budget in each of many parts', () => {
    const amounts = Float64Array.from({ length: 1000 }, (_, i) => (i < 992 ? 10 : 500));
    const all = Array.from({ length: 24 }, (_, i) => ({ name: `p${i}`, amounts }));
    const { together, independent, amount } = boundsOf(all, 0.01);
    expect(together).toBe(240);
    // Two of them at once are still likelier than the budget: 1.6 %.
    expect(independent).toBeGreaterThan(240 + 2 * 490 - 24);
    expect(amount).toBe(independent);
  });

  it('refuses what is no distribution', () => {
    expect(sumOfMarginals([], 0.01)).toMatchObject({ ok: false, reason: 'NoParts' });
    for (const a of [[], [Number.NaN], [-1], [Number.POSITIVE_INFINITY]]) {
      expect(sumOfMarginals([{ name: 'web', amounts: Float64Array.from(a) }], 0.01)).toMatchObject({ ok: false, reason: 'BadPart' });
    }
    expect(sumOfMarginals([{ name: 'web', amounts: Float64Array.of(1) }], Number.NaN)).toMatchObject({ reason: 'BadInput' });
  });
});
