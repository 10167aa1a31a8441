import type { Risk } from './api.ts';

/** The state of the workloads table, as it stands in the page's address and in the API's query string. */
export interface WorkloadsQuery {
  /** Words that must all occur in `namespace/kind/name`, whatever their case. */
  readonly text: string;
  /** Empty lists let everything through. */
  readonly namespaces: readonly string[];
  readonly kinds: readonly string[];
  readonly risks: readonly Risk[];
  readonly onlySavings: boolean;
  readonly sort: SortColumn;
  readonly direction: Direction;
  /** From 1. */
  readonly page: number;
  readonly size: number;
}

export type Direction = 'asc' | 'desc';

export const SORT_COLUMNS = ['workload', 'kind', 'pods', 'cpu', 'memory', 'cost', 'waste', 'savings', 'risk'] as const;
export type SortColumn = (typeof SORT_COLUMNS)[number];

export const RISKS = ['high', 'medium', 'low', 'unknown'] as const satisfies readonly Risk[];

export const CHART_WINDOWS = ['24h', '7d', '14d'] as const;
export type ChartWindow = (typeof CHART_WINDOWS)[number];
export const DEFAULT_CHART_WINDOW: ChartWindow = '7d';

export const DEFAULT_PAGE_SIZE = 25;
export const PAGE_SIZES = [25, 50, 100, 250] as const;
export const MAX_PAGE_SIZE = 500;
export const MAX_PAGE = 1_000_000;
export const MAX_TEXT_LENGTH = 200;
/** Values of one filter; more would not fit in an address anyway. */
export const MAX_FILTER_VALUES = 50;

export const WORKLOADS_DEFAULTS: WorkloadsQuery = {
  text: '',
  namespaces: [],
  kinds: [],
  risks: [],
  onlySavings: false,
  sort: 'savings',
  direction: 'desc',
  page: 1,
  size: DEFAULT_PAGE_SIZE,
};

/** What a first click on a column gives: words from A, amounts from the largest, risk from the worst. */
export function defaultDirection(column: SortColumn): Direction {
  return column === 'workload' || column === 'kind' ? 'asc' : 'desc';
}

export function encodeWorkloadsQuery(query: WorkloadsQuery): URLSearchParams {
  const out = new URLSearchParams();
  if (query.text !== '') out.set('q', query.text);
  for (const namespace of query.namespaces) out.append('namespace', namespace);
  for (const kind of query.kinds) out.append('kind', kind);
  for (const risk of query.risks) out.append('risk', risk);
  if (query.onlySavings) out.set('savings', 'only');
  if (query.sort !== WORKLOADS_DEFAULTS.sort) out.set('sort', query.sort);
  if (query.direction !== defaultDirection(query.sort)) out.set('dir', query.direction);
  if (query.page !== 1) out.set('page', String(query.page));
  if (query.size !== DEFAULT_PAGE_SIZE) out.set('size', String(query.size));
  return out;
}

/** Takes what it understands: unknown parameters are ignored, bad values give the default. */
export function decodeWorkloadsQuery(params: URLSearchParams): WorkloadsQuery {
  const sort = oneOf(SORT_COLUMNS, params.get('sort')) ?? WORKLOADS_DEFAULTS.sort;
  return {
    text: (params.get('q') ?? '').slice(0, MAX_TEXT_LENGTH),
    namespaces: distinct(params.getAll('namespace')),
    kinds: distinct(params.getAll('kind')),
    risks: distinct(params.getAll('risk')).flatMap((value) => oneOf(RISKS, value) ?? []),
    onlySavings: params.get('savings') === 'only',
    sort,
    direction: oneOf(['asc', 'desc'] as const, params.get('dir')) ?? defaultDirection(sort),
    page: wholeNumber(params.get('page'), MAX_PAGE) ?? 1,
    size: wholeNumber(params.get('size'), MAX_PAGE_SIZE) ?? DEFAULT_PAGE_SIZE,
  };
}

export function encodeChartWindow(window: ChartWindow): URLSearchParams {
  return window === DEFAULT_CHART_WINDOW ? new URLSearchParams() : new URLSearchParams({ window });
}

export function decodeChartWindow(params: URLSearchParams): ChartWindow {
  return oneOf(CHART_WINDOWS, params.get('window')) ?? DEFAULT_CHART_WINDOW;
}

/** The number of a positive whole decimal up to `max`; undefined for anything else. */
export function wholeNumber(text: string | null, max: number): number | undefined {
  if (text === null || !/^[1-9]\d{0,8}$/.test(text)) return undefined;
  const value = Number(text);
  return value <= max ? value : undefined;
}

function oneOf<T extends string>(values: readonly T[], text: string | null): T | undefined {
  return values.find((value) => value === text);
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)].filter((value) => value !== '').slice(0, MAX_FILTER_VALUES);
}
