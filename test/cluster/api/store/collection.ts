import type { KubeObject } from '../object.ts';
import { type Change, History } from './history.ts';
import { SortedKeys } from './sorted-keys.ts';

/** The objects of one resource, sorted by namespace and name, with their last changes. */
export class Collection {
  readonly id: string;
  readonly history: History;
  readonly #objects = new Map<string, KubeObject>();
  readonly #keys = new SortedKeys();
  readonly #watchers = new Set<(change: Change) => void>();

  constructor(id: string, historyLength: number) {
    this.id = id;
    this.history = new History(historyLength);
  }

  get size(): number {
    return this.#objects.size;
  }

  get(key: string): KubeObject | undefined {
    return this.#objects.get(key);
  }

  /** The object as of a revision; undefined where it was not there, or nobody knows any more. */
  at(key: string, revision: number): KubeObject | undefined {
    const changed = this.history.since(revision)?.find((c) => c.key === key);
    return changed ? changed.previous : this.get(key);
  }

  /** In order of the keys. */
  *values(namespace?: string): IterableIterator<KubeObject> {
    const keys = this.#keys.all();
    const prefix = namespace ? `${namespace}/` : '';
    for (let i = prefix ? this.#keys.from(prefix) : 0; i < keys.length; i++) {
      const key = keys[i] as string;
      if (!key.startsWith(prefix)) return;
      const object = this.#objects.get(key);
      if (object) yield object;
    }
  }

  /** Called by the store only. */
  record(change: Change): void {
    if (change.type === 'DELETED') {
      this.#objects.delete(change.key);
      this.#keys.remove(change.key);
    } else {
      this.#objects.set(change.key, change.object);
      if (change.type === 'ADDED') this.#keys.add(change.key);
    }
    this.history.push(change);
    for (const watcher of this.#watchers) watcher(change);
  }

  /** Replaces how a stored object reads, without a write: a new schema's defaults show in what was stored before. */
  reread(key: string, object: KubeObject): void {
    if (this.#objects.has(key)) this.#objects.set(key, object);
  }

  watch(watcher: (change: Change) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /**
   * A page of the state at a revision: what changed since is put back from the history.
   * @param options.after the key behind which the page starts
   * @returns undefined where the history no longer reaches back to the revision
   */
  page(options: PageOptions): Page | undefined {
    const overlay = this.#before(options.revision);
    if (!overlay) return undefined;
    const prefix = options.namespace ? `${options.namespace}/` : '';
    const items: KubeObject[] = [];
    let lastKey: string | undefined;
    for (const [key, object] of this.#merged(overlay, options.after ?? prefix, options.after !== undefined)) {
      if (!key.startsWith(prefix)) break;
      if (!object || !options.matches(object)) continue;
      if (items.length === options.limit) return { items, lastKey, more: true };
      items.push(object);
      lastKey = key;
    }
    return { items, lastKey, more: false };
  }

  /** For each key that changed after the revision, its state at the revision. */
  #before(revision: number): Map<string, KubeObject | undefined> | undefined {
    const changes = this.history.since(revision);
    if (!changes) return undefined;
    const before = new Map<string, KubeObject | undefined>();
    for (const change of changes) if (!before.has(change.key)) before.set(change.key, change.previous);
    return before;
  }

  *#merged(
    overlay: Map<string, KubeObject | undefined>,
    from: string,
    exclusive: boolean,
  ): IterableIterator<[string, KubeObject | undefined]> {
    const keys = this.#keys.all();
    const gone = [...overlay.keys()].filter((k) => !this.#objects.has(k) && k >= from).sort();
    let nextGone = 0;
    for (let i = this.#keys.from(from); i < keys.length; i++) {
      const key = keys[i] as string;
      while (nextGone < gone.length && (gone[nextGone] as string) < key) {
        const lost = gone[nextGone++] as string;
        if (!exclusive || lost !== from) yield [lost, overlay.get(lost)];
      }
      if (!exclusive || key !== from) yield [key, overlay.has(key) ? overlay.get(key) : this.#objects.get(key)];
    }
    for (; nextGone < gone.length; nextGone++) {
      const lost = gone[nextGone] as string;
      if (!exclusive || lost !== from) yield [lost, overlay.get(lost)];
    }
  }
}

export interface PageOptions {
  readonly revision: number;
  readonly namespace: string | undefined;
  readonly after: string | undefined;
  readonly limit: number;
  readonly matches: (object: KubeObject) => boolean;
}

export interface Page {
  readonly items: readonly KubeObject[];
  readonly lastKey: string | undefined;
  readonly more: boolean;
}
