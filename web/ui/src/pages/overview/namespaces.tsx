import type { NamespaceDto, OverviewDto } from '../../../../contract/api.ts';
import { formatCounted, formatMoney } from '../../../../contract/format.ts';
import { WORKLOADS_DEFAULTS } from '../../../../contract/query.ts';
import { Link } from '../../components/link.tsx';

/** Cost by namespace: a table whose bars are cells, so that it needs no other form. */
export function Namespaces({ overview: { namespaces, currency } }: { overview: OverviewDto }) {
  const largest = Math.max(...namespaces.map(({ costNow }) => costNow), 0);
  return (
    <section class="panel">
      <div class="panel-head">
        <h2>Cost by namespace</h2>
        <div class="legend">
          <span>
            <span class="swatch fill-used" aria-hidden="true" />
            used
          </span>
          <span>
            <span class="swatch fill-potential" aria-hidden="true" />
            waste
          </span>
        </div>
      </div>
      <table class="compact namespace-bars">
        <thead>
          <tr>
            <th scope="col">Namespace</th>
            <th scope="col">
              <span class="visually-hidden">Share wasted</span>
            </th>
            <th scope="col" class="num">
              Cost/mo
            </th>
            <th scope="col" class="num">
              Waste/mo
            </th>
          </tr>
        </thead>
        <tbody>
          {namespaces.map((row) => (
            <tr key={row.namespace ?? ''}>
              <th scope="row" title={formatCounted(row.workloads, 'workload')}>
                {row.namespace === null ? (
                  <span class="muted">others</span>
                ) : (
                  <Link to={{ page: 'workloads', query: { ...WORKLOADS_DEFAULTS, namespaces: [row.namespace] } }}>{row.namespace}</Link>
                )}
              </th>
              <td>
                <SplitBar row={row} largest={largest} />
              </td>
              <td class="num">{formatMoney(row.costNow, currency)}</td>
              <td class="num muted">{formatMoney(row.waste, currency)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function SplitBar({ row, largest }: { row: NamespaceDto; largest: number }) {
  const percent = (amount: number) => `${largest === 0 ? 0 : (100 * Math.max(0, amount)) / largest}%`;
  return (
    <div class="split-bar" aria-hidden="true">
      <span class="fill-used" style={{ width: percent(row.costNow - row.waste) }} />
      <span class="fill-potential" style={{ width: percent(row.waste) }} />
    </div>
  );
}
