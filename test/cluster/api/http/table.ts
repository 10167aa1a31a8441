import type { Fields, KubeObject } from '../object.ts';
import type { Column } from '../resource-type.ts';

export interface TableOptions {
  readonly columns: readonly Column[];
  readonly nowMs: number;
  /** What each row carries of its object. */
  readonly include: 'Metadata' | 'Object' | 'None';
}

/** The table that `kubectl get` prints. @param withColumns later tables of a watch leave the columns out */
export function tableOf(objects: readonly KubeObject[], listMetadata: Fields, options: TableOptions, withColumns = true): Fields {
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: listMetadata,
    columnDefinitions: withColumns ? options.columns.map(columnDefinition) : null,
    rows: objects.map((object) => ({
      cells: options.columns.map((c) => c.cell(object, options.nowMs) ?? null),
      object: carried(object, options.include),
    })),
  };
}

function columnDefinition(column: Column): Fields {
  return {
    name: column.name,
    type: column.type,
    format: column.format ?? '',
    description: column.description ?? '',
    priority: column.priority ?? 0,
  };
}

function carried(object: KubeObject, include: TableOptions['include']): unknown {
  if (include === 'None') return undefined;
  return include === 'Object' ? object : metadataOnly(object);
}

export function metadataOnly(object: KubeObject): Fields {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata };
}
