import { describe, expect, it } from 'vitest';
import { type InterferenceInput, simulateInterference } from '../../../../predictor/core/burst/interference.ts';
import { exponential, pareto, quantilesOf } from './demands.ts';

const NODE = 100_000;
const PERIODS = 300_000;
/** Stands for a bucket without bound. */
const UNBOUNDED = 1e7;

/** Demands of a Poisson number of steps of a tenth of the quota, as quantiles at equal steps. */
function poissonQuantiles(mean: number, quota: number, count = 20_000): Float64Array {
  const steps = (mean / quota) * 10;
  const out = new Float64Array(count);
  let k = 0;
  let p = Math.exp(-steps);
  let below = p;
  for (let i = 0; i < count; i++) {
    while (below < (i + 0.5) / count) {
      k++;
      p *= steps / k;
      below += p;
    }
    out[i] = (k * quota) / 10;
  }
  return out;
}

const SHAPES = {
  exponential: (mean: number) => quantilesOf(exponential, mean),
  Pareto: (mean: number) => quantilesOf(pareto, mean),
  Poisson: (mean: number, quota: number) => poissonQuantiles(mean, quota),
};

function groupsOf(m: number, shape: keyof typeof SHAPES, use: number, burst: number): InterferenceInput {
  const quotaMicros = NODE / m;
  const demandMicros = SHAPES[shape](use * quotaMicros, quotaMicros);
  const group = { demandMicros, quotaMicros, burstMicros: burst * quotaMicros };
  return { groups: new Array(m).fill(group), cpuMicrosPerPeriod: NODE, periods: PERIODS, seed: 11 };
}

function simulated(input: InterferenceInput) {
  const { result } = simulateInterference(input);
  if (!result.ok) throw new Error(result.detail);
  return result.value;
}

// The kernel list's table, P(WCET > 1) in percent and E(WCET) in periods, for buckets of one and two quotas and without
// bound. Its million periods and our PERIODS are both samples: a cell counts as reproduced within four standard errors
// of ours (by batch means, stated by the simulation) and of the table's (ours scaled to a million periods), half a unit
// of its last digit, and 1 % of the value for the 20 000 quantiles that stand for the distribution.
type Cell = readonly [percent: number, periods: number];
const TABLE: readonly [keyof typeof SHAPES, number, number, readonly [Cell, Cell, Cell]][] = [
  [
    'exponential',
    5,
    0.3,
    [
      [0.01, 1.0001],
      [0.02, 1.0002],
      [0.02, 1.0002],
    ],
  ],
  [
    'exponential',
    5,
    0.5,
    [
      [1.66, 1.0176],
      [2.76, 1.0301],
      [3.15, 1.0352],
    ],
  ],
  [
    'exponential',
    20,
    0.5,
    [
      [0, 1],
      [0.01, 1.0001],
      [0.02, 1.0002],
    ],
  ],
  [
    'exponential',
    20,
    0.7,
    [
      [0.59, 1.006],
      [2.05, 1.0217],
      [4.18, 1.0476],
    ],
  ],
  [
    'exponential',
    20,
    0.9,
    [
      [14.07, 1.1989],
      [24.46, 1.4467],
      [46.26, 2.8603],
    ],
  ],
  [
    'Poisson',
    5,
    0.7,
    [
      [0.69, 1.0071],
      [0.69, 1.0071],
      [0.69, 1.0071],
    ],
  ],
  [
    'Poisson',
    20,
    0.9,
    [
      [6.06, 1.0708],
      [7.2, 1.0879],
      [7.35, 1.0903],
    ],
  ],
  [
    'Pareto',
    5,
    0.5,
    [
      [0.01, 1.0001],
      [0.08, 1.0008],
      [0.16, 1.0019],
    ],
  ],
  [
    'Pareto',
    5,
    0.7,
    [
      [1.11, 1.0117],
      [2.11, 1.0234],
      [2.38, 1.0308],
    ],
  ],
  [
    'Pareto',
    20,
    0.7,
    [
      [0, 1],
      [0.01, 1.0001],
      [0.12, 1.0013],
    ],
  ],
  [
    'Pareto',
    20,
    0.9,
    [
      [3.96, 1.0447],
      [7.49, 1.0941],
      [10.59, 1.1622],
    ],
  ],
];

// Five groups at high load: the table lies below this model, by more than sampling explains, and the model is the
// cautious one. What its author did differently there is not known.
const BELOW: readonly [keyof typeof SHAPES, number, number, readonly [number, number, number]][] = [
  ['exponential', 5, 0.7, [11.52, 17.51, 21.86]],
  ['exponential', 5, 0.9, [21.17, 34.19, 60.02]],
  ['Poisson', 5, 0.9, [25.22, 27.29, 27.52]],
  ['Pareto', 5, 0.9, [21.97, 26.49, 28.78]],
];

const BURSTS = [1, 2, UNBOUNDED];

describe('interference', () => {
  it.each(TABLE)('reproduces the kernel list’s odds for %s demand, %i groups at %f of their quota', (shape, m, use, cells) => {
    for (const [i, [percent, periods]] of cells.entries()) {
      const found = simulated(groupsOf(m, shape, use, BURSTS[i] as number));
      const tableError = found.standardError * Math.sqrt(PERIODS / 1e6);
      const tolerance = 4 * Math.hypot(found.standardError, tableError) + 0.00005 + 0.01 * (percent / 100);
      expect(Math.abs(found.overloadShare - percent / 100)).toBeLessThan(tolerance);
      // Overloads of several periods make the time to clear noisier than their share, in proportion to its length.
      const each = percent > 0 ? (periods - 1) / (percent / 100) : 1;
      expect(Math.abs(found.meanPeriodsToClear - periods)).toBeLessThan(tolerance * each * 3 + 0.0001);
    }
  });

  it.each(BELOW)('is never more hopeful than the table for %s demand, %i groups at %f', (shape, m, use, percents) => {
    for (const [i, percent] of percents.entries()) {
      const found = simulated(groupsOf(m, shape, use, BURSTS[i] as number));
      expect(found.overloadShare).toBeGreaterThan(percent / 100 - 4 * found.standardError);
    }
  });

  it('states a standard error that holds for other seeds', () => {
    const input = { ...groupsOf(5, 'exponential', 0.5, 1), periods: 50_000 };
    const runs = Array.from({ length: 20 }, (_, seed) => simulated({ ...input, seed }));
    const mean = runs.reduce((sum, r) => sum + r.overloadShare, 0) / runs.length;
    const outside = runs.filter((r) => Math.abs(r.overloadShare - mean) > 3 * r.standardError);
    expect(outside.length).toBeLessThanOrEqual(1);
  });

  it('is the same for the same seed', () => {
    const input = { ...groupsOf(5, 'exponential', 0.7, 1), periods: 5000 };
    expect(simulated(input)).toEqual(simulated(input));
    expect(simulated({ ...input, seed: 12 })).not.toEqual(simulated(input));
  });

  it('finds more overload where bursts come together', () => {
    const input = { ...groupsOf(20, 'exponential', 0.5, 1), periods: 50_000 };
    const alone = simulated(input).overloadShare;
    const some = simulated({ ...input, togetherShare: 0.1 }).overloadShare;
    const all = simulated({ ...input, togetherShare: 1 }).overloadShare;
    expect(some).toBeGreaterThan(alone);
    expect(all).toBeGreaterThan(some);
  });

  it('keeps bursts of several periods whole when it draws runs', () => {
    const demandMicros = Float64Array.from({ length: 4000 }, (_, i) => (i % 200 < 20 ? 60_000 : 2000));
    const group = { demandMicros, quotaMicros: 30_000, burstMicros: 30_000 };
    const input: InterferenceInput = { groups: [group], cpuMicrosPerPeriod: NODE, periods: 50_000, seed: 3 };
    expect(simulated({ ...input, runPeriods: 400 }).throttledShare).toBeGreaterThan(1.5 * simulated(input).throttledShare);
  });

  it('refuses nonsense and names it', () => {
    const input = groupsOf(5, 'exponential', 0.5, 1);
    expect(simulateInterference({ ...input, groups: [] }).result).toMatchObject({ reason: 'NoGroups' });
    for (const bad of [
      { cpuMicrosPerPeriod: Number.NaN },
      { periods: 0 },
      { runPeriods: 0 },
      { togetherShare: 2 },
      { groups: [{ demandMicros: Float64Array.of(1, Number.NaN), quotaMicros: 1, burstMicros: 0 }] },
      { groups: [{ demandMicros: Float64Array.of(1), quotaMicros: 0, burstMicros: Number.POSITIVE_INFINITY }] },
    ]) {
      expect(simulateInterference({ ...input, ...bad }).result).toMatchObject({ ok: false, reason: 'BadInput' });
    }
  });
});
