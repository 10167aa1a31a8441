import { DAY_SECONDS } from '../../../common/units.ts';
import type { Resource } from '../../core/workload.ts';
import type { Samples } from './answer-parser.ts';
import type { CallContext, PrometheusApi } from './api.ts';
import type { Dialect, UsageMetric } from './dialect.ts';
import { everyForm, type PodLabels } from './pod-labels.ts';
import { globMatchers, type Matcher, maxBy, PART, range, selector, union } from './promql.ts';

/** What one usage query is restricted to. */
export interface UsageScope {
  /** Names or `*` patterns; empty for all. */
  readonly namespaces: readonly string[];
  /** More matchers on the labels of the metric. */
  readonly matchers?: (form: PodLabels) => readonly Matcher[];
}

/** A container's own rows of one form: neither the pod's sum (container="") nor its pause container ("POD"). */
export function usageSelector(metric: UsageMetric, scope: UsageScope, form: PodLabels): string {
  return selector(metric.name, [
    [form.container, '!=', ''],
    [form.container, '!=', 'POD'],
    ...form.only,
    ...globMatchers(form.namespace, scope.namespaces),
    ...(scope.matchers?.(form) ?? []),
  ]);
}

/** The rows of all forms, as they are. */
export function usageRows(metric: UsageMetric, scope: UsageScope): string {
  return everyForm(metric.forms, (form) => usageSelector(metric, scope, form));
}

/** One row a container of a pod: the largest of what `overRows` makes of its series. */
export function perContainer(metric: UsageMetric, scope: UsageScope, overRows: (rows: string) => string): string {
  return everyForm(metric.forms, (form) => maxBy([form.namespace, form.pod, form.container], overRows(usageSelector(metric, scope, form))));
}

/**
 * One row a container of a pod; the largest where several series tell of the same (HA pairs, a restart within the
 * window). CPU in cores, averaged over the window; memory in bytes, the highest within it.
 */
export function usageExpression(resource: Resource, metric: UsageMetric, scope: UsageScope, windowSeconds: number): string {
  return perContainer(metric, scope, (rows) => overWindow(resource, metric, rows + range(windowSeconds)));
}

function overWindow(resource: Resource, metric: UsageMetric, rows: string): string {
  if (resource === 'memory') return `max_over_time(${rows})`;
  if (metric.form === 'gauge') return `avg_over_time(${rows})`;
  return metric.perCpu ? `sum without (cpu) (rate(${rows}))` : `rate(${rows})`;
}

/** How much there is, and how dense. */
export interface Survey {
  /** Most containers of pods with a sample at one time; 0 where nothing was seen. */
  readonly series: number;
  /** Most series beyond the first of a container at one time. */
  readonly duplicates: number;
  readonly scrapeIntervalSeconds: number;
}

/** Where nothing tells: the interval that most installations use at most. */
export const USUAL_SCRAPE_SECONDS = 60;
/** A second short of twenty minutes: some servers count the samples at both ends of a range. */
const DENSITY_SECONDS = 1199;
const SURVEY_POINTS = 24;

/**
 * Looks at some points of the window, in one query. A short window is made a day long: what a read finds must not depend
 * on how little of the history it is asked for.
 */
export async function survey(
  api: PrometheusApi,
  metric: UsageMetric,
  scope: UsageScope,
  window: { readonly fromUnixSeconds: number; readonly toUnixSeconds: number },
  context: CallContext,
): Promise<Survey> {
  const rows = usageRows(metric, scope);
  const expression = union({
    raw: `count(${metric.perCpu ? `sum without (cpu) (${rows})` : rows})`,
    distinct: `count(${perContainer(metric, scope, (ofForm) => ofForm)})`,
    scrapes: scrapesExpression(metric, scope),
  });
  const query = { expression, ...surveyPoints(window), endUnixSeconds: window.toUnixSeconds };
  const fold = () => {
    const columns = new Map<string, Map<number, number>>();
    return {
      series: (labels: ReadonlyMap<string, string>, { count, times, values }: Samples) => {
        const column = new Map<number, number>();
        for (let i = 0; i < count; i++) column.set(times[i] as number, values[i] as number);
        columns.set(labels.get(PART) ?? '', column);
      },
      done: () => surveyOf(columns),
    };
  };
  return api.queryRange(query, fold, context);
}

/** Points up to the end of a window, or of the last day where it is shorter. */
export function surveyPoints(window: { readonly fromUnixSeconds: number; readonly toUnixSeconds: number }): {
  readonly startUnixSeconds: number;
  readonly stepSeconds: number;
} {
  const fromUnixSeconds = Math.min(window.fromUnixSeconds, window.toUnixSeconds - DAY_SECONDS);
  const stepSeconds = Math.max(300, Math.ceil((window.toUnixSeconds - fromUnixSeconds) / SURVEY_POINTS));
  return { startUnixSeconds: window.toUnixSeconds - (SURVEY_POINTS - 1) * stepSeconds, stepSeconds };
}

/**
 * Median number of samples in the middle third of the last hour, over the series that were there in the first and the
 * last third too: a pod that lives for seconds has few samples however often it is scraped.
 */
export function scrapesExpression(metric: UsageMetric, scope: UsageScope): string {
  const third = range(DENSITY_SECONDS);
  const lasting = everyForm(metric.forms, (form) => {
    const rows = usageSelector(metric, scope, form) + third;
    const [middle, before] = [DENSITY_SECONDS, 2 * DENSITY_SECONDS];
    return `count_over_time(${rows} offset ${middle}s) and last_over_time(${rows}) and last_over_time(${rows} offset ${before}s)`;
  });
  return `quantile(0.5, ${lasting})`;
}

/** undefined where no series lasted. */
export function scrapeIntervalOf(scrapes: number | undefined): number | undefined {
  return scrapes === undefined || !(scrapes > 0) ? undefined : Math.round(DENSITY_SECONDS / scrapes);
}

function surveyOf(columns: ReadonlyMap<string, ReadonlyMap<number, number>>): Survey {
  let series = 0;
  let duplicates = 0;
  for (const [time, distinct] of columns.get('distinct') ?? []) {
    series = Math.max(series, distinct);
    duplicates = Math.max(duplicates, (columns.get('raw')?.get(time) ?? distinct) - distinct);
  }
  const scrapes = [...(columns.get('scrapes')?.values() ?? [])].sort((a, b) => a - b);
  return { series, duplicates, scrapeIntervalSeconds: scrapeIntervalOf(scrapes[scrapes.length >> 1]) ?? USUAL_SCRAPE_SECONDS };
}

/** Intervals that are told apart: a look-back must not change with a scrape more or less. */
const INTERVALS = [30, 60, 120, 180, 300];
const LONGEST_INTERVAL = 300;

/**
 * How far each value looks back: over its slot, and farther only where scrapes are so rare that a slot alone would
 * hold too few of them: a rate needs two, and four bridge a missed scrape. Scrapes rarer than five minutes leave holes,
 * which `neap doctor` tells of, rather than averages that hide peaks.
 */
export function lookbackSeconds(resource: Resource, stepSeconds: number, scrapeIntervalSeconds: number): number {
  const interval = INTERVALS.find((seconds) => scrapeIntervalSeconds <= 1.2 * seconds) ?? LONGEST_INTERVAL;
  return Math.max(stepSeconds, resource === 'cpu' ? Math.max(120, 4 * interval) : 2 * interval);
}

export function usageMetric(dialect: Dialect, resource: Resource): UsageMetric | undefined {
  return resource === 'cpu' ? dialect.cpu : dialect.memory;
}
