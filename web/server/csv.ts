import { stringify } from 'csv-stringify/sync';
import type { Analysis, ContainerAnalysis, ResourceAnalysis } from '../../operator/analysis/analysis.ts';
import type { WorkloadsQuery } from '../contract/query.ts';
import type { Row } from './rows.ts';
import { selectRows } from './table.ts';

type Cell = string | number | undefined;

/** Stable column ids with their units; amounts are raw, money is the container's part for all pods of the workload. */
const COLUMNS: readonly (readonly [id: string, value: (row: Row, container: ContainerAnalysis, analysis: Analysis) => Cell])[] = [
  ['namespace', ({ dto }) => dto.namespace],
  ['kind', ({ dto }) => dto.kind],
  ['workload', ({ dto }) => dto.name],
  ['container', (_, c) => c.name],
  ['pods', ({ dto }) => dto.pods],
  ['risk', ({ dto }) => dto.risk],
  ...resourceColumns('cpu', 'millicores'),
  ...resourceColumns('memory', 'bytes'),
  ['cost_now_per_month', (_, c) => moneyIfKnown(c, (r) => r.costNowPerMonth)],
  ['cost_after_per_month', (_, c) => money(c, (r) => r.costAfterPerMonth)],
  ['potential_savings_per_month', (_, c) => moneyIfKnown(c, (r) => r.costNowPerMonth - r.costAfterPerMonth)],
  ['waste_per_month', (_, c) => moneyIfKnown(c, (r) => r.wastePerMonth)],
  ['currency', (_row, _c, analysis) => analysis.prices.currency],
  ['oom_kills', (_, c) => c.oomKills],
  ['throttled_share', (_, c) => c.throttledShare],
  ['analysed_at', (_row, _c, analysis) => analysis.generatedAt],
];

/** Both resources' money, to a millionth, so that the noise of adding floats does not look like an amount. */
function money({ cpu, memory }: ContainerAnalysis, of: (resource: ResourceAnalysis) => number): number {
  return Math.round((of(cpu) + of(memory)) * 1e6) / 1e6 + 0;
}

/** Empty where the source does not know what is requested now. */
function moneyIfKnown(container: ContainerAnalysis, of: (resource: ResourceAnalysis) => number): number | undefined {
  return container.cpu.currentKnown && container.memory.currentKnown ? money(container, of) : undefined;
}

/** All rows of the filter in the table's order, one line a container. RFC 4180; cells that a spreadsheet would run are quoted. */
export function workloadsCsv(analysis: Analysis, query: WorkloadsQuery): string {
  const lines = selectRows(analysis, query).flatMap((row) =>
    row.workload.containers.map((container) => COLUMNS.map(([, value]) => value(row, container, analysis))),
  );
  return stringify([COLUMNS.map(([id]) => id), ...lines], { record_delimiter: 'windows', escape_formulas: true });
}

function resourceColumns(resource: 'cpu' | 'memory', unit: string): (typeof COLUMNS)[number][] {
  const column = (id: string, value: (r: ResourceAnalysis) => Cell): (typeof COLUMNS)[number] => [
    `${resource}_${id}`,
    (_, container) => value(container[resource]),
  ];
  return [
    column(`request_${unit}`, (r) => r.currentRequest),
    column(`limit_${unit}`, (r) => r.currentLimit),
    column(`p50_${unit}`, (r) => (r.usage.ok ? r.usage.value.p50 : undefined)),
    column(`p95_${unit}`, (r) => (r.usage.ok ? r.usage.value.p95 : undefined)),
    column(`p99_${unit}`, (r) => (r.usage.ok ? r.usage.value.p99 : undefined)),
    column(`max_${unit}`, (r) => (r.usage.ok ? r.usage.value.max : undefined)),
    column(`recommended_request_${unit}`, (r) => (r.recommendation.ok ? r.recommendation.value.request : undefined)),
    column(`recommended_limit_${unit}`, (r) => (r.recommendation.ok ? r.recommendation.value.limit : undefined)),
    column('overload_now_share', (r) => r.overloadNow),
    column('overload_after_share', (r) => (r.recommendation.ok ? r.recommendation.value.overloadAfter : undefined)),
    column('why', (r) => (r.recommendation.ok ? r.recommendation.value.why : undefined)),
    column('not_recommended_because', (r) => (r.recommendation.ok ? undefined : r.recommendation.reason)),
  ];
}
