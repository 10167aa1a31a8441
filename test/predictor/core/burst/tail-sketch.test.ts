import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tailOfDemand } from '../../../../predictor/core/burst/backlog.ts';
import { demandOf } from '../../../../predictor/core/burst/demand.ts';
import { sizeBurst } from '../../../../predictor/core/burst/size-burst.ts';
import {
  addPeriod,
  closeWindow,
  createTailSketch,
  mergeTailSketches,
  quotaGrid,
  type TailSketch,
  tailOfSketch,
} from '../../../../predictor/core/burst/tail-sketch.ts';
import { tailSketchFromBytes, tailSketchToBytes } from '../../../../predictor/core/burst/tail-sketch-bytes.ts';
import { exponential, samplesOf } from './demands.ts';

const period = fc.record({ used: fc.integer({ min: 0, max: 400_000 }), throttled: fc.boolean() });
const windows = fc.array(fc.array(period, { minLength: 1, maxLength: 80 }), { minLength: 1, maxLength: 4 });
type Windows = { used: number; throttled: boolean }[][];

function sketchOf(drawn: Windows, into: TailSketch = createTailSketch(quotaGrid(100_000))): TailSketch {
  for (const window of drawn) {
    for (const { used, throttled } of window) addPeriod(into, used, throttled);
    closeWindow(into);
  }
  return into;
}

function exactOf(drawn: Windows) {
  const demand = demandOf(
    drawn.map((window) => ({
      usedMicros: Float64Array.from(window, (p) => p.used),
      throttled: Uint8Array.from(window, (p) => Number(p.throttled)),
    })),
  );
  return demand.ok ? tailOfDemand(demand.value) : undefined;
}

describe('tail sketch', () => {
  it('tells exactly what the samples tell at its quotas and bursts, and never too little between', () => {
    fc.assert(
      fc.property(windows, fc.integer({ min: 1000, max: 500_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (drawn, quota, share) => {
        const exact = exactOf(drawn);
        const sketch = sketchOf(drawn);
        const tail = tailOfSketch(sketch);
        expect(tail.ok).toBe(exact !== undefined);
        if (!exact || !tail.ok) return;
        expect(tail.value).toMatchObject({
          periods: exact.periods,
          awakePeriods: exact.awakePeriods,
          hiddenPeriods: exact.hiddenPeriods,
          peakMicros: exact.peakMicros,
        });
        expect(tail.value.meanMicros).toBeCloseTo(exact.meanMicros, 6);
        for (const q of [100_000, sketch.quotasMicros[3] as number]) {
          for (const step of [0, 1, 8, 16]) {
            expect(tail.value.throttlingAt(q, (q * step) / 16).throttled).toBe(exact.throttlingAt(q, (q * step) / 16).throttled);
          }
          expect(tail.value.meanRunAbove(q)).toBe(exact.meanRunAbove(q));
        }
        const between = exact.throttlingAt(quota, share * quota);
        expect(tail.value.throttlingAt(quota, share * quota).throttled).toBeGreaterThanOrEqual(between.throttled);
        expect(tail.value.throttlingAt(quota, share * quota).stalled).toBeGreaterThanOrEqual(between.stalled - 1e-9);
      }),
    );
  });

  it('merges to what one sketch of all windows is', () => {
    fc.assert(
      fc.property(windows, windows, (a, b) => {
        expect(mergeTailSketches(sketchOf(a), sketchOf(b))).toEqual({ ok: true, value: sketchOf([...a, ...b]) });
      }),
    );
    const other = createTailSketch(quotaGrid(50_000));
    expect(mergeTailSketches(sketchOf([]), other)).toMatchObject({ ok: false, reason: 'GridsDiffer' });
  });

  it('goes on from a checkpoint as without one, within a burst and a throttled run', () => {
    fc.assert(
      fc.property(fc.array(period, { minLength: 2, maxLength: 80 }), fc.nat(), (window, cutAt) => {
        const cut = cutAt % window.length;
        const before = createTailSketch(quotaGrid(100_000));
        for (const { used, throttled } of window.slice(0, cut)) addPeriod(before, used, throttled);
        const restored = tailSketchFromBytes(tailSketchToBytes(before));
        expect(restored).toEqual({ ok: true, value: before });
        if (restored.ok) expect(sketchOf([window.slice(cut)], restored.value)).toEqual(sketchOf([window]));
      }),
    );
  });

  it('refuses damaged checkpoints, whatever the damage', () => {
    const bytes = tailSketchToBytes(sketchOf([[{ used: 5, throttled: false }]]));
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const damaged = Uint8Array.from(bytes);
        damaged[at] = (damaged[at] as number) ^ flip;
        expect(tailSketchFromBytes(damaged)).toMatchObject({ ok: false, reason: 'BadSketch' });
        expect(tailSketchFromBytes(bytes.subarray(0, at))).toMatchObject({ ok: false, reason: 'BadSketch' });
      }),
    );
    const wrong = sketchOf([[{ used: 5, throttled: false }]]);
    wrong.counts[0] = 7;
    expect(tailSketchFromBytes(tailSketchToBytes(wrong))).toMatchObject({ ok: false, reason: 'BadSketch' });
  });

  it('ends the window at a gap and counts nothing for it', () => {
    const sketch = createTailSketch(quotaGrid(100_000));
    for (const used of [900_000, Number.NaN, 0]) addPeriod(sketch, used);
    expect(addPeriod(sketch, -1)).toBe(false);
    expect(sketch.periods).toBe(2);
    const tail = tailOfSketch(sketch);
    expect(tail.ok && tail.value.throttlingAt(100_000, 0).throttled).toBe(1);
    expect(tailOfSketch(createTailSketch(quotaGrid(100_000)))).toMatchObject({ ok: false, reason: 'NoSamples' });
  });

  it('stays small and sizes a burst as the samples do, within its steps', () => {
    const samples = samplesOf(exponential, 30_000, 40_000);
    const sketch = createTailSketch(quotaGrid(100_000));
    for (const used of samples) addPeriod(sketch, used);
    expect(tailSketchToBytes(sketch).length).toBeLessThan(2048);
    const tail = tailOfSketch(sketch);
    const demand = demandOf([{ usedMicros: samples }]);
    if (!tail.ok || !demand.ok) throw new Error('no tail');
    const [bySketch, bySamples] = [tail.value, tailOfDemand(demand.value)].map((t) => {
      const { result } = sizeBurst({
        tail: t,
        today: { limitMillicores: 1000, burstMicros: 0 },
        budget: { throttledShare: 0.01 },
        mode: 'keepLimit',
        bounds: { leastMillicores: 10, mostMillicores: 64_000 },
      });
      if (!result.ok) throw new Error(result.detail);
      return result.value;
    });
    expect(bySketch).toMatchObject({ verdict: 'Burst', limitMillicores: 1000 });
    const difference = (bySketch?.burstMicros ?? 0) - (bySamples?.burstMicros ?? 0);
    expect(difference).toBeGreaterThanOrEqual(0);
    expect(difference).toBeLessThanOrEqual(100_000 / 16);
  });
});
