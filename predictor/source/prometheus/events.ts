import type { WorkloadKey } from '../../core/workload.ts';
import type { AnswerFold, CallContext, PrometheusApi } from './api.ts';
import {
  CFS_PERIODS,
  CFS_THROTTLED,
  type Dialect,
  LAST_TERMINATED,
  LIMITS,
  OOM_EVENTS,
  type PodLabels,
  RESTARTS,
  V1_SUFFIX,
} from './dialect.ts';
import { globMatchers, maxBy, PART, range, selector, union } from './promql.ts';
import { overDays, type TimeWindow } from './windows.ts';

/** What happened to a container over the window; undefined is not known. */
export interface EventFacts {
  oomKills: number | undefined;
  oomLimitBytes: number | undefined;
  throttledShare: number | undefined;
}

export interface ContainerEvents {
  of(workload: WorkloadKey, container: string): EventFacts;
}

export interface EventOptions {
  readonly dialect: Dialect;
  readonly namespaces: readonly string[];
  readonly time: TimeWindow;
  /** undefined leaves the pod out. */
  readonly resolve: (namespace: string, pod: string) => WorkloadKey | undefined;
}

type EventContext = CallContext & { readonly counters: { splits: number } };

/** OOM kills and throttling, a day of history at a time: two queries. */
export async function readEvents(api: PrometheusApi, options: EventOptions, context: EventContext): Promise<ContainerEvents> {
  const [ooms, shares] = await Promise.all([readOoms(api, options, context), readThrottling(api, options, context)]);
  // kube-state-metrics writes the reason only once something was terminated, but restarts always.
  const knowsOoms = [LAST_TERMINATED, RESTARTS, OOM_EVENTS].some((name) => options.dialect.names.has(name));
  return {
    of(workload, container) {
      const oom = ooms.get(`${workload}/${container}`);
      return {
        oomKills: knowsOoms ? (oom?.kills ?? 0) : undefined,
        oomLimitBytes: oom?.limitBytes,
        throttledShare: shares.get(`${workload}/${container}`),
      };
    },
  };
}

interface OomFacts {
  kills: number;
  limitBytes: number | undefined;
}

/**
 * A kill shows in cAdvisor's counter, or as the last reason of termination of a container that was restarted in the
 * same window. The second tells only that there was one at least, so that the number is a lower bound.
 */
async function readOoms(
  api: PrometheusApi,
  { dialect, namespaces, time, resolve }: EventOptions,
  context: EventContext,
): Promise<ReadonlyMap<string, OomFacts>> {
  const state = dialect.kubeState;
  const by = [state.namespace, state.pod, state.container];
  const matchers = globMatchers(state.namespace, namespaces);
  const usage = dialect.cadvisor;
  const expressionOf = (seconds: number): string => {
    const window = range(seconds);
    const killed = `${maxBy(by, `max_over_time(${selector(LAST_TERMINATED, [['reason', '=', 'OOMKilled'], ...matchers])}${window})`)} > 0`;
    const ofKilled = (rows: string): string | undefined =>
      dialect.names.has(LAST_TERMINATED) ? `(${maxBy(by, rows)} and on (${by.join(',')}) (${killed}))` : undefined;
    const events = selector(OOM_EVENTS, [[usage.container, '!=', ''], ...globMatchers(usage.namespace, namespaces)]);
    const eventsBy = maxBy([usage.namespace, usage.pod, usage.container], `increase(${events}${window})`);
    return union({
      killed: dialect.names.has(LAST_TERMINATED) ? `(${killed})` : undefined,
      restarts: dialect.names.has(RESTARTS) ? ofKilled(`increase(${selector(RESTARTS, matchers)}${window})`) : undefined,
      limit: memoryLimit(dialect, (rows) => ofKilled(`max_over_time(${rows}${window})`), matchers),
      events: dialect.names.has(OOM_EVENTS) ? `(${eventsBy} > 0)` : undefined,
    });
  };
  const found = new Map<string, OomFacts>();
  if (expressionOf(0) === '') return found;
  const windows = await overDays(api, time, expressionOf, collectOomWindows(state, usage), context);
  const tellsRestarts = dialect.names.has(RESTARTS);
  for (const window of windows.flatMap((found) => [...found.values()])) {
    const workload = resolve(window.namespace, window.pod);
    if (workload === undefined) continue;
    const killed = window.killed && (!tellsRestarts || window.restarts > 0.5);
    const kills = Math.max(Math.round(window.events), killed ? 1 : 0);
    if (kills === 0) continue;
    const key = `${workload}/${window.container}`;
    const facts = found.get(key) ?? { kills: 0, limitBytes: undefined };
    found.set(key, facts);
    // Without restarts the reason of one kill stays for days: it counts once.
    facts.kills = tellsRestarts ? facts.kills + kills : Math.max(facts.kills, kills);
    facts.limitBytes = window.limitBytes ?? facts.limitBytes;
  }
  return found;
}

function memoryLimit(
  dialect: Dialect,
  wrap: (rows: string) => string | undefined,
  matchers: Parameters<typeof selector>[1],
): string | undefined {
  if (dialect.limits === 'v2') return wrap(selector(LIMITS, [['resource', '=', 'memory'], ...matchers]));
  const v1 = LIMITS + V1_SUFFIX.memory;
  return dialect.names.has(v1) ? wrap(selector(v1, matchers)) : undefined;
}

interface OomWindow {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  killed: boolean;
  restarts: number;
  events: number;
  limitBytes: number | undefined;
}

/** Rows by window, pod and container, oldest window first. */
function collectOomWindows(state: PodLabels, usage: PodLabels): () => AnswerFold<ReadonlyMap<string, OomWindow>> {
  return () => {
    const windows = new Map<string, OomWindow>();
    return {
      series(labels, { count, times, values }) {
        const part = labels.get(PART);
        const names = part === 'events' ? usage : state;
        const [namespace = '', pod = '', container = ''] = [names.namespace, names.pod, names.container].map((name) => labels.get(name));
        for (let i = 0; i < count; i++) {
          const time = String(times[i]).padStart(14, '0');
          const value = values[i] as number;
          const key = `${time}/${namespace}/${pod}/${container}`;
          const window = windows.get(key) ?? { namespace, pod, container, killed: false, restarts: 0, events: 0, limitBytes: undefined };
          windows.set(key, window);
          take(window, part, value);
        }
      },
      done: () => new Map([...windows].sort(([a], [b]) => (a < b ? -1 : 1))),
    };
  };
}

function take(window: OomWindow, part: string | undefined, value: number): void {
  if (part === 'killed') window.killed = true;
  else if (part === 'restarts') window.restarts = value;
  else if (part === 'events') window.events = value;
  else if (part === 'limit' && Number.isFinite(value)) window.limitBytes = value;
}

/** Throttled ÷ all CFS periods over pods and window, by `workload/container`. */
async function readThrottling(
  api: PrometheusApi,
  { dialect, namespaces, time, resolve }: EventOptions,
  context: EventContext,
): Promise<ReadonlyMap<string, number>> {
  const shares = new Map<string, number>();
  if (!dialect.names.has(CFS_PERIODS) || !dialect.names.has(CFS_THROTTLED)) return shares;
  const { namespace, pod, container } = dialect.cadvisor;
  const matchers = [[container, '!=', ''] as const, ...globMatchers(namespace, namespaces)];
  const sum = (name: string, seconds: number): string =>
    `sum by (${namespace},${pod},${container}) (increase(${selector(name, matchers)}${range(seconds)}))`;
  const fold = () => {
    const sums = new Map<string, { throttled: number; periods: number }>();
    return {
      series(labels: ReadonlyMap<string, string>, { count, values }: { count: number; values: Float64Array }) {
        const workload = resolve(labels.get(namespace) ?? '', labels.get(pod) ?? '');
        if (workload === undefined) return;
        const key = `${workload}/${labels.get(container) ?? ''}`;
        const row = sums.get(key) ?? { throttled: 0, periods: 0 };
        sums.set(key, row);
        for (let i = 0; i < count; i++) {
          const value = values[i] as number;
          if (Number.isFinite(value)) row[labels.get(PART) === 'throttled' ? 'throttled' : 'periods'] += value;
        }
      },
      done: () => sums,
    };
  };
  const expressionOf = (seconds: number): string => union({ throttled: sum(CFS_THROTTLED, seconds), periods: sum(CFS_PERIODS, seconds) });
  const totals = new Map<string, { throttled: number; periods: number }>();
  for (const [key, { throttled, periods }] of (await overDays(api, time, expressionOf, fold, context)).flatMap((sums) => [...sums])) {
    const total = totals.get(key) ?? { throttled: 0, periods: 0 };
    totals.set(key, { throttled: total.throttled + throttled, periods: total.periods + periods });
  }
  for (const [key, { throttled, periods }] of totals) {
    if (periods > 0) shares.set(key, Math.min(1, throttled / periods));
  }
  return shares;
}
