import { type Fields, isFields, type KubeObject } from '../object.ts';
import { asVersion, type ResourceType, type ResourceVersion } from '../resource-type.ts';
import { parseFieldSelector } from '../select/fields.ts';
import { parseLabelSelector } from '../select/labels.ts';
import { ApiError, badRequest, expired, tooLargeResourceVersion } from '../status.ts';
import type { Store } from '../store/store.ts';

export interface ListQuery {
  readonly type: ResourceType;
  readonly version: ResourceVersion;
  readonly namespace: string | undefined;
  readonly query: URLSearchParams;
  /** Answer the state of this revision instead of the latest (a fault). */
  readonly staleSince?: number;
}

export interface ListPage {
  readonly items: readonly KubeObject[];
  readonly metadata: Fields;
}

/** Which objects a list or watch is about. */
export function selection({ type, version, query }: Pick<ListQuery, 'type' | 'version' | 'query'>): (object: KubeObject) => boolean {
  const labels = query.get('labelSelector');
  const fields = query.get('fieldSelector');
  const byLabels = parseLabelSelector(labels ?? undefined);
  const byFields = parseFieldSelector(fields ?? undefined, type.selectableFields, type.kind);
  if (!labels && !fields) return () => true;
  return (object) => byLabels(object.metadata.labels) && (!fields || byFields(asVersion(object, type, version)));
}

/** One page of a list. All pages of one list show the same revision. Items are as stored. */
export function listPage(store: Store, list: ListQuery): ListPage {
  const { type, namespace, query } = list;
  if (type.compute) return { items: [...type.compute(namespace)].filter(selection(list)), metadata: {} };
  const collection = store.collection(type.collection);
  const limit = Number(query.get('limit') ?? 0) || Number.POSITIVE_INFINITY;
  const token = query.get('continue');
  const start = token ? readToken(token) : { revision: startRevision(store, list), after: undefined, seen: 0 };
  const revision = start.revision < 0 ? store.revision : start.revision;
  const page = collection.page({ revision, namespace, after: start.after, limit, matches: selection(list) });
  if (!page) {
    if (!token) throw expired(`The resourceVersion for the provided list is too old.`);
    throw expired(
      'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
      writeToken({ ...start, revision: -1 }),
    );
  }
  const seen = start.seen + page.items.length;
  const unselected = !query.get('labelSelector') && !query.get('fieldSelector') && namespace === undefined;
  return {
    items: page.items,
    metadata: {
      resourceVersion: String(revision),
      ...(page.more ? { continue: writeToken({ revision, after: page.lastKey, seen }) } : {}),
      ...(page.more && unselected ? { remainingItemCount: Math.max(1, collection.size - seen) } : {}),
    },
  };
}

function startRevision(store: Store, { query, staleSince }: ListQuery): number {
  const wanted = readRevision(query.get('resourceVersion'));
  const match = query.get('resourceVersionMatch');
  if (match && wanted === undefined) throw badRequest('resourceVersionMatch is forbidden unless resourceVersion is provided');
  if (wanted !== undefined && wanted > store.revision) throw tooLargeResourceVersion(wanted, store.revision);
  if (match === 'Exact' && wanted !== undefined) {
    if (wanted === 0) throw badRequest('resourceVersionMatch "Exact" is forbidden for resourceVersion "0"');
    return wanted;
  }
  return staleSince ?? store.revision;
}

/** @throws ApiError 400 */
export function readRevision(text: string | null): number | undefined {
  if (text === null || text === '') return undefined;
  if (!/^\d+$/.test(text)) throw badRequest(`Invalid value: "${text}": invalid resource version`);
  return Number(text);
}

interface Token {
  /** Below zero: the latest, consistent or not. */
  readonly revision: number;
  readonly after: string | undefined;
  readonly seen: number;
}

function writeToken(token: Token): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: token.revision, start: token.after, seen: token.seen })).toString(
    'base64url',
  );
}

function readToken(text: string): Token {
  let token: unknown;
  try {
    token = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    token = undefined;
  }
  if (!isFields(token) || typeof token.rv !== 'number' || typeof token.start !== 'string') {
    throw new ApiError({ code: 400, reason: 'BadRequest', message: 'continue key is not valid' });
  }
  return { revision: token.rv, after: token.start, seen: typeof token.seen === 'number' ? token.seen : 0 };
}
