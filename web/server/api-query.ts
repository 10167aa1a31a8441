import { z } from 'zod';
import { parseDuration } from '../../common/duration.ts';
import { DAY_SECONDS, HOUR_SECONDS } from '../../common/units.ts';
import {
  DEFAULT_CHART_WINDOW,
  decodeWorkloadsQuery,
  MAX_FILTER_VALUES,
  MAX_PAGE,
  MAX_PAGE_SIZE,
  MAX_TEXT_LENGTH,
  RISKS,
  SORT_COLUMNS,
  type WorkloadsQuery,
  wholeNumber,
} from '../contract/query.ts';
import { Problem } from './problem.ts';

/** A page's address is read with tolerance, an API call is not: a misspelt filter must not give unfiltered numbers. */
export function parseWorkloadsQuery(url: string): { query: WorkloadsQuery; format: 'json' | 'csv' } {
  const params = paramsOf(url);
  const { format } = checked(workloadsParams, params);
  return { query: decodeWorkloadsQuery(params), format: format ?? 'json' };
}

const MAX_WINDOW_SECONDS = 31 * DAY_SECONDS;

/** @returns seconds */
export function parseSeriesQuery(url: string): number {
  return checked(seriesParams, paramsOf(url)).window ?? (parseDuration(DEFAULT_CHART_WINDOW) as number);
}

/** For routes without any parameter. */
export function parseNoQuery(url: string): void {
  checked(z.strictObject({}), paramsOf(url));
}

function once<T extends z.ZodType<unknown, string>>(schema: T) {
  return z
    .array(z.string())
    .max(1, 'is given more than once')
    .transform((values) => values[0] as string)
    .pipe(schema)
    .optional();
}

function many<T extends z.ZodType>(schema: T) {
  return z.array(schema).max(MAX_FILTER_VALUES, `has more than ${MAX_FILTER_VALUES} values`).optional();
}

function count(max: number) {
  return z.string().refine((text) => wholeNumber(text, max) !== undefined, `is not a whole number from 1 to ${max}`);
}

function choice<const T extends readonly string[]>(values: T) {
  return z.enum(values, `is none of ${values.join(', ')}`);
}

const name = z.string().min(1, 'is empty').max(253, 'is longer than 253 characters');

const workloadsParams = z.strictObject({
  q: once(z.string().max(MAX_TEXT_LENGTH, `is longer than ${MAX_TEXT_LENGTH} characters`)),
  namespace: many(name),
  kind: many(name),
  risk: many(choice(RISKS)),
  savings: once(choice(['only'])),
  sort: once(choice(SORT_COLUMNS)),
  dir: once(choice(['asc', 'desc'])),
  page: once(count(MAX_PAGE)),
  size: once(count(MAX_PAGE_SIZE)),
  format: once(choice(['json', 'csv'])),
});

const seriesParams = z.strictObject({
  window: once(
    z.string().transform((text, context) => {
      const seconds = parseDuration(text);
      if (seconds !== undefined && seconds >= HOUR_SECONDS && seconds <= MAX_WINDOW_SECONDS) return seconds;
      context.addIssue({ code: 'custom', message: 'is not a duration from 1h to 31d, such as 24h or 7d' });
      return z.NEVER;
    }),
  ),
});

function paramsOf(url: string): URLSearchParams {
  const start = url.indexOf('?');
  return new URLSearchParams(start === -1 ? '' : url.slice(start + 1));
}

function checked<T extends z.ZodRawShape>(schema: z.ZodObject<T>, params: URLSearchParams): z.infer<z.ZodObject<T>> {
  const values: Record<string, string[]> = Object.create(null);
  for (const key of params.keys()) values[key] = params.getAll(key);
  const result = schema.safeParse({ ...values });
  if (result.success) return result.data;
  const known = Object.keys(schema.shape);
  const invalid = result.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((parameter) => ({
          parameter,
          message: known.length === 0 ? 'is unknown: there are no parameters' : `is unknown: there are ${known.join(', ')}`,
        }))
      : [{ parameter: String(issue.path[0] ?? ''), message: issue.message }],
  );
  throw new Problem({
    status: 400,
    code: 'BadQuery',
    detail: invalid.map(({ parameter, message }) => `${parameter} ${message}`).join('; '),
    remedy: 'Correct or remove these parameters.',
    invalid,
  });
}
