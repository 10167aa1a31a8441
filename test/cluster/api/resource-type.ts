import type { KubeObject } from './object.ts';
import type { Schema } from './schema/schema.ts';
import type { FieldProblem } from './status.ts';

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';
export type Subresource = 'status' | 'scale' | 'resize' | 'eviction' | 'binding' | 'token' | 'finalize';

export const ALL_VERBS: readonly Verb[] = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

/** A column of `kubectl get`. Priority 0 is always shown, 1 with `-o wide`. */
export interface Column {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  readonly format?: string;
  readonly description?: string;
  readonly priority?: number;
  readonly cell: (object: KubeObject, nowMs: number) => unknown;
}

/** Dotted paths of the scale subresource. */
export interface ScalePaths {
  readonly specReplicas: string;
  readonly statusReplicas: string;
  /** Where the selector is: a LabelSelector, a map of labels, or text. */
  readonly selector: string | undefined;
}

export interface ResourceVersion {
  readonly name: string;
  readonly schema: () => Schema | undefined;
  readonly columns: readonly Column[];
  readonly scale?: ScalePaths;
  readonly subresources: readonly Subresource[];
  /** From and to the stored form; where they are left out only `apiVersion` differs. */
  readonly fromStorage?: (object: KubeObject) => KubeObject;
  readonly toStorage?: (object: KubeObject) => KubeObject;
}

/** What is particular about a kind. Objects handed to `complete` are nobody else's and are changed in place. */
export interface Behaviour {
  /** Defaults that depend on other fields, and what the server sets. */
  readonly complete?: (object: KubeObject, old: KubeObject | undefined) => void;
  readonly validate?: (object: KubeObject, old: KubeObject | undefined) => readonly FieldProblem[];
}

export interface ResourceType {
  readonly group: string;
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly verbs: readonly Verb[];
  /** In order of preference. */
  readonly versions: readonly ResourceVersion[];
  readonly storageVersion: string;
  /** Where the objects are kept; two groups may show the same ones. */
  readonly collection: string;
  /** Fields by which lists may be selected, beside name and namespace. */
  readonly selectableFields: readonly string[];
  readonly hasGeneration: boolean;
  readonly behaviour: Behaviour;
  /** Defined by a CustomResourceDefinition. */
  readonly custom: boolean;
  /** The objects of a kind that is computed when asked for; it can be read and listed only. */
  readonly compute?: (namespace: string | undefined) => Iterable<KubeObject>;
}

export const groupVersion = (group: string, version: string): string => (group ? `${group}/${version}` : version);

function storageApiVersion(type: ResourceType): string {
  return groupVersion(type.group, type.storageVersion);
}

/** The stored object as a version shows it. */
export function asVersion(object: KubeObject, type: ResourceType, version: ResourceVersion): KubeObject {
  if (version.fromStorage) return version.fromStorage(object);
  const apiVersion = groupVersion(type.group, version.name);
  return object.apiVersion === apiVersion ? object : { ...object, apiVersion };
}

export function asStored(object: KubeObject, type: ResourceType, version: ResourceVersion): KubeObject {
  if (version.toStorage) return version.toStorage(object);
  const apiVersion = storageApiVersion(type);
  return object.apiVersion === apiVersion ? object : { ...object, apiVersion };
}

/** The kinds that the server knows now: the built-in ones and those of the CRDs. */
export class ResourceTypes {
  readonly #types = new Map<string, ResourceType>();
  #generation = 0;

  /** Grows with each change of what is served. */
  get generation(): number {
    return this.#generation;
  }

  add(type: ResourceType): void {
    this.#types.set(`${type.plural}.${type.group}`, type);
    this.#generation++;
  }

  remove(type: Pick<ResourceType, 'plural' | 'group'>): void {
    if (this.#types.delete(`${type.plural}.${type.group}`)) this.#generation++;
  }

  all(): readonly ResourceType[] {
    return [...this.#types.values()];
  }

  byPlural(group: string, plural: string): ResourceType | undefined {
    return this.#types.get(`${plural}.${group}`);
  }

  byKind(apiVersion: string, kind: string): ResourceType | undefined {
    const slash = apiVersion.indexOf('/');
    const group = slash < 0 ? '' : apiVersion.slice(0, slash);
    for (const type of this.#types.values()) if (type.group === group && type.kind === kind) return type;
    return undefined;
  }
}
