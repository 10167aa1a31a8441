import { describe, expect, it } from 'vitest';
import { renderExplanation } from '../../../../operator/cli/output/explanation.ts';
import { analysisFixture, resourceFixture, workloadFixture, YOUNG } from '../analysis-fixture.ts';

const options = { width: 120, color: false, timeZone: 'UTC' };

describe('the explanation of a workload', () => {
  it('tells the whole way of each number: inputs and their age, steps, risk, money, and the lines for a manifest', () => {
    const text = renderExplanation(analysisFixture(), workloadFixture(), options);
    expect(text.slice(0, text.indexOf('  Memory'))).toBe(`\
shop/Deployment/cart

    Pods   3
    Risk   low with today's requests
    Cost   $78.51/mo now, $34.94/mo after: $43.57/mo potential savings
    Waste  $66.73/mo requested and not used on average

Container app
    OOM kills  none seen
    Throttled  unknown, or no CPU limit

  CPU
    Request        1 core → 445m
    Limit          none → none
    Usage          P50 120m, P95 300m, P99 380m, max 410m of the busiest pod; mean 150m a pod; 4,032 samples over 14
                   days
    1. history     14 days of history, 4,032 samples
    2. quantile    P99 of the week is 412m
    3. margin      +8 % risk margin: 445m
    Result         requests.cpu: 445m, no limits.cpu (P99 of week 412m → +8 % risk margin → 445m)
    Above request  0 % of the time now, 0.4 % after; allowed 1 %
    Money          $69.23/mo now, $30.81/mo after, $58.84/mo wasted today

`);
    expect(text).toContain('requests.memory: 445Mi, limits.memory: 445Mi');
    expect(text).toContain('the newest sample is from 1 min ago');
    expect(text).toContain("OpenCost's default prices");
  });

  it('gives the reason where nothing is recommended', () => {
    const text = renderExplanation(analysisFixture(), YOUNG, options);
    expect(text).toContain('1 core → no recommendation');
    expect(text).toMatch(/Result +6 h of history, 24 h are needed \(HistoryTooShort\)/);
    expect(text).toMatch(/Usage +No samples/);
    expect(text).toMatch(/Above request +unknown of the time now, unchanged/);
  });

  it('calls unknown what the source cannot know, and no savings', () => {
    const blind = { currentKnown: false, currentRequest: undefined, currentLimit: undefined, overloadNow: undefined, wastePerMonth: 0 };
    const containers = [
      {
        name: 'app',
        pods: 3,
        cpu: resourceFixture('cpu', blind),
        memory: resourceFixture('memory', blind),
        oomKills: undefined,
        throttledShare: undefined,
      },
    ];
    const text = renderExplanation(analysisFixture(), workloadFixture({ containers, risk: 'unknown' }), options);
    expect(text).toMatch(/Cost +\$34\.94\/mo after; the source does not know what is requested now/);
    expect(text).toMatch(/Request +unknown → 445m/);
    expect(text).toMatch(/Limit +unknown → none/);
    expect(text).toMatch(/Money +unknown now, \$30\.81\/mo after\n/);
    expect(text).toMatch(/OOM kills +unknown/);
    expect(text).not.toMatch(/savings|Waste|wasted/);
  });

  it('says so where safety costs more', () => {
    const text = renderExplanation(analysisFixture(), workloadFixture({ costAfterPerMonth: 90, savingsPerMonth: -11.49 }), options);
    expect(text).toContain('$11.49/mo more, for safety');
  });
});
