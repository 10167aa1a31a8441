import type { Samples } from './answer-parser.ts';
import type { AnswerFold } from './api.ts';
import { type Dialect, POD_OWNER, type UsageMetric } from './dialect.ts';
import { everyForm, type PodLabels, podOfRow } from './pod-labels.ts';
import { globMatchers, maxBy, PART, range, selector, union } from './promql.ts';
import { usageSelector } from './usage-query.ts';
import { SHORTEST_WINDOW_SECONDS } from './windows.ts';

/** Owners whose pods stay; those of others (Job, Workflow, nobody) may come and go within a slot. */
export const LASTING_OWNERS: ReadonlySet<string> = new Set(['ReplicaSet', 'StatefulSet', 'DaemonSet', 'ReplicationController', 'Node']);

/** For how much of each slot a container was there, in (0, 1]; undefined for one that was not counted. */
export type PodTime = (namespace: string, pod: string, container: string) => Float64Array | undefined;

export interface PodTimeOptions {
  readonly dialect: Dialect;
  readonly metric: UsageMetric;
  readonly namespaces: readonly string[];
  /** That of the usage query, so that where use is known, presence is. */
  readonly lookbackSeconds: number;
}

/**
 * Samples of each container in the look-back, and the seconds between its last two scrapes, of pods whose owners are not
 * lasting. `idelta ÷ irate` of a counter is exactly that time; it is unknown for a counter that stands still.
 */
export function podTimeExpression({ dialect, metric, namespaces, lookbackSeconds }: PodTimeOptions): string {
  const ofPassing = (overRows: (rows: string) => string): string =>
    everyForm(metric.forms, (form) => {
      const rows = usageSelector(metric, { namespaces }, form) + range(lookbackSeconds);
      const counted = maxBy([form.namespace, form.pod, form.container], overRows(rows));
      return `(${counted} and on (${form.namespace},${form.pod}) ${passingPods(dialect, namespaces, form, lookbackSeconds)})`;
    });
  return union({
    samples: ofPassing((rows) => `count_over_time(${rows})`),
    gap: metric.form === 'counter' ? ofPassing((rows) => `(idelta(${rows}) / irate(${rows})) > 0`) : undefined,
  });
}

/** One row a pod, under the label names of the usage rows. */
function passingPods(dialect: Dialect, namespaces: readonly string[], to: PodLabels, lookbackSeconds: number): string {
  return everyForm(dialect.kubeState, (from) => {
    const kinds = [...LASTING_OWNERS].join('|');
    const rows = selector(POD_OWNER, [['owner_kind', '!~', kinds], ...from.only, ...globMatchers(from.namespace, namespaces)]);
    const last = maxBy([from.namespace, from.pod], `last_over_time(${rows}${range(Math.max(SHORTEST_WINDOW_SECONDS, lookbackSeconds))})`);
    return renamed(renamed(last, from.namespace, to.namespace), from.pod, to.pod);
  });
}

function renamed(rows: string, from: string, to: string): string {
  return from === to ? rows : `label_replace(${rows}, "${to}", "$1", "${from}", "(.*)")`;
}

export interface PodTimeFoldOptions {
  readonly forms: readonly PodLabels[];
  readonly fromUnixSeconds: number;
  readonly stepSeconds: number;
  readonly slots: number;
  readonly lookbackSeconds: number;
  /** For containers whose own scrapes do not tell. */
  readonly scrapeIntervalSeconds: number;
}

/** Samples times the seconds between them is the time that was seen: right on average, however short a pod lives. */
export function createPodTimeFold(options: PodTimeFoldOptions): AnswerFold<PodTime> {
  const { forms, slots, fromUnixSeconds, stepSeconds } = options;
  const counts = new Map<string, Float64Array>();
  const gaps = new Map<string, number>();
  return {
    series(row, { count, times, values }: Samples) {
      const { namespace, pod, container } = podOfRow(row, forms);
      const key = `${namespace}/${pod}/${container}`;
      const isGap = row.get(PART) === 'gap';
      const column = counts.get(key) ?? new Float64Array(slots);
      if (!isGap) counts.set(key, column);
      for (let i = 0; i < count; i++) {
        const value = values[i] as number;
        if (!(value > 0 && value < Number.POSITIVE_INFINITY)) continue;
        // The shortest: a missed scrape makes one gap longer, and nothing makes one shorter.
        if (isGap) gaps.set(key, Math.min(gaps.get(key) ?? value, value));
        const slot = Math.round(((times[i] as number) - fromUnixSeconds) / stepSeconds) - 1;
        if (!isGap && slot >= 0 && slot < slots) column[slot] = value;
      }
    },
    done() {
      for (const [key, column] of counts) {
        const gap = gaps.get(key) ?? options.scrapeIntervalSeconds;
        for (let slot = 0; slot < slots; slot++) column[slot] = Math.min(1, ((column[slot] as number) * gap) / options.lookbackSeconds);
      }
      return (namespace, pod, container) => counts.get(`${namespace}/${pod}/${container}`);
    },
  };
}
