import type { CallContext, PrometheusApi } from './api.ts';
import { type Dialect, OWNER_RULE, OWNERS } from './dialect.ts';
import { OWNER_LABELS, OWNER_RULE_LABELS, type OwnerTable } from './owners.ts';
import { globMatchers, maxBy, range, selector, selectorOfNames } from './promql.ts';
import { overDays, SHORTEST_WINDOW_SECONDS, type TimeWindow } from './windows.ts';

export interface OwnerQueryOptions {
  readonly dialect: Dialect;
  readonly namespaces: readonly string[];
  readonly time: TimeWindow;
  readonly owners: OwnerTable;
}

/** Reads all owner series of a window into the table, in one query: pods that were deleted within it are in it too. */
export async function readOwners(
  api: PrometheusApi,
  { dialect, namespaces, time, owners }: OwnerQueryOptions,
  context: CallContext & { readonly counters: { splits: number } },
): Promise<void> {
  if (dialect.owners === 'none') return;
  const rule = dialect.owners === 'recording-rule';
  const names = rule ? { namespace: 'namespace', pod: 'pod', container: 'container' } : dialect.kubeState;
  const matchers = globMatchers(names.namespace, namespaces);
  const rows = rule
    ? selector(OWNER_RULE, matchers)
    : selectorOfNames(
        OWNERS.filter((name) => dialect.names.has(name)),
        matchers,
      );
  const by = [names.namespace, names.pod, ...(rule ? OWNER_RULE_LABELS : OWNER_LABELS)];
  // Short windows look back a little farther: exporters are scraped less often than nodes.
  const span = { ...time, fromUnixSeconds: Math.min(time.fromUnixSeconds, time.toUnixSeconds - SHORTEST_WINDOW_SECONDS) };
  await overDays(
    api,
    span,
    (seconds) => maxBy(by, `last_over_time(${rows}${range(seconds)})`),
    () => ({
      // Adding a row twice changes nothing, so that a second try may go on with the same table.
      series: (labels, samples) => {
        if (samples.count > 0) owners.add(labels, names, samples.times[samples.count - 1] as number);
      },
      done: () => undefined,
    }),
    context,
  );
}
