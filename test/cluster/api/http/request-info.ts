import type { RequestFacts } from '../faults.ts';

/** A request as the API understands its address. */
export interface RequestInfo {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly method: string;
  /** False for discovery, health, OpenAPI and the like. */
  readonly isResource: boolean;
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  readonly namespace: string | undefined;
  readonly plural: string;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

const VERBS: Readonly<Record<string, string>> = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
  GET: 'get',
  HEAD: 'get',
};

/** @returns undefined where the address can't be read */
export function readRequestInfo(method: string, url: string): RequestInfo | undefined {
  if (!URL.canParse(url, 'http://server')) return undefined;
  const { pathname, searchParams } = new URL(url, 'http://server');
  const parts = stepsOf(pathname);
  if (!parts) return undefined;
  const prefix = parts[0] === 'api' ? 2 : parts[0] === 'apis' ? 3 : 0;
  const base = { path: pathname, query: searchParams, method };
  if (prefix === 0 || parts.length <= prefix) {
    return {
      ...base,
      isResource: false,
      verb: VERBS[method]?.toLowerCase() ?? '',
      group: '',
      version: '',
      namespace: undefined,
      plural: '',
      name: undefined,
      subresource: undefined,
    };
  }
  const [group = '', version = ''] = prefix === 2 ? ['', parts[1]] : [parts[1], parts[2]];
  let rest = parts.slice(prefix);
  let namespace: string | undefined;
  // `namespaces/x` alone and its subresources are about the namespace itself.
  if (rest[0] === 'namespaces' && rest.length > 2 && rest[2] !== 'status' && rest[2] !== 'finalize') {
    namespace = rest[1];
    rest = rest.slice(2);
  }
  const [plural = '', name, subresource] = rest;
  return { ...base, isResource: true, verb: verbOf(method, name, searchParams), group, version, namespace, plural, name, subresource };
}

function stepsOf(pathname: string): string[] | undefined {
  try {
    return pathname
      .split('/')
      .filter((step) => step !== '')
      .map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

function verbOf(method: string, name: string | undefined, query: URLSearchParams): string {
  if (method === 'GET' || method === 'HEAD') {
    if (isTrue(query.get('watch'))) return 'watch';
    return name === undefined ? 'list' : 'get';
  }
  if (method === 'DELETE' && name === undefined) return 'deletecollection';
  return VERBS[method] ?? method.toLowerCase();
}

export const isTrue = (value: string | null): boolean => value !== null && (value === 'true' || value === '1');

export function factsOf(info: RequestInfo, who: { userAgent: string; user: string }): RequestFacts {
  return {
    verb: info.verb,
    group: info.group,
    resource: info.plural,
    subresource: info.subresource ?? '',
    namespace: info.namespace ?? '',
    name: info.name ?? '',
    ...who,
  };
}
