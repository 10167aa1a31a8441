import { deepFreeze, type KubeObject, keyOf } from '../object.ts';
import { Collection } from './collection.ts';
import type { Change } from './history.ts';

export interface StoreOptions {
  /** Changes that each collection remembers. */
  readonly historyLength: number;
  /** Freeze what is stored: finds writers into shared objects, costs time. */
  readonly freeze: boolean;
}

/** All objects of the cluster under one counter of revisions, as etcd keeps them. Everything here is synchronous. */
export class Store {
  readonly #options: StoreOptions;
  readonly #collections = new Map<string, Collection>();
  readonly #dependents = new Map<string, Map<string, Dependent>>();
  readonly #listeners = new Set<(collection: Collection, change: Change) => void>();
  #revision = 1;

  constructor(options: StoreOptions) {
    this.#options = options;
  }

  get revision(): number {
    return this.#revision;
  }

  collection(id: string): Collection {
    let found = this.#collections.get(id);
    if (!found) {
      found = new Collection(id, this.#options.historyLength);
      this.#collections.set(id, found);
    }
    return found;
  }

  collections(): Iterable<Collection> {
    return this.#collections.values();
  }

  /** Drops a collection, when its definition is gone. */
  drop(id: string): void {
    this.#collections.delete(id);
  }

  /** Stores a new state and answers it with its resource version. The caller has checked that it may. */
  put(collection: Collection, object: KubeObject): KubeObject {
    const key = keyOf(object.metadata.namespace, object.metadata.name);
    const previous = collection.get(key);
    const revision = ++this.#revision;
    const stored: KubeObject = { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } };
    if (this.#options.freeze) deepFreeze(stored);
    this.#indexOwners(collection, key, previous, stored);
    this.#emit(collection, { type: previous ? 'MODIFIED' : 'ADDED', revision, key, object: stored, previous });
    return stored;
  }

  remove(collection: Collection, key: string): KubeObject | undefined {
    const previous = collection.get(key);
    if (!previous) return undefined;
    const revision = ++this.#revision;
    const last: KubeObject = { ...previous, metadata: { ...previous.metadata, resourceVersion: String(revision) } };
    this.#indexOwners(collection, key, previous, undefined);
    this.#emit(collection, { type: 'DELETED', revision, key, object: last, previous });
    return last;
  }

  /** The objects that name this uid as an owner. */
  dependentsOf(uid: string): readonly Dependent[] {
    return [...(this.#dependents.get(uid)?.values() ?? [])];
  }

  /** Called after each write, in order, within the write. */
  onChange(listener: (collection: Collection, change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Forgets the changes so far: resumed watches and old continue tokens get a 410. */
  compact(): void {
    for (const collection of this.#collections.values()) collection.history.compact(this.#revision);
  }

  #emit(collection: Collection, change: Change): void {
    collection.record(change);
    for (const listener of this.#listeners) listener(collection, change);
  }

  #indexOwners(collection: Collection, key: string, previous: KubeObject | undefined, next: KubeObject | undefined): void {
    const before = previous?.metadata.ownerReferences;
    const after = next?.metadata.ownerReferences;
    if (before === after) return;
    const id = `${collection.id} ${key}`;
    for (const owner of before ?? []) {
      const dependents = this.#dependents.get(owner.uid);
      dependents?.delete(id);
      if (dependents?.size === 0) this.#dependents.delete(owner.uid);
    }
    for (const owner of after ?? []) {
      let dependents = this.#dependents.get(owner.uid);
      if (!dependents) {
        dependents = new Map();
        this.#dependents.set(owner.uid, dependents);
      }
      dependents.set(id, { collection, key });
    }
  }
}

export interface Dependent {
  readonly collection: Collection;
  readonly key: string;
}
