import type { Samples } from './answer-parser.ts';
import type { AnswerFold } from './api.ts';
import { type Dialect, POD_OWNER, type UsageMetric } from './dialect.ts';
import { everyForm, type PodLabels, podOfRow } from './pod-labels.ts';
import { globMatchers, maxBy, range, selector } from './promql.ts';
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

/** Samples of each container in the look-back, of pods whose owners are not lasting. */
export function podTimeExpression(options: PodTimeOptions): string {
  return ofPassing(options, (rows) => `count_over_time(${rows})`);
}

/**
 * Median of the seconds between the last two scrapes of such containers. `idelta ÷ irate` of a counter is exactly that
 * time; it is unknown for a counter that stands still. undefined where usage is no counter.
 */
export function scrapeGapExpression(options: PodTimeOptions): string | undefined {
  if (options.metric.form !== 'counter') return undefined;
  return `quantile(0.5, ${ofPassing(options, (rows) => `(idelta(${rows}) / irate(${rows})) > 0`)})`;
}

function ofPassing({ dialect, metric, namespaces, lookbackSeconds }: PodTimeOptions, overRows: (rows: string) => string): string {
  return everyForm(metric.forms, (form) => {
    const rows = usageSelector(metric, { namespaces }, form) + range(lookbackSeconds);
    const found = maxBy([form.namespace, form.pod, form.container], overRows(rows));
    return `(${found} and on (${form.namespace},${form.pod}) ${passingPods(dialect, namespaces, form, lookbackSeconds)})`;
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
  /** Of pods that come and go. */
  readonly scrapeIntervalSeconds: number;
}

/** Samples times the seconds between them is the time that was seen: right on average, however short a pod lives. */
export function createPodTimeFold(options: PodTimeFoldOptions): AnswerFold<PodTime> {
  const { forms, slots, fromUnixSeconds, stepSeconds } = options;
  const counts = new Map<string, Float64Array>();
  return {
    series(row, { count, times, values }: Samples) {
      const { namespace, pod, container } = podOfRow(row, forms);
      const key = `${namespace}/${pod}/${container}`;
      const column = counts.get(key) ?? new Float64Array(slots);
      counts.set(key, column);
      for (let i = 0; i < count; i++) {
        const slot = Math.round(((times[i] as number) - fromUnixSeconds) / stepSeconds) - 1;
        const seconds = (values[i] as number) * options.scrapeIntervalSeconds;
        if (seconds > 0 && slot >= 0 && slot < slots) column[slot] = Math.min(1, seconds / options.lookbackSeconds);
      }
    },
    done() {
      return (namespace, pod, container) => counts.get(`${namespace}/${pod}/${container}`);
    },
  };
}
