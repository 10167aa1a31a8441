import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { anAnalysis, aWorkload } from '../builders.ts';
import { fakeCluster } from '../fake-cluster.ts';
import { fakeReadModel } from '../fake-read-model.ts';
import { start } from './start.ts';

type Line = Record<string, string>;

async function csv(query: string, workloads = fakeCluster(300)) {
  const server = await start(fakeReadModel(anAnalysis(workloads)));
  const response = await server.get(`/api/v1/workloads?format=csv${query}`);
  const text = await response.text();
  return { response, text, lines: parse(text, { columns: true }) as Line[] };
}

describe('the CSV of the workloads', () => {
  it('has one line a container with raw amounts and the unit in the header', async () => {
    const { lines, response, text } = await csv('', [aWorkload()]);
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="neap-workloads-2026-11-16.csv"');
    expect(text.split('\r\n')).toHaveLength(3);
    expect(lines[0]).toMatchObject({
      namespace: 'shop',
      kind: 'Deployment',
      workload: 'checkout',
      container: 'app',
      pods: '3',
      cpu_request_millicores: '1000',
      cpu_recommended_request_millicores: '445',
      memory_request_bytes: '2147483648',
      currency: 'USD',
    });
  });

  it('follows the filters and the order and leaves out the paging', async () => {
    const { lines } = await csv('&namespace=shop&sort=workload&dir=desc&size=1&page=2');
    const names = lines.map((line) => line.workload);
    expect(new Set(lines.map((line) => line.namespace))).toEqual(new Set(['shop']));
    expect(new Set(names).size).toBeGreaterThan(10);
    expect(names).toEqual(
      names.toSorted(new Intl.Collator('en', { numeric: true }).compare as (a?: string, b?: string) => number).reverse(),
    );
  });

  it('adds up to the cost of the workloads', async () => {
    const workloads = fakeCluster(300);
    const { lines } = await csv('', workloads);
    const cost = lines.reduce((sum, line) => sum + Number(line.cost_now_per_month), 0);
    expect(cost).toBeCloseTo(
      workloads.reduce((sum, workload) => sum + workload.costNowPerMonth, 0),
      6,
    );
  });

  it('leaves unknown amounts empty', async () => {
    const { lines } = await csv('', [aWorkload({ containers: [{ cpu: { request: undefined, mean: undefined } }] })]);
    expect(lines[0]).toMatchObject({ cpu_request_millicores: '', cpu_p95_millicores: '', cpu_not_recommended_because: 'NoUsage' });
  });

  it.each(['=HYPERLINK("http://evil")', '+1', '-1', '@SUM(A1)'])('keeps a spreadsheet from running a workload named %s', async (name) => {
    const { lines, text } = await csv('', [aWorkload({ ref: { name } })]);
    expect(lines[0]?.workload).toBe(`'${name}`);
    expect(text).not.toMatch(/(^|,)[=+@]/m);
  });

  it('quotes what would break a line, and keeps negative numbers numbers', async () => {
    const costly = { cpu: { request: 100, mean: 500, recommended: 2000 } };
    const { lines } = await csv('', [aWorkload({ ref: { name: 'a,"b"\r\nc' }, containers: [costly] })]);
    expect(lines).toHaveLength(1);
    expect(lines[0]?.workload).toBe('a,"b"\r\nc');
    expect(Number(lines[0]?.potential_savings_per_month)).toBeLessThan(0);
  });
});
