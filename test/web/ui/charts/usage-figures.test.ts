import { describe, expect, it } from 'vitest';
import type { ResourceDto, SeriesColumnsDto, SeriesDto } from '../../../../web/contract/api.ts';
import { scaleOf, seriesCsv, takeawayOf, valuesAt } from '../../../../web/ui/src/charts/usage-figures.ts';

const MIB = 2 ** 20;

function resource(change: Partial<ResourceDto> = {}): ResourceDto {
  return {
    resource: 'cpu',
    requestKnown: true,
    request: 500,
    limit: null,
    usage: { ok: false, reason: 'NoUsage', detail: null },
    recommendation: { ok: true, request: 300, limit: null, overloadAfter: 0, why: '' },
    trace: [],
    overloadNow: 0,
    riskBudget: 0.01,
    costNow: 0,
    costAfter: 0,
    waste: 0,
    ...change,
  };
}

function columns(change: Partial<SeriesColumnsDto> = {}): SeriesColumnsDto {
  return { hottest: [100, null, 250], mean: [80, null, 90], request: [500, 500, 500], limit: [null, null, null], ...change };
}

const series: SeriesDto = { from: 1_794_800_000, stepSeconds: 900, containers: [] };

describe('the scale of a usage chart', () => {
  it('starts at zero and holds use, request and recommendation', () => {
    const { max, step } = scaleOf(resource(), columns());
    expect(max).toBeGreaterThanOrEqual(500);
    expect(max % step).toBe(0);
    expect(max / step).toBeLessThanOrEqual(7);
  });

  it('leaves out a limit that is far away, and keeps a near one', () => {
    expect(scaleOf(resource(), columns({ limit: [8000, 8000, 8000] })).limitInSight).toBe(false);
    const near = scaleOf(resource(), columns({ limit: [800, 800, 800] }));
    expect(near.limitInSight).toBe(true);
    expect(near.max).toBeGreaterThanOrEqual(800);
  });

  it('counts memory in binary steps', () => {
    const memory = columns({ hottest: [500 * MIB], request: [640 * MIB] });
    expect(scaleOf(resource({ resource: 'memory', recommendation: { ok: false, reason: 'x', detail: null } }), memory).step).toBe(
      128 * MIB,
    );
  });

  it('has a height even where nothing is known', () => {
    const nothing = columns({ hottest: [null], mean: [null], request: [null], limit: [null] });
    expect(scaleOf(resource({ recommendation: { ok: false, reason: 'x', detail: null } }), nothing).max).toBeGreaterThan(0);
  });
});

describe('the takeaway of a usage chart', () => {
  const plain = (text: string) => text.replaceAll('\u00a0', ' ');

  it('says how high the peak was, against the request', () => {
    expect(plain(takeawayOf(resource(), series, columns()))).toMatch(
      /^The hottest pod peaked at 250m on .+: 50 % below today’s request of 500m\.$/,
    );
    expect(plain(takeawayOf(resource({ request: 200 }), series, columns()))).toContain('25 % above today’s request of 200m');
    expect(takeawayOf(resource({ request: null }), series, columns())).toContain('no request is set');
  });

  it('says so where there is no sample', () => {
    expect(takeawayOf(resource(), series, columns({ hottest: [null, null, null] }))).toBe('There is no usage sample in this window.');
  });
});

describe('the crosshair', () => {
  it('tells what is known at its time', () => {
    expect(valuesAt(resource(), series, columns(), 2)).toMatch(/: hottest pod 250m, mean 90m, request 500m$/);
    expect(valuesAt(resource(), series, columns({ request: [null, null, null] }), 1)).toMatch(/: nothing known$/);
  });
});

describe('the CSV of a usage chart', () => {
  it('has ISO times, raw amounts, and nothing where nothing is known', () => {
    expect(seriesCsv('millicores', series, columns()).split('\r\n')).toEqual([
      'time,hottest_pod_millicores,mean_of_pods_millicores,request_millicores,limit_millicores',
      '2026-11-16T03:33:20.000Z,100,80,500,',
      '2026-11-16T03:48:20.000Z,,,500,',
      '2026-11-16T04:03:20.000Z,250,90,500,',
      '',
    ]);
  });
});
