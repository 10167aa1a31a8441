import { NeapError } from '../../common/errors.ts';
import { isLabelKey, isLabelValue } from '../../common/kubernetes-labels.ts';
import { known, type Result, unknown } from '../../common/result.ts';
import type { WorkloadRef } from '../core/workload.ts';
import type { WorkloadFilter } from './history-source.ts';

/** One term of a label selector. `notIn` is also true for an object without the label, as in Kubernetes. */
export interface LabelRequirement {
  readonly key: string;
  readonly operator: 'in' | 'notIn' | 'exists' | 'notExists';
  /** Never empty for `in` and `notIn`, always empty for the others. */
  readonly values: readonly string[];
}

/** What to let through, ready to be asked often. */
export interface CompiledFilter {
  /** The selector's terms, all of which must hold; empty where there is none. */
  readonly requirements: readonly LabelRequirement[];
  matchesNamespace(namespace: string): boolean;
  matchesKind(kind: string): boolean;
  /** Namespace and kind at once. */
  matchesWorkload(ref: WorkloadRef): boolean;
  /** The selector over a pod's labels; a key that is absent is a label that the pod does not have. */
  matchesLabels(labels: Readonly<Record<string, string>>): boolean;
}

/** @throws NeapError `usage` that names every mistake in the filter at once */
export function compileFilter(filter: WorkloadFilter): CompiledFilter {
  const selector = parseLabelSelector(filter.selector);
  const problems = [
    ...filter.namespaces
      .filter((p) => !/^[^\s/]+$/.test(p))
      .map((p) => `namespace "${p}" can never match: write a name or a pattern like "team-*"`),
    ...filter.kinds.filter((k) => !/^[A-Za-z][A-Za-z0-9]*$/.test(k)).map((k) => `kind "${k}" is no kind: write for example Deployment`),
    ...(selector.ok ? [] : [selector.detail ?? selector.reason]),
  ];
  if (problems.length > 0 || !selector.ok) {
    throw new NeapError('usage', problems.join('; '), { remedy: 'Correct the namespace, kind and selector options.' });
  }
  const requirements = selector.value;
  const kinds = new Set(filter.kinds.map((k) => k.toLowerCase()));
  const namespaces = filter.namespaces.map(namePattern);
  const matchesNamespace = (namespace: string): boolean => namespaces.length === 0 || namespaces.some((p) => p.test(namespace));
  const matchesKind = (kind: string): boolean => kinds.size === 0 || kinds.has(kind.toLowerCase());
  return {
    requirements,
    matchesNamespace,
    matchesKind,
    matchesWorkload: (ref) => matchesKind(ref.kind) && matchesNamespace(ref.namespace),
    matchesLabels: (labels) => requirements.every((r) => holds(r, labels)),
  };
}

/** An exact name or a pattern in which `*` stands for any run of characters. */
function namePattern(pattern: string): RegExp {
  const literals = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${literals.join('.*')}$`);
}

function holds(r: LabelRequirement, labels: Readonly<Record<string, string>>): boolean {
  const value = Object.hasOwn(labels, r.key) ? labels[r.key] : undefined;
  switch (r.operator) {
    case 'exists':
      return value !== undefined;
    case 'notExists':
      return value === undefined;
    case 'in':
      return value !== undefined && r.values.includes(value);
    case 'notIn':
      return value === undefined || !r.values.includes(value);
  }
}

/**
 * Kubernetes' label selector: `a=b`, `a==b`, `a!=b`, `a in (x,y)`, `a notin (x,y)`, `a`, `!a`, joined by commas.
 * Strict: what the API server would refuse is refused here. The empty text selects everything.
 */
export function parseLabelSelector(text: string): Result<readonly LabelRequirement[], 'BadSelector'> {
  if (text.trim() === '') return known([]);
  const terms = splitTerms(text);
  if (terms === undefined) return unknown('BadSelector', `selector "${text}" has a parenthesis without its partner`);
  const out: LabelRequirement[] = [];
  const problems: string[] = [];
  for (const term of terms) {
    const parsed = parseTerm(term.trim());
    if (typeof parsed === 'string') problems.push(parsed);
    else out.push(parsed);
  }
  return problems.length > 0 ? unknown('BadSelector', `selector "${text}": ${problems.join(', ')}`) : known(out);
}

/** Cuts at the commas outside parentheses; undefined where these do not match. */
function splitTerms(text: string): string[] | undefined {
  const terms: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === '(') depth++;
    if (c === ')') depth--;
    if (depth < 0 || depth > 1) return undefined;
    if (c === ',' && depth === 0) {
      terms.push(text.slice(start, i));
      start = i + 1;
    }
  }
  terms.push(text.slice(start));
  return depth === 0 ? terms : undefined;
}

/** @returns the term, or what is wrong with it */
function parseTerm(term: string): LabelRequirement | string {
  if (term === '') return 'a comma without a term';
  const absent = /^!\s*([^\s=!<>()]+)$/.exec(term);
  if (absent) return requirement(absent[1] as string, 'notExists', []);
  const present = /^[^\s=!<>()]+$/.exec(term);
  if (present) return requirement(term, 'exists', []);
  const equality = /^([^\s=!<>()]+)\s*(==?|!=)\s*([^\s=!<>()]*)$/.exec(term);
  if (equality) return requirement(equality[1] as string, equality[2] === '!=' ? 'notIn' : 'in', [equality[3] as string]);
  const set = /^([^\s=!<>()]+)\s+(in|notin)\s*\(([^()]*)\)$/.exec(term);
  if (set) {
    if ((set[3] as string).trim() === '') return `"${term}" has no values`;
    const values = (set[3] as string).split(',').map((v) => v.trim());
    return requirement(set[1] as string, set[2] === 'in' ? 'in' : 'notIn', values);
  }
  return `"${term}" is no term: write a=b, a!=b, a in (x,y), a notin (x,y), a or !a`;
}

function requirement(key: string, operator: LabelRequirement['operator'], values: readonly string[]): LabelRequirement | string {
  if (!isLabelKey(key)) return `"${key}" is no label key`;
  const bad = values.find((v) => !isLabelValue(v));
  return bad === undefined ? { key, operator, values } : `"${bad}" is no label value`;
}
