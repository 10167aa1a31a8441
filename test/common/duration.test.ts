import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, formatRoughly, parseDuration } from '../../common/duration.ts';

describe('parseDuration', () => {
  it.each([
    ['5m', 300],
    ['1h30m', 5400],
    ['2w', 1_209_600],
    ['1y', 31_536_000],
    ['250ms', 0.25],
    ['1d12h', 129_600],
  ])('reads %s', (text, value) => {
    expect(parseDuration(text)).toBe(value);
  });

  it.each(['', '5', 'm', '0s', '-5m', '1.5h', '30m1h', '1h1h', '5 m', '5M', '1d ', `${'9'.repeat(400)}d`])('refuses %j', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  it('reads back what formatDuration wrote', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 * 31_536_000 }), (value) => {
        expect(parseDuration(formatDuration(value))).toBe(value);
      }),
    );
  });
});

describe('formatDuration', () => {
  it.each([
    [5400, '1h30m'],
    [1_209_600, '14d'],
    [0, '0s'],
    [59.6, '1m'],
  ])('writes %d s as %s', (value, text) => {
    expect(formatDuration(value)).toBe(text);
  });
});

describe('roughly', () => {
  it.each([
    [0, '0s'],
    [59, '59s'],
    [7500, '2h5m'],
    [138_472_346, '1602d16h'],
  ])('%s seconds are %s', (seconds, text) => {
    expect(formatRoughly(seconds)).toBe(text);
  });
});
