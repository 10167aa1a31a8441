import { NeapError } from '../../../common/errors.ts';
import { HttpStatusError } from '../../../common/http/failure.ts';
import { DAY_SECONDS } from '../../../common/units.ts';
import { noReads, type SourceReport } from '../history-source.ts';
import type { CallContext, MetadataAnswer, PrometheusApi } from './api.ts';
import { sourceChecks } from './checks.ts';
import { type Dialect, LIMITS, OWNER_RULE, POD_OWNER, REPLICASET_OWNER, REQUESTS, V1_SUFFIX } from './dialect.ts';
import { findNewestSample } from './freshness.ts';
import { PART, range, selector, union } from './promql.ts';
import { perContainer, scrapeIntervalOf, scrapesExpression, usageRows } from './usage-query.ts';
import { SHORTEST_WINDOW_SECONDS, type TimeWindow } from './windows.ts';

export interface InspectParts {
  readonly api: PrometheusApi;
  readonly dialect: (window: TimeWindow, context: CallContext) => Promise<Dialect>;
  readonly nowUnixSeconds: () => number;
}

/** How far back names are looked for first. */
const LOOK_BACK_DAYS = 30;
/** How far back a server that gets no samples any more is searched for its last one. */
const SEARCH_DAYS = 366;
/** A server that is there says its version at once. */
const FIRST_ANSWER_MS = 15_000;

/** Finds out what the server has. Throws where nobody answers, or somebody else than a Prometheus API. */
export async function inspectServer(
  { api, dialect: find, nowUnixSeconds }: InspectParts,
  signal: AbortSignal | undefined,
): Promise<SourceReport> {
  const context = { signal, counters: noReads() };
  const now = nowUnixSeconds();
  const { server, clockSkewSeconds } = await identify(api, nowUnixSeconds, context);
  const over = (days: number): Promise<Dialect> => find({ fromUnixSeconds: now - days * DAY_SECONDS, toUnixSeconds: now }, context);
  const lately = await over(LOOK_BACK_DAYS);
  const dialect = (lately.cpu ?? lately.memory) ? lately : await over(SEARCH_DAYS);
  const newestSampleUnixSeconds = await findNewestSample(api, dialect, { nowUnixSeconds: now, days: SEARCH_DAYS }, context);
  const counts = await countSeries(api, dialect, newestSampleUnixSeconds ?? now, context);
  const checks = sourceChecks({ server, url: api.url, dialect, counts, clockSkewSeconds, newestSampleUnixSeconds, nowUnixSeconds: now });
  return { server, checks, newestSampleUnixSeconds, clockSkewSeconds, requests: context.counters.requests };
}

interface Identity {
  readonly server: string;
  readonly clockSkewSeconds: number | undefined;
}

async function identify(api: PrometheusApi, nowUnixSeconds: () => number, context: CallContext): Promise<Identity> {
  let answer: MetadataAnswer;
  try {
    answer = await api.metadata('status/buildinfo', new URLSearchParams(), context, { headersTimeoutMs: FIRST_ANSWER_MS, attempts: 2 });
  } catch (error) {
    // Gateways and older servers do without this page; the names that are asked for next show whether the API is there.
    if (error instanceof NeapError && error.cause instanceof HttpStatusError && error.cause.status === 404) {
      return { server: 'unknown server with a Prometheus API', clockSkewSeconds: undefined };
    }
    throw error;
  }
  const date = Date.parse(answer.header('date') ?? '');
  return {
    server: serverName(answer),
    // The header has whole seconds: half of one is the best guess for the rest.
    clockSkewSeconds: Number.isNaN(date) ? undefined : Math.round(date / 1000 + 0.5 - nowUnixSeconds()),
  };
}

function serverName(answer: MetadataAnswer): string {
  const { version, application } = (answer.data ?? {}) as { version?: unknown; application?: unknown };
  const suffix = typeof version === 'string' ? ` ${version}` : '';
  // VictoriaMetrics says its host in every answer, and no version or that of the Prometheus it imitates.
  if (answer.header('x-server-hostname') !== undefined) return 'VictoriaMetrics';
  if (typeof application === 'string') return `${application.replace(/^Grafana /, '')}${suffix}`;
  return version === undefined
    ? 'unknown server with a Prometheus API'
    : `${/^v?0\./.test(suffix.trim()) ? 'Thanos' : 'Prometheus'}${suffix}`;
}

/** How many rows each kind of series has at one time. */
export interface SeriesCounts {
  readonly cpu: number;
  readonly memory: number;
  readonly podOwners: number;
  readonly replicaSetOwners: number;
  readonly requests: number;
  readonly limits: number;
  /** Values of the label `cluster` on usage; empty where there is none. */
  readonly clusters: readonly string[];
  /** undefined where no series lasted long enough to tell. */
  readonly scrapeIntervalSeconds: number | undefined;
}

async function countSeries(api: PrometheusApi, dialect: Dialect, atUnixSeconds: number, context: CallContext): Promise<SeriesCounts> {
  const lately = (rows: string): string => `count(last_over_time(${rows}${range(SHORTEST_WINDOW_SECONDS)}))`;
  const ifThere = (...names: string[]): string | undefined => {
    const name = names.find((n) => dialect.names.has(n));
    return name === undefined ? undefined : lately(selector(name, []));
  };
  const all = { namespaces: [] };
  const containers = (metric: Dialect['cpu']): string | undefined =>
    metric === undefined ? undefined : `count(${perContainer(metric, all, (rows) => rows)})`;
  const usage = dialect.cpu ?? dialect.memory;
  const expression = union({
    cpu: containers(dialect.cpu),
    memory: containers(dialect.memory),
    podOwners: ifThere(POD_OWNER, OWNER_RULE),
    replicaSetOwners: ifThere(REPLICASET_OWNER),
    requests: ifThere(REQUESTS, REQUESTS + V1_SUFFIX.cpu),
    limits: ifThere(LIMITS, LIMITS + V1_SUFFIX.cpu, LIMITS + V1_SUFFIX.memory),
    clusters: usage && `count by (cluster) (${usageRows(usage, all)})`,
    scrapes: usage && scrapesExpression(usage, all),
  });
  const rows = expression === '' ? [] : await api.query(expression, atUnixSeconds, context);
  const found = new Map(rows.map(({ labels, value }) => [labels.get(PART), value]));
  const of = (key: string): number => found.get(key) ?? 0;
  return {
    cpu: of('cpu'),
    memory: of('memory'),
    podOwners: of('podOwners'),
    replicaSetOwners: of('replicaSetOwners'),
    requests: of('requests'),
    limits: of('limits'),
    clusters: rows
      .filter(({ labels }) => labels.get(PART) === 'clusters')
      .map(({ labels }) => labels.get('cluster') ?? '')
      .filter((cluster) => cluster !== '')
      .sort(),
    scrapeIntervalSeconds: scrapeIntervalOf(found.get('scrapes')),
  };
}
