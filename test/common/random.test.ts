import { describe, expect, it } from 'vitest';
import { noiseAt, seedFor, uniformAt, uniforms } from '../../common/random.ts';

const DRAWS = 100_000;

/** Chi-square over 100 equal bins: 99 degrees of freedom, above 160 with probability 1e-4. */
function chiSquare(draw: (i: number) => number): number {
  const bins = new Array<number>(100).fill(0);
  for (let i = 0; i < DRAWS; i++) bins[Math.floor(draw(i) * 100)] = (bins[Math.floor(draw(i) * 100)] ?? 0) + 1;
  return bins.reduce((sum, n) => sum + (n - DRAWS / 100) ** 2 / (DRAWS / 100), 0);
}

describe('random', () => {
  it('is uniform in [0, 1), with and without a state', () => {
    const next = uniforms(42);
    const drawn = Float64Array.from({ length: DRAWS }, next);
    expect(Math.min(...drawn.subarray(0, 1000))).toBeGreaterThanOrEqual(0);
    expect(drawn.every((u) => u >= 0 && u < 1)).toBe(true);
    expect(chiSquare((i) => drawn[i] as number)).toBeLessThan(160);
    expect(chiSquare((i) => uniformAt(42, i))).toBeLessThan(160);
  });

  it('draws without memory: neighbours are not correlated', () => {
    const next = uniforms(7);
    const drawn = Float64Array.from({ length: DRAWS }, next);
    let sum = 0;
    for (let i = 1; i < DRAWS; i++) sum += ((drawn[i] as number) - 0.5) * ((drawn[i - 1] as number) - 0.5);
    // Of independent draws the mean is 0 with a standard deviation of 1/12/√n = 0.00026.
    expect(Math.abs(sum / DRAWS)).toBeLessThan(0.0011);
  });

  it('is the same for the same seed and another for another', () => {
    const series = (seed: number): number[] => Array.from({ length: 8 }, uniforms(seed));
    expect(series(1)).toEqual(series(1));
    expect(series(1)).not.toEqual(series(2));
    expect(series(0).every((u) => u === 0)).toBe(false);
    expect(seedFor(1, 'web')).toBe(seedFor(1, 'web'));
    expect(seedFor(1, 'web')).not.toBe(seedFor(1, 'api'));
    expect(seedFor(2, 'web')).not.toBe(seedFor(1, 'web'));
  });

  it('follows the recurrence of xoshiro128**', () => {
    // The recurrence written out independently, with BigInt, from the published description.
    const mask = 0xffffffffn;
    const rotl = (x: bigint, k: bigint): bigint => ((x << k) | (x >> (32n - k))) & mask;
    const stateOf = (seed: number): bigint[] => [1, 2, 3, 4].map((i) => BigInt(Math.round(uniformAt(seed, i) * 2 ** 32)));
    const s = stateOf(99);
    s[3] = (s[3] as bigint) | 1n;
    const next = uniforms(99);
    for (let i = 0; i < 50; i++) {
      let [s0, s1, s2, s3] = s as [bigint, bigint, bigint, bigint];
      const expected = (rotl((s1 * 5n) & mask, 7n) * 9n) & mask;
      const t = (s1 << 9n) & mask;
      s2 ^= s0;
      s3 ^= s1;
      s1 ^= s2;
      s0 ^= s3;
      s2 ^= t;
      s3 = rotl(s3, 11n);
      s.splice(0, 4, s0, s1, s2, s3);
      expect(next()).toBe(Number(expected) / 2 ** 32);
    }
  });

  it('makes triangular noise around 0', () => {
    let sum = 0;
    for (let i = 0; i < DRAWS; i++) sum += noiseAt(3, i);
    expect(Math.abs(sum / DRAWS)).toBeLessThan(0.006);
  });
});
