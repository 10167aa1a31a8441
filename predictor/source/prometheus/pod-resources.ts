import type { Resource } from '../../core/workload.ts';
import type { Samples } from './answer-parser.ts';
import type { CallContext, InstantRow, PrometheusApi } from './api.ts';
import { CREATED, type Dialect, LIMITS, REQUESTS, type ResourceSource, RUNNING, V1_SUFFIX } from './dialect.ts';
import { globMatchers, type Matcher, maxBy, PART, range, selector, union } from './promql.ts';
import { overDays, SHORTEST_WINDOW_SECONDS, type TimeWindow } from './windows.ts';

/** Pods by `namespace/pod`. */
export interface PodResources {
  readonly pods: ReadonlyMap<string, PodState>;
  /** Whether the source says which pods run. */
  readonly tellsRunning: boolean;
}

export interface PodState {
  running: boolean;
  createdUnixSeconds: number | undefined;
  readonly containers: Map<string, AskedFor>;
}

/** Millicores and bytes. */
export interface AskedFor {
  readonly request: Partial<Record<Resource, number>>;
  readonly limit: Partial<Record<Resource, number>>;
}

export interface PodResourcesOptions {
  readonly dialect: Dialect;
  readonly namespaces: readonly string[];
  readonly timeUnixSeconds: number;
}

/** Requests, limits, age and state of all pods at one time, in one query. */
export async function readPodResources(api: PrometheusApi, options: PodResourcesOptions, context: CallContext): Promise<PodResources> {
  const { dialect } = options;
  const { namespace, pod } = dialect.kubeState;
  const matchers = globMatchers(namespace, options.namespaces);
  const lookback = range(SHORTEST_WINDOW_SECONDS);
  const expression = union({
    ...resourceParts(dialect, matchers, (rows) => `last_over_time(${rows}${lookback})`),
    running: dialect.names.has(RUNNING) ? `${maxBy([namespace, pod], selector(RUNNING, matchers))} == 1` : undefined,
    created: dialect.names.has(CREATED) ? maxBy([namespace, pod], `last_over_time(${selector(CREATED, matchers)}${lookback})`) : undefined,
  });
  const rows = expression === '' ? [] : await api.query(expression, options.timeUnixSeconds, context);
  return { pods: podStates(dialect, rows), tellsRunning: dialect.names.has(RUNNING) };
}

/**
 * The parts of a union for requests and limits, one row a container and resource. Part keys are `request`, `limit`, or
 * with kube-state-metrics v1 `request_cpu`, `request_memory` and so on.
 */
export function resourceParts(
  dialect: Dialect,
  matchers: readonly Matcher[],
  overTime: (rows: string) => string,
  by: readonly string[] = [dialect.kubeState.namespace, dialect.kubeState.pod, dialect.kubeState.container],
): Readonly<Record<string, string>> {
  const parts: Record<string, string> = {};
  const add = (key: string, name: string, source: ResourceSource): void => {
    if (source === 'v2') {
      const rows = selector(name, [['resource', '=~', 'cpu|memory'], ...matchers]);
      parts[key] = maxBy([...by, 'resource'], overTime(rows));
      return;
    }
    for (const resource of source === 'v1' ? (['cpu', 'memory'] as const) : []) {
      const metric = name + V1_SUFFIX[resource];
      if (dialect.names.has(metric)) parts[`${key}_${resource}`] = maxBy(by, overTime(selector(metric, matchers)));
    }
  };
  add('request', REQUESTS, dialect.requests);
  add('limit', LIMITS, dialect.limits);
  return parts;
}

/** Reads a row of `resourceParts`; undefined where the row is of another part. */
export function resourceOfRow(labels: ReadonlyMap<string, string>): { what: 'request' | 'limit'; resource: Resource } | undefined {
  const [what, ofV1] = (labels.get(PART) ?? '').split('_');
  const resource = ofV1 ?? labels.get('resource');
  if ((what !== 'request' && what !== 'limit') || (resource !== 'cpu' && resource !== 'memory')) return undefined;
  return { what, resource };
}

/** Cores to millicores; bytes stay. */
export function amountOf(resource: Resource, value: number): number {
  return resource === 'cpu' ? value * 1000 : value;
}

function podStates(dialect: Dialect, rows: readonly InstantRow[]): ReadonlyMap<string, PodState> {
  const pods = new Map<string, PodState>();
  for (const { labels, value } of rows) {
    const state = stateOf(pods, dialect, labels);
    const part = labels.get(PART);
    if (part === 'running') state.running = true;
    else if (part === 'created') state.createdUnixSeconds = value;
    else takeResource(state, dialect, labels, value);
  }
  return pods;
}

function stateOf(pods: Map<string, PodState>, { kubeState }: Dialect, labels: ReadonlyMap<string, string>): PodState {
  const key = `${labels.get(kubeState.namespace) ?? ''}/${labels.get(kubeState.pod) ?? ''}`;
  const state = pods.get(key) ?? { running: false, createdUnixSeconds: undefined, containers: new Map() };
  pods.set(key, state);
  return state;
}

function takeResource(state: PodState, { kubeState }: Dialect, labels: ReadonlyMap<string, string>, value: number): void {
  const asked = resourceOfRow(labels);
  if (asked === undefined || !Number.isFinite(value)) return;
  const name = labels.get(kubeState.container) ?? '';
  const container = state.containers.get(name) ?? { request: {}, limit: {} };
  state.containers.set(name, container);
  container[asked.what][asked.resource] = amountOf(asked.resource, value);
}

/**
 * What pods that are gone asked for last, in one query over the window. For lack of anything better, the time a pod was
 * seen last stands for its age.
 */
export async function readFormerPods(
  api: PrometheusApi,
  { dialect, namespaces, time }: { readonly dialect: Dialect; readonly namespaces: readonly string[]; readonly time: TimeWindow },
  context: CallContext & { readonly counters: { splits: number } },
): Promise<ReadonlyMap<string, PodState>> {
  const matchers = globMatchers(dialect.kubeState.namespace, namespaces);
  const expressionOf = (seconds: number): string =>
    union(resourceParts(dialect, matchers, (rows) => `last_over_time(${rows}${range(seconds)})`));
  if (expressionOf(0) === '') return new Map();
  const fold = () => {
    const pods = new Map<string, PodState>();
    return {
      series(labels: ReadonlyMap<string, string>, { count, times, values }: Samples) {
        if (count === 0) return;
        const state = stateOf(pods, dialect, labels);
        state.createdUnixSeconds = Math.max(state.createdUnixSeconds ?? 0, times[count - 1] as number);
        takeResource(state, dialect, labels, values[count - 1] as number);
      },
      done: () => pods,
    };
  };
  const found = await overDays(api, time, expressionOf, fold, context);
  return new Map(found.flatMap((pods) => [...pods]));
}
