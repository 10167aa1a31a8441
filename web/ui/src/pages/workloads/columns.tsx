import type { WorkloadRowDto } from '../../../../contract/api.ts';
import { formatMoney, formatPods, formatReason } from '../../../../contract/format.ts';
import { DEFAULT_CHART_WINDOW } from '../../../../contract/query.ts';
import { changesOf } from '../../components/changes.ts';
import type { Column } from '../../components/data-table.tsx';
import { Link } from '../../components/link.tsx';
import { PairBars } from '../../components/pair-bars.tsx';
import { RiskBadge } from '../../components/risk-badge.tsx';

export function workloadColumns(currency: string): readonly Column<WorkloadRowDto>[] {
  return [
    {
      id: 'workload',
      title: 'Workload',
      sort: 'workload',
      class: 'cell-workload',
      rowHeader: true,
      cell: (row) => (
        <>
          <Link class="workload-name" to={{ page: 'workload', id: row, window: DEFAULT_CHART_WINDOW }} title={row.name}>
            {row.name}
          </Link>
          <span class="workload-place" title={row.namespace}>
            {row.namespace}
          </span>
          {changesOf(row).map((change) => (
            <span key={change} class="narrow-only muted">
              {change}
            </span>
          ))}
        </>
      ),
    },
    { id: 'kind', title: 'Kind', sort: 'kind', class: 'cell-kind wide-only', cell: (row) => row.kind },
    { id: 'pods', title: 'Pods', sort: 'pods', class: 'num medium-only', cell: (row) => formatPods(row.pods) },
    {
      id: 'cpu',
      title: 'CPU a pod',
      hint: 'Request → recommendation, and P95 of use; sorts by request',
      sort: 'cpu',
      class: 'medium-only',
      cell: (row) => <PairBars resource="cpu" pair={row.cpu} />,
    },
    {
      id: 'memory',
      title: 'Memory a pod',
      hint: 'Request → recommendation, and P95 of use; sorts by request',
      sort: 'memory',
      class: 'medium-only',
      cell: (row) => <PairBars resource="memory" pair={row.memory} />,
    },
    { id: 'cost', title: 'Cost/mo', sort: 'cost', class: 'num wide-only', cell: (row) => formatMoney(row.costNow, currency) },
    {
      id: 'waste',
      title: 'Waste/mo',
      hint: 'Cost of what is requested and not used on average',
      sort: 'waste',
      class: 'num wide-only',
      cell: (row) => formatMoney(row.waste, currency),
    },
    {
      id: 'savings',
      title: 'Potential/mo',
      hint: 'Potential saving; negative where safety costs more',
      sort: 'savings',
      class: 'num',
      cell: (row) => <Saving row={row} currency={currency} />,
    },
    {
      id: 'risk',
      title: 'Risk now',
      hint: 'How today’s requests do against the risk budget',
      sort: 'risk',
      cell: (row) => (
        <>
          <RiskBadge risk={row.risk} />
          {row.riskText !== '' && <span class="risk-note">{row.riskText}</span>}
        </>
      ),
    },
    { id: 'why', title: 'Why', class: 'cell-why widest-only', cell: (row) => <Why row={row} /> },
  ];
}

function Saving({ row, currency }: { row: WorkloadRowDto; currency: string }) {
  if (row.why === '') return <span class="muted">none</span>;
  const tone = row.savings >= 0.01 ? 'positive' : row.savings <= -0.01 ? 'negative' : 'muted';
  return (
    <span class={`saving ${tone}`}>
      {row.savings <= -0.01 ? `+${formatMoney(-row.savings, currency)} cost` : formatMoney(row.savings, currency)}
    </span>
  );
}

function Why({ row }: { row: WorkloadRowDto }) {
  const blocked = row.blocked.map(({ reason, detail }) => ({ title: formatReason(reason), detail: detail ?? '' }));
  if (row.why === '' && blocked.length > 0) {
    return (
      <span class="clamp" title={blocked.map(({ detail }) => detail).join(' ')}>
        <strong>{blocked.map(({ title }) => title).join(', ')}.</strong> {blocked[0]?.detail}
      </span>
    );
  }
  return (
    <span class="clamp" title={row.why}>
      {row.why}
      {blocked.length > 0 && ` (${blocked.map(({ title }) => title).join(', ')} for others)`}
    </span>
  );
}
