import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../../common/config/config-error.ts';
import { parseConfig, readConfigFile } from '../../../common/config/read-config.ts';
import { DEFAULT_PRICES, priceBook, resolvePrices } from '../../../operator/api/price-book.ts';

const book = (spec: string): string => `apiVersion: neap.dev/v1alpha1\nkind: PriceBook\nmetadata: {name: team}\nspec: ${spec}\n`;

function problemsOf(spec: string): string[] {
  try {
    parseConfig(book(spec), 'prices.yaml', priceBook);
  } catch (error) {
    if (error instanceof ConfigError)
      return error.problems.map((p) => `${p.line}:${p.column} ${p.path} [${p.value ?? ''}] ${p.message}: ${p.remedy}`);
    throw error;
  }
  return [];
}

describe('a price book', () => {
  it('with a negative price is refused, at its place', () => {
    expect(problemsOf('{currency: EUR, cpuCoreHour: -0.03, memoryGibHour: 0.004}')).toEqual([
      '4:36 spec.cpuCoreHour [-0.03] is below 0: write 0 or more',
    ]);
  });

  it('with a price that would make totals infinite is refused', () => {
    expect(problemsOf('{currency: EUR, cpuCoreHour: 1e308, memoryGibHour: 1000001}')).toEqual([
      '4:36 spec.cpuCoreHour [1e+308] is above 1000000: write 1000000 or less',
      '4:58 spec.memoryGibHour [1000001] is above 1000000: write 1000000 or less',
    ]);
    expect(problemsOf('{currency: VND, cpuCoreHour: 1000000, memoryGibHour: 0}')).toEqual([]);
  });

  it('tells everything that is wrong at once', () => {
    expect(
      problemsOf('{currency: Euro, cpuCoreHour: "0.03", memoryGibHour: .inf, discountPercent: 120, date: 1.1.2026, prise: 1}').map((p) =>
        p.replace(/^\S+ /, ''),
      ),
    ).toEqual([
      'spec.currency ["Euro"] is not a currency: write an ISO 4217 code, for example EUR, USD or GBP',
      'spec.cpuCoreHour ["0.03"] is not a number: write a number without quotes',
      'spec.memoryGibHour [Infinity] is not a number: write a number',
      'spec.discountPercent [120] is above 100: write 100 or less',
      'spec.date ["1.1.2026"] is not of the expected form: write a day as YYYY-MM-DD',
      'spec.prise [] is not known here: remove it; known here: currency, cpuCoreHour, memoryGibHour, discountPercent, source, date',
    ]);
  });

  it('must name both prices: none is filled in silently', () => {
    expect(problemsOf('{currency: EUR, cpuCoreHour: 0.03}')).toEqual(['4:1 spec.memoryGibHour [] is missing: write a number']);
  });

  it('takes its discount off and names its origin', () => {
    const text = book(
      '{currency: EUR, cpuCoreHour: 0.04, memoryGibHour: 0.005, discountPercent: 25, source: contract, date: "2026-01-01"}',
    );
    expect(resolvePrices(parseConfig(text, 'f', priceBook))).toEqual({
      currency: 'EUR',
      cpuCoreHour: 0.03,
      memoryGibHour: 0.00375,
      origin: 'price book team (contract, 2026-01-01, 25 % discount taken off)',
    });
  });

  it('is the named default where there is none', () => {
    expect(resolvePrices(undefined)).toBe(DEFAULT_PRICES);
    expect(DEFAULT_PRICES.origin).toContain('OpenCost');
  });

  it('has a good sample', async () => {
    await expect(readConfigFile('crds/samples/price-book.yaml', priceBook)).resolves.toMatchObject({ spec: { currency: 'EUR' } });
  });
});
