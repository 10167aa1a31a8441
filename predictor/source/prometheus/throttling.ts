import { DAY_SECONDS } from '../../../common/units.ts';
import type { Samples } from './answer-parser.ts';
import type { CallContext, PrometheusApi } from './api.ts';
import { CFS_PERIODS, CFS_THROTTLED, type Dialect } from './dialect.ts';
import { everyForm, podOfRow } from './pod-labels.ts';
import { globMatchers, PART, range, selector, union } from './promql.ts';
import { overUtcDays, type TimeWindow } from './windows.ts';

export interface ThrottlingOptions {
  readonly dialect: Dialect;
  readonly namespaces: readonly string[];
  /** From the start of a UTC day. */
  readonly time: TimeWindow;
}

/** CFS periods of one container of one pod on one UTC day. */
export interface ThrottlingDay {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  /** Days since the epoch. */
  readonly day: number;
  readonly periods: number;
  readonly throttled: number;
}

/** Counted by the server, a day at a time; `increase` fills what is missing at the edges of each, so that none is counted twice. */
export async function readThrottling(
  api: PrometheusApi,
  { dialect, namespaces, time }: ThrottlingOptions,
  context: CallContext & { readonly counters: { splits: number } },
): Promise<readonly ThrottlingDay[]> {
  if (!dialect.names.has(CFS_PERIODS) || !dialect.names.has(CFS_THROTTLED)) return [];
  const sum = (name: string, seconds: number): string =>
    everyForm(dialect.cadvisor, ({ namespace, pod, container, only }) => {
      const rows = selector(name, [[container, '!=', ''], ...only, ...globMatchers(namespace, namespaces)]);
      return `sum by (${namespace},${pod},${container}) (increase(${rows}${range(seconds)}))`;
    });
  const expressionOf = (seconds: number): string => union({ throttled: sum(CFS_THROTTLED, seconds), periods: sum(CFS_PERIODS, seconds) });
  const fold = () => {
    const days = new Map<string, { row: Omit<ThrottlingDay, 'periods' | 'throttled'>; periods: number; throttled: number }>();
    return {
      series(labels: ReadonlyMap<string, string>, { count, times, values }: Samples) {
        const owner = podOfRow(labels, dialect.cadvisor);
        const what = labels.get(PART) === 'throttled' ? 'throttled' : 'periods';
        for (let i = 0; i < count; i++) {
          const value = values[i] as number;
          if (!(value > 0 && value < Number.POSITIVE_INFINITY)) continue;
          const day = Math.ceil((times[i] as number) / DAY_SECONDS) - 1;
          const key = `${owner.namespace}/${owner.pod}/${owner.container}/${day}`;
          const sums = days.get(key) ?? { row: { ...owner, day }, periods: 0, throttled: 0 };
          days.set(key, sums);
          sums[what] += value;
        }
      },
      done: () => [...days.values()].map(({ row, periods, throttled }) => ({ ...row, periods, throttled })),
    };
  };
  return (await overUtcDays(api, time, expressionOf, fold, context)).flat();
}
