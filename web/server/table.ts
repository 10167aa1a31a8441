import type { Analysis } from '../../operator/analysis/analysis.ts';
import type { FacetDto, FacetsDto, MoneyDto, Risk, WorkloadsDto } from '../contract/api.ts';
import { RISKS, type SortColumn, type WorkloadsQuery } from '../contract/query.ts';
import { type Row, rowsOf } from './rows.ts';

/** One page of the filtered and sorted table. A page beyond the end is the last one. */
export function workloadsPage(analysis: Analysis, query: WorkloadsQuery): WorkloadsDto {
  const { all } = rowsOf(analysis);
  const rows = sorted(filtered(all, query), query);
  const pages = Math.max(1, Math.ceil(rows.length / query.size));
  const page = Math.min(query.page, pages);
  return {
    currency: analysis.prices.currency,
    totals: { ...moneyOf(rows), workloads: rows.length, pods: rows.reduce((sum, row) => sum + row.dto.pods, 0) },
    page,
    pages,
    size: query.size,
    rows: rows.slice((page - 1) * query.size, page * query.size).map((row) => row.dto),
    facets: facetsOf(all, query),
    unfiltered: all.length,
  };
}

export function selectRows(analysis: Analysis, query: WorkloadsQuery): Row[] {
  return sorted(filtered(rowsOf(analysis).all, query), query);
}

export function moneyOf(rows: readonly Row[]): MoneyDto {
  const total = { costNow: 0, costAfter: 0, savings: 0, waste: 0 };
  for (const { dto } of rows) {
    total.costNow += dto.costNow;
    total.costAfter += dto.costAfter;
    total.savings += dto.savings;
    total.waste += dto.waste;
  }
  return total;
}

/** Less than a cent a month is no saving. */
const LEAST_SAVING = 0.01;

function filtered(rows: readonly Row[], query: WorkloadsQuery): Row[] {
  const words = query.text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const namespaces = new Set(query.namespaces);
  const kinds = new Set(query.kinds);
  const risks = new Set<Risk>(query.risks);
  return rows.filter(
    ({ dto, searchText }) =>
      (namespaces.size === 0 || namespaces.has(dto.namespace)) &&
      (kinds.size === 0 || kinds.has(dto.kind)) &&
      (risks.size === 0 || risks.has(dto.risk)) &&
      (!query.onlySavings || dto.savings >= LEAST_SAVING) &&
      words.every((word) => searchText.includes(word)),
  );
}

const collator = new Intl.Collator('en', { numeric: true });

const RISK_RANKS = { high: 3, medium: 2, low: 1 } as const;
/** More than any severity, so that the level comes first and the severity orders within it. */
const RISK_RANK_STEP = 1e9;

/** undefined is unknown and goes to the end, whatever the direction. */
const SORT_VALUES: Readonly<Record<SortColumn, (row: Row) => string | number | undefined>> = {
  workload: ({ dto }) => `${dto.namespace}/${dto.name}`,
  kind: ({ dto }) => dto.kind,
  pods: ({ dto }) => dto.pods,
  cpu: ({ dto }) => dto.cpu.request ?? undefined,
  memory: ({ dto }) => dto.memory.request ?? undefined,
  cost: ({ dto }) => dto.costNow,
  waste: ({ dto }) => dto.waste,
  savings: ({ dto }) => dto.savings,
  risk: ({ dto, severity }) => (dto.risk === 'unknown' ? undefined : RISK_RANKS[dto.risk] * RISK_RANK_STEP + severity),
};

function sorted(rows: readonly Row[], query: WorkloadsQuery): Row[] {
  const value = SORT_VALUES[query.sort];
  const sign = query.direction === 'asc' ? 1 : -1;
  const keyed = rows.map((row) => ({ row, value: value(row) }));
  keyed.sort((a, b) => {
    if (a.value === undefined || b.value === undefined) {
      return Number(a.value === undefined) - Number(b.value === undefined) || byName(a.row, b.row);
    }
    const order = typeof a.value === 'string' ? collator.compare(a.value, String(b.value)) : a.value - Number(b.value);
    return sign * order || byName(a.row, b.row);
  });
  return keyed.map(({ row }) => row);
}

function byName(a: Row, b: Row): number {
  return a.searchText < b.searchText ? -1 : Number(a.searchText > b.searchText);
}

function facetsOf(rows: readonly Row[], query: WorkloadsQuery): FacetsDto {
  const risks = countBy(filtered(rows, { ...query, risks: [] }), ({ dto }) => dto.risk);
  return {
    namespaces: toFacets(countBy(filtered(rows, { ...query, namespaces: [] }), ({ dto }) => dto.namespace)),
    kinds: toFacets(countBy(filtered(rows, { ...query, kinds: [] }), ({ dto }) => dto.kind)),
    risks: RISKS.map((value) => ({ value, workloads: risks.get(value) ?? 0 })),
    withSavings: filtered(rows, { ...query, onlySavings: true }).length,
  };
}

function countBy(rows: readonly Row[], key: (row: Row) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(key(row), (counts.get(key(row)) ?? 0) + 1);
  return counts;
}

function toFacets(counts: ReadonlyMap<string, number>): FacetDto[] {
  return [...counts].map(([value, workloads]) => ({ value, workloads })).sort((a, b) => collator.compare(a.value, b.value));
}
