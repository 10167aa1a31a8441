import { ageColumn, nameColumn } from '../builtins/define.ts';
import { ageOf } from '../human-duration.ts';
import { at, type Fields, fieldsOf, isFields, type KubeObject, listOf, textOf } from '../object.ts';
import { ALL_VERBS, type Column, type ResourceType, type ResourceVersion, type Subresource } from '../resource-type.ts';
import type { Schema } from '../schema/schema.ts';
import { compileJsonPath } from './json-path.ts';

/** The resource that a CustomResourceDefinition defines. The definition has been checked. */
export function customType(crd: KubeObject): ResourceType {
  const spec = fieldsOf(crd.spec);
  const names = fieldsOf(spec.names);
  const versions = listOf(spec.versions).filter(isFields);
  const storage = versions.find((v) => v.storage === true);
  const group = textOf(spec.group);
  const served = versions.filter((v) => v.served === true).sort((a, b) => compareVersions(textOf(a.name), textOf(b.name)));
  return {
    group,
    plural: textOf(names.plural),
    singular: textOf(names.singular),
    kind: textOf(names.kind),
    namespaced: spec.scope === 'Namespaced',
    shortNames: listOf(names.shortNames).map(String),
    categories: listOf(names.categories).map(String),
    verbs: ALL_VERBS,
    versions: served.map(customVersion),
    storageVersion: textOf(storage?.name),
    collection: crd.metadata.name,
    selectableFields: [
      ...new Set(served.flatMap((v) => listOf(v.selectableFields).map((f) => textOf(at(f, 'jsonPath')).replace(/^\./, '')))),
    ],
    hasGeneration: true,
    behaviour: {},
    custom: true,
  };
}

function customVersion(version: Fields): ResourceVersion {
  const schema = at(version, 'schema', 'openAPIV3Schema') as Schema | undefined;
  const sub = fieldsOf(version.subresources);
  const subresources: Subresource[] = [];
  if (sub.status !== undefined) subresources.push('status');
  if (sub.scale !== undefined) subresources.push('scale');
  const columns = listOf(version.additionalPrinterColumns).filter(isFields).map(printerColumn);
  const path = (field: string) => textOf(at(sub.scale, field)).replace(/^\./, '');
  return {
    name: textOf(version.name),
    schema: () => schema,
    columns: [nameColumn, ...(columns.length > 0 ? columns : [ageColumn])],
    subresources,
    ...(sub.scale === undefined
      ? {}
      : {
          scale: {
            specReplicas: path('specReplicasPath'),
            statusReplicas: path('statusReplicasPath'),
            selector: path('labelSelectorPath') || undefined,
          },
        }),
  };
}

function printerColumn(given: Fields): Column {
  const read = compileJsonPath(textOf(given.jsonPath)) ?? (() => []);
  const type = textOf(given.type) as Column['type'];
  return {
    name: textOf(given.name),
    type,
    ...(given.format === undefined ? {} : { format: textOf(given.format) }),
    ...(given.description === undefined ? {} : { description: textOf(given.description) }),
    ...(typeof given.priority === 'number' ? { priority: given.priority } : {}),
    cell: (object, nowMs) => cellOf(read(object)[0], type, nowMs),
  };
}

function cellOf(value: unknown, type: Column['type'], nowMs: number): unknown {
  if (value === undefined || value === null) return type === 'date' ? '<unknown>' : '';
  switch (type) {
    case 'date':
      return ageOf(value, nowMs);
    case 'integer':
    case 'number':
      return typeof value === 'number' ? value : Number(value);
    case 'boolean':
      return value === true;
    case 'string':
      return typeof value === 'string' ? value : JSON.stringify(value);
  }
}

/** Kubernetes' order of versions, the most mature and newest first: v2, v1, v1beta2, v1alpha1, others by name. */
export function compareVersions(a: string, b: string): number {
  const rank = (v: string): readonly number[] | undefined => {
    const [, major, stage, minor] = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(v) ?? [];
    return major === undefined ? undefined : [stage === undefined ? 2 : stage === 'beta' ? 1 : 0, Number(major), Number(minor ?? 0)];
  };
  const ra = rank(a);
  const rb = rank(b);
  if (!ra || !rb) return ra ? -1 : rb ? 1 : a < b ? -1 : 1;
  return (rb[0] as number) - (ra[0] as number) || (rb[1] as number) - (ra[1] as number) || (rb[2] as number) - (ra[2] as number);
}
