import { fits, type RequestFacts, type RequestMatch } from '../faults.ts';
import type { Clock } from '../identity.ts';
import type { Fields, KubeObject } from '../object.ts';
import { asVersion, groupVersion } from '../resource-type.ts';
import { type ApiError, badRequest, expired, tooLargeResourceVersion } from '../status.ts';
import type { Change } from '../store/history.ts';
import type { Store } from '../store/store.ts';
import type { Answer } from './answer.ts';
import { type ListQuery, readRevision, selection } from './list.ts';
import { isTrue } from './request-info.ts';
import { metadataOnly, type TableOptions, tableOf } from './table.ts';

/** A client that leaves this much unread is cut off. */
const MAX_UNREAD_BYTES = 64 * 1024 * 1024;
/** The server's own end of a watch where the client names none. */
const DEFAULT_TIMEOUT_SECONDS = 1800;
/** The longest time that a timer takes. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export interface WatchRequest extends ListQuery {
  readonly facts: RequestFacts;
  readonly as: 'objects' | 'table' | 'metadata';
  readonly table: Omit<TableOptions, 'nowMs'>;
}

/** The open watches, and what tests may do to them. */
export class Watches {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #bookmarkSeconds: number;
  readonly #open = new Set<OpenWatch>();
  #lastLine: { change: Change; apiVersion: string; text: string } | undefined;

  constructor(store: Store, clock: Clock, bookmarkSeconds: number) {
    this.#store = store;
    this.#clock = clock;
    this.#bookmarkSeconds = bookmarkSeconds;
  }

  count(match: RequestMatch = {}): number {
    return this.#matching(match).length;
  }

  /** Cuts the connections without a word. @returns how many */
  drop(match: RequestMatch = {}): number {
    const hit = this.#matching(match);
    for (const watch of hit) watch.cut();
    return hit.length;
  }

  /** Ends the watches as the server does at their timeout. */
  end(match: RequestMatch = {}): number {
    const hit = this.#matching(match);
    for (const watch of hit) watch.end();
    return hit.length;
  }

  /** From now on they stay open and say nothing. What they miss is never sent. */
  stall(match: RequestMatch = {}): number {
    const hit = this.#matching(match);
    for (const watch of hit) watch.stall();
    return hit.length;
  }

  /** Sends a bookmark now to those that asked for bookmarks. */
  bookmark(match: RequestMatch = {}): void {
    for (const watch of this.#matching(match)) watch.bookmark();
  }

  /** Serves one watch request; ends it by an ERROR event where it can't begin. */
  serve(request: WatchRequest, answer: Answer): void {
    const watch = new OpenWatch(request, answer, { store: this.#store, clock: this.#clock, line: (c, object) => this.#line(c, object) });
    this.#open.add(watch);
    answer.response.on('close', () => {
      this.#open.delete(watch);
      watch.close();
    });
    watch.begin(this.#bookmarkSeconds);
  }

  #matching(match: RequestMatch): OpenWatch[] {
    return [...this.#open].filter((w) => fits(w.facts, match));
  }

  /** Many watches say the same about a change: it is written out once. */
  #line(change: Change, object: KubeObject): string {
    const { apiVersion } = object;
    if (this.#lastLine?.change !== change || this.#lastLine.apiVersion !== apiVersion) {
      this.#lastLine = { change, apiVersion, text: `${JSON.stringify({ type: change.type, object })}\n` };
    }
    return this.#lastLine.text;
  }
}

interface WatchParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly line: (change: Change, object: KubeObject) => string;
}

class OpenWatch {
  readonly facts: RequestFacts;
  readonly #request: WatchRequest;
  readonly #answer: Answer;
  readonly #parts: WatchParts;
  readonly #matches: (object: KubeObject) => boolean;
  readonly #everything: boolean;
  readonly #bookmarks: boolean;
  #columnsSent = false;
  #stalled = false;
  #stopWatching: () => void = () => {};
  #timers: NodeJS.Timeout[] = [];

  constructor(request: WatchRequest, answer: Answer, parts: WatchParts) {
    this.facts = request.facts;
    this.#request = request;
    this.#answer = answer;
    this.#parts = parts;
    this.#matches = selection(request);
    const { query, namespace, version } = request;
    this.#everything =
      !query.get('labelSelector') && !query.get('fieldSelector') && namespace === undefined && version.fromStorage === undefined;
    this.#bookmarks = isTrue(query.get('allowWatchBookmarks'));
  }

  begin(bookmarkSeconds: number): void {
    const { store } = this.#parts;
    const { query, type } = this.#request;
    const collection = store.collection(type.collection);
    const since = readRevision(query.get('resourceVersion'));
    const initial = query.get('sendInitialEvents');
    if (initial !== null && query.get('resourceVersionMatch') !== 'NotOlderThan') {
      throw badRequest('sendInitialEvents requires setting resourceVersionMatch to NotOlderThan');
    }
    if (since !== undefined && since > store.revision) throw tooLargeResourceVersion(since, store.revision);
    this.#answer.start(200, 'application/json');
    this.#answer.response.flushHeaders();
    if (!this.#catchUp(since, initial)) return;
    this.#stopWatching = collection.watch((change) => this.#pass(change));
    const seconds = Number(query.get('timeoutSeconds') ?? 0) || DEFAULT_TIMEOUT_SECONDS;
    this.#timers.push(setTimeout(() => this.end(), Math.min(seconds * 1000, MAX_TIMER_MS)));
    if (this.#bookmarks) this.#timers.push(setInterval(() => this.bookmark(), bookmarkSeconds * 1000));
    for (const timer of this.#timers) timer.unref();
  }

  /** What was there or happened before now. @returns false where the history does not reach back */
  #catchUp(since: number | undefined, initial: string | null): boolean {
    const collection = this.#parts.store.collection(this.#request.type.collection);
    const fromState = initial === null ? since === undefined || since === 0 : isTrue(initial);
    if (fromState) {
      for (const object of collection.values(this.#request.namespace)) if (this.#matches(object)) this.#send('ADDED', object);
      if (isTrue(initial)) this.bookmark({ 'k8s.io/initial-events-end': 'true' });
    } else if (since !== undefined && since > 0) {
      const missed = collection.history.since(since);
      if (!missed) {
        this.fail(expired(`too old resource version: ${since} (${collection.history.compactedRevision + 1})`));
        return false;
      }
      for (const change of missed) this.#pass(change);
    }
    return true;
  }

  fail(error: ApiError): void {
    this.#write({ type: 'ERROR', object: error.body() });
    this.#answer.end();
  }

  end(): void {
    this.bookmark();
    this.#answer.end();
  }

  cut(): void {
    this.#answer.response.destroy();
  }

  stall(): void {
    this.#stalled = true;
  }

  close(): void {
    this.#stopWatching();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers = [];
  }

  bookmark(annotations?: Readonly<Record<string, string>>): void {
    if (!this.#bookmarks) return;
    const { type, version } = this.#request;
    const metadata = {
      resourceVersion: String(this.#parts.store.revision),
      creationTimestamp: null,
      ...(annotations ? { annotations } : {}),
    };
    const object: Fields =
      this.#request.as === 'table'
        ? tableOf([], metadata, this.#tableOptions(), false)
        : { kind: type.kind, apiVersion: groupVersion(type.group, version.name), metadata };
    this.#write({ type: 'BOOKMARK', object });
  }

  /** A change as this watch sees it: what starts to match is added, what no longer does is deleted. */
  #pass(change: Change): void {
    if (this.#everything && this.#request.as === 'objects') {
      this.#writeText(this.#parts.line(change, this.#shown(change.object)));
      return;
    }
    const { namespace } = this.#request;
    if (namespace !== undefined && change.object.metadata.namespace !== namespace) return;
    const is = change.type !== 'DELETED' && this.#matches(change.object);
    const was = change.previous !== undefined && this.#matches(change.previous);
    if (is) this.#send(was ? 'MODIFIED' : 'ADDED', change.object);
    else if (was) this.#send('DELETED', change.type === 'DELETED' ? change.object : lastSeen(change));
  }

  #shown(object: KubeObject): KubeObject {
    return asVersion(object, this.#request.type, this.#request.version);
  }

  #send(type: Change['type'], stored: KubeObject): void {
    const object = this.#shown(stored);
    if (this.#request.as === 'objects') this.#write({ type, object });
    else if (this.#request.as === 'metadata') this.#write({ type, object: metadataOnly(object) });
    else {
      this.#write({
        type,
        object: tableOf([object], { resourceVersion: object.metadata.resourceVersion }, this.#tableOptions(), !this.#columnsSent),
      });
      this.#columnsSent = true;
    }
  }

  #tableOptions(): TableOptions {
    return { ...this.#request.table, nowMs: this.#parts.clock.nowMs() };
  }

  #write(event: Fields): void {
    this.#writeText(`${JSON.stringify(event)}\n`);
  }

  #writeText(text: string): void {
    if (this.#stalled || this.#answer.response.destroyed) return;
    this.#answer.write(text);
    if (this.#answer.response.writableLength > MAX_UNREAD_BYTES) this.cut();
  }
}

/** The state before the change with the change's revision. */
function lastSeen(change: Change): KubeObject {
  const previous = change.previous ?? change.object;
  return { ...previous, metadata: { ...previous.metadata, resourceVersion: String(change.revision) } };
}
