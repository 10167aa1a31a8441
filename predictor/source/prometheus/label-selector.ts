import { NeapError } from '../../../common/errors.ts';

/** One condition of a Kubernetes label selector; all of them must hold. */
export interface Requirement {
  readonly key: string;
  readonly operator: 'in' | 'notIn' | 'exists' | 'doesNotExist';
  /** Empty for the last two operators. */
  readonly values: readonly string[];
}

const KEY = String.raw`(?:[A-Za-z0-9](?:[-A-Za-z0-9.]*[A-Za-z0-9])?/)?[A-Za-z0-9](?:[-\w.]*[A-Za-z0-9])?`;
const VALUE = /^(?:[A-Za-z0-9](?:[-\w.]*[A-Za-z0-9])?)?$/;
const EQUALITY = new RegExp(`^(${KEY})\\s*(==|=|!=)\\s*(\\S*)$`);
const SET = new RegExp(`^(${KEY})\\s+(in|notin)\\s*\\(([^()]*)\\)$`);
const EXISTENCE = new RegExp(`^(!?)\\s*(${KEY})$`);

/**
 * Parses what `kubectl -l` takes: `app=web,tier!=db,env in (a,b),canary notin (yes),team,!legacy`.
 * @throws NeapError `usage` naming the part that is wrong
 */
export function parseSelector(text: string): readonly Requirement[] {
  if (text.trim() === '') return [];
  return splitOutsideBrackets(text).map((part) => requirement(part.trim(), text));
}

function splitOutsideBrackets(text: string): readonly string[] {
  return text.split(/,(?![^(]*\))/);
}

function requirement(part: string, whole: string): Requirement {
  const equality = EQUALITY.exec(part);
  if (equality) {
    const [, key = '', operator, value = ''] = equality;
    return { key, operator: operator === '!=' ? 'notIn' : 'in', values: [checked(value, whole)] };
  }
  const set = SET.exec(part);
  if (set) {
    const [, key = '', operator, list = ''] = set;
    const values = list.split(',').map((value) => checked(value.trim(), whole));
    return { key, operator: operator === 'in' ? 'in' : 'notIn', values };
  }
  const existence = EXISTENCE.exec(part);
  if (existence) return { key: existence[2] as string, operator: existence[1] === '!' ? 'doesNotExist' : 'exists', values: [] };
  throw badSelector(part, whole);
}

function checked(value: string, whole: string): string {
  if (!VALUE.test(value)) throw badSelector(value, whole);
  return value;
}

function badSelector(part: string, whole: string): NeapError {
  return new NeapError('usage', `the selector "${whole}" cannot be read at "${part}"`, {
    remedy: 'write for example app=web,tier!=db or "env in (prod,stage),!legacy"',
  });
}

/** As Kubernetes does it: `!=` and `notin` also hold where the label is absent. */
export function matchesSelector(requirements: readonly Requirement[], labelOf: (key: string) => string | undefined): boolean {
  return requirements.every((requirement) => holds(requirement, labelOf(requirement.key)));
}

function holds({ operator, values }: Requirement, value: string | undefined): boolean {
  switch (operator) {
    case 'in':
      return value !== undefined && values.includes(value);
    case 'notIn':
      return value === undefined || !values.includes(value);
    case 'exists':
      return value !== undefined;
    case 'doesNotExist':
      return value === undefined;
  }
}
