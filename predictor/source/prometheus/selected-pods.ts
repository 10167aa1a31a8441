import { NeapError } from '../../../common/errors.ts';
import type { CallContext, PrometheusApi } from './api.ts';
import { type Dialect, POD_LABELS } from './dialect.ts';
import { matchesSelector, parseSelector, type Requirement } from './label-selector.ts';
import { globMatchers, maxBy, range, selector } from './promql.ts';
import { overDays, type TimeWindow } from './windows.ts';

const REMEDY =
  'let kube-state-metrics export pod labels: --metric-labels-allowlist=pods=[*], or pods=[app,tier] for those that the selector needs';

/** Pods, as `namespace/pod`, whose labels matched the selector at any time of the window; undefined without selector. */
export async function readSelectedPods(
  api: PrometheusApi,
  options: { readonly dialect: Dialect; readonly namespaces: readonly string[]; readonly selector: string; readonly time: TimeWindow },
  context: CallContext & { readonly counters: { splits: number } },
): Promise<ReadonlySet<string> | undefined> {
  const requirements = parseSelector(options.selector);
  if (requirements.length === 0) return undefined;
  const { dialect } = options;
  const names = new Map(requirements.map(({ key }) => [key, metricLabel(key)]));
  checkExported(dialect, requirements, options.selector);
  const { namespace, pod } = dialect.kubeState;
  const rows = selector(POD_LABELS, globMatchers(namespace, options.namespaces));
  const by = [namespace, pod, ...new Set(names.values())];
  const fold = () => {
    const selected = new Set<string>();
    return {
      series(labels: ReadonlyMap<string, string>) {
        // Prometheus knows no difference between an empty label and none.
        const matches = matchesSelector(requirements, (key) => labels.get(names.get(key) as string) || undefined);
        if (matches) selected.add(`${labels.get(namespace) ?? ''}/${labels.get(pod) ?? ''}`);
      },
      done: () => selected,
    };
  };
  return overDays(api, options.time, (seconds) => maxBy(by, `last_over_time(${rows}${range(seconds)})`), fold, context);
}

/** The name that kube-state-metrics gives a pod label: `app.kubernetes.io/name` is `label_app_kubernetes_io_name`. */
export function metricLabel(key: string): string {
  return `label_${key.replace(/[^A-Za-z0-9_]/g, '_')}`;
}

function checkExported(dialect: Dialect, requirements: readonly Requirement[], text: string): void {
  if (!dialect.names.has(POD_LABELS)) {
    throw new NeapError('usage', `the selector "${text}" needs pod labels, but the server has no ${POD_LABELS}`, { remedy: REMEDY });
  }
  const missing = requirements.filter(({ key }) => !dialect.podLabelNames.has(metricLabel(key))).map(({ key }) => key);
  if (missing.length > 0) {
    throw new NeapError('usage', `the selector "${text}" needs the pod labels ${missing.join(', ')}, which ${POD_LABELS} does not carry`, {
      remedy: REMEDY,
    });
  }
}
