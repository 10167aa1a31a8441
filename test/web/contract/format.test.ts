import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatAge,
  formatAmount,
  formatChange,
  formatCpu,
  formatDelta,
  formatMemory,
  formatMoney,
  formatMoneyPerMonth,
  formatPods,
  formatPrice,
  formatReason,
  formatShare,
  formatSpan,
} from '../../../web/contract/format.ts';

/** Numbers and units are held together by no-break spaces; expectations are written with plain ones. */
const plain = (text: string) => text.replaceAll('\u00a0', ' ');

const MIB = 2 ** 20;
const GIB = 2 ** 30;

describe('amounts', () => {
  it.each([
    [412, '412m'],
    [0, '0m'],
    [3.26, '3.3m'],
    [999.6, '1 core'],
    [1000, '1 core'],
    [1250, '1.25 cores'],
    [1285, '1.28 cores'],
    [12_340, '12.3 cores'],
    [29_110_750, '29,111 cores'],
  ])('%f millicores are %s', (amount, text) => expect(plain(formatCpu(amount))).toBe(text));

  it.each([
    [0, '0 MiB'],
    [512 * MIB, '512 MiB'],
    [1024 * MIB, '1 GiB'],
    [1.5 * GIB, '1.5 GiB'],
    [16.1 * GIB, '16.1 GiB'],
    [100_000, '0.1 MiB'],
    [28.93 * MIB, '29 MiB'],
    [1065 * GIB, '1.04 TiB'],
  ])('%f bytes are %s', (amount, text) => expect(plain(formatMemory(amount))).toBe(text));

  it('say a unit once where both have it', () => {
    const changed = (resource: 'cpu' | 'memory', from: number, to: number) => {
      const { before, after } = formatChange(resource, from, to);
      return plain(`${before} → ${after}`);
    };
    expect(changed('cpu', 3700, 1460)).toBe('3.7 → 1.46 cores');
    expect(changed('cpu', 1000, 2500)).toBe('1 → 2.5 cores');
    expect(changed('cpu', 1000, 445)).toBe('1 core → 445m');
    expect(changed('memory', 2 * GIB, 512 * MIB)).toBe('2 GiB → 512 MiB');
  });

  it('never show NaN, nor more than four digits below a thousand', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e15, noNaN: true }), fc.constantFrom('cpu' as const, 'memory' as const), (amount, resource) => {
        const text = formatAmount(resource, amount);
        expect(text).not.toContain('NaN');
        const digits = text
          .replace(/[^\d.]/g, '')
          .replace(/^0\.0*/, '')
          .replace('.', '');
        if (!text.includes(',')) expect(digits.length).toBeLessThanOrEqual(4);
      }),
    );
  });
});

describe('money', () => {
  it.each([
    [1234.4, '$1,234'],
    [12.4, '$12.40'],
    [-3, '−$3.00'],
    [-0.001, '$0.00'],
    [99.999, '$100.00'],
  ])('%f is %s', (amount, text) => expect(formatMoney(amount, 'USD')).toBe(text));

  it('has its currency and its month', () => {
    expect(formatMoneyPerMonth(1234, 'EUR')).toBe('€1,234/mo');
    expect(formatPrice(0.00424, 'USD')).toBe('$0.00424');
  });
});

describe('shares', () => {
  it.each([
    [0, '0 %'],
    [0.00003, '< 0.01 %'],
    [0.0062, '0.62 %'],
    [0.031, '3.1 %'],
    [0.314, '31 %'],
    [1, '100 %'],
  ])('%f is %s', (share, text) => expect(plain(formatShare(share))).toBe(text));
});

describe('deltas', () => {
  it('tell sign, arrow and word', () => {
    expect(plain(formatDelta(1000, 445).text)).toBe('↓ −56 % lower');
    expect(plain(formatDelta(50, 75).text)).toBe('↑ +50 % higher');
    expect(plain(formatDelta(1000, 1001).text)).toBe('→ unchanged');
    expect(plain(formatDelta(0, 0).text)).toBe('→ unchanged');
  });

  it('have no share where there was nothing before', () => {
    expect(plain(formatDelta(0, 100).text)).toBe('↑ higher');
  });
});

describe('words', () => {
  it.each([
    ['TooYoung', 'Too young'],
    ['HpaOnResource', 'HPA on resource'],
    ['OOMKilled', 'OOM killed'],
    ['NoUsage', 'No usage'],
    ['risk margin', 'Risk margin'],
  ])('%s is read as %s', (code, text) => expect(formatReason(code)).toBe(text));

  it('pods are whole, or a part of one where few', () => {
    expect([3, 185.26, 0.26, 0.04, 0].map((pods) => plain(formatPods(pods)))).toEqual(['3', '185', '0.3', '< 0.1', '0']);
  });

  it('ages and spans are rounded to what matters', () => {
    expect([3, 40, 720, 10_800, 800_000].map(formatAge)).toEqual(['< 5 s', '40 s', '12 min', '3 h', '9 days']);
    expect([300, 129_600, 14 * 86_400].map(formatSpan)).toEqual(['5 min', '36 hours', '14 days']);
  });
});
