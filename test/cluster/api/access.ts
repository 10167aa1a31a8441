import { ADMIN } from './auth/users.ts';
import { timestamp } from './identity.ts';
import type { Machinery } from './machinery.ts';
import { type KubeObject, keyOf } from './object.ts';
import { asStored, asVersion, type ResourceType, type Subresource } from './resource-type.ts';
import { compileLabelSelector } from './select/labels.ts';
import type { Change } from './store/history.ts';
import type { DeleteOptions, WriteRequest } from './write/request.ts';

/**
 * The objects of one kind for controllers in the server's own process. Reads are free: what they give is shared and
 * must not be changed. Writes go the API's whole way, webhooks included, except `put`.
 */
export interface Objects<T extends KubeObject = KubeObject> {
  get(name: string, namespace?: string): T | undefined;
  /** In order of namespace and name. @param namespace all, where left out */
  list(namespace?: string): IterableIterator<T>;
  /** @param selector a LabelSelector object */
  select(selector: unknown, namespace?: string): T[];
  readonly count: number;
  create(object: KubeObject, as?: WriteAs): Promise<T>;
  /** Changes the live object by a function that answers its next state; tried again when another write comes between. */
  modify(name: string, namespace: string | undefined, change: (live: T) => KubeObject, as?: WriteAs): Promise<T>;
  delete(name: string, namespace: string | undefined, options?: DeleteOptions): Promise<void>;
  /**
   * Stores a state as it is, at once: no defaults, checks, admission or managed fields. For simulated kubelets and
   * loads of 100,000 objects. The uid and the time of creation are filled in; subtrees may be shared between objects.
   */
  put(object: KubeObject): T;
  /** Takes an object away at once, finalizers or not. */
  drop(name: string, namespace?: string): void;
  /** Called within each write. */
  watch(listener: (change: Change) => void): () => void;
}

export interface WriteAs {
  readonly manager?: string;
  readonly subresource?: Subresource;
}

export function objectsOf<T extends KubeObject = KubeObject>(machinery: Machinery, type: ResourceType): Objects<T> {
  const { store, writer, remover, identities, clock } = machinery;
  const version = type.versions.find((v) => v.name === type.storageVersion) ?? type.versions[0];
  if (!version) throw new Error(`${type.kind} is not served in any version`);
  const collection = store.collection(type.collection);
  const request = (name: string | undefined, namespace: string | undefined, as: WriteAs = {}): WriteRequest => ({
    type,
    version,
    namespace: type.namespaced ? namespace : undefined,
    name,
    subresource: as.subresource,
    user: ADMIN,
    manager: as.manager,
    dryRun: false,
    fieldValidation: 'Ignore',
    warnings: [],
  });
  return {
    get: (name, namespace) => collection.get(keyOf(type.namespaced ? namespace : undefined, name)) as T | undefined,
    list: (namespace) => collection.values(namespace) as IterableIterator<T>,
    select(selector, namespace) {
      const matches = compileLabelSelector(selector);
      return [...collection.values(namespace)].filter((o) => matches(o.metadata.labels)) as T[];
    },
    get count() {
      return collection.size;
    },
    create: async (object, as) => (await writer.create(request(undefined, object.metadata.namespace, as), structuredClone(object))) as T,
    modify: async (name, namespace, change, as) => (await writer.modify(request(name, namespace, as), (live) => change(live as T))) as T,
    delete: async (name, namespace, options = {}) => {
      await remover.remove(request(name, namespace), options);
    },
    put(object) {
      const stored = asStored(object, type, version);
      const metadata = { ...stored.metadata };
      metadata.uid ??= identities.uid();
      metadata.creationTimestamp ??= timestamp(clock.nowMs());
      return asVersion(store.put(collection, { ...stored, metadata }), type, version) as T;
    },
    drop(name, namespace) {
      store.remove(collection, keyOf(type.namespaced ? namespace : undefined, name));
    },
    watch: (listener) => collection.watch(listener),
  };
}
