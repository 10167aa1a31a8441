import { existsSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ReplayedDecision, TraceSeries } from '../../../../predictor/core/backtest/replay.ts';
import { decisionRow, replayAll, replaySeries } from '../../../../predictor/core/backtest/replay.ts';
import { scoreReplay } from '../../../../predictor/core/backtest/score.ts';
import { DAY, HOUR, MONDAY, type Samples, synthetic } from '../forecast/series.ts';

import { readSharedTraces, sharedTracePath } from './shared-traces.ts';

/** As the shared scorer counts: a sample without a request is above it. */
function scored(series: TraceSeries, decisions: Iterable<ReplayedDecision>, warmUpSeconds: number) {
  const { samples, undecided, above, requestToUse, changesPerDay } = scoreReplay(series, [...decisions], warmUpSeconds);
  return { violation: (above * samples + undecided) / (samples + undecided), footprint: requestToUse, changesPerDay };
}

const hourly = { cadenceSeconds: HOUR, riskBudget: 0.01 };

describe('replay', () => {
  it('is causal: a series cut off anywhere has the same decisions up to the cut', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1000 }),
        fc.nat(8),
        fc.double({ min: 0.2, max: 1, noNaN: true }),
        fc.constantFrom(900, HOUR, DAY),
        (seed, kind, share, cadenceSeconds) => {
          const whole = synthetic(seed, 6)[kind] as Samples;
          const n = Math.floor(share * whole.t.length);
          const cut = { name: whole.name, t: whole.t.subarray(0, n), v: whole.v.subarray(0, n) };
          const options = { cadenceSeconds, riskBudget: 0.01 };
          const short = [...replaySeries(cut, options)];
          expect([...replaySeries(whole, options)].slice(0, short.length)).toEqual(short);
        },
      ),
      { numRuns: 20 },
    );
  });

  it('does not see the slot that it decides for', () => {
    const calm = synthetic(3, 3)[0] as Samples;
    const at = calm.t.length - 12;
    const decided = (spike: number): number | undefined => {
      const v = Float64Array.from(calm.v);
      v[at] = spike;
      return [...replaySeries({ ...calm, v }, hourly)].find((d) => d.fromUnixSeconds === calm.t[at])?.request;
    };
    expect(decided(1000)).toBe(decided(1));
  });

  it('decides on multiples of the cadence, one after the other, from the sixth hour on', () => {
    const made = [...replaySeries(synthetic(4, 2)[1] as Samples, hourly)];
    expect(made[0]?.fromUnixSeconds).toBe(MONDAY + 6 * HOUR);
    for (const [i, d] of made.entries()) {
      expect(d.fromUnixSeconds).toBe(MONDAY + (6 + i) * HOUR);
      expect(d.toUnixSeconds - d.fromUnixSeconds).toBe(HOUR);
      expect(d.request).toBeGreaterThan(0);
    }
  });

  it('goes through all series with one state, as if each were alone', () => {
    const all = synthetic(5, 2).slice(0, 3);
    expect([...replayAll(all, hourly)]).toEqual(all.flatMap((series) => [...replaySeries(series, hourly)]));
  });

  it('has nothing to say about an empty series, and 0 about one that used nothing', () => {
    expect([...replaySeries({ name: 'none', t: new Float64Array(), v: new Float64Array() }, hourly)]).toEqual([]);
    const idle = { ...(synthetic(6, 1)[0] as Samples), v: new Float64Array(288) };
    expect(new Set([...replaySeries(idle, hourly)].map((d) => d.request))).toEqual(new Set([0]));
  });

  it('writes a row', () => {
    expect(decisionRow({ series: 'a', fromUnixSeconds: 1, toUnixSeconds: 2, request: 0.25 })).toBe('a,1,2,0.25');
  });
});

describe('the budget is kept on series of every kind', () => {
  it.each([0.01, 0.005])('of %f, hour by hour, each within what nine days of one decision an hour allow', (riskBudget) => {
    const scores = [11, 12, 13].flatMap((seed) =>
      synthetic(seed, 14).map((series) => scored(series, replaySeries(series, { cadenceSeconds: HOUR, riskBudget }), 5 * DAY)),
    );
    const mean = scores.reduce((sum, s) => sum + s.violation, 0) / scores.length;
    expect(mean).toBeLessThanOrEqual(riskBudget);
    const sorted = scores.map((s) => s.violation).sort((x, y) => x - y);
    expect(sorted[Math.floor(0.9 * sorted.length)]).toBeLessThanOrEqual(1.5 * riskBudget);
    const changes = scores.map((s) => s.changesPerDay).sort((x, y) => x - y);
    expect(changes[Math.floor(changes.length / 2)]).toBeLessThanOrEqual(8);
  });
});

describe.skipIf(!existsSync(sharedTracePath('cpu-prod')))('on recorded production traces (../shared/traces)', () => {
  it.each([
    ['cpu-prod', 0.01, 1.75],
    ['cpu-prod', 0.005, 1.95],
    ['cpu-vm', 0.01, 2.4],
    ['cpu-vm', 0.005, 2.85],
  ])('%s keeps a budget of %f with a median footprint of at most %f', (file, riskBudget, footprint) => {
    const scores = readSharedTraces(file).map((series) =>
      scored(series, replaySeries(series, { cadenceSeconds: HOUR, riskBudget }), 5 * DAY),
    );
    const of = (get: (s: (typeof scores)[number]) => number): number[] => scores.map(get).sort((x, y) => x - y);
    expect(of((s) => s.violation).reduce((sum, x) => sum + x, 0) / scores.length).toBeLessThanOrEqual(riskBudget);
    expect(of((s) => s.violation)[Math.floor(0.9 * scores.length)]).toBeLessThanOrEqual(0.0135);
    expect(of((s) => s.footprint)[Math.floor(0.5 * scores.length)]).toBeLessThanOrEqual(footprint);
    expect(of((s) => s.changesPerDay)[Math.floor(0.5 * scores.length)]).toBeLessThanOrEqual(8);
  });
});

describe.skipIf(!existsSync(sharedTracePath('mem-node')))('on recorded memory (../shared/traces)', () => {
  const riskBudget = 0.001;
  it.each([
    ['mem-node', DAY, 5 * DAY, 0, 1.16],
    ['mem-pod', HOUR, 12 * HOUR, 0.001, 1.155],
  ])('%s has next to nothing above, at a small footprint', (file, cadenceSeconds, warmupSeconds, violation, footprint) => {
    const scores = readSharedTraces(file)
      .filter((series) => (series.t.at(-1) as number) - (series.t[0] as number) > warmupSeconds + cadenceSeconds)
      .map((series) => scored(series, replaySeries(series, { cadenceSeconds, riskBudget }), warmupSeconds));
    expect(scores.reduce((sum, s) => sum + s.violation, 0) / scores.length).toBeLessThanOrEqual(violation);
    const footprints = scores.map((s) => s.footprint).sort((x, y) => x - y);
    expect(footprints[Math.floor(0.5 * footprints.length)]).toBeLessThanOrEqual(footprint);
  });
});
