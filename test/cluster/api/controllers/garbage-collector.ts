import { type KubeObject, keyOf, type OwnerReference } from '../object.ts';
import type { ResourceType, ResourceTypes } from '../resource-type.ts';
import type { Dependent, Store } from '../store/store.ts';
import { FOREGROUND, ORPHAN, type Remover } from '../write/remover.ts';
import type { Turns } from './turns.ts';

export interface CollectorParts {
  readonly store: Store;
  readonly types: ResourceTypes;
  readonly remover: Remover;
  readonly turns: Turns;
}

/** Deletes what has lost all its owners: in the background, before the owner (foreground), or never (orphan). */
export function startGarbageCollector(parts: CollectorParts): () => void {
  const { store, turns } = parts;
  return store.onChange((collection, change) => {
    const { object, key } = change;
    const uid = object.metadata.uid ?? '';
    if (change.type === 'DELETED') {
      turns.add(`gone ${uid}`, () => dropDependents(parts, uid));
      for (const owner of object.metadata.ownerReferences ?? [])
        turns.add(`owner ${owner.uid}`, () => reviewOwner(parts, owner, object.metadata.namespace));
      return;
    }
    if (change.type === 'ADDED' && object.metadata.ownerReferences)
      turns.add(`lost ${collection.id} ${key}`, () => dropIfLost(parts, { collection, key }));
    const finalizers = object.metadata.finalizers;
    if (object.metadata.deletionTimestamp && finalizers && (finalizers.includes(FOREGROUND) || finalizers.includes(ORPHAN))) {
      turns.add(`finish ${uid}`, () => finish(parts, { collection, key }));
    }
  });
}

function typeOf(parts: CollectorParts, id: string): ResourceType | undefined {
  return parts.types.all().find((t) => t.collection === id);
}

function ownerObject(parts: CollectorParts, owner: OwnerReference, namespace: string | undefined): KubeObject | undefined {
  const type = parts.types.byKind(owner.apiVersion, owner.kind);
  const found = type && parts.store.collection(type.collection).get(keyOf(type.namespaced ? namespace : undefined, owner.name));
  return found?.metadata.uid === owner.uid ? found : undefined;
}

/** Their owner is gone. */
function dropDependents(parts: CollectorParts, uid: string): void {
  for (const dependent of parts.store.dependentsOf(uid)) dropIfLost(parts, dependent);
}

function dropIfLost(parts: CollectorParts, { collection, key }: Dependent): void {
  const object = collection.get(key);
  const type = typeOf(parts, collection.id);
  const owners = object?.metadata.ownerReferences ?? [];
  if (!object || !type || owners.length === 0) return;
  const present = owners.filter((o) => ownerObject(parts, o, object.metadata.namespace) !== undefined);
  if (present.length === owners.length) return;
  if (present.length > 0) parts.store.put(collection, withOwners(object, present));
  else if (!object.metadata.deletionTimestamp)
    parts.remover.removeLive(
      { type },
      object,
      parts.store.dependentsOf(object.metadata.uid ?? '').length > 0 ? { propagationPolicy: 'Background' } : {},
    );
}

function withOwners(object: KubeObject, owners: readonly OwnerReference[]): KubeObject {
  const { ownerReferences: _, ...metadata } = object.metadata;
  return { ...object, metadata: { ...metadata, ...(owners.length > 0 ? { ownerReferences: owners } : {}) } };
}

/** One of its dependents is gone: it may have waited for it. */
function reviewOwner(parts: CollectorParts, owner: OwnerReference, namespace: string | undefined): void {
  const type = parts.types.byKind(owner.apiVersion, owner.kind);
  const object = ownerObject(parts, owner, namespace);
  if (!type || !object?.metadata.deletionTimestamp || !object.metadata.finalizers?.includes(FOREGROUND)) return;
  finish(parts, { collection: parts.store.collection(type.collection), key: keyOf(object.metadata.namespace, object.metadata.name) });
}

/** Does what the finalizers of an owner ask for and takes them away when it is done. */
function finish(parts: CollectorParts, { collection, key }: Dependent): void {
  const owner = collection.get(key);
  const type = typeOf(parts, collection.id);
  if (!owner?.metadata.deletionTimestamp || !type) return;
  const uid = owner.metadata.uid ?? '';
  if (owner.metadata.finalizers?.includes(ORPHAN)) {
    for (const dependent of parts.store.dependentsOf(uid)) {
      const object = dependent.collection.get(dependent.key);
      if (object)
        parts.store.put(
          dependent.collection,
          withOwners(
            object,
            (object.metadata.ownerReferences ?? []).filter((o) => o.uid !== uid),
          ),
        );
    }
    dropFinalizer(parts, { collection, key }, ORPHAN);
    return;
  }
  for (const dependent of parts.store.dependentsOf(uid)) deleteInForeground(parts, dependent);
  const blocking = parts.store
    .dependentsOf(uid)
    .some((d) => d.collection.get(d.key)?.metadata.ownerReferences?.some((o) => o.uid === uid && o.blockOwnerDeletion === true));
  if (!blocking) dropFinalizer(parts, { collection, key }, FOREGROUND);
}

function deleteInForeground(parts: CollectorParts, { collection, key }: Dependent): void {
  const object = collection.get(key);
  const type = typeOf(parts, collection.id);
  if (!object || !type || object.metadata.deletionTimestamp) return;
  const hasDependents = parts.store.dependentsOf(object.metadata.uid ?? '').length > 0;
  parts.remover.removeLive({ type }, object, hasDependents ? { propagationPolicy: 'Foreground' } : {});
}

function dropFinalizer(parts: CollectorParts, { collection, key }: Dependent, finalizer: string): void {
  const object = collection.get(key);
  const type = typeOf(parts, collection.id);
  if (!object || !type) return;
  const left = (object.metadata.finalizers ?? []).filter((f) => f !== finalizer);
  const { finalizers: _, ...metadata } = object.metadata;
  const next: KubeObject = { ...object, metadata: { ...metadata, ...(left.length > 0 ? { finalizers: left } : {}) } };
  if (left.length === 0 && !object.metadata.deletionGracePeriodSeconds) parts.store.remove(collection, key);
  else parts.store.put(collection, next);
}
