import {
  type ChartWindow,
  decodeChartWindow,
  decodeWorkloadsQuery,
  encodeChartWindow,
  encodeWorkloadsQuery,
  type WorkloadsQuery,
} from './query.ts';

/** Names a workload: what its page and its API path are made of. */
export interface WorkloadId {
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
}

/** Every place in the page; all of it stands in the address. */
export type Route =
  | { readonly page: 'overview' }
  | { readonly page: 'workloads'; readonly query: WorkloadsQuery }
  | { readonly page: 'workload'; readonly id: WorkloadId; readonly window: ChartWindow }
  | { readonly page: 'data' }
  | { readonly page: 'unknown' };

/** The address of a place, relative to where the page is mounted: '' for the overview, never with a leading slash. */
export function encodeRoute(route: Route): string {
  switch (route.page) {
    case 'overview':
      return '';
    case 'workloads':
      return withQuery('workloads', encodeWorkloadsQuery(route.query));
    case 'workload':
      return withQuery(workloadPath(route.id), encodeChartWindow(route.window));
    case 'data':
      return 'data';
    case 'unknown':
      return 'not-found';
  }
}

/** @param path relative to where the page is mounted, with or without leading slash */
export function decodeRoute(path: string, params: URLSearchParams): Route {
  const parts = decodeParts(path);
  if (parts === undefined) return { page: 'unknown' };
  const [page, namespace, kind, name] = parts;
  if (parts.length === 0) return { page: 'overview' };
  if (page === 'data' && parts.length === 1) return { page: 'data' };
  if (page === 'workloads' && parts.length === 1) return { page: 'workloads', query: decodeWorkloadsQuery(params) };
  if (page === 'workloads' && parts.length === 4 && namespace && kind && name) {
    return { page: 'workload', id: { namespace, kind, name }, window: decodeChartWindow(params) };
  }
  return { page: 'unknown' };
}

/** `workloads/NAMESPACE/KIND/NAME`, escaped; both the page's path and, under `api/v1/`, the API's. */
export function workloadPath(id: WorkloadId): string {
  return `workloads/${[id.namespace, id.kind, id.name].map(encodeURIComponent).join('/')}`;
}

function decodeParts(path: string): string[] | undefined {
  const parts = path.split('/').filter((part) => part !== '');
  try {
    return parts.map((part) => decodeURIComponent(part));
  } catch {
    return undefined;
  }
}

function withQuery(path: string, params: URLSearchParams): string {
  const query = params.toString();
  return query === '' ? path : `${path}?${query}`;
}
