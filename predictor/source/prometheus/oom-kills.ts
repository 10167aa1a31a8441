import { DAY_SECONDS } from '../../../common/units.ts';
import type { AnswerFold, CallContext, PrometheusApi } from './api.ts';
import { type Dialect, LAST_TERMINATED, LIMITS, OOM_EVENTS, RESTARTS, TERMINATED, V1_SUFFIX } from './dialect.ts';
import { everyForm, type PodLabels, podOfRow } from './pod-labels.ts';
import { anyOf, globMatchers, maxBy, PART, range, selector, union } from './promql.ts';
import { inPieces } from './slots.ts';
import { SHORTEST_WINDOW_SECONDS, type TimeWindow } from './windows.ts';

/** Kills of one container of one pod on one UTC day. */
export interface OomDay {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  /** Days since the epoch. */
  readonly day: number;
  readonly kills: number;
  /** End of the five minutes with the last kill. */
  readonly lastUnixSeconds: number;
  limitBytes: number | undefined;
}

export interface OomOptions {
  readonly dialect: Dialect;
  readonly namespaces: readonly string[];
  /** From the start of a UTC day. */
  readonly time: TimeWindow;
  /** Most points that one query may have. */
  readonly pointLimit: number;
  readonly counts: (namespace: string, pod: string) => boolean;
}

type OomContext = CallContext & { readonly counters: { splits: number } };

/**
 * Kills are looked for every five minutes at fixed times, not over days: only at the time of a restart does the last
 * reason of termination tell why it was. This is also the longest that a server takes a sample for the present.
 */
const GRID_SECONDS = 300;
/** The same kill shows in several metrics within so long. */
const SAME_KILL_SECONDS = 900;
/** Pods whose limits are asked for by name; with more, all of their namespaces are read. */
const MOST_NAMED_PODS = 200;

export function knowsOoms({ names }: Dialect): boolean {
  // kube-state-metrics writes the reason only once something was terminated, but restarts always.
  return [LAST_TERMINATED, RESTARTS, TERMINATED, OOM_EVENTS].some((name) => names.has(name));
}

/**
 * OOM kills by day, at least so many: of several between two scrapes that are no restarts only one is seen, and none of a
 * pod that was gone before it was scraped again.
 */
export async function readOomKills(api: PrometheusApi, options: OomOptions, context: OomContext): Promise<readonly OomDay[]> {
  const { dialect, time } = options;
  const expression = killsExpression(dialect, options.namespaces);
  if (expression === '') return [];
  // Before the first day, so that its first kill is told from one that was counted the day before.
  const first = Math.floor(time.fromUnixSeconds / GRID_SECONDS) - SAME_KILL_SECONDS / GRID_SECONDS + 1;
  const end = Math.floor(time.toUnixSeconds / GRID_SECONDS) + 1;
  const rises = new Map<string, Rise[]>();
  const pieces = await inPieces({ first, end }, { slots: options.pointLimit }, context.counters, (piece) =>
    api.queryRange(gridQuery(expression, piece), riseFold(dialect, options.counts), context),
  );
  for (const [key, list] of pieces.flatMap((piece) => [...piece])) rises.set(key, [...(rises.get(key) ?? []), ...list]);
  const days = [...rises].flatMap(([key, list]) => {
    const [namespace = '', pod = '', container = ''] = key.split('/');
    return killDays(list, time.fromUnixSeconds / DAY_SECONDS).map((day) => ({ namespace, pod, container, ...day, limitBytes: undefined }));
  });
  if (days.length > 0) await addLimits(api, options, days, context);
  return days;
}

/**
 * Three witnesses: a restart after which the last termination was an OOM kill; the state of a container that is not
 * started again (restartPolicy Never); and cAdvisor's own counter.
 */
function killsExpression(dialect: Dialect, namespaces: readonly string[]): string {
  const killed = (form: PodLabels, name: string): string =>
    selector(name, [['reason', '=', 'OOMKilled'], ...form.only, ...globMatchers(form.namespace, namespaces)]);
  const by = (form: PodLabels): string[] => [form.namespace, form.pod, form.container];
  const risen = (rows: string): string => {
    const last = `last_over_time(${rows}${range(SHORTEST_WINDOW_SECONDS)}`;
    return `(${last}) - ${last} offset ${GRID_SECONDS}s)) > 0`;
  };
  /** Newly so, after a pause that no gap of the exporter makes. */
  const begun = (form: PodLabels, name: string): string => {
    const rows = killed(form, name);
    const before = `max_over_time(${rows}[1h] offset ${GRID_SECONDS}s) == 1`;
    return `(${maxBy(by(form), `${rows} == 1`)} unless on (${by(form).join(',')}) ${maxBy(by(form), before)})`;
  };
  const restarted = (form: PodLabels): string => {
    const rows = selector(RESTARTS, [...form.only, ...globMatchers(form.namespace, namespaces)]);
    return `(${maxBy(by(form), risen(rows))} and on (${by(form).join(',')}) ${maxBy(by(form), `${killed(form, LAST_TERMINATED)} == 1`)})`;
  };
  const events = (form: PodLabels): string => {
    const rows = selector(OOM_EVENTS, [[form.container, '!=', ''], ...form.only, ...globMatchers(form.namespace, namespaces)]);
    return maxBy(by(form), risen(rows));
  };
  const has = (...names: string[]): boolean => names.every((name) => dialect.names.has(name));
  const told = has(LAST_TERMINATED)
    ? everyForm(dialect.kubeState, has(RESTARTS) ? restarted : (form) => begun(form, LAST_TERMINATED))
    : undefined;
  return union({
    restarts: told,
    terminated: has(TERMINATED) ? everyForm(dialect.kubeState, (form) => begun(form, TERMINATED)) : undefined,
    events: has(OOM_EVENTS) ? everyForm(dialect.cadvisor, events) : undefined,
  });
}

interface Rise {
  readonly atUnixSeconds: number;
  readonly witness: string;
  readonly kills: number;
}

function riseFold(dialect: Dialect, counts: OomOptions['counts']): () => AnswerFold<ReadonlyMap<string, Rise[]>> {
  const forms = [...dialect.kubeState, ...dialect.cadvisor];
  return () => {
    const rises = new Map<string, Rise[]>();
    return {
      series(labels, { count, times, values }) {
        const { namespace, pod, container } = podOfRow(labels, forms);
        if (!pod || !container || !counts(namespace, pod)) return;
        const key = `${namespace}/${pod}/${container}`;
        const list = rises.get(key) ?? [];
        rises.set(key, list);
        for (let i = 0; i < count; i++) {
          const kills = Math.round(values[i] as number);
          if (kills > 0 && Number.isFinite(kills)) list.push({ atUnixSeconds: times[i] as number, witness: labels.get(PART) ?? '', kills });
        }
      },
      done: () => rises,
    };
  };
}

/**
 * Days with kills from `firstDay` on. What several witnesses tell within a while is one story, of which the one counts
 * that saw most. Each day is told for itself, with the end of the day before, so that it does not depend on how much
 * history was read.
 */
export function killDays(
  rises: readonly Rise[],
  firstDay: number,
): readonly { readonly day: number; readonly kills: number; readonly lastUnixSeconds: number }[] {
  const sorted = [...rises].sort((a, b) => a.atUnixSeconds - b.atUnixSeconds);
  // A rise at midnight happened before it.
  const dayOf = ({ atUnixSeconds }: Rise): number => Math.ceil(atUnixSeconds / DAY_SECONDS) - 1;
  const days = [...new Set(sorted.map(dayOf))].filter((day) => day >= firstDay);
  return days.flatMap((day) => {
    const start = day * DAY_SECONDS;
    const near = sorted.filter((rise) => rise.atUnixSeconds > start - SAME_KILL_SECONDS && dayOf(rise) <= day);
    let seen = new Map<string, number>();
    let most = 0;
    let kills = 0;
    let last = Number.NEGATIVE_INFINITY;
    let lastUnixSeconds = start;
    for (const rise of near) {
      if (rise.atUnixSeconds - last > SAME_KILL_SECONDS) {
        seen = new Map();
        most = 0;
      }
      last = rise.atUnixSeconds;
      const ofWitness = (seen.get(rise.witness) ?? 0) + rise.kills;
      seen.set(rise.witness, ofWitness);
      const more = Math.max(0, ofWitness - most);
      most += more;
      if (more > 0 && dayOf(rise) === day) {
        kills += more;
        lastUnixSeconds = rise.atUnixSeconds;
      }
    }
    return kills > 0 ? [{ day, kills, lastUnixSeconds }] : [];
  });
}

/** Memory limits at the time of the last kills, in one query of the pods concerned. */
async function addLimits(
  api: PrometheusApi,
  { dialect, pointLimit }: OomOptions,
  days: readonly OomDay[],
  context: OomContext,
): Promise<void> {
  const pods = [...new Set(days.map(({ pod }) => pod))].sort();
  const namespaces = [...new Set(days.map(({ namespace }) => namespace))].sort();
  const metric = dialect.limits === 'v2' ? LIMITS : LIMITS + V1_SUFFIX.memory;
  if (!dialect.names.has(metric)) return;
  const expression = everyForm(dialect.kubeState, (form) => {
    const rows = selector(metric, [
      ...(dialect.limits === 'v2' ? [['resource', '=', 'memory'] as const] : []),
      ...form.only,
      [form.namespace, '=~', anyOf(namespaces)],
      ...(pods.length > MOST_NAMED_PODS ? [] : [[form.pod, '=~', anyOf(pods)] as const]),
    ]);
    return maxBy([form.namespace, form.pod, form.container], `last_over_time(${rows}${range(SHORTEST_WINDOW_SECONDS)})`);
  });
  const wanted = new Map<string, Map<number, OomDay>>();
  for (const day of days) {
    const key = `${day.namespace}/${day.pod}/${day.container}`;
    wanted.set(key, (wanted.get(key) ?? new Map<number, OomDay>()).set(day.lastUnixSeconds, day));
  }
  const ends = days.map(({ lastUnixSeconds }) => lastUnixSeconds / GRID_SECONDS);
  const span = { first: Math.min(...ends), end: Math.max(...ends) + 1 };
  const fold = (): AnswerFold<void> => ({
    // To write a limit twice is harmless.
    series(labels, { count, times, values }) {
      const { namespace, pod, container } = podOfRow(labels, dialect.kubeState);
      const ofContainer = wanted.get(`${namespace}/${pod}/${container}`);
      for (let i = 0; ofContainer && i < count; i++) {
        const day = ofContainer.get(times[i] as number);
        if (day && Number.isFinite(values[i])) day.limitBytes = values[i] as number;
      }
    },
    done: () => undefined,
  });
  await inPieces(span, { slots: pointLimit }, context.counters, (piece) => api.queryRange(gridQuery(expression, piece), fold, context));
}

function gridQuery(expression: string, { first, end }: { readonly first: number; readonly end: number }) {
  return {
    expression,
    startUnixSeconds: first * GRID_SECONDS,
    endUnixSeconds: (end - 1) * GRID_SECONDS,
    stepSeconds: GRID_SECONDS,
  };
}
