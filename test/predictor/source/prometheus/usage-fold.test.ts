import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WorkloadKey } from '../../../../predictor/core/workload.ts';
import { PLAIN_LABELS } from '../../../../predictor/source/prometheus/pod-labels.ts';
import { createUsageFold, type FoldedUsage, type UsageFoldOptions } from '../../../../predictor/source/prometheus/usage-fold.ts';

const FROM = 1_800_000_000;
const STEP = 300;

type Point = readonly [slot: number, value: number];

function fold(series: readonly (readonly [pod: string, points: readonly Point[]])[], options: Partial<UsageFoldOptions> = {}): FoldedUsage {
  const answer = createUsageFold({
    resource: 'cpu',
    forms: [PLAIN_LABELS],
    fromUnixSeconds: FROM,
    stepSeconds: STEP,
    slots: 6,
    resolve: (_, pod) => `shop/Deployment/${pod.split('-')[0]}` as WorkloadKey,
    nowUnixSeconds: FROM + 1e6,
    sampleLimit: 1e6,
    lookbackSlots: 1,
    slotsAhead: 1,
    ...options,
  });
  for (const [pod, points] of series) {
    const row = new Map([
      ['namespace', 'shop'],
      ['pod', pod],
      ['container', 'app'],
    ]);
    answer.series(row, {
      count: points.length,
      times: Float64Array.from(points, ([slot]) => FROM + (slot + 1) * STEP),
      values: Float64Array.from(points, ([, value]) => value),
    });
  }
  return answer.done();
}

const nan = Number.NaN;

describe('createUsageFold', () => {
  it('puts the value at the end of a slot into that slot, and leaves others unknown', () => {
    const { chunk, newestUnixSeconds } = fold([
      [
        'web-1',
        [
          [0, 0.5],
          [5, 0.25],
        ],
      ],
    ]);
    expect(chunk).toMatchObject({ resource: 'cpu', fromUnixSeconds: FROM, stepSeconds: STEP, slots: 6 });
    expect([...(chunk.containers[0]?.hottestPod ?? [])]).toEqual([500, nan, nan, nan, nan, 250]);
    expect([...(chunk.containers[0]?.pods ?? [])]).toEqual([0.5, 0, 0, 0, 0, 0.5]);
    expect(newestUnixSeconds).toBe(FROM + 6 * STEP);
  });

  it('folds pods to the hottest and the mean', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.tuple(fc.nat(5), fc.double({ min: 0, max: 64, noNaN: true })), { maxLength: 6 }), {
          minLength: 1,
          maxLength: 6,
        }),
        (pods) => {
          const rows = pods.map((points, i) => [`web-${i}`, uniqueBySlot(points)] as const);
          const [columns] = fold(rows).chunk.containers;
          for (let slot = 0; slot < 6; slot++) {
            const values = rows.flatMap(([, points]) => points.filter(([s]) => s === slot).map(([, v]) => v * 1000));
            if (columns === undefined) {
              expect(values).toEqual([]);
              continue;
            }
            expect((columns.pods[slot] as number) > 0).toBe(values.length > 0);
            expect(columns.pods[slot]).toBeLessThanOrEqual(values.length);
            expect(columns.hottestPod[slot]).toBe(values.length === 0 ? nan : Math.max(...values));
            const mean = values.reduce((a, b) => a + b, 0) / values.length;
            if (values.length > 0) expect(columns.meanOverPods[slot]).toBeCloseTo(mean, 6);
          }
        },
      ),
    );
  });

  it('counts what is odd and makes no number of it', () => {
    const { chunk, tally } = fold([
      [
        'web-1',
        [
          [0, 1],
          [1, nan],
          [2, Number.POSITIVE_INFINITY],
          [3, -1],
          [4, 1],
        ],
      ],
      ['web-1', [[0, 2]]],
    ]);
    expect(tally).toEqual({ series: 2, samples: 6, notANumber: 3, gaps: 3, duplicates: 1, fromTheFuture: 0 });
    expect([...(chunk.containers[0]?.hottestPod ?? [])]).toEqual([2000, nan, nan, nan, 1000, nan]);
    expect([...(chunk.containers[0]?.pods ?? [])]).toEqual([0.5, 0, 0, 0, 0.5, 0]);
  });

  it('says nothing of a series without any number', () => {
    const { chunk, newestUnixSeconds } = fold([
      [
        'web-1',
        [
          [0, nan],
          [1, nan],
        ],
      ],
    ]);
    expect(chunk.containers.every((c) => c.hottestPod.every(Number.isNaN))).toBe(true);
    expect(newestUnixSeconds).toBeUndefined();
  });

  it('leaves slots unknown that have not ended, and counts samples of the future', () => {
    const { chunk, tally } = fold(
      [
        [
          'web-1',
          [
            [0, 1],
            [1, 1],
            [2, 1],
            [3, 1],
          ],
        ],
      ],
      { nowUnixSeconds: FROM + 2 * STEP, slotsAhead: 0, slots: 2 },
    );
    expect([...(chunk.containers[0]?.pods ?? [])]).toEqual([0.5, 1]);
    expect(tally.fromTheFuture).toBe(1);
  });

  it('keeps bytes as they are and leaves pods out that do not resolve', () => {
    const { chunk } = fold([['web-1', [[0, 5e9]]]], { resource: 'memory' });
    expect(chunk.containers[0]?.hottestPod[0]).toBe(5e9);
    expect(fold([['web-1', [[0, 1]]]], { resolve: () => undefined }).chunk.containers).toEqual([]);
  });

  describe('pods by their share of the slot', () => {
    const from = (first: number, end: number): Point[] => Array.from({ length: end - first }, (_, i) => [first + i, 1]);
    const podsOf = (series: Parameters<typeof fold>[0], options: Partial<UsageFoldOptions> = {}): number[] => [
      ...(fold(series, options).chunk.containers[0]?.pods ?? []),
    ];

    it('counts the first and the last slot of a series half, so that a rollout stays one pod', () => {
      expect(podsOf([['web-1', from(-1, 7)]])).toEqual([1, 1, 1, 1, 1, 1]);
      expect(podsOf([['web-1', from(1, 4)]])).toEqual([0, 0.5, 1, 0.5, 0, 0]);
      expect(podsOf([['web-1', from(2, 3)]])).toEqual([0, 0, 0.5, 0, 0, 0]);
      expect(
        podsOf([
          ['web-1', from(-1, 3)],
          ['web-2', from(2, 7)],
        ]),
      ).toEqual([1, 1, 1, 1, 1, 1]);
    });

    it('takes a series that reaches the end of what is known for one that goes on', () => {
      expect(podsOf([['web-1', from(-1, 6)]], { slotsAhead: 0 })).toEqual([1, 1, 1, 1, 1, 1]);
      expect(podsOf([['web-1', from(-1, 6)]], { slotsAhead: 1 })).toEqual([1, 1, 1, 1, 1, 0.5]);
    });

    it('counts the slots half a slot together in which only the look-back still sees the pod', () => {
      const pods = podsOf([['web-1', from(-1, 5)]], { lookbackSlots: 4, slotsAhead: 4 });
      expect(pods).toEqual([1, 0.125, 0.125, 0.125, 0.125, 0]);
    });

    it('does not depend on where a chunk ends', () => {
      const life = from(1, 9);
      const whole = podsOf([['web-1', life]], { slots: 12, slotsAhead: 2, lookbackSlots: 2 });
      const second = life.map(([slot, value]): Point => [slot - 6, value]);
      const parts = [
        ...podsOf([['web-1', life.filter(([slot]) => slot < 8)]], { slots: 6, slotsAhead: 2, lookbackSlots: 2 }),
        ...podsOf([['web-1', second.filter(([slot]) => slot >= -1)]], { slots: 6, slotsAhead: 2, lookbackSlots: 2 }),
      ];
      expect(parts).toEqual(whole);
    });

    it('goes by the time that was counted where it is known', () => {
      const podTime = () => Float64Array.of(0.25, 1, 0, 0, 0, 0);
      expect(podsOf([['web-1', from(0, 3)]], { podTime })).toEqual([0.25, 1, 0.5, 0, 0, 0]);
    });
  });

  it('gives an answer up that holds far more than was asked for', () => {
    expect(() =>
      fold(
        [
          [
            'web-1',
            [
              [0, 1],
              [1, 1],
              [2, 1],
            ],
          ],
        ],
        { sampleLimit: 2 },
      ),
    ).toThrow(expect.objectContaining({ retry: 'split' }));
  });
});

function uniqueBySlot(points: readonly Point[]): Point[] {
  return [...new Map(points)].sort(([a], [b]) => a - b);
}
