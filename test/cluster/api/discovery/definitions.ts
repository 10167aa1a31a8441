import type { Fields } from '../object.ts';
import { groupVersion, type ResourceType, type ResourceTypes } from '../resource-type.ts';
import { builtInSchema } from '../schema/built-in.ts';
import type { Schema } from '../schema/schema.ts';

/** Named schemas for the OpenAPI documents: nested types that have names become references. */
export class Definitions {
  readonly #prefix: string;
  readonly #schemas = new Map<string, Fields>();

  /** @param prefix of references, as `#/components/schemas/` */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  get schemas(): ReadonlyMap<string, Fields> {
    return this.#schemas;
  }

  /** Adds a kind with all it refers to. @returns its name */
  addKind(type: ResourceType, version: string): string {
    const schema = type.versions.find((v) => v.name === version)?.schema();
    const name = type.custom ? `${type.group.split('.').reverse().join('.')}.${version}.${type.kind}` : (schema?.definition ?? type.kind);
    if (this.#schemas.has(name)) return name;
    this.#schemas.set(name, {});
    const gvk = [{ group: type.group, version, kind: type.kind }];
    const body = this.#body(type.custom ? withObjectMeta(schema) : (schema ?? {}));
    this.#schemas.set(name, { ...body, 'x-kubernetes-group-version-kind': gvk });
    return name;
  }

  #reference(schema: Schema): Fields {
    const { definition } = schema;
    if (definition === undefined) return this.#body(schema);
    if (!this.#schemas.has(definition)) {
      this.#schemas.set(definition, {});
      this.#schemas.set(definition, this.#body(builtInOf(schema)));
    }
    return this.#prefix.includes('components')
      ? { ...(schema.description ? { description: schema.description } : {}), allOf: [{ $ref: this.#prefix + definition }] }
      : { ...(schema.description ? { description: schema.description } : {}), $ref: this.#prefix + definition };
  }

  #body(schema: Schema): Fields {
    const { definition: _, properties, items, additionalProperties, default: standing, ...rest } = schema;
    return {
      ...rest,
      ...(standing === undefined ? {} : { default: standing }),
      ...(properties
        ? { properties: Object.fromEntries(Object.entries(properties).map(([name, child]) => [name, this.#reference(child)])) }
        : {}),
      ...(items ? { items: this.#reference(items) } : {}),
      ...(additionalProperties === undefined
        ? {}
        : {
            additionalProperties: typeof additionalProperties === 'object' ? this.#reference(additionalProperties) : additionalProperties,
          }),
    };
  }
}

/** The type itself, without what the place where it is used says about it. */
function builtInOf(schema: Schema): Schema {
  const { definition, description: _, default: __, ...rest } = schema;
  return { ...rest, ...(definition === undefined ? {} : { definition }) };
}

function withObjectMeta(schema: Schema | undefined): Schema {
  return {
    ...schema,
    type: 'object',
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      ...schema?.properties,
      metadata: builtInSchema('V1ObjectMeta'),
    },
  };
}

export interface ResourcePath {
  readonly path: string;
  readonly methods: readonly ('get' | 'put' | 'post' | 'patch' | 'delete')[];
  readonly gvk: { readonly group: string; readonly version: string; readonly kind: string };
}

/** The addresses of a group's version. */
export function resourcePaths(types: ResourceTypes, group: string, version: string): ResourcePath[] {
  const root = group ? `/apis/${groupVersion(group, version)}` : `/api/${version}`;
  return types.all().flatMap((type) => {
    if (type.group !== group || !type.versions.some((v) => v.name === version)) return [];
    const gvk = { group, version, kind: type.kind };
    const base = `${root}${type.namespaced ? '/namespaces/{namespace}' : ''}/${type.plural}`;
    return [
      { path: base, methods: ['get', 'post', 'delete'] as const, gvk },
      { path: `${base}/{name}`, methods: ['get', 'put', 'patch', 'delete'] as const, gvk },
    ];
  });
}

/** The query parameters that kubectl looks for before it relies on them. */
export const WRITE_PARAMETERS = ['dryRun', 'fieldManager', 'fieldValidation'] as const;
