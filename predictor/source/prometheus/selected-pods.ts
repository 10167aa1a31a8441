import { NeapError } from '../../../common/errors.ts';
import type { CompiledFilter } from '../workload-filter.ts';
import type { CallContext, PrometheusApi } from './api.ts';
import { type Dialect, POD_LABELS } from './dialect.ts';
import { globMatchers, maxBy, range, selector } from './promql.ts';
import { overDays, type TimeWindow } from './windows.ts';

const REMEDY =
  'let kube-state-metrics export pod labels: --metric-labels-allowlist=pods=[*], or pods=[app,tier] for those that the selector needs';

/** Pods, as `namespace/pod`, whose labels matched the selector at any time of the window; undefined without selector. */
export async function readSelectedPods(
  api: PrometheusApi,
  options: {
    readonly dialect: Dialect;
    readonly namespaces: readonly string[];
    readonly filter: CompiledFilter;
    readonly time: TimeWindow;
  },
  context: CallContext & { readonly counters: { splits: number } },
): Promise<ReadonlySet<string> | undefined> {
  const { dialect, filter } = options;
  const keys = [...new Set(filter.requirements.map(({ key }) => key))];
  if (keys.length === 0) return undefined;
  checkExported(dialect, keys);
  const { namespace, pod } = dialect.kubeState;
  const rows = selector(POD_LABELS, globMatchers(namespace, options.namespaces));
  const by = [namespace, pod, ...new Set(keys.map(metricLabel))];
  const fold = () => {
    const selected = new Set<string>();
    return {
      series(labels: ReadonlyMap<string, string>) {
        // Prometheus knows no difference between an empty label and none.
        const present = keys.map((key) => [key, labels.get(metricLabel(key)) ?? ''] as const).filter(([, value]) => value !== '');
        if (filter.matchesLabels(Object.fromEntries(present))) selected.add(`${labels.get(namespace) ?? ''}/${labels.get(pod) ?? ''}`);
      },
      done: () => selected,
    };
  };
  const expressionOf = (seconds: number): string => maxBy(by, `last_over_time(${rows}${range(seconds)})`);
  const found = await overDays(api, options.time, expressionOf, fold, context);
  return new Set(found.flatMap((pods) => [...pods]));
}

/** The name that kube-state-metrics gives a pod label: `app.kubernetes.io/name` is `label_app_kubernetes_io_name`. */
export function metricLabel(key: string): string {
  return `label_${key.replace(/[^A-Za-z0-9_]/g, '_')}`;
}

function checkExported(dialect: Dialect, keys: readonly string[]): void {
  if (!dialect.names.has(POD_LABELS)) {
    throw new NeapError('usage', `the selector needs pod labels, but the server has no ${POD_LABELS}`, { remedy: REMEDY });
  }
  const missing = keys.filter((key) => !dialect.podLabelNames.has(metricLabel(key)));
  if (missing.length > 0) {
    throw new NeapError('usage', `the selector needs the pod labels ${missing.join(', ')}, which ${POD_LABELS} does not carry`, {
      remedy: REMEDY,
    });
  }
}
