import { at, fieldsOf, type KubeObject, listOf } from '../object.ts';
import type { CollectorParts } from './garbage-collector.ts';

/** Empties namespaces that are being deleted, and lets them go when nothing is left in them; gives new ones their account. */
export function startNamespaces(parts: CollectorParts): () => void {
  const { store, turns } = parts;
  const ending = new Set<string>();
  return store.onChange((collection, change) => {
    const { object } = change;
    if (collection.id === 'namespaces') {
      const { name } = object.metadata;
      if (change.type === 'DELETED') ending.delete(name);
      else if (object.metadata.deletionTimestamp) {
        ending.add(name);
        turns.add(`namespace ${name}`, () => empty(parts, name));
      }
      return;
    }
    const { namespace } = object.metadata;
    if (change.type === 'DELETED' && namespace && ending.has(namespace)) turns.add(`namespace ${namespace}`, () => empty(parts, namespace));
  });
}

function empty(parts: CollectorParts, name: string): void {
  const { store, types, remover } = parts;
  const namespaces = store.collection('namespaces');
  const namespace = namespaces.get(name);
  if (!namespace?.metadata.deletionTimestamp) return;
  let left = 0;
  const seen = new Set<string>();
  for (const type of types.all()) {
    if (!type.namespaced || seen.has(type.collection)) continue;
    seen.add(type.collection);
    for (const object of [...store.collection(type.collection).values(name)]) {
      if (!object.metadata.deletionTimestamp) remover.removeLive({ type }, object, {});
      if (store.collection(type.collection).get(`${name}/${object.metadata.name}`)) left++;
    }
  }
  if (left === 0) release(parts, namespace);
}

function release({ store }: CollectorParts, namespace: KubeObject): void {
  const namespaces = store.collection('namespaces');
  const finalizers = listOf(at(namespace.spec, 'finalizers')).filter((f) => f !== 'kubernetes');
  const held = finalizers.length > 0 || (namespace.metadata.finalizers ?? []).length > 0;
  if (held) store.put(namespaces, { ...namespace, spec: { ...fieldsOf(namespace.spec), finalizers } });
  else store.remove(namespaces, namespace.metadata.name);
}
