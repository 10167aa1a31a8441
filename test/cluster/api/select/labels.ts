import { type Fields, isFields, listOf, textOf } from '../object.ts';
import { ApiError, badRequest } from '../status.ts';

export type Labels = Readonly<Record<string, string>>;
export type LabelMatch = (labels: Labels | undefined) => boolean;

const everything: LabelMatch = () => true;
const KEY = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;

/** `app=web,tier!=db,zone in (a,b),!legacy` as a predicate. Bad text is a 400. */
export function parseLabelSelector(text: string | undefined): LabelMatch {
  const source = text?.trim();
  if (!source) return everything;
  const matches = splitRequirements(source).map((part) => requirement(part.trim(), source));
  return (labels) => matches.every((m) => m(labels));
}

/** Splits at commas that are not in a set's parentheses. */
function splitRequirements(text: string): string[] {
  return text.split(/,(?![^(]*\))/);
}

function requirement(part: string, whole: string): LabelMatch {
  const set = /^(\S+)\s+(in|notin)\s*\(([^)]*)\)$/.exec(part);
  if (set)
    return setMatch(
      checkedKey(set[1], whole),
      set[2] === 'in' ? 'In' : 'NotIn',
      (set[3] ?? '').split(',').map((v) => v.trim()),
    );
  const order = /^(\S+?)\s*([<>])\s*(-?\d+)$/.exec(part);
  if (order) {
    const key = checkedKey(order[1], whole);
    const limit = Number(order[3]);
    return (labels) => {
      const value = Number(labels?.[key] ?? Number.NaN);
      return order[2] === '<' ? value < limit : value > limit;
    };
  }
  const equal = /^(\S+?)\s*(==|=|!=)\s*(\S*)$/.exec(part);
  if (equal) return setMatch(checkedKey(equal[1], whole), equal[2] === '!=' ? 'NotIn' : 'In', [equal[3] ?? '']);
  if (part.startsWith('!')) return setMatch(checkedKey(part.slice(1).trim(), whole), 'DoesNotExist', []);
  return setMatch(checkedKey(part, whole), 'Exists', []);
}

function checkedKey(key: string | undefined, whole: string): string {
  if (key !== undefined && KEY.test(key)) return key;
  throw badRequest(`unable to parse requirement: "${key}" is not a label key in selector "${whole}"`);
}

function setMatch(key: string, operator: string, values: readonly string[]): LabelMatch {
  switch (operator) {
    case 'In':
      return (labels) => labels !== undefined && Object.hasOwn(labels, key) && values.includes(labels[key] as string);
    case 'NotIn':
      return (labels) => labels === undefined || !Object.hasOwn(labels, key) || !values.includes(labels[key] as string);
    case 'Exists':
      return (labels) => labels !== undefined && Object.hasOwn(labels, key);
    case 'DoesNotExist':
      return (labels) => labels === undefined || !Object.hasOwn(labels, key);
    default:
      throw new ApiError({ code: 422, reason: 'Invalid', message: `"${operator}" is not a label selector operator` });
  }
}

/** A LabelSelector object (`matchLabels`, `matchExpressions`). The empty one selects everything, none selects nothing. */
export function compileLabelSelector(selector: unknown): LabelMatch {
  if (!isFields(selector)) return () => false;
  const matches: LabelMatch[] = Object.entries((selector.matchLabels ?? {}) as Fields).map(([k, v]) => setMatch(k, 'In', [String(v)]));
  for (const expression of listOf(selector.matchExpressions)) {
    if (isFields(expression))
      matches.push(setMatch(textOf(expression.key), textOf(expression.operator), listOf(expression.values).map(String)));
  }
  return (labels) => matches.every((m) => m(labels));
}

/** The same selector as text, as `status.selector` of the scale subresource shows it. */
export function labelSelectorText(selector: unknown): string {
  if (!isFields(selector)) return '';
  const parts = Object.entries((selector.matchLabels ?? {}) as Fields).map(([k, v]) => `${k}=${String(v)}`);
  for (const e of listOf(selector.matchExpressions)) {
    if (!isFields(e)) continue;
    const key = textOf(e.key);
    const values = listOf(e.values).map(String).sort().join(',');
    parts.push(
      { In: `${key} in (${values})`, NotIn: `${key} notin (${values})`, Exists: key, DoesNotExist: `!${key}` }[textOf(e.operator)] ?? key,
    );
  }
  return parts.sort().join(',');
}
