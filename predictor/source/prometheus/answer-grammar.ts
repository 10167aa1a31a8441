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
  | 'resultType'
  | 'warnings'
  | 'warning'
  | 'isPartial'
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
    ['warnings', 'warnings'],
    ['isPartial', 'isPartial'],
  ]),
  data: new Map<string, Role>([
    ['result', 'result'],
    ['resultType', 'resultType'],
  ]),
  series: new Map<string, Role>([
    ['metric', 'metric'],
    ['values', 'values'],
    ['value', 'sample'],
  ]),
};
export const OBJECT_ROLES: ReadonlySet<Role> = new Set<Role>(['top', 'data', 'series', 'metric']);
export const ARRAY_ROLES: ReadonlySet<Role> = new Set<Role>(['result', 'values', 'sample', 'warnings']);
