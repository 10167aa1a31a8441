import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseQuantity } from '../../../common/quantity.ts';
import { type FieldPath, fromFieldsV1, ownedFields, toFieldsV1 } from '../../cluster/api/apply/field-set.ts';
import { serverSideApply } from '../../cluster/api/apply/server-side-apply.ts';
import type { Fields, KubeObject } from '../../cluster/api/object.ts';
import { applyJsonPatch } from '../../cluster/api/patch/json-patch.ts';
import { applyMergePatch } from '../../cluster/api/patch/merge-patch.ts';
import { canonicalQuantity } from '../../cluster/api/schema/quantities.ts';
import type { Schema } from '../../cluster/api/schema/schema.ts';
import { Store } from '../../cluster/api/store/store.ts';

const word = fc.constantFrom('a', 'b', 'c', 'd', 'e/f', 'g~h');
const json = fc.letrec<{ value: unknown; object: Fields }>((tie) => ({
  value: fc.oneof({ maxDepth: 3 }, fc.integer(), fc.boolean(), word, fc.array(tie('value'), { maxLength: 3 }), tie('object')),
  object: fc.dictionary(word, tie('value'), { maxKeys: 3, noNullPrototype: true }),
})).object;

describe('The store', () => {
  const write = fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'), delete: fc.boolean() });

  it('pages over the state at a revision, whatever is written in between', () => {
    fc.assert(
      fc.property(
        fc.array(write, { maxLength: 20 }),
        fc.array(fc.array(write, { maxLength: 5 }), { maxLength: 5 }),
        fc.integer({ min: 1, max: 3 }),
        (before, between, limit) => {
          const store = new Store({ historyLength: 1000, freeze: false });
          const collection = store.collection('things');
          const apply = (w: { key: string; delete: boolean }) => {
            if (w.delete) store.remove(collection, `n/${w.key}`);
            else store.put(collection, { apiVersion: 'v1', kind: 'Thing', metadata: { name: w.key, namespace: 'n' } });
          };
          before.forEach(apply);
          const expected = [...collection.values()].map((o) => `${o.metadata.name} ${o.metadata.resourceVersion}`);
          const { revision } = store;
          const seen: string[] = [];
          let after: string | undefined;
          for (let turn = 0; ; turn++) {
            const page = collection.page({ revision, namespace: 'n', after, limit, matches: () => true });
            if (!page) return expect.unreachable('nothing was compacted');
            seen.push(...page.items.map((o) => `${o.metadata.name} ${o.metadata.resourceVersion}`));
            if (!page.more) break;
            after = page.lastKey;
            between[turn]?.forEach(apply);
          }
          expect(seen).toEqual(expected);
        },
      ),
    );
  });

  it('tells watchers all that they need to have the same state', () => {
    fc.assert(
      fc.property(fc.array(write, { maxLength: 30 }), (writes) => {
        const store = new Store({ historyLength: 5, freeze: true });
        const collection = store.collection('things');
        const mirror = new Map<string, KubeObject>();
        collection.watch((change) => {
          expect(change.previous).toBe(mirror.get(change.key));
          if (change.type === 'DELETED') mirror.delete(change.key);
          else mirror.set(change.key, change.object);
        });
        for (const w of writes) {
          if (w.delete) store.remove(collection, w.key);
          else store.put(collection, { apiVersion: 'v1', kind: 'Thing', metadata: { name: w.key } });
        }
        expect([...collection.values()]).toEqual([...mirror.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, o]) => o));
      }),
    );
  });
});

describe('Patches', () => {
  it('merge: the patch is found in its result, and applying it again changes nothing', () => {
    fc.assert(
      fc.property(json, json, (target, patch) => {
        const once = applyMergePatch(target, patch);
        expect(applyMergePatch(once, patch)).toEqual(once);
        expect(applyMergePatch({}, patch)).toEqual(applyMergePatch(applyMergePatch({}, patch), patch));
      }),
    );
  });

  it('JSON: never changes its input, and an added value is where it was added', () => {
    fc.assert(
      fc.property(json, word, json, (target, name, value) => {
        const before = structuredClone(target);
        const pointer = `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
        const result = applyJsonPatch(target, [
          { op: 'add', path: pointer, value },
          { op: 'test', path: pointer, value },
        ]);
        expect(result[name]).toEqual(value);
        expect(target).toEqual(before);
      }),
    );
  });
});

describe('Server-side apply', () => {
  const schema: Schema = {
    type: 'object',
    properties: {
      spec: {
        type: 'object',
        properties: {
          map: { type: 'object', additionalProperties: { type: 'integer' } },
          list: {
            type: 'array',
            'x-kubernetes-list-type': 'map',
            'x-kubernetes-list-map-keys': ['name'],
            items: { type: 'object', properties: { name: { type: 'string' }, x: { type: 'integer' }, y: { type: 'integer' } } },
          },
          set: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
          whole: { type: 'array', items: { type: 'integer' } },
        },
      },
    },
  };
  const small = fc.integer({ min: 0, max: 2 });
  const item = fc.record({ name: fc.constantFrom('p', 'q', 'r'), x: small, y: small }, { requiredKeys: ['name'] });
  const spec = fc.record(
    {
      map: fc.dictionary(fc.constantFrom('k', 'l'), small, { minKeys: 1, noNullPrototype: true }),
      list: fc.uniqueArray(item, { selector: (i) => i.name, minLength: 1, maxLength: 3 }),
      set: fc.uniqueArray(fc.constantFrom('s', 't', 'u'), { minLength: 1 }),
      whole: fc.array(small, { minLength: 1, maxLength: 2 }),
    },
    { requiredKeys: [] },
  );
  const thing = (s: Fields): KubeObject => ({ apiVersion: 'v1', kind: 'Thing', metadata: { name: 't' }, spec: s });
  const apply = (live: KubeObject, s: Fields, name: string) =>
    serverSideApply(live, thing(s), {
      manager: { name, operation: 'Apply', apiVersion: 'v1', subresource: undefined },
      force: true,
      time: '2026-01-01T00:00:00Z',
      schema,
    });
  const steps = fc.array(fc.tuple(fc.constantFrom('one', 'two', 'three'), spec), { minLength: 1, maxLength: 6 });

  it('holds exactly what its managers last applied, and says whose it is', () => {
    fc.assert(
      fc.property(steps, (all) => {
        let live = thing({});
        for (const [name, s] of all) {
          live = apply(live, s, name);
          const fields = ownedFields(live, schema);
          for (const [path, value] of ownedFields(thing(s), schema)) if (!isEmpty(value)) expect(fields.get(path), path).toEqual(value);
          const owned = new Set<FieldPath>((live.metadata.managedFields ?? []).flatMap((m) => [...fromFieldsV1(m.fieldsV1)]));
          const held = [...fields].filter(([path, value]) => !isEmpty(value) && path !== 'f:spec').map(([path]) => path);
          expect(held.filter((path) => !owned.has(path))).toEqual([]);
        }
      }),
    );
  });

  it('changes nothing when the same is applied again', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const live = all.reduce((o, [name, s]) => apply(o, s, name), thing({}));
        const [name, s] = all.at(-1) ?? ['one', {}];
        expect(apply(live, s, name)).toEqual(live);
      }),
    );
  });

  it('leaves nothing behind when the only manager lets go', () => {
    fc.assert(
      fc.property(spec, (s) => {
        const left = apply(apply(thing({}), s, 'one'), {}, 'one');
        expect([...ownedFields(left, schema)].filter(([, value]) => !isEmpty(value))).toEqual([]);
      }),
    );
  });

  it('writes field sets so that they read back the same', () => {
    fc.assert(
      fc.property(spec, (s) => {
        const set = new Set(ownedFields(thing(s), schema).keys());
        expect(fromFieldsV1(toFieldsV1(set))).toEqual(set);
      }),
    );
  });

  const isEmpty = (value: unknown): boolean => typeof value === 'object' && value !== null && Object.keys(value).length === 0;
});

describe('Canonical quantities', () => {
  it('keep their value and are canonical already', () => {
    const suffix = fc.constantFrom('', 'm', 'k', 'M', 'G', 'Ki', 'Mi', 'Gi');
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100_000 }), suffix, (n, unit) => {
        const canonical = canonicalQuantity(`${n}${unit}`);
        expect(canonicalQuantity(canonical)).toBe(canonical);
        const [before, after] = [parseQuantity(`${n}${unit}`), parseQuantity(canonical)];
        expect(before.ok && after.ok && Math.abs(before.value - after.value) <= 1e-9 * before.value).toBe(true);
      }),
    );
  });

  it.each([
    ['0.5', '500m'],
    ['1000m', '1'],
    ['2048Mi', '2Gi'],
    ['1.5Gi', '1536Mi'],
    ['0.1Gi', '107374182400m'],
    ['1e3', '1e3'],
    ['1500', '1500'],
    ['2000', '2k'],
    ['0', '0'],
    ['512Ki', '512Ki'],
    ['500Mi', '500Mi'],
  ])('%s is %s', (text, canonical) => {
    expect(canonicalQuantity(text)).toBe(canonical);
  });
});
