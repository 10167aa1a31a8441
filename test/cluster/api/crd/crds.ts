import { crdType } from '../builtins/policies.ts';
import { type Clock, timestamp } from '../identity.ts';
import { at, fieldsOf, isFields, type KubeObject, keyOf, listOf, sameJson, textOf } from '../object.ts';
import type { ResourceType, ResourceTypes } from '../resource-type.ts';
import { applyDefaults } from '../schema/default.ts';
import type { Store } from '../store/store.ts';
import { customType } from './custom-type.ts';
import { validateCrd } from './validate-crd.ts';

/** The CustomResourceDefinition itself, with its checks. */
export const definitionType: ResourceType = { ...crdType, behaviour: { ...crdType.behaviour, validate: validateCrd } };

/** Serves what the stored definitions define, from the moment that they are written. */
export function startDefinitions(parts: { readonly store: Store; readonly types: ResourceTypes; readonly clock: Clock }): () => void {
  const { store, types, clock } = parts;
  const definitions = store.collection(definitionType.collection);
  return store.onChange((collection, change) => {
    if (collection !== definitions) return;
    if (change.type === 'DELETED') {
      withdraw(parts, change.object);
      return;
    }
    if (change.previous && sameJson(change.previous.spec, change.object.spec)) return;
    if (change.previous) types.remove(customType(change.previous));
    const type = customType(change.object);
    types.add(type);
    if (change.previous) showDefaults(store, type);
    store.put(definitions, { ...change.object, status: establishedStatus(change.object, timestamp(clock.nowMs())) });
  });
}

/** Objects from before show the defaults that the schema has now. */
function showDefaults(store: Store, type: ResourceType): void {
  const schema = type.versions.find((v) => v.name === type.storageVersion)?.schema();
  const collection = store.collection(type.collection);
  if (!schema) return;
  for (const object of [...collection.values()]) {
    const shown = structuredClone(object);
    applyDefaults(shown, schema);
    if (!sameJson(shown, object)) collection.reread(keyOf(object.metadata.namespace, object.metadata.name), shown);
  }
}

function withdraw({ store, types }: { readonly store: Store; readonly types: ResourceTypes }, crd: KubeObject): void {
  const objects = store.collection(crd.metadata.name);
  for (const object of [...objects.values()]) store.remove(objects, keyOf(object.metadata.namespace, object.metadata.name));
  types.remove(customType(crd));
}

function establishedStatus(crd: KubeObject, time: string): unknown {
  const storage = listOf(at(crd.spec, 'versions'))
    .filter(isFields)
    .find((v) => v.storage === true);
  const before = listOf(at(crd.status, 'storedVersions')).map(String);
  const stored = textOf(storage?.name);
  return {
    acceptedNames: fieldsOf(at(crd.spec, 'names')),
    conditions: [
      { type: 'NamesAccepted', status: 'True', lastTransitionTime: time, reason: 'NoConflicts', message: 'no conflicts found' },
      {
        type: 'Established',
        status: 'True',
        lastTransitionTime: time,
        reason: 'InitialNamesAccepted',
        message: 'the initial names have been accepted',
      },
    ],
    storedVersions: before.includes(stored) ? before : [...before, stored],
  };
}
