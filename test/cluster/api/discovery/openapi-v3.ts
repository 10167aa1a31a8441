import { createHash } from 'node:crypto';
import type { Fields } from '../object.ts';
import { groupVersion, type ResourceTypes } from '../resource-type.ts';
import { Definitions, resourcePaths, WRITE_PARAMETERS } from './definitions.ts';
import { groupsOf, versionsOf } from './discovery.ts';

const ACTIONS = { get: 'get', put: 'put', post: 'post', patch: 'patch', delete: 'delete' } as const;

/** The index of the documents, one for each group and version. */
export function openApiIndex(types: ResourceTypes): Fields {
  const paths: Fields = {};
  for (const group of ['', ...groupsOf(types)]) {
    for (const version of versionsOf(types, group)) {
      const path = group ? `apis/${groupVersion(group, version)}` : `api/${version}`;
      const hash = createHash('sha256').update(`${path} ${types.generation}`).digest('hex').toUpperCase();
      paths[path] = { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` };
    }
  }
  return { paths };
}

export function openApiDocument(types: ResourceTypes, group: string, version: string): Fields {
  const definitions = new Definitions('#/components/schemas/');
  for (const type of types.all())
    if (type.group === group && type.versions.some((v) => v.name === version)) definitions.addKind(type, version);
  const paths: Fields = {};
  for (const { path, methods, gvk } of resourcePaths(types, group, version)) {
    paths[path] = Object.fromEntries(
      methods.map((method) => [
        method,
        {
          operationId: `${method}${gvk.kind}`,
          'x-kubernetes-action': ACTIONS[method],
          'x-kubernetes-group-version-kind': gvk,
          responses: { 200: { description: 'OK' } },
          ...(method === 'get'
            ? {}
            : { parameters: WRITE_PARAMETERS.map((name) => ({ name, in: 'query', schema: { type: 'string', uniqueItems: true } })) }),
        },
      ]),
    );
  }
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'v1' },
    paths,
    components: { schemas: Object.fromEntries(definitions.schemas) },
  };
}
