import { beforeAll, expect, it } from 'vitest';
import { failure, type Json, pick } from './client.ts';
import { widgetDefinition } from './fixtures.ts';
import { conformance } from './target.ts';

const GROUP = 'conformance.example.dev';

conformance('Custom resources', (context) => {
  const widgets = () => `/apis/${GROUP}/v1/namespaces/${context().namespace}/widgets`;
  const widget = (name: string, spec: object = { size: 3 }): object => ({
    apiVersion: `${GROUP}/v1`,
    kind: 'Widget',
    metadata: { name },
    spec,
  });
  const causes = async (call: Promise<unknown>): Promise<Record<string, string>> => {
    const error = await failure(call);
    expect(error.code).toBe(422);
    return Object.fromEntries(error.status.details.causes.map((c) => [c.field, c.message]));
  };

  beforeAll(async () => {
    const { admin } = context();
    await admin.create('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', widgetDefinition(GROUP));
    for (let i = 0; i < 100; i++) {
      const served = await admin.get(widgets()).then(
        () => true,
        () => false,
      );
      if (served) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  });

  it('is established and discovered', async () => {
    const { admin } = context();
    const made = await admin.get(`/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.${GROUP}`);
    expect(made.status).toMatchObject({
      storedVersions: ['v1'],
      acceptedNames: { kind: 'Widget' },
      conditions: expect.arrayContaining([expect.objectContaining({ type: 'Established', status: 'True' })]),
    });
    const list = await admin.get(`/apis/${GROUP}/v1`);
    expect(pick(list, 'resources')).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: 'widgets', kind: 'Widget', shortNames: ['wd'], categories: ['toys'] }),
        expect.objectContaining({ name: 'widgets/status' }),
        expect.objectContaining({ name: 'widgets/scale', kind: 'Scale', group: 'autoscaling' }),
      ]),
    );
  });

  it('prunes what its schema does not know and fills in its defaults', async () => {
    const { admin } = context();
    const made = await admin.create(widgets(), {
      ...widget('pruned', { size: 3, bogus: 1, free: { any: { thing: [1] } }, parts: [{ name: 'a', x: 1 }] }),
      surplus: 1,
    });
    expect(made.spec).toEqual({
      size: 3,
      min: 1,
      max: 10,
      replicas: 1,
      mode: 'Fast',
      free: { any: { thing: [1] } },
      parts: [{ name: 'a', count: 1 }],
    });
    expect(pick(made, 'surplus')).toBeUndefined();
    expect(admin.lastHeaders.warning).toBeTruthy();
    const strict = await failure(admin.create(`${widgets()}?fieldValidation=Strict`, widget('strict', { size: 3, bogus: 1 })));
    expect(strict.code).toBe(400);
    expect(strict.status.message).toContain('unknown field "spec.bogus"');
  });

  it('says what breaks the schema, all of it, with paths', async () => {
    const found = await causes(
      context().admin.create(
        widgets(),
        widget('broken', { size: 1000, mode: 'Odd', name: 'A1', parts: [{ name: 'a' }, { name: 'a' }], tags: ['x', 'x'] }),
      ),
    );
    expect(Object.keys(found).sort()).toEqual(['spec.mode', 'spec.name', 'spec.parts[1]', 'spec.size', 'spec.tags[1]']);
    expect(found['spec.mode']).toBe('Unsupported value: "Odd": supported values: "Fast", "Slow"');
    expect(found['spec.size']).toContain('should be less than or equal to 100');
    expect(Object.keys(await causes(context().admin.create(widgets(), widget('absent', {}))))).toEqual(['spec.size']);
    expect(await causes(context().admin.create(widgets(), widget('typed', { size: '3' })))).toMatchObject({
      'spec.size': expect.stringContaining('must be of type integer'),
    });
  });

  it('checks its rules, on updates also against the old object', async () => {
    const { admin } = context();
    expect(await causes(admin.create(widgets(), widget('rule', { size: 3, min: 20 })))).toEqual({
      spec: expect.stringContaining('min must not exceed max'),
    });
    expect(await causes(admin.create(widgets(), widget('rule', { size: 3, amount: '-1' })))).toEqual({
      'spec.amount': expect.stringContaining('must be a quantity above 0'),
    });
    await admin.create(widgets(), widget('rule', { size: 3, amount: '250m' }));
    expect(await causes(admin.patch(`${widgets()}/rule`, 'merge', { spec: { size: 2 } }))).toEqual({
      spec: expect.stringContaining('size may not shrink below 3'),
    });
    expect(pick(await admin.patch(`${widgets()}/rule`, 'merge', { spec: { size: 4 } }), 'spec.size')).toBe(4);
  });

  it('takes numbers and text where either may be', async () => {
    const { admin } = context();
    expect(pick(await admin.create(widgets(), widget('p1', { size: 3, port: 80 })), 'spec.port')).toBe(80);
    expect(pick(await admin.create(widgets(), widget('p2', { size: 3, port: 'http' })), 'spec.port')).toBe('http');
  });

  it('writes its status by the status subresource only', async () => {
    const { admin } = context();
    const made = await admin.create(widgets(), { ...widget('st'), status: { replicas: 5 } });
    expect(made.status).toBeUndefined();
    const told = await admin.replace(`${widgets()}/st/status`, { ...made, spec: { size: 9 }, status: { replicas: 5 } });
    expect(told).toMatchObject({ spec: { size: 3 }, status: { replicas: 5 }, metadata: { generation: 1 } });
    const changed = await admin.patch(`${widgets()}/st`, 'merge', { spec: { size: 4 }, status: { replicas: 6 } });
    expect(changed).toMatchObject({ spec: { size: 4 }, status: { replicas: 5 }, metadata: { generation: 2 } });
  });

  it('scales', async () => {
    const { admin } = context();
    await admin.create(widgets(), widget('scaled'));
    await admin.patch(`${widgets()}/scaled/status`, 'merge', { status: { replicas: 1, selector: 'app=x' } });
    expect(await admin.get(`${widgets()}/scaled/scale`)).toMatchObject({
      kind: 'Scale',
      apiVersion: 'autoscaling/v1',
      spec: { replicas: 1 },
      status: { replicas: 1, selector: 'app=x' },
    });
    expect(await admin.patch(`${widgets()}/scaled/scale`, 'merge', { spec: { replicas: 6 } })).toMatchObject({ spec: { replicas: 6 } });
    expect(await admin.get(`${widgets()}/scaled`)).toMatchObject({ spec: { replicas: 6 }, metadata: { generation: 2 } });
  });

  it('needs a version to be replaced, and has no strategic merge', async () => {
    const { admin } = context();
    await admin.create(widgets(), widget('versioned'));
    expect((await failure(admin.replace(`${widgets()}/versioned`, widget('versioned')))).code).toBe(422);
    expect((await failure(admin.patch(`${widgets()}/versioned`, 'strategic', { spec: { size: 5 } }))).code).toBe(415);
  });

  it('merges keyed lists and sets of different appliers', async () => {
    const { admin } = context();
    const path = `${widgets()}/merged`;
    await admin.apply(path, widget('merged', { size: 3, parts: [{ name: 'a', count: 2 }], tags: ['x'] }), 'one');
    const both = await admin.apply(path, widget('merged', { size: 3, parts: [{ name: 'b' }], tags: ['y'] }), 'two');
    expect(both.spec).toMatchObject({
      parts: [
        { name: 'a', count: 2 },
        { name: 'b', count: 1 },
      ],
      tags: ['x', 'y'],
    });
    const less = await admin.apply(path, widget('merged', { size: 3 }), 'one');
    expect(less.spec).toMatchObject({ parts: [{ name: 'b', count: 1 }], tags: ['y'] });
  });

  it('prints its own columns', async () => {
    const { admin } = context();
    await admin.create(widgets(), widget('printed', { size: 7 }));
    await admin.patch(`${widgets()}/printed/status`, 'merge', {
      status: {
        conditions: [
          { type: 'Other', status: 'False' },
          { type: 'Ready', status: 'True' },
        ],
      },
    });
    const table = await admin.get(`${widgets()}/printed`, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' });
    expect(table.columnDefinitions.map((c) => c.name)).toEqual(['Name', 'Size', 'Ready', 'Age']);
    expect(table.rows[0]?.cells.slice(0, 3)).toEqual(['printed', 7, 'True']);
  });

  it.each<[string, (definition: Definition) => void, string]>([
    ['a name that is not plural and group', (d) => Object.assign(d.metadata, { name: 'other.example.dev' }), 'metadata.name'],
    [
      'a field without a type',
      (d) => Object.assign(d.spec.versions[0]?.schema.openAPIV3Schema.properties ?? {}, { odd: { description: 'no type' } }),
      'openAPIV3Schema.properties[odd].type',
    ],
    [
      'a rule that is no CEL',
      (d) =>
        Object.assign(d.spec.versions[0]?.schema.openAPIV3Schema ?? {}, { 'x-kubernetes-validations': [{ rule: 'self.spec.size >' }] }),
      'x-kubernetes-validations[0].rule',
    ],
    [
      'two storage versions',
      (d) => d.spec.versions.push({ ...(d.spec.versions[0] as Definition['spec']['versions'][number]), name: 'v2' }),
      'spec.versions',
    ],
  ])('refuses a definition with %s', async (_, spoil, field) => {
    const definition = structuredClone(widgetDefinition('bad.example.dev')) as Definition;
    spoil(definition);
    const error = await failure(context().admin.create('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition));
    expect(error.code).toBe(422);
    expect(error.status.message).toContain(field);
  });

  it('shows the defaults of a newer schema in older objects', async () => {
    const { admin } = context();
    const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    const path = `/apis/newer.example.dev/v1/namespaces/${context().namespace}/widgets`;
    await admin.create(crds, widgetDefinition('newer.example.dev'));
    for (let i = 0; i < 100 && !(await admin.get(path).catch(() => undefined)); i++)
      await new Promise((resolve) => setTimeout(resolve, 50));
    const made = await admin.create(path, {
      apiVersion: 'newer.example.dev/v1',
      kind: 'Widget',
      metadata: { name: 'old' },
      spec: { size: 3 },
    });
    const property = '/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/level';
    await admin.patch(`${crds}/widgets.newer.example.dev`, 'json', [
      { op: 'add', path: property, value: { type: 'string', default: 'low' } },
    ]);
    let read = made;
    for (let i = 0; i < 100 && pick(read, 'spec.level') === undefined; i++) {
      read = await admin.get(`${path}/old`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(read).toMatchObject({ spec: { level: 'low' }, metadata: { resourceVersion: made.metadata.resourceVersion } });
  });

  it('is gone with its definition', async () => {
    const { admin } = context();
    const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    const definition = structuredClone(widgetDefinition('gone.example.dev')) as Json;
    await admin.create(crds, definition);
    await admin.delete(`${crds}/widgets.gone.example.dev`);
    for (let i = 0; i < 100 && (await admin.get('/apis/gone.example.dev/v1').catch(() => undefined)); i++)
      await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await failure(admin.get('/apis/gone.example.dev/v1/widgets'))).code).toBe(404);
  });
});

interface Definition {
  metadata: object;
  spec: { versions: { name: string; schema: { openAPIV3Schema: { properties: object } } }[] };
}
