/** Pieces of PromQL, every value escaped. */

export type Matcher = readonly [label: string, operator: '=' | '!=' | '=~' | '!~', value: string];

export function selector(metric: string, matchers: readonly Matcher[]): string {
  return `${metric}{${matchers.map(([label, operator, value]) => `${label}${operator}${quoted(value)}`).join(',')}}`;
}

/** Selects several metrics at once. */
export function selectorOfNames(names: readonly string[], matchers: readonly Matcher[]): string {
  return selector('', [['__name__', '=~', anyOf(names)], ...matchers]);
}

export function quoted(text: string): string {
  return `"${text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')}"`;
}

/** Escapes what RE2 reads as an operator. */
export function escapeRegex(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** A regular expression for exact texts; Prometheus anchors it. */
export function anyOf(texts: readonly string[]): string {
  return texts.map(escapeRegex).join('|');
}

/** Matchers for names or `*` patterns; none where the list is empty. */
export function globMatchers(label: string, patterns: readonly string[]): readonly Matcher[] {
  const [only] = patterns;
  if (only === undefined) return [];
  if (patterns.length === 1 && !only.includes('*')) return [[label, '=', only]];
  return [[label, '=~', patterns.map((p) => p.split('*').map(escapeRegex).join('.*')).join('|')]];
}

/** The label by which the parts of a union are told apart: servers differ in when they keep metric names. */
export const PART = 'neap_part';

/** Several expressions in one query. The rows of each carry its key in the label `PART`. */
export function union(parts: Readonly<Record<string, string | undefined>>): string {
  return Object.entries(parts)
    .filter(([, expression]) => expression !== undefined)
    .map(([key, expression]) => `label_replace(${expression}, "${PART}", "${key}", "", "")`)
    .join(' or ');
}

/** A range in whole seconds, as in `[300s]`. */
export function range(seconds: number): string {
  return `[${Math.ceil(seconds)}s]`;
}

export function maxBy(labels: readonly string[], expression: string): string {
  return `max by (${labels.join(',')}) (${expression})`;
}
