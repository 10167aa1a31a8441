import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MIB } from '../../../../common/units.ts';
import { EMPTY_PROFILE, viewOf } from '../../../../predictor/core/profile/resource-profile.ts';
import { type SizingInput, sizeResource } from '../../../../predictor/core/sizing/size-resource.ts';
import type { SizingPolicy } from '../../../../predictor/core/sizing/sizing-policy.ts';
import { byHour, profileOf } from '../profiles.ts';

const POLICY: SizingPolicy = {
  cpu: { riskBudget: 0.01, peakMargin: 0, min: 10, max: undefined, limit: { mode: 'Keep' } },
  memory: { riskBudget: 0.001, peakMargin: 0.15, min: 16 * MIB, max: undefined, limit: { mode: 'EqualToRequest' } },
  minimumHistorySeconds: 86_400,
  minimumChange: 0.05,
};

function input(overrides: Partial<SizingInput> & { values?: readonly number[] }): SizingInput {
  const { values, ...rest } = overrides;
  const profile = rest.profile ?? viewOf(profileOf(values ?? byHour(7, () => 100)));
  return {
    resource: 'cpu',
    profile,
    policy: POLICY,
    currentRequest: undefined,
    currentLimit: undefined,
    runningPods: 1,
    intermittent: false,
    hpaOnResource: false,
    windowEndUnixSeconds: profile.span.lastUnixSeconds,
    stepSeconds: 300,
    ...rest,
  };
}

function requestOf(overrides: Parameters<typeof input>[0]): number {
  const { result } = sizeResource(input(overrides));
  if (!result.ok) throw new Error(`${result.reason}: ${result.detail}`);
  return result.value.request;
}

const reasonOf = (overrides: Parameters<typeof input>[0]) => {
  const { result } = sizeResource(input(overrides));
  return result.ok ? undefined : result.reason;
};

describe('what peers get wrong on simple signals', () => {
  it('a constant load pays its margin and no bucket', () => {
    expect(requestOf({ values: byHour(8, () => 100) })).toBe(108);
    expect(requestOf({ values: byHour(8, () => 3) })).toBe(10);
  });

  it.each([
    ['Friday night', 8 + 0.9],
    ['Sunday night', 10 + 0.99],
    ['Monday 08:59', 11 + 9 / 24],
    ['Tuesday noon', 12 + 0.5],
  ])('office hours at 800m, else 80m: still sized for Monday when asked on %s', (_, days) => {
    // The epoch is a Thursday: days 1 (Friday), 4…8 (Monday…Friday), 11… are work days.
    const values = byHour(14, (hour) =>
      [4, 5, 6, 0, 1].includes(Math.floor(hour / 24) % 7) && hour % 24 >= 9 && hour % 24 < 18 ? 800 : 80,
    );
    expect(requestOf({ values: values.slice(0, Math.floor(days * 288)) })).toBeGreaterThanOrEqual(800);
  });

  it.each([5, 8, 10, 12, 15])('1000m for %s %% of each day is covered at every hour of asking, without a flip', (percent) => {
    const values = byHour(8, (hour) => (hour % 24 < (24 * percent) / 100 ? 1000 : 100));
    const answers = Array.from({ length: 24 }, (_, h) => requestOf({ values: values.slice(0, 7 * 288 + h * 12) }));
    expect(Math.min(...answers)).toBeGreaterThanOrEqual(1000);
    expect(Math.max(...answers) / Math.min(...answers)).toBeLessThan(1.05);
  });

  it('a weekly peak is remembered on the day before it', () => {
    const sunday = byHour(13.5, (hour) => (Math.floor(hour / 24) % 7 === 3 ? 1000 : 100));
    expect(requestOf({ values: sunday })).toBeGreaterThanOrEqual(1000);
    const memory = byHour(13.5, (hour) => (Math.floor(hour / 24) % 7 === 3 ? 2048 : 512) * MIB);
    expect(requestOf({ resource: 'memory', values: memory })).toBeGreaterThanOrEqual(2048 * MIB);
  });

  it('2 hot pods of 20 are protected: the hottest pod is what is sized for', () => {
    const pods = 20;
    const hottest = byHour(7, () => 600 * MIB);
    const profile = profileOf(hottest);
    const podUse = (2 * 600 + 18 * 300) * MIB;
    const days = profile.days.map((d) => ({ ...d, podSlots: pods * d.slots, podUseSum: podUse * d.slots }));
    const outcome = sizeResource(input({ resource: 'memory', profile: viewOf({ days }) }));
    expect(outcome.result.ok && outcome.result.value.request).toBeGreaterThanOrEqual(600 * 1.15 * MIB);
    expect(outcome.trace[0]?.text).toContain('hottest pod uses 1.82 times the mean');
  });

  it('small containers get small requests: no floor of hundreds of MiB', () => {
    expect(requestOf({ values: byHour(7, () => 0.4) })).toBe(10);
    expect(requestOf({ resource: 'memory', values: byHour(7, () => 12 * MIB) })).toBe(16 * MIB);
  });
});

describe('memory', () => {
  const at = (mib: number) => byHour(7, () => mib * MIB);

  it('is never below the peak of the window or the last OOM limit, each with the margin', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 1, max: 1e12, noNaN: true }), { minLength: 300, maxLength: 400 }),
        fc.option(fc.double({ min: 1, max: 1e12, noNaN: true }), { nil: undefined }),
        (values, oom) => {
          const request = requestOf({ resource: 'memory', values, oomLimitBytes: oom });
          expect(request).toBeGreaterThanOrEqual(Math.max(...values, oom ?? 0) * 1.15 * (1 - 1e-6));
        },
      ),
    );
  });

  it('neither request nor limit falls below what was needed, whatever the policy finds too small a change', () => {
    const bytes = fc.double({ min: 1e6, max: 1e11, noNaN: true });
    const shares = fc.record({
      minimumChange: fc.double({ min: 0, max: 1, noNaN: true }),
      peakMargin: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    const modes = fc.constantFrom({ mode: 'EqualToRequest' } as const, { mode: 'Keep' } as const, { mode: 'Ratio', ratio: 1.5 } as const);
    fc.assert(
      fc.property(
        bytes,
        fc.option(bytes, { nil: undefined }),
        fc.double({ min: 0.3, max: 2, noNaN: true }),
        shares,
        modes,
        (peak, oom, times, { minimumChange, peakMargin }, limit) => {
          const needed = Math.max(peak, oom ?? 0) * (1 + peakMargin);
          const policy = { ...POLICY, minimumChange, memory: { ...POLICY.memory, riskBudget: 0.5, peakMargin, limit } };
          const values = byHour(2, (hour) => (hour === 7 ? peak : peak / 3));
          const { result } = sizeResource(
            input({ resource: 'memory', values, policy, oomLimitBytes: oom, currentRequest: needed * times, currentLimit: needed * times }),
          );
          if (!result.ok) throw new Error(result.reason);
          expect(result.value.request).toBeGreaterThanOrEqual(needed * (1 - 1e-6));
          expect(result.value.limit).toBeGreaterThanOrEqual(needed * (1 - 1e-6));
        },
      ),
    );
  });

  it('stays at or below a maximum that is no whole MiB', () => {
    const policy = { ...POLICY, memory: { ...POLICY.memory, max: 1e9 } };
    expect(requestOf({ resource: 'memory', values: byHour(7, () => 0.9999e9 / 1.15), policy })).toBeLessThanOrEqual(1e9);
  });

  it('refuses a ceiling below what was already needed, instead of obeying it', () => {
    const policy = { ...POLICY, memory: { ...POLICY.memory, max: 256 * MIB } };
    expect(reasonOf({ resource: 'memory', values: at(300), policy })).toBe('CeilingBelowPeak');
    expect(requestOf({ resource: 'memory', values: at(200), policy })).toBe(230 * MIB);
  });

  it('keeps a limit, but never below the request', () => {
    const policy = { ...POLICY, memory: { ...POLICY.memory, limit: { mode: 'Keep' } as const } };
    for (const [currentLimit, expected] of [
      [100, 230],
      [512, 512],
    ] as const) {
      const { result } = sizeResource(input({ resource: 'memory', values: at(200), policy, currentLimit: currentLimit * MIB }));
      expect(result.ok && result.value.limit).toBe(expected * MIB);
    }
  });
});

describe('what is unknown lowers nothing', () => {
  it.each([
    ['no sample', { profile: viewOf(EMPTY_PROFILE) }, 'NoUsage'],
    ['only NaN', { values: byHour(7, () => Number.NaN) }, 'NoUsage'],
    ['only zeros', { values: byHour(7, () => 0) }, 'OnlyZeros'],
    ['too young', { values: byHour(0.9, () => 100) }, 'TooYoung'],
    [
      'a name that was used a week ago and again just now',
      { values: byHour(7, (h) => (h < 0.1 || h > 167 ? 100 : Number.NaN)) },
      'TooYoung',
    ],
    ['no pod', { runningPods: 0 }, 'NotRunning'],
    ['usage that stopped an hour ago', { values: byHour(7, () => 100), windowEndUnixSeconds: 7 * 86_400 + 3600 }, 'UsageStopped'],
    ['an HPA on the resource', { hpaOnResource: true }, 'HpaOnResource'],
  ] as const)('%s: refused with a reason', (_, overrides, reason) => {
    expect(reasonOf({ ...overrides, currentRequest: 1000 })).toBe(reason);
  });

  it('a cron job that does not run right now is sized, until it has not run for more than a week', () => {
    const values = byHour(8, (hour) => (hour % 24 < 0.5 ? 500 : Number.NaN));
    const asked = (days: number) => ({ values, runningPods: 0, intermittent: true, windowEndUnixSeconds: days * 86_400 });
    expect(requestOf(asked(8))).toBeGreaterThanOrEqual(500);
    expect(reasonOf(asked(16))).toBe('UsageStopped');
  });

  it('CPU of runs that are short against the step is not judged; their memory is', () => {
    const values = byHour(8, (hour) => (hour % 1 < 0.01 ? 50 : Number.NaN));
    const whole = profileOf(values);
    const days = whole.days.map((d) => ({ ...d, podSlots: 0.2 * d.slots, podUseSum: 0.2 * d.podUseSum }));
    const short = { profile: viewOf({ days }), intermittent: true, runningPods: 0 };
    expect(reasonOf(short)).toBe('RunsShorterThanStep');
    expect(reasonOf({ ...short, resource: 'memory' })).toBeUndefined();
    expect(reasonOf({ ...short, profile: viewOf(whole) })).toBeUndefined();
  });

  it('gaps, NaN, negatives and infinities never lower the answer', () => {
    const clean = fc.array(fc.double({ min: 50, max: 1000, noNaN: true }), { minLength: 600, maxLength: 900 });
    const dirt = fc.array(fc.tuple(fc.nat(), fc.constantFrom(Number.NaN, -1, Number.POSITIVE_INFINITY)), { maxLength: 60 });
    fc.assert(
      fc.property(clean, dirt, (values, spoilt) => {
        const withDirt = [...values];
        for (const [at, what] of spoilt) withDirt.splice(1 + (at % (withDirt.length - 1)), 0, what);
        const memory = { resource: 'memory' as const };
        expect(requestOf({ ...memory, values: withDirt.map((v) => v * MIB) })).toBeGreaterThanOrEqual(
          requestOf({ ...memory, values: values.map((v) => v * MIB) }),
        );
      }),
    );
  });
});

describe('policy', () => {
  it('more risk never asks for more', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 1, max: 1e4, noNaN: true }), { minLength: 300, maxLength: 600 }),
        fc.double({ min: 0.001, max: 0.2, noNaN: true }),
        (values, budget) => {
          const withBudget = (riskBudget: number) => ({ ...POLICY, cpu: { ...POLICY.cpu, riskBudget, min: 0 } });
          const careful = requestOf({ values, policy: withBudget(budget) });
          expect(requestOf({ values, policy: withBudget(Math.min(0.5, budget * 2)) })).toBeLessThanOrEqual(careful * 1.5);
        },
      ),
    );
  });

  it('holds bounds and says so', () => {
    const policy = { ...POLICY, cpu: { ...POLICY.cpu, min: 200, max: 300 } };
    expect(requestOf({ values: byHour(7, () => 100), policy })).toBe(200);
    const high = sizeResource(input({ values: byHour(7, () => 1000), policy }));
    expect(high.result.ok && high.result.value.request).toBe(300);
    expect(high.trace.find((s) => s.stage === 'ceiling')?.text).toContain('risk budget may not be kept');
  });

  it('leaves what is within the minimum change, unless it is over its risk budget', () => {
    expect(requestOf({ values: byHour(7, () => 100), currentRequest: 112 })).toBe(112);
    expect(requestOf({ values: byHour(7, () => 100), currentRequest: 150 })).toBe(108);
    expect(requestOf({ values: byHour(7, () => 100), currentRequest: 99 })).toBe(108);
  });

  it('use that its limit cuts off is no evidence for a lower request', () => {
    const flat = byHour(7, () => 199.5);
    expect(requestOf({ values: flat, currentLimit: 200, currentRequest: 1000 })).toBe(1000);
    expect(requestOf({ values: flat, currentLimit: 200, currentRequest: 100 })).toBeGreaterThanOrEqual(200);
    expect(requestOf({ values: flat, currentLimit: 400, currentRequest: 1000 })).toBeLessThan(250);
    const { trace } = sizeResource(input({ values: flat, currentLimit: 200 }));
    expect(trace.find((step) => step.stage === 'capped')?.text).toContain('Raise the limit');
  });

  it('leaves a trace that ends in the number', () => {
    const { result, trace } = sizeResource(input({ values: byHour(7, () => 400) }));
    expect(trace.map((s) => s.stage)).toEqual(['history', 'quantile', 'margin', 'request', 'limit', 'check']);
    expect(result.ok && result.value.why).toBe('P99 of 7d 400m → +8 % margin → 432m');
  });
});
