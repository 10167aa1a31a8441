import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_RETRY, parseRetryAfterMs, retryDelayMs } from '../../../common/http/retry.ts';

const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('retryDelayMs', () => {
  it('stays below a ceiling that doubles up to the maximum', () => {
    fc.assert(
      fc.property(fc.nat(40), random, (attempt, r) => {
        const delay = retryDelayMs(attempt, DEFAULT_RETRY, r, undefined);
        expect(delay).toBeGreaterThanOrEqual(0);
        expect(delay).toBeLessThanOrEqual(Math.min(DEFAULT_RETRY.maxDelayMs, DEFAULT_RETRY.baseDelayMs * 2 ** attempt));
      }),
    );
  });

  it('never comes back before the server asked to, up to the cap', () => {
    fc.assert(
      fc.property(fc.nat(10), random, fc.nat(1e7), (attempt, r, asked) => {
        expect(retryDelayMs(attempt, DEFAULT_RETRY, r, asked)).toBeGreaterThanOrEqual(Math.min(asked, DEFAULT_RETRY.maxRetryAfterMs));
        expect(retryDelayMs(attempt, DEFAULT_RETRY, r, asked)).toBeLessThanOrEqual(DEFAULT_RETRY.maxRetryAfterMs);
      }),
    );
  });
});

describe('parseRetryAfterMs', () => {
  const now = Date.parse('Fri, 20 Nov 2026 10:00:00 GMT');

  it.each([
    ['120', 120_000],
    [' 0 ', 0],
    ['Fri, 20 Nov 2026 10:00:30 GMT', 30_000],
    ['Fri, 20 Nov 2026 09:00:00 GMT', 0],
    ['soon', undefined],
    ['-5', undefined],
    ['1.5', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('reads %j as %s', (header, expected) => {
    expect(parseRetryAfterMs(header, now)).toBe(expected);
  });
});
