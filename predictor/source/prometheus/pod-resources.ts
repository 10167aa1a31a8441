import type { Resource } from '../../core/workload.ts';
import type { Samples } from './answer-parser.ts';
import type { CallContext, InstantRow, PrometheusApi } from './api.ts';
import { CREATED, type Dialect, LIMITS, REQUESTS, type ResourceSource, RUNNING, V1_SUFFIX } from './dialect.ts';
import { everyForm, type PodLabels, podOfRow } from './pod-labels.ts';
import { globMatchers, type Matcher, maxBy, PART, range, selector, union } from './promql.ts';
import { overDays, SHORTEST_WINDOW_SECONDS, type TimeWindow } from './windows.ts';

/** What kube-state-metrics tells of pods. */
export interface PodResources {
  /** By `namespace/pod`. */
  readonly pods: ReadonlyMap<string, PodState>;
  /**
   * Whether rows at that very time, or only lately, say which pods run: an exporter that is silent for a while, or seldom
   * scraped, says nothing of the present. `no`: nothing says it.
   */
  readonly tellsRunning: 'now' | 'lately' | 'no';
  /** Whether the source tells requests or limits at all. */
  readonly tellsResources: boolean;
  /** Whether all containers of a pod are listed, those without requests too. */
  readonly listsContainers: boolean;
}

export interface PodState {
  running: boolean;
  /** It ran when it was last told of, not long ago. */
  ranLately: boolean;
  createdUnixSeconds: number | undefined;
  /** All containers that there is a row of. */
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
  const scope = (form: PodLabels): readonly Matcher[] => globMatchers(form.namespace, options.namespaces);
  const lately = (rows: string): string => `last_over_time(${rows}${range(SHORTEST_WINDOW_SECONDS)})`;
  const running = (wrap: (rows: string) => string): string | undefined => runningPart(dialect, scope, wrap);
  const expression = union({
    ...resourceParts(dialect, scope, lately),
    running: running((rows) => rows),
    ran: running(lately),
    created: dialect.names.has(CREATED)
      ? everyForm(dialect.kubeState, (form) => maxBy([form.namespace, form.pod], lately(selector(CREATED, [...form.only, ...scope(form)]))))
      : undefined,
  });
  const rows = expression === '' ? [] : await api.query(expression, options.timeUnixSeconds, context);
  const has = (part: string): boolean => rows.some(({ labels }) => labels.get(PART) === part);
  return {
    pods: podStates(dialect, rows),
    tellsRunning: has('running') ? 'now' : has('ran') ? 'lately' : 'no',
    tellsResources: dialect.requests !== 'none' || dialect.limits !== 'none',
    listsContainers: dialect.names.has(RUNNING),
  };
}

/** 1 for each container that runs, 0 for one that does not. */
function runningPart(dialect: Dialect, scope: (form: PodLabels) => readonly Matcher[], wrap: (rows: string) => string): string | undefined {
  if (!dialect.names.has(RUNNING)) return undefined;
  return everyForm(dialect.kubeState, (form) =>
    maxBy([form.namespace, form.pod, form.container], wrap(selector(RUNNING, [...form.only, ...scope(form)]))),
  );
}

/**
 * The parts of a union for requests and limits, one row a container and resource. Part keys are `request`, `limit`, or
 * with kube-state-metrics v1 `request_cpu`, `request_memory` and so on.
 */
export function resourceParts(
  dialect: Dialect,
  scope: (form: PodLabels) => readonly Matcher[],
  overTime: (rows: string) => string,
  by: (form: PodLabels) => readonly string[] = (form) => [form.namespace, form.pod, form.container],
): Readonly<Record<string, string>> {
  const parts: Record<string, string> = {};
  const rowsOf = (name: string, labels: readonly string[], matchers: readonly Matcher[]): string =>
    everyForm(dialect.kubeState, (form) =>
      maxBy([...by(form), ...labels], overTime(selector(name, [...matchers, ...form.only, ...scope(form)]))),
    );
  const add = (key: string, name: string, source: ResourceSource): void => {
    if (source === 'v2') parts[key] = rowsOf(name, ['resource'], [['resource', '=~', 'cpu|memory']]);
    for (const resource of source === 'v1' ? (['cpu', 'memory'] as const) : []) {
      const metric = name + V1_SUFFIX[resource];
      if (dialect.names.has(metric)) parts[`${key}_${resource}`] = rowsOf(metric, [], []);
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
  for (const { labels, value } of rows) takeRow(pods, dialect, labels, value);
  return pods;
}

function takeRow(pods: Map<string, PodState>, dialect: Dialect, labels: ReadonlyMap<string, string>, value: number): PodState {
  const { namespace, pod, container: name } = podOfRow(labels, dialect.kubeState);
  const key = `${namespace}/${pod}`;
  const state = pods.get(key) ?? { running: false, ranLately: false, createdUnixSeconds: undefined, containers: new Map() };
  pods.set(key, state);
  const part = labels.get(PART);
  if (part === 'created') {
    state.createdUnixSeconds = value;
    return state;
  }
  const container = state.containers.get(name) ?? { request: {}, limit: {} };
  state.containers.set(name, container);
  const asked = resourceOfRow(labels);
  if (asked !== undefined && Number.isFinite(value)) container[asked.what][asked.resource] = amountOf(asked.resource, value);
  if (part === 'running' && value > 0) state.running = true;
  if (part === 'ran' && value > 0) state.ranLately = true;
  return state;
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
  const scope = (form: PodLabels): readonly Matcher[] => globMatchers(form.namespace, namespaces);
  const expressionOf = (seconds: number): string => {
    const last = (rows: string): string => `last_over_time(${rows}${range(seconds)})`;
    return union({ ...resourceParts(dialect, scope, last), listed: runningPart(dialect, scope, last) });
  };
  if (expressionOf(0) === '') return new Map();
  const fold = () => {
    const pods = new Map<string, PodState>();
    return {
      series(labels: ReadonlyMap<string, string>, { count, times, values }: Samples) {
        if (count === 0) return;
        const state = takeRow(pods, dialect, labels, values[count - 1] as number);
        state.createdUnixSeconds = Math.max(state.createdUnixSeconds ?? 0, times[count - 1] as number);
      },
      done: () => pods,
    };
  };
  const found = await overDays(api, time, expressionOf, fold, context);
  return new Map(found.flatMap((pods) => [...pods]));
}
