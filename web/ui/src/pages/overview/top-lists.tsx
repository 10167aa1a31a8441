import type { ComponentChildren } from 'preact';
import type { OverviewDto, WorkloadRowDto } from '../../../../contract/api.ts';
import { formatMoneyPerMonth, formatShare } from '../../../../contract/format.ts';
import { DEFAULT_CHART_WINDOW, WORKLOADS_DEFAULTS } from '../../../../contract/query.ts';
import { changesOf } from '../../components/changes.ts';
import { Link } from '../../components/link.tsx';
import { RiskBadge } from '../../components/risk-badge.tsx';

/** Under-provisioned workloads come before savings: Neap is a safety tool first. */
export function TopRisks({ overview: { topRisks, risks, currency } }: { overview: OverviewDto }) {
  const atRisk = risks.high + risks.medium;
  return (
    <section class="panel">
      <div class="panel-head">
        <h2>At risk today</h2>
        {atRisk > 0 && (
          <Link to={{ page: 'workloads', query: { ...WORKLOADS_DEFAULTS, risks: ['high', 'medium'], sort: 'risk' } }}>
            All {atRisk}
            <span class="visually-hidden"> workloads at risk</span>
          </Link>
        )}
        <p>Killed, above or without a request, or cut off by a limit: the worst first.</p>
      </div>
      {topRisks.length === 0 ? (
        <p class="muted">No workload is above its risk budget, and none was OOM killed.</p>
      ) : (
        <ul class="top-list">
          {topRisks.map((row) => (
            <TopRow key={`${row.namespace}/${row.kind}/${row.name}`} row={row} note={row.riskText || placeOf(row)}>
              <RiskBadge risk={row.risk} />
              <small>{costChange(row, currency)}</small>
            </TopRow>
          ))}
        </ul>
      )}
    </section>
  );
}

export function TopSavings({ overview: { topSavings, currency } }: { overview: OverviewDto }) {
  return (
    <section class="panel">
      <div class="panel-head">
        <h2>Largest potential savings</h2>
        {topSavings.length > 0 && (
          <Link to={{ page: 'workloads', query: { ...WORKLOADS_DEFAULTS, onlySavings: true } }}>
            All<span class="visually-hidden"> workloads that could save</span>
          </Link>
        )}
        <p>What smaller requests would free, less what safety adds.</p>
      </div>
      {topSavings.length === 0 ? (
        <p class="muted">No request can fall: either they fit, or there is no recommendation yet. See the coverage below.</p>
      ) : (
        <ul class="top-list">
          {topSavings.map((row) => (
            <TopRow key={`${row.namespace}/${row.kind}/${row.name}`} row={row} note={changesOf(row).join(' · ')}>
              {formatMoneyPerMonth(row.savings, currency)}
              <small>{formatShare(row.savings / row.costNow)} of its cost</small>
            </TopRow>
          ))}
        </ul>
      )}
    </section>
  );
}

function TopRow({ row, note, children }: { row: WorkloadRowDto; note: string; children: ComponentChildren }) {
  return (
    <li>
      <div style={{ minWidth: 0 }}>
        <Link class="workload-name" to={{ page: 'workload', id: row, window: DEFAULT_CHART_WINDOW }}>
          <span class="workload-namespace">{row.namespace}/</span>
          {row.name}
        </Link>
        <span class="workload-place" title={note}>
          {note}
        </span>
      </div>
      <div class="amount">{children}</div>
    </li>
  );
}

function placeOf(row: WorkloadRowDto): string {
  return `${row.kind} in ${row.namespace}`;
}

function costChange(row: WorkloadRowDto, currency: string): string {
  if (Math.abs(row.savings) < 0.01) return 'no change in cost';
  return row.savings < 0
    ? `with all advice: +${formatMoneyPerMonth(-row.savings, currency)}`
    : `with all advice: −${formatMoneyPerMonth(row.savings, currency)}`;
}
