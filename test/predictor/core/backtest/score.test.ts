import { describe, expect, it } from 'vitest';
import { scoreReplay } from '../../../../predictor/core/backtest/score.ts';

const HOUR = 3600;
const series = { name: 's', t: Float64Array.of(0, HOUR, 2 * HOUR, 3 * HOUR), v: Float64Array.of(9, 1, 2, 3) };
const decision = (from: number, to: number, request: number) => ({
  series: 's',
  fromUnixSeconds: from * HOUR,
  toUnixSeconds: to * HOUR,
  request,
});

describe('score of a replay', () => {
  it('counts time above the request in force, after the warm-up only', () => {
    const score = scoreReplay(series, [decision(0, 2, 1), decision(2, 4, 2)], HOUR);
    expect(score).toMatchObject({ samples: 3, undecided: 0, above: 1 / 3, requestToUse: 5 / 6 });
  });

  it('a sample without a decision in force is told apart, not called safe', () => {
    expect(scoreReplay(series, [decision(2, 3, 2)], HOUR)).toMatchObject({ samples: 1, undecided: 2, above: 0 });
    expect(scoreReplay(series, [], HOUR)).toMatchObject({ samples: 0, undecided: 3 });
  });

  it('counts changes by more than 5 %, a day', () => {
    const stairs = [decision(1, 2, 100), decision(2, 3, 104), decision(3, 4, 120)];
    expect(scoreReplay(series, stairs, HOUR).changesPerDay).toBe(12);
  });
});
