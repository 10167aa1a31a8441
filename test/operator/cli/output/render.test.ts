import { stripVTControlCharacters } from 'node:util';
import { parse as parseCsv } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { known, unknown } from '../../../../common/result.ts';
import { analysisDocument } from '../../../../operator/api/analysis-document.ts';
import { FORMATS, type Format, type RenderOptions, renderAnalysis } from '../../../../operator/cli/output/render.ts';
import { analysisFixture, resourceFixture, workloadFixture } from '../analysis-fixture.ts';

const render = (format: Format, over: Partial<RenderOptions> = {}, analysis = analysisFixture()): string =>
  renderAnalysis(analysis, {
    format,
    top: undefined,
    timeZone: 'UTC',
    width: Number.POSITIVE_INFINITY,
    color: false,
    sourceFlags: '--prometheus http://localhost:9090',
    ...over,
  });

/** The part of the output before the first empty line. */
const tableOf = (text: string): string => text.slice(0, text.indexOf('\n\n'));

const ESCAPE = '\u001b';

describe('the table', () => {
  it('shows per container and resource what is asked, used, wasted, paid, risked and why', () => {
    expect(render('table')).toBe(`\
WORKLOAD                                               CONTAINER          REQUEST              LIMIT            P50 / P95 / MAX              SLACK  COST/MONTH       RISK     WHY
shop/Deployment/cart                                   app        CPU     1 core → 445m        –                120m / 300m / 410m           85 %   $69.23 → $30.81  low      P99 of week 412m → +8 % risk margin → 445m
                                                                  memory  1,000 MiB → 445 MiB  2 GiB → 445 MiB  120 MiB / 300 MiB / 410 MiB  85 %   $9.28 → $4.13             highest use 387 MiB → +15 % margin → 445 MiB
shop/StatefulSet/search-index-with-a-rather-long-name  search     CPU     1 core               –                –                            –      $23.08           unknown  6 h of history, 24 h are needed
                                                                  memory  1,000 MiB            2 GiB            –                            –      $9.28                     6 h of history, 24 h are needed

Cost      $111/mo now, $67.30/mo after (↓ −39 % lower)
Savings   $43.57/mo potential: the bill shrinks when nodes go away
Waste     $66.73/mo requested and not used on average (60 %)
CPU       requested 4 cores, used 450m, recommended 2.33 cores (↓ −42 % lower)
Memory    requested 3.91 GiB, used 450 MiB, recommended 2.28 GiB (↓ −42 % lower)
Coverage  1 of 2 containers in 2 workloads have both recommendations (50 %)
History   14 days of history in steps of 5 min, 2026-03-01 12:00 UTC to 2026-03-15 12:00 UTC, from Prometheus at http://localhost:9090 (Prometheus 2.42.0)
Newest    the newest sample is from 1 min ago
Prices    $0.031611 a core hour, $0.004237 a GiB hour, 730 h a month; default: OpenCost's default prices of 2024-10-25 (GCP us-central1, on demand)
Policy    default: CPU above its request at most 1 % of the time, memory 0.1 %

! warning: 2 pods have no owner series. → Check kube-state-metrics.
i info: shop/StatefulSet/search-index-with-a-rather-long-name: has 6 h of history.

Next: neap explain shop/Deployment/cart --prometheus http://localhost:9090
`);
  });

  it.each([80, 100, 120, 160, 200])('fits a terminal of %d columns, and keeps workload, request, cost and risk', (width) => {
    const text = render('table', { width });
    const longest = Math.max(...text.split('\n').map((line) => (line.startsWith('Next:') ? 0 : line.length)));
    expect(longest).toBeLessThanOrEqual(width);
    for (const title of ['WORKLOAD', 'CONTAINER', 'REQUEST', 'COST/MONTH', 'RISK']) expect(tableOf(text)).toContain(title);
    expect(tableOf(text)).toContain('1 core → 445m');
  });

  it('shortens names in the middle where there is no room, and never in wide', () => {
    expect(tableOf(render('table', { width: 100 }))).toContain('…');
    const wide = tableOf(render('wide', { width: 80 }));
    expect(wide).toContain('shop/StatefulSet/search-index-with-a-rather-long-name');
    expect(wide).toContain('0 % → 0.4 %');
    expect(wide).toMatch(/PODS/);
  });

  it('is coloured only when asked to, and the colours change no text', () => {
    expect(render('table')).not.toContain(ESCAPE);
    const colored = render('table', { color: true, width: 120 });
    expect(colored).toContain(ESCAPE);
    expect(stripVTControlCharacters(colored)).toBe(render('table', { width: 120 }));
  });

  it('says how many workloads --top left out', () => {
    const text = render('table', { top: 1 });
    expect(text).not.toContain('search-index-with-a-rather-long-name  search');
    expect(text).toContain('… and 1 more workload; the totals include them.');
  });

  it('says how far the data reaches, where that is less than was asked for', () => {
    const window = { ...analysisFixture().window, dataFromUnixSeconds: 1_773_576_000 - 4 * 86_400 };
    expect(render('table', {}, analysisFixture({ window }))).toContain(
      'History   4 days of history (14 days asked for) in steps of 5 min, 2026-03-11 12:00 UTC to 2026-03-15 12:00 UTC',
    );
  });

  it('quotes in the next command what a shell would take apart', () => {
    const ref = { namespace: 'shop', kind: 'Deployment', name: 'a b;$(reboot)\n' };
    const text = render('table', {}, analysisFixture({ workloads: [workloadFixture({ ref })] }));
    expect(text).toContain("Next: neap explain 'shop/Deployment/a b;$(reboot)\ufffd' --prometheus");
  });

  it('says that the data is stale', () => {
    const freshness = { newestSampleUnixSeconds: 1_773_500_000, ageSeconds: 90_000, stale: true };
    expect(render('table', {}, analysisFixture({ freshness }))).toContain('the newest sample is from 25 h ago: STALE');
  });
});

describe('json and yaml', () => {
  it('are the same versioned document, and fit its schema', () => {
    const document: unknown = JSON.parse(render('json'));
    expect(analysisDocument.parse(document)).toEqual(document);
    expect(parseYaml(render('yaml'))).toEqual(document);
    expect(document).toMatchObject({ schema: 'neap.dev/analysis/v1', workloadsLeftOut: 0, prices: { currency: 'USD' } });
  });

  it('write null for what is unknown or unset, and the reason of a refusal', () => {
    const document = analysisDocument.parse(JSON.parse(render('json')));
    expect(document.workloads[0]?.containers[0]?.cpu).toMatchObject({
      unit: 'millicores',
      currentLimit: null,
      recommendation: { ok: true, value: { request: 445, limit: null } },
    });
    expect(document.workloads[1]?.containers[0]?.memory).toMatchObject({
      unit: 'bytes',
      overloadNow: null,
      usage: { ok: false, reason: 'NoSamples', detail: null },
      recommendation: { ok: false, reason: 'HistoryTooShort' },
    });
  });

  it('count what --top left out and keep the totals of all', () => {
    const document = analysisDocument.parse(JSON.parse(render('json', { top: 1 })));
    expect(document.workloads).toHaveLength(1);
    expect(document).toMatchObject({ workloadsLeftOut: 1, totals: { workloads: 2 } });
  });
});

describe('where the source does not know what is requested', () => {
  const unknownNow = { currentKnown: false, currentRequest: undefined, currentLimit: undefined, overloadNow: undefined, wastePerMonth: 0 };
  const cpu = resourceFixture('cpu', { ...unknownNow, costNowPerMonth: 30.81 });
  const memory = resourceFixture('memory', { ...unknownNow, costNowPerMonth: 4.13 });
  const blind = workloadFixture({
    risk: 'unknown',
    costNowPerMonth: 34.94,
    savingsPerMonth: 0,
    wastePerMonth: 0,
    containers: [{ name: 'app', pods: 3, cpu, memory, oomKills: undefined, throttledShare: undefined }],
  });
  const analysis = analysisFixture({ workloads: [blind] });

  it('the tables say so, and nothing of savings and waste', () => {
    const text = render('wide', {}, analysis);
    expect(tableOf(text)).toMatch(/\? → 445m +\? → – .* \? +\? → \$30\.81 +unknown +\? → 0\.4 %/);
    expect(text).toMatch(/\nCost +\$67\.30\/mo after; the source does not know what is requested now/);
    expect(text).not.toMatch(/\n(Savings|Waste|Safety) /);
    expect(text).not.toMatch(/requested \d/);
    for (const format of ['markdown', 'html'] as const) expect(render(format, {}, analysis)).toContain('? → 445m');
  });

  it('what costs nothing that is known is not free', () => {
    const nothing = resourceFixture('memory', {
      ...unknownNow,
      usage: unknown('NoUsage'),
      recommendation: unknown('NoUsage'),
      costNowPerMonth: 0,
      costAfterPerMonth: 0,
    });
    const container = { name: 'app', pods: 3, cpu, memory: nothing, oomKills: undefined, throttledShare: undefined };
    const text = render('wide', {}, analysisFixture({ workloads: [workloadFixture({ containers: [container] })] }));
    expect(tableOf(text)).not.toContain('$0');
    expect(text).toMatch(/\nMemory +used unknown, recommended nothing\n/);
  });

  it('an unset request is another thing', () => {
    const unset = workloadFixture({
      containers: [
        {
          ...(blind.containers[0] as (typeof blind.containers)[0]),
          cpu: { ...cpu, currentKnown: true },
          memory: resourceFixture('memory'),
        },
      ],
    });
    const text = render('wide', {}, analysisFixture({ workloads: [unset, blind] }));
    expect(tableOf(text)).toContain('– → 445m');
    expect(tableOf(text)).toContain('? → 445m');
    expect(text).toContain('\nUnknown   what 1 container request now: no savings and no waste are counted');
  });

  it('json and csv say so', () => {
    const document = analysisDocument.parse(JSON.parse(render('json', {}, analysis)));
    expect(document.workloads[0]?.containers[0]?.cpu).toMatchObject({ currentKnown: false, currentRequest: null, currentLimit: null });
    const [record] = parseCsv(render('csv', {}, analysis), { columns: true }) as Record<string, string>[];
    expect(record).toMatchObject({
      cpu_request_millicores: '',
      cost_now_per_month: '',
      cost_after_per_month: '34.94',
      potential_savings_per_month: '',
      waste_per_month: '',
    });
  });
});

/** Whatever a cluster lets someone write into a name, and a metric store into a label. */
const HOSTILE = '=HYPERLINK("http://evil")|<img src=x onerror=alert(1)>\n# [x](javascript:y) `z`\u001b[2J\u202e';

describe('hostile names', () => {
  const why = `+1 ${HOSTILE}`;
  const cpu = resourceFixture('cpu', { recommendation: known({ request: 445, limit: undefined, overloadAfter: 0, why }) });
  const hostile = workloadFixture({
    ref: { namespace: HOSTILE, kind: 'Deployment', name: '@SUM(1)' },
    containers: [{ name: HOSTILE, pods: 3, cpu, memory: resourceFixture('memory'), oomKills: 0, throttledShare: undefined }],
  });
  const analysis = analysisFixture({ workloads: [hostile], source: { title: HOSTILE, server: HOSTILE } });

  it('are text in HTML', () => {
    const html = render('html', {}, analysis);
    expect(html).not.toMatch(/<img|<script|<a /);
    expect(html).toContain('&lt;img src=x onerror=alert(1)&gt;');
  });

  it('are one cell in Markdown, without links, code or HTML', () => {
    const markdown = render('markdown', {}, analysis);
    const rows = markdown.split('\n').filter((line) => line.startsWith('|'));
    expect(rows).toHaveLength(4);
    for (const row of rows) expect(row.match(/(?<!\\)\|/g)).toHaveLength(13);
    expect(markdown).not.toMatch(/(?<!\\)`|(?<!\\)\]\(|<img/);
  });

  it('are no formulas in CSV', () => {
    const records = parseCsv(render('csv', {}, analysis), { columns: true }) as Record<string, string>[];
    expect(records).toHaveLength(1);
    expect(records[0]?.namespace).toBe(`'${HOSTILE}`);
    expect(records[0]?.workload).toBe("'@SUM(1)");
    expect(records[0]?.cpu_why).toBe(`'${why}`);
  });

  it.each(['table', 'wide', 'markdown', 'html'] as const)('can not steer a terminal or turn text around in %s', (format) => {
    const text = render(format, {}, analysis);
    expect(text).not.toContain(ESCAPE);
    expect(text).not.toContain('\u202e');
  });

  it('stay exact in the documents for programs', () => {
    const document = analysisDocument.parse(JSON.parse(render('json', {}, analysis)));
    expect(document.workloads[0]?.namespace).toBe(HOSTILE);
  });
});

describe('csv', () => {
  it('has money without the noise of floating point', () => {
    const cpu = resourceFixture('cpu', { costNowPerMonth: 0.1 + 0.2, costAfterPerMonth: 0.3 });
    const memory = resourceFixture('memory', { costNowPerMonth: 1, costAfterPerMonth: 1, wastePerMonth: 1 / 3 });
    const workload = workloadFixture({ containers: [{ name: 'app', pods: 3, cpu, memory, oomKills: 0, throttledShare: undefined }] });
    const [record] = parseCsv(render('csv', {}, analysisFixture({ workloads: [workload] })), { columns: true }) as Record<string, string>[];
    expect(record).toMatchObject({ cost_now_per_month: '1.3', potential_savings_per_month: '0', waste_per_month: '59.173333' });
  });

  it('has one row a container, raw numbers, and units in the header', () => {
    const records = parseCsv(render('csv'), { columns: true }) as Record<string, string>[];
    expect(records).toHaveLength(2);
    expect(records[0]).toMatchObject({
      workload: 'cart',
      cpu_request_millicores: '1000',
      cpu_recommended_request_millicores: '445',
      currency: 'USD',
    });
    expect(records[1]).toMatchObject({ cpu_recommended_request_millicores: '', cpu_not_recommended_because: 'HistoryTooShort' });
  });
});

describe('html', () => {
  it('stands alone: no script, nothing loaded, both themes, fit for paper', () => {
    const html = render('html');
    expect(html).not.toMatch(/<script|<link|src=|url\(/);
    expect(html).toContain("default-src 'none'");
    expect(html).toContain('prefers-color-scheme: dark');
    expect(html).toContain('@media print');
    expect(html.match(/<tr>/g)).toHaveLength(5);
    expect(html).toContain('<th scope="row">shop/Deployment/cart</th>');
  });
});

describe('every format', () => {
  it.each(FORMATS)('%s ends with a line feed, and works with nothing to show', (format) => {
    const empty = analysisFixture({ workloads: [], findings: [] });
    expect(render(format, {}, empty)).toMatch(/\n$/);
    expect(render(format)).toMatch(/\n$/);
  });
});
