import { describe, expect, it } from 'vitest';
import { failures, parseFailRule } from '../../../operator/cli/fail-on.ts';
import { analysisFixture, workloadFixture } from './analysis-fixture.ts';

const hits = (rule: string, analysis = analysisFixture()): string[] => {
  const parsed = parseFailRule(rule);
  return parsed === undefined ? ['no rule'] : failures(analysis, [parsed]);
};

describe('--fail-on', () => {
  it.each([
    '',
    'risk',
    'risk=low',
    'risk=',
    'savings',
    'savings=',
    'savings=-1',
    'savings=101',
    'savings=1e3',
    'savings=x',
    'stale=1',
    'risk=high=xx',
    'savings=30=50',
    'savings=30=',
    'Stale',
  ])('refuses %j', (text) => {
    expect(parseFailRule(text)).toBeUndefined();
  });

  it('risk is hit from the named level up', () => {
    const at = (risk: 'high' | 'medium' | 'low' | 'unknown') => analysisFixture({ workloads: [workloadFixture({ risk })] });
    expect(hits('risk=high', at('high'))).toEqual([expect.stringContaining('1 of 1 workloads')]);
    expect(hits('risk=medium', at('high'))).toHaveLength(1);
    expect(hits('risk=medium', at('medium'))).toHaveLength(1);
    expect(hits('risk=high', at('medium'))).toEqual([]);
    expect(hits('risk=medium', at('unknown'))).toEqual([]);
  });

  it('savings is hit above the share of the cost, not at it', () => {
    const totals = { ...analysisFixture().totals, costNowPerMonth: 100, potentialSavingsPerMonth: 30 };
    expect(hits('savings=30', analysisFixture({ totals }))).toEqual([]);
    expect(hits('savings=29.9%', analysisFixture({ totals }))).toHaveLength(1);
    expect(hits('savings=0', analysisFixture({ totals: { ...totals, costNowPerMonth: 0, potentialSavingsPerMonth: 0 } }))).toEqual([]);
  });

  it('stale is hit by old data and by none', () => {
    expect(hits('stale')).toEqual([]);
    expect(
      hits('stale', analysisFixture({ freshness: { newestSampleUnixSeconds: undefined, ageSeconds: undefined, stale: true } })),
    ).toHaveLength(1);
  });
});
