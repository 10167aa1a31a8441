/** What may come next in JSON. */
export type Expecting = 'value' | 'firstElementOrEnd' | 'firstKeyOrEnd' | 'key' | 'colon' | 'commaOrEnd' | 'nothing';

/** What a value means in the answer of a query. */
export type Role =
  | 'top'
  | 'status'
  | 'errorType'
  | 'error'
  | 'data'
  | 'result'
  | 'series'
  | 'metric'
  | 'label'
  | 'values'
  | 'sample'
  | 'time'
  | 'sampleValue'
  | 'skip';

/** Roles of the values behind known keys, by the role of the object. */
export const KEY_ROLES: Partial<Record<Role, ReadonlyMap<string, Role>>> = {
  top: new Map<string, Role>([
    ['status', 'status'],
    ['errorType', 'errorType'],
    ['error', 'error'],
    ['data', 'data'],
  ]),
  data: new Map<string, Role>([['result', 'result']]),
  series: new Map<string, Role>([
    ['metric', 'metric'],
    ['values', 'values'],
    ['value', 'sample'],
  ]),
};
export const OBJECT_ROLES: ReadonlySet<Role> = new Set<Role>(['top', 'data', 'series', 'metric']);
export const ARRAY_ROLES: ReadonlySet<Role> = new Set<Role>(['result', 'values', 'sample']);
