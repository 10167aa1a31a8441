import type { CallContext, PrometheusApi } from './api.ts';
import { type Dialect, OWNER_RULE, OWNERS } from './dialect.ts';
import { OWNER_LABELS, OWNER_RULE_LABELS, type OwnerTable } from './owners.ts';
import { everyForm, PLAIN_LABELS } from './pod-labels.ts';
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
  const forms = rule ? [PLAIN_LABELS] : dialect.kubeState;
  const present = OWNERS.filter((name) => dialect.names.has(name));
  const expressionOf = (seconds: number): string =>
    everyForm(forms, ({ namespace, pod, only }) => {
      const matchers = [...only, ...globMatchers(namespace, namespaces)];
      const rows = rule ? selector(OWNER_RULE, matchers) : selectorOfNames(present, matchers);
      return maxBy([namespace, pod, ...(rule ? OWNER_RULE_LABELS : OWNER_LABELS)], `last_over_time(${rows}${range(seconds)})`);
    });
  // Short windows look back a little farther: exporters are scraped less often than nodes.
  const span = { ...time, fromUnixSeconds: Math.min(time.fromUnixSeconds, time.toUnixSeconds - SHORTEST_WINDOW_SECONDS) };
  await overDays(
    api,
    span,
    expressionOf,
    () => ({
      // Adding a row twice changes nothing, so that a second try may go on with the same table.
      series: (labels, samples) => {
        if (samples.count > 0) owners.add(labels, forms, samples.times[samples.count - 1] as number);
      },
      done: () => undefined,
    }),
    context,
  );
}
