import type { Resource } from '../../core/workload.ts';
import type { CallContext, PrometheusApi } from './api.ts';
import type { Dialect, UsageMetric } from './dialect.ts';
import { globMatchers, type Matcher, maxBy, PART, range, selector, union } from './promql.ts';

/** What one usage query is restricted to. */
export interface UsageScope {
  /** Names or `*` patterns; empty for all. */
  readonly namespaces: readonly string[];
  /** More matchers on the labels of the metric. */
  readonly matchers?: (metric: UsageMetric) => readonly Matcher[];
}

/** A container's own rows: neither the pod's sum (container="") nor its pause container ("POD"). */
export function usageSelector(metric: UsageMetric, scope: UsageScope): string {
  return selector(metric.name, [
    [metric.labels.container, '!=', ''],
    [metric.labels.container, '!=', 'POD'],
    ...globMatchers(metric.labels.namespace, scope.namespaces),
    ...(scope.matchers?.(metric) ?? []),
  ]);
}

/**
 * One row a container of a pod; the largest where several series tell of the same (HA pairs, a restart within the
 * window). CPU in cores, averaged over the window; memory in bytes, the highest within it.
 */
export function usageExpression(resource: Resource, metric: UsageMetric, scope: UsageScope, windowSeconds: number): string {
  const rows = usageSelector(metric, scope) + range(windowSeconds);
  return maxBy([metric.labels.namespace, metric.labels.pod, metric.labels.container], overWindow(resource, metric, rows));
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
const USUAL_SCRAPE_SECONDS = 60;
const DENSITY_SECONDS = 1200;
const SURVEY_POINTS = 24;

/** Looks at some points of the window, in one query. */
export async function survey(
  api: PrometheusApi,
  metric: UsageMetric,
  scope: UsageScope,
  window: { readonly fromUnixSeconds: number; readonly toUnixSeconds: number },
  context: CallContext,
): Promise<Survey> {
  const rows = usageSelector(metric, scope);
  const { namespace, pod, container } = metric.labels;
  const expression = union({
    raw: `count(${metric.perCpu ? `sum without (cpu) (${rows})` : rows})`,
    distinct: `count(${maxBy([namespace, pod, container], rows)})`,
    scrapes: `quantile(0.5, count_over_time(${rows}${range(DENSITY_SECONDS)}))`,
  });
  const stepSeconds = Math.max(300, Math.ceil((window.toUnixSeconds - window.fromUnixSeconds) / SURVEY_POINTS));
  const query = {
    expression,
    startUnixSeconds: Math.max(window.fromUnixSeconds, window.toUnixSeconds - (SURVEY_POINTS - 1) * stepSeconds),
    endUnixSeconds: window.toUnixSeconds,
    stepSeconds,
  };
  const fold = () => {
    const columns = new Map<string, Map<number, number>>();
    return {
      series: (
        labels: ReadonlyMap<string, string>,
        { count, times, values }: { count: number; times: Float64Array; values: Float64Array },
      ) => {
        const column = new Map<number, number>();
        for (let i = 0; i < count; i++) column.set(times[i] as number, values[i] as number);
        columns.set(labels.get(PART) ?? '', column);
      },
      done: () => surveyOf(columns),
    };
  };
  return api.queryRange(query, fold, context);
}

function surveyOf(columns: ReadonlyMap<string, ReadonlyMap<number, number>>): Survey {
  let series = 0;
  let duplicates = 0;
  for (const [time, distinct] of columns.get('distinct') ?? []) {
    series = Math.max(series, distinct);
    duplicates = Math.max(duplicates, (columns.get('raw')?.get(time) ?? distinct) - distinct);
  }
  const scrapes = [...(columns.get('scrapes')?.values() ?? [])].sort((a, b) => a - b);
  const median = scrapes[scrapes.length >> 1];
  return {
    series,
    duplicates,
    scrapeIntervalSeconds: median === undefined || !(median > 0) ? USUAL_SCRAPE_SECONDS : Math.round(DENSITY_SECONDS / median),
  };
}

/**
 * How far each value looks back: over its slot, and farther only where scrapes are so rare that a slot alone would
 * hold too few of them: a rate needs two, and four bridge a missed scrape.
 */
export function lookbackSeconds(resource: Resource, stepSeconds: number, scrapeIntervalSeconds: number): number {
  return Math.max(stepSeconds, resource === 'cpu' ? Math.max(120, 4 * scrapeIntervalSeconds) : 2 * scrapeIntervalSeconds);
}

export function usageMetric(dialect: Dialect, resource: Resource): UsageMetric | undefined {
  return resource === 'cpu' ? dialect.cpu : dialect.memory;
}
