import { basename } from 'node:path';
import type { Resource, WorkloadRef } from '../../core/workload.ts';

/** What a series of a trace file is about. */
export interface SeriesSubject {
  readonly ref: WorkloadRef;
  readonly container: string;
  /** Pods of one container are series of their own; '' where the name tells none. */
  readonly pod: string;
}

/** Names a container where the series names a workload only. */
const ONLY_CONTAINER = 'app';

/** The file's name without directory, `.csv` and `.gz`. */
export function fileStem(path: string): string {
  return basename(path)
    .replace(/\.gz$/, '')
    .replace(/\.csv$/, '');
}

/** Files hold CPU, but for those whose name starts with `mem`. */
export function resourceOfFile(path: string): Resource {
  return /^mem/i.test(fileStem(path)) ? 'memory' : 'cpu';
}

/**
 * A plain name is a Deployment of that name in a namespace named after the file, with one container `app`;
 * `namespace/kind/name/container[/pod]` says it all. undefined for another number of parts, or an empty one.
 */
export function subjectOf(series: string, path: string): SeriesSubject | undefined {
  const parts = series.split('/');
  const [first = '', kind = '', name = '', container = '', pod = ''] = parts;
  if (parts.includes('')) return undefined;
  if (parts.length === 1) return { ref: { namespace: fileStem(path), kind: 'Deployment', name: first }, container: ONLY_CONTAINER, pod };
  return parts.length === 4 || parts.length === 5 ? { ref: { namespace: first, kind, name }, container, pod } : undefined;
}
