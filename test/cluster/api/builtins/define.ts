import { ageOf } from '../human-duration.ts';
import type { KubeObject } from '../object.ts';
import {
  ALL_VERBS,
  type Behaviour,
  type Column,
  type ResourceType,
  type ResourceVersion,
  type ScalePaths,
  type Subresource,
} from '../resource-type.ts';
import { builtInSchema } from '../schema/built-in.ts';

/** A built-in kind, said in as few words as its being one allows. */
export interface BuiltIn {
  readonly group?: string;
  readonly version?: string;
  readonly kind: string;
  readonly plural: string;
  /** The client model with its fields; `V1` and the kind where left out. */
  readonly model?: string;
  readonly namespaced?: boolean;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly subresources?: readonly Subresource[];
  readonly scale?: ScalePaths;
  readonly selectableFields?: readonly string[];
  readonly hasGeneration?: boolean;
  readonly columns?: readonly Column[];
  readonly behaviour?: Behaviour;
}

export function builtIn(kind: BuiltIn): ResourceType {
  const group = kind.group ?? '';
  const version = kind.version ?? 'v1';
  return {
    group,
    plural: kind.plural,
    singular: kind.kind.toLowerCase(),
    kind: kind.kind,
    namespaced: kind.namespaced ?? true,
    shortNames: kind.shortNames ?? [],
    categories: kind.categories ?? [],
    verbs: ALL_VERBS,
    versions: [builtInVersion(version, kind.model ?? `V1${kind.kind}`, kind)],
    storageVersion: version,
    collection: group ? `${kind.plural}.${group}` : kind.plural,
    selectableFields: kind.selectableFields ?? [],
    hasGeneration: kind.hasGeneration ?? false,
    behaviour: kind.behaviour ?? {},
    custom: false,
  };
}

export function builtInVersion(name: string, model: string, kind: Pick<BuiltIn, 'columns' | 'scale' | 'subresources'>): ResourceVersion {
  return {
    name,
    schema: () => builtInSchema(model),
    columns: [nameColumn, ...(kind.columns ?? [ageColumn])],
    subresources: kind.subresources ?? [],
    ...(kind.scale ? { scale: kind.scale } : {}),
  };
}

export const REPLICAS: ScalePaths = { specReplicas: 'spec.replicas', statusReplicas: 'status.replicas', selector: 'spec.selector' };

export const nameColumn: Column = { name: 'Name', type: 'string', format: 'name', cell: (o) => o.metadata.name };
export const ageColumn: Column = { name: 'Age', type: 'string', cell: (o, now) => ageOf(o.metadata.creationTimestamp, now) };

export function column(name: string, cell: (object: KubeObject, nowMs: number) => unknown, type: Column['type'] = 'string'): Column {
  return { name, type, cell };
}

/** Shown with `-o wide` only. */
export function wideColumn(name: string, cell: (object: KubeObject, nowMs: number) => unknown): Column {
  return { name, type: 'string', priority: 1, cell };
}
