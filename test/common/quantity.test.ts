import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatBytes, formatMillicores, parseBytes, parseMillicores, parseQuantity } from '../../common/quantity.ts';
import { bytes, millicores } from '../../common/units.ts';

describe('parseQuantity', () => {
  it.each([
    ['250m', 0.25],
    ['0.5', 0.5],
    ['.5', 0.5],
    ['5.', 5],
    ['+2', 2],
    ['-1', -1],
    ['1.5Gi', 1_610_612_736],
    ['128Mi', 134_217_728],
    ['1k', 1000],
    ['1E', 1e18],
    ['1E3', 1000],
    ['12e-1', 1.2],
    ['100n', 1e-7],
  ])('reads %s', (text, value) => {
    const parsed = parseQuantity(text);
    expect(parsed.ok && parsed.value).toBeCloseTo(value, 12);
  });

  it.each([
    '',
    ' 1',
    '1 ',
    '1 Gi',
    '1GB',
    '1K',
    '1ki',
    '1mi',
    'm',
    '.',
    '1.2.3',
    '0x10',
    '1e',
    '1_000',
    'NaN',
    'Infinity',
    '1e999',
    '9'.repeat(400),
    '1,5',
  ])('refuses %j', (text) => {
    expect(parseQuantity(text)).toMatchObject({ ok: false, reason: 'BadQuantity' });
  });
});

/** The exact amount in thousandths of a unit, rounded up, by integer arithmetic. */
function exactCeil(digits: bigint, decimals: number, numerator: bigint, denominator: bigint): bigint {
  const divisor = 10n ** BigInt(decimals) * denominator;
  return (digits * numerator + divisor - 1n) / divisor;
}

describe('amounts', () => {
  it('rounds CPU up to whole millicores like exact arithmetic', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 10n ** 8n }),
        fc.integer({ min: 0, max: 6 }),
        fc.constantFrom(['', 1000n, 1n], ['m', 1n, 1n], ['u', 1n, 1000n] as const),
        (digits, decimals, [suffix, num, den]) => {
          const parsed = parseMillicores(decimalText(digits, decimals) + suffix);
          expect(parsed.ok && BigInt(parsed.value)).toBe(exactCeil(digits, decimals, BigInt(num as bigint), BigInt(den as bigint)));
        },
      ),
    );
  });

  it('rounds memory up to whole bytes like exact arithmetic, up to 2 TiB', () => {
    const units = fc.constantFrom(
      ['', 1n],
      ['k', 1000n],
      ['M', 10n ** 6n],
      ['G', 10n ** 9n],
      ['T', 10n ** 12n],
      ['Ki', 2n ** 10n],
      ['Mi', 2n ** 20n],
      ['Gi', 2n ** 30n],
      ['Ti', 2n ** 40n] as const,
    );
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 99_999n }), fc.integer({ min: 0, max: 4 }), units, (digits, decimals, [suffix, factor]) => {
        const parsed = parseBytes(decimalText(digits, decimals) + suffix);
        const exact = exactCeil(digits, decimals, factor as bigint, 1n);
        fc.pre(exact < 2n ** 41n);
        expect(parsed.ok && BigInt(parsed.value)).toBe(exact);
      }),
      { numRuns: 1000 },
    );
  });

  it('reads back what it wrote', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000_000 }), fc.integer({ min: 0, max: 2 ** 50 }), (cpu, memory) => {
        expect(parseMillicores(formatMillicores(millicores(cpu)))).toEqual({ ok: true, value: cpu });
        expect(parseBytes(formatBytes(bytes(memory)))).toEqual({ ok: true, value: memory });
      }),
    );
  });

  it.each([
    [0, '0'],
    [0.2, '1m'],
    [445, '445m'],
    [1000, '1'],
    [1500, '1500m'],
  ])('writes %d millicores as %s', (amount, text) => {
    expect(formatMillicores(millicores(amount))).toBe(text);
  });

  it.each([
    [0, '0'],
    [1.5, '2'],
    [1024, '1Ki'],
    [1_610_612_736, '1536Mi'],
    [2 ** 31, '2Gi'],
  ])('writes %d bytes as %s', (amount, text) => {
    expect(formatBytes(bytes(amount))).toBe(text);
  });
});

function decimalText(digits: bigint, decimals: number): string {
  const text = digits.toString().padStart(decimals + 1, '0');
  return decimals === 0 ? text : `${text.slice(0, -decimals)}.${text.slice(-decimals)}`;
}
