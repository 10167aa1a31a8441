import { stringify } from 'yaml';
import { type Fields, fieldsOf, isFields, listOf, textOf } from '../object.ts';
import type { ResourceTypes } from '../resource-type.ts';
import { Definitions, type ResourcePath, resourcePaths, WRITE_PARAMETERS } from './definitions.ts';
import { groupsOf, versionsOf } from './discovery.ts';
import { ProtobufWriter } from './protobuf.ts';

/** The one document of OpenAPI v2, which older clients read in protobuf only. */
export interface OpenApiV2 {
  readonly definitions: ReadonlyMap<string, Fields>;
  readonly paths: readonly ResourcePath[];
}

export function openApiV2(types: ResourceTypes): OpenApiV2 {
  const definitions = new Definitions('#/definitions/');
  const paths: ResourcePath[] = [];
  for (const group of ['', ...groupsOf(types)]) {
    for (const version of versionsOf(types, group)) {
      for (const type of types.all())
        if (type.group === group && type.versions.some((v) => v.name === version)) definitions.addKind(type, version);
      paths.push(...resourcePaths(types, group, version));
    }
  }
  return { definitions: definitions.schemas, paths };
}

export function openApiV2Json(document: OpenApiV2): Fields {
  const parameters = WRITE_PARAMETERS.map((name) => ({ name, in: 'query', type: 'string', uniqueItems: true }));
  const operation = (path: ResourcePath) => ({
    'x-kubernetes-group-version-kind': path.gvk,
    parameters,
    responses: { 200: { description: 'OK' } },
  });
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version: 'v1' },
    paths: Object.fromEntries(document.paths.map((p) => [p.path, Object.fromEntries(p.methods.map((m) => [m, operation(p)]))])),
    definitions: Object.fromEntries(document.definitions),
  };
}

/** Field numbers are those of gnostic's OpenAPIv2.proto. */
export function openApiV2Protobuf(document: OpenApiV2): Buffer {
  return new ProtobufWriter()
    .text(1, '2.0')
    .message(2, (info) => info.text(1, 'Kubernetes').text(2, 'v1'))
    .message(8, (paths) => {
      for (const path of document.paths) paths.message(2, (named) => named.text(1, path.path).message(2, (item) => writePath(item, path)));
    })
    .message(9, (definitions) => {
      for (const [name, schema] of document.definitions)
        definitions.message(1, (named) => named.text(1, name).message(2, (s) => writeSchema(s, schema)));
    })
    .finish();
}

const METHOD_FIELDS = { get: 2, put: 3, post: 4, delete: 5, patch: 8 } as const;

function writePath(item: ProtobufWriter, path: ResourcePath): void {
  for (const method of path.methods) {
    item.message(METHOD_FIELDS[method], (operation) => {
      operation.text(5, `${method}${path.gvk.kind}`);
      if (method !== 'get') {
        // ParametersItem > Parameter > NonBodyParameter > QueryParameterSubSchema
        for (const name of WRITE_PARAMETERS)
          operation.message(8, (i) =>
            i.message(1, (p) => p.message(2, (n) => n.message(3, (q) => q.text(2, 'query').text(4, name).text(6, 'string')))),
          );
      }
      operation.message(9, (responses) =>
        responses.message(1, (code) => code.text(1, '200').message(2, (value) => value.message(1, (response) => response.text(1, 'OK')))),
      );
      writeAny(operation, 13, 'x-kubernetes-group-version-kind', path.gvk);
    });
  }
}

function writeAny(writer: ProtobufWriter, field: number, name: string, value: unknown): void {
  writer.message(field, (named) => named.text(1, name).message(2, (any) => any.text(2, stringify(value))));
}

const number = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

function writeSchema(writer: ProtobufWriter, schema: Fields): void {
  writer.text(1, textOf(schema.$ref)).text(2, textOf(schema.format)).text(4, textOf(schema.description));
  if (schema.default !== undefined) writer.message(5, (any) => any.text(2, stringify(schema.default)));
  writer
    .double(7, number(schema.maximum))
    .double(9, number(schema.minimum))
    .integer(11, number(schema.maxLength))
    .integer(12, number(schema.minLength))
    .text(13, textOf(schema.pattern));
  for (const name of listOf(schema.required)) writer.text(19, String(name));
  for (const value of listOf(schema.enum)) writer.message(20, (any) => any.text(2, stringify(value)));
  const { additionalProperties, type, items } = schema;
  if (isFields(additionalProperties)) writer.message(21, (item) => item.message(1, (s) => writeSchema(s, additionalProperties)));
  if (typeof type === 'string') writer.message(22, (item) => item.text(1, type));
  if (isFields(items)) writer.message(23, (item) => item.message(1, (s) => writeSchema(s, items)));
  const properties = Object.entries(fieldsOf(schema.properties));
  if (properties.length > 0) {
    writer.message(25, (all) => {
      for (const [name, child] of properties)
        all.message(1, (named) => named.text(1, name).message(2, (s) => writeSchema(s, fieldsOf(child))));
    });
  }
  for (const [name, value] of Object.entries(schema)) if (name.startsWith('x-')) writeAny(writer, 31, name, value);
}
