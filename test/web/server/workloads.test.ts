import { describe, expect, it } from 'vitest';
import type { WorkloadsDto } from '../../../web/contract/api.ts';
import { anAnalysis, aWorkload, type WorkloadSpec } from '../builders.ts';
import { fakeCluster } from '../fake-cluster.ts';
import { fakeReadModel } from '../fake-read-model.ts';
import { start } from './start.ts';

const big = { cpu: { request: 8000, mean: 400, recommended: 1000 } };
const small = { cpu: { request: 100, mean: 30, recommended: 80 } };
const tight = { cpu: { request: 100, mean: 120, recommended: 300 } };
const silent = { cpu: { request: 500, mean: undefined }, memory: { request: 1e9, mean: undefined } };

const SPECS: readonly WorkloadSpec[] = [
  { ref: { namespace: 'shop', name: 'big' }, pods: 5, containers: [big] },
  { ref: { namespace: 'shop', name: 'small' }, pods: 1, containers: [small] },
  { ref: { namespace: 'ops', kind: 'StatefulSet', name: 'tight' }, pods: 2, containers: [tight] },
  { ref: { namespace: 'ops', kind: 'DaemonSet', name: 'silent' }, pods: 9, containers: [silent] },
];

async function table(query: string, workloads = SPECS.map(aWorkload)) {
  const server = await start(fakeReadModel(anAnalysis(workloads)));
  const answer = await server.json<WorkloadsDto>(`/api/v1/workloads${query}`);
  return { ...answer, names: answer.rows.map(({ name }) => name) };
}

describe('GET /api/v1/workloads', () => {
  it('sorts by potential savings from the highest by default', async () => {
    const { names, rows } = await table('');
    const savings = rows.map((row) => row.savings);
    expect(names[0]).toBe('big');
    expect(savings).toEqual(savings.toSorted((a, b) => b - a));
  });

  it.each([
    ['sort=workload', ['silent', 'tight', 'big', 'small']],
    ['sort=workload&dir=desc', ['small', 'big', 'tight', 'silent']],
    ['sort=pods', ['silent', 'big', 'tight', 'small']],
    ['sort=cpu&dir=asc', ['tight', 'small', 'silent', 'big']],
    ['sort=kind', ['silent', 'big', 'small', 'tight']],
  ])('?%s gives %j', async (query, names) => {
    // Equal values fall back to the name.
    expect((await table(`?${query}`)).names).toEqual(names);
  });

  it('puts unknown risk last in both directions', async () => {
    expect((await table('?sort=risk')).names.at(-1)).toBe('silent');
    expect((await table('?sort=risk&dir=asc')).names.at(-1)).toBe('silent');
    expect((await table('?sort=risk')).names[0]).toBe('tight');
  });

  it.each([
    ['namespace=ops', ['silent', 'tight']],
    ['namespace=ops&namespace=shop', ['big', 'silent', 'small', 'tight']],
    ['kind=DaemonSet', ['silent']],
    ['risk=high', ['tight']],
    ['risk=unknown&risk=high', ['silent', 'tight']],
    ['q=SHOP', ['big', 'small']],
    ['q=deployment+big', ['big']],
    ['q=nothing-like-it', []],
  ])('?%s keeps %j', async (query, names) => {
    expect((await table(`?${query}&sort=workload`)).names.sort()).toEqual(names);
  });

  it('keeps only what saves', async () => {
    const { rows } = await table('?savings=only');
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.every((row) => row.savings > 0)).toBe(true);
  });

  it('adds up the filtered set, not the page', async () => {
    const { totals, rows } = await table('?namespace=shop&size=1');
    expect(rows).toHaveLength(1);
    expect(totals.workloads).toBe(2);
    expect(totals.pods).toBe(6);
    expect(totals.savings).toBeGreaterThan(rows[0]?.savings ?? Number.NaN);
  });

  it('counts for each filter what it would leave, given the others', async () => {
    const { facets, unfiltered } = await table('?namespace=ops');
    expect(unfiltered).toBe(4);
    expect(facets.namespaces).toEqual([
      { value: 'ops', workloads: 2 },
      { value: 'shop', workloads: 2 },
    ]);
    expect(facets.kinds).toEqual([
      { value: 'DaemonSet', workloads: 1 },
      { value: 'StatefulSet', workloads: 1 },
    ]);
    expect(facets.risks.find(({ value }) => value === 'high')?.workloads).toBe(1);
  });

  it('pages through 5,000 workloads without losing or repeating one', async () => {
    const server = await start(fakeReadModel(anAnalysis(fakeCluster(5000))));
    const seen = new Set<string>();
    for (let page = 1; page <= 10; page++) {
      const { rows, pages } = await server.json<WorkloadsDto>(`/api/v1/workloads?size=500&sort=waste&page=${page}`);
      expect(pages).toBe(10);
      for (const row of rows) seen.add(`${row.namespace}/${row.kind}/${row.name}`);
    }
    expect(seen.size).toBe(5000);
  });

  it('gives the last page where the asked one is beyond', async () => {
    const { page, pages, names } = await table('?size=3&page=99');
    expect([page, pages, names.length]).toEqual([2, 2, 1]);
  });

  it('shows unknown amounts as null, never as 0', async () => {
    const { rows } = await table('?kind=DaemonSet');
    expect(rows[0]?.cpu).toEqual({ requestKnown: true, request: 500, p95: null, recommended: null });
    expect(rows[0]?.blocked[0]).toMatchObject({ reason: 'NoUsage', containers: ['app'] });
  });

  it('keeps the request of containers that have no recommendation in the sum of the pod', async () => {
    const { rows } = await table('', [
      aWorkload({
        containers: [
          { name: 'a', ...big },
          { name: 'b', ...silent },
        ],
      }),
    ]);
    expect(rows[0]?.cpu).toEqual({ requestKnown: true, request: 8500, p95: 760, recommended: 1500 });
  });
});
