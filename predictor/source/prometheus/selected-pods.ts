import { NeapError } from '../../../common/errors.ts';
import type { CompiledFilter } from '../workload-filter.ts';
import type { CallContext, PrometheusApi } from './api.ts';
import { type Dialect, POD_LABELS } from './dialect.ts';
import { everyForm, podOfRow } from './pod-labels.ts';
import { globMatchers, maxBy, range, selector } from './promql.ts';
import { overDays, SHORTEST_WINDOW_SECONDS, type TimeWindow } from './windows.ts';

const REMEDY =
  'let kube-state-metrics export pod labels: --metric-labels-allowlist=pods=[*], or pods=[app,tier] for those that the selector needs';

/** Pods, as `namespace/pod`, that a selector was found to match, with the time when they were seen last. */
export type SelectedPods = Map<string, number>;

/** Adds the pods whose labels matched the selector at any time of the window. */
export async function readSelectedPods(
  api: PrometheusApi,
  options: {
    readonly dialect: Dialect;
    readonly namespaces: readonly string[];
    readonly filter: CompiledFilter;
    readonly time: TimeWindow;
    readonly selected: SelectedPods;
  },
  context: CallContext & { readonly counters: { splits: number } },
): Promise<void> {
  const { dialect, filter, selected, time } = options;
  const keys = [...new Set(filter.requirements.map(({ key }) => key))];
  const labelsOf = new Map(keys.map((key) => [key, metricLabels(key, dialect.podLabelNames)]));
  checkExported(dialect, labelsOf);
  const by = [...new Set([...labelsOf.values()].flat())];
  const matches = (row: ReadonlyMap<string, string>): boolean => {
    // Prometheus knows no difference between an empty label and none.
    const values = keys.map((key) => [...new Set((labelsOf.get(key) ?? []).map((name) => row.get(name) ?? '').filter((v) => v !== ''))]);
    return assignments(keys, values).some((labels) => filter.matchesLabels(labels));
  };
  const fold = () => ({
    // To add a pod twice changes nothing.
    series(row: ReadonlyMap<string, string>, { count, times }: { count: number; times: Float64Array }) {
      if (count === 0 || !matches(row)) return;
      const { namespace, pod } = podOfRow(row, dialect.kubeState);
      const key = `${namespace}/${pod}`;
      selected.set(key, Math.max(selected.get(key) ?? 0, times[count - 1] as number));
    },
    done: () => undefined,
  });
  const expressionOf = (seconds: number): string =>
    everyForm(dialect.kubeState, ({ namespace, pod, only }) => {
      const rows = selector(POD_LABELS, [...only, ...globMatchers(namespace, options.namespaces)]);
      return maxBy([namespace, pod, ...by], `last_over_time(${rows}${range(seconds)})`);
    });
  const span = { ...time, fromUnixSeconds: Math.min(time.fromUnixSeconds, time.toUnixSeconds - SHORTEST_WINDOW_SECONDS) };
  await overDays(api, span, expressionOf, fold, context);
}

/**
 * The names under which kube-state-metrics may write a pod label: `app.kubernetes.io/name` is
 * `label_app_kubernetes_io_name`; `appName` is `label_appName` in old releases and `label_app_name` in newer ones, with
 * `_conflict1` and so on behind it where several labels of a pod come to the same name. Which of them is which it does
 * not tell.
 */
export function metricLabels(key: string, exported: ReadonlySet<string>): readonly string[] {
  const plain = `label_${key.replace(/[^A-Za-z0-9_]/g, '_')}`;
  const snake = plain.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
  return [...exported].filter((name) => [plain, snake].includes(name.replace(/_conflict\d+$/, ''))).sort();
}

/** All ways to give each key one of its values; a key without any is absent. */
function assignments(keys: readonly string[], values: readonly (readonly string[])[]): readonly Readonly<Record<string, string>>[] {
  return keys.reduce<readonly Readonly<Record<string, string>>[]>(
    (found, key, i) => {
      const ofKey = values[i] ?? [];
      return ofKey.length === 0 ? found : found.flatMap((labels) => ofKey.map((value) => ({ ...labels, [key]: value })));
    },
    [{}],
  );
}

function checkExported(dialect: Dialect, labelsOf: ReadonlyMap<string, readonly string[]>): void {
  if (!dialect.names.has(POD_LABELS)) {
    throw new NeapError('usage', `the selector needs pod labels, but the server has no ${POD_LABELS}`, { remedy: REMEDY });
  }
  const missing = [...labelsOf].filter(([, names]) => names.length === 0).map(([key]) => key);
  if (missing.length > 0) {
    throw new NeapError('usage', `the selector needs the pod labels ${missing.join(', ')}, which ${POD_LABELS} does not carry`, {
      remedy: REMEDY,
    });
  }
}
