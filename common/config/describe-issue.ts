import type { z } from 'zod';
import { didYouMean } from '../did-you-mean.ts';

/** One problem of a value, not yet placed in a file. */
export interface ValueProblem {
  readonly path: readonly PropertyKey[];
  /** The problem is with the key at the end of the path, not with its value. */
  readonly aboutKey: boolean;
  readonly message: string;
  readonly remedy: string;
}

/** Every problem of `input` against the shape; none where it fits. */
export function valueProblems(shape: z.ZodType, input: unknown): ValueProblem[] {
  const keysKnownAt = new Map<string, readonly string[]>();
  const parsed = shape.safeParse(input, {
    error: (issue) => {
      if (issue.code === 'unrecognized_keys') keysKnownAt.set(JSON.stringify(issue.path ?? []), keysOf(issue.inst));
      return undefined;
    },
  });
  if (parsed.success) return [];
  return parsed.error.issues.flatMap((issue): ValueProblem[] => {
    if (issue.code !== 'unrecognized_keys') return [{ path: issue.path, aboutKey: false, ...describeIssue(issue, input) }];
    const known = keysKnownAt.get(JSON.stringify(issue.path)) ?? [];
    return issue.keys.map((key) => ({
      path: [...issue.path, key],
      aboutKey: true,
      message: 'is not known here',
      remedy: remedyForName(key, known),
    }));
  });
}

/** The value at the path; undefined where it leads nowhere. */
export function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}

function keysOf(inst: unknown): string[] {
  return Object.keys((inst as { _zod?: { def?: { shape?: object } } } | undefined)?._zod?.def?.shape ?? {});
}

function remedyForName(name: string, known: readonly string[]): string {
  const [near] = didYouMean(name, known, 1);
  if (near !== undefined) return `did you mean ${near}?`;
  return known.length > 0 ? `remove it; known here: ${known.join(', ')}` : 'remove it';
}

interface Description {
  readonly message: string;
  readonly remedy: string;
}

function describeIssue(issue: z.core.$ZodIssue, input: unknown): Description {
  const value = valueAt(input, issue.path);
  switch (issue.code) {
    case 'custom':
      return { message: issue.message, remedy: remedyOf(issue.params) };
    case 'invalid_type':
      return value === undefined
        ? { message: 'is missing', remedy: `write ${article(issue.expected)}` }
        : {
            message: `is not ${article(issue.expected).replace(' in quotes', '')}`,
            remedy: `write ${article(issue.expected)}${quoteHint(value, issue.expected)}`,
          };
    case 'invalid_value':
      return describeChoice(value, issue.values);
    case 'invalid_union':
      return describeUnion(value, issue);
    case 'too_small':
      return { message: `is below ${issue.minimum}`, remedy: `write ${issue.minimum} or more${counted(issue.origin)}` };
    case 'too_big':
      return { message: `is above ${issue.maximum}`, remedy: `write ${issue.maximum} or less${counted(issue.origin)}` };
    case 'invalid_format':
      return { message: 'is not of the expected form', remedy: formatRemedy(issue) };
    default:
      return { message: issue.message, remedy: 'correct it' };
  }
}

function remedyOf(params: { readonly remedy?: unknown } | undefined): string {
  return typeof params?.remedy === 'string' ? params.remedy : 'correct it';
}

function formatRemedy(issue: { readonly format: string; readonly pattern?: string | undefined; readonly message: string }): string {
  if (issue.format === 'date') return 'write a day as YYYY-MM-DD';
  return issue.format === 'regex' ? `it must match ${issue.pattern ?? issue.message}` : `write ${article(issue.format)}`;
}

function describeChoice(value: unknown, choices: readonly unknown[]): Description {
  const names = choices.map(String);
  if (value === undefined) return { message: 'is missing', remedy: `write ${names.join(' or ')}` };
  const [near] = typeof value === 'string' ? didYouMean(value, names, 1) : [];
  const all = `write ${names.join(' or ')}`;
  return {
    message: 'is not one of the choices',
    remedy: near !== undefined && names.length > 1 ? `did you mean ${near}? Else ${all}` : all,
  };
}

function describeUnion(value: unknown, issue: z.core.$ZodIssueInvalidUnion): Description {
  if ('options' in issue && issue.options !== undefined) return describeChoice(value, issue.options);
  const expected = issue.errors.flat().flatMap((inner) => (inner.code === 'invalid_type' ? [article(inner.expected)] : []));
  const remedy = `write ${[...new Set(expected)].join(' or ')}`;
  return value === undefined ? { message: 'is missing', remedy } : { message: 'is of the wrong type', remedy };
}

const WORDS: Readonly<Record<string, string>> = {
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
  string: 'text in quotes',
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
};

const article = (type: string): string => WORDS[type] ?? `a ${type}`;

function quoteHint(value: unknown, expected: string): string {
  return expected === 'number' && typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value))
    ? ' without quotes'
    : '';
}

function counted(origin: string): string {
  if (origin === 'string') return ' characters';
  return origin === 'array' ? ' entries' : '';
}
