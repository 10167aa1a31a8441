import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CHART_WINDOWS,
  decodeChartWindow,
  decodeWorkloadsQuery,
  encodeChartWindow,
  encodeWorkloadsQuery,
  MAX_PAGE,
  MAX_PAGE_SIZE,
  MAX_TEXT_LENGTH,
  RISKS,
  SORT_COLUMNS,
  WORKLOADS_DEFAULTS,
  type WorkloadsQuery,
} from '../../../web/contract/query.ts';

const value = fc.string({ minLength: 1, maxLength: 20 });
const anyQuery: fc.Arbitrary<WorkloadsQuery> = fc.record({
  text: fc.string({ maxLength: MAX_TEXT_LENGTH }),
  namespaces: fc.uniqueArray(value, { maxLength: 5 }),
  kinds: fc.uniqueArray(value, { maxLength: 5 }),
  risks: fc.subarray([...RISKS]),
  onlySavings: fc.boolean(),
  sort: fc.constantFrom(...SORT_COLUMNS),
  direction: fc.constantFrom('asc', 'desc'),
  page: fc.integer({ min: 1, max: MAX_PAGE }),
  size: fc.integer({ min: 1, max: MAX_PAGE_SIZE }),
});

const decode = (text: string) => decodeWorkloadsQuery(new URLSearchParams(text));

describe('the workloads query in an address', () => {
  it('comes back as it went, through text', () => {
    fc.assert(
      fc.property(anyQuery, (query) => {
        expect(decode(encodeWorkloadsQuery(query).toString())).toEqual(query);
      }),
    );
  });

  it('is empty where all is as by default', () => {
    expect(encodeWorkloadsQuery(WORKLOADS_DEFAULTS).toString()).toBe('');
    expect(decode('')).toEqual(WORKLOADS_DEFAULTS);
  });

  it('gives something valid whatever the address says', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom('q', 'sort', 'dir', 'page', 'size', 'risk', 'savings', 'namespace', 'x'), fc.string())),
        (pairs) => {
          const query = decodeWorkloadsQuery(new URLSearchParams(pairs));
          expect(decode(encodeWorkloadsQuery(query).toString())).toEqual(query);
          expect(query.page).toBeGreaterThanOrEqual(1);
          expect(query.size).toBeLessThanOrEqual(MAX_PAGE_SIZE);
        },
      ),
    );
  });

  it.each([
    'page=0',
    'page=-1',
    'page=1e3',
    'page=NaN',
    'size=501',
    'sort=password',
    'dir=up',
    'risk=huge',
    'savings=yes',
    'utm_source=mail',
    'q=',
  ])('ignores %s', (text) => {
    expect(decode(text)).toEqual(WORKLOADS_DEFAULTS);
  });

  it('leaves out the direction that a column has by itself', () => {
    expect(encodeWorkloadsQuery({ ...WORKLOADS_DEFAULTS, sort: 'workload', direction: 'asc' }).toString()).toBe('sort=workload');
    expect(encodeWorkloadsQuery({ ...WORKLOADS_DEFAULTS, sort: 'waste', direction: 'asc' }).toString()).toBe('sort=waste&dir=asc');
  });
});

describe('the chart window in an address', () => {
  it('comes back as it went and falls back to the default', () => {
    for (const window of CHART_WINDOWS) expect(decodeChartWindow(encodeChartWindow(window))).toBe(window);
    expect(decodeChartWindow(new URLSearchParams('window=99y'))).toBe('7d');
    expect(encodeChartWindow('7d').toString()).toBe('');
  });
});
