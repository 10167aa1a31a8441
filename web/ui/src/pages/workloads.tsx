import { useEffect } from 'preact/hooks';
import type { WorkloadRowDto, WorkloadsDto } from '../../../contract/api.ts';
import { formatCount, formatCounted, formatMoney, formatPods } from '../../../contract/format.ts';
import { encodeWorkloadsQuery, PAGE_SIZES, WORKLOADS_DEFAULTS, type WorkloadsQuery } from '../../../contract/query.ts';
import { DataTable } from '../components/data-table.tsx';
import { Icon } from '../components/icon.tsx';
import { EmptyState, ErrorPanel, Loading, Skeleton } from '../components/message.tsx';
import { NoWorkloads } from '../components/no-workloads.tsx';
import { announce } from '../state/announce.ts';
import { apiUrl } from '../state/api-client.ts';
import { navigate } from '../state/navigation.ts';
import { useApi } from '../state/use-api.ts';
import { workloadColumns } from './workloads/columns.tsx';
import { Filters } from './workloads/filters.tsx';

export function Workloads({ query, version }: { query: WorkloadsQuery; version: string }) {
  const params = encodeWorkloadsQuery(query).toString();
  const { data, error, loading, retry } = useApi<WorkloadsDto>(params === '' ? 'workloads' : `workloads?${params}`, version);
  const set = (change: Partial<WorkloadsQuery>, replace = false) =>
    navigate({ page: 'workloads', query: { ...query, page: 1, ...change } }, { replace });

  useEffect(() => {
    if (data !== undefined && !loading)
      announce(`${formatCounted(data.totals.workloads, 'workload')} found, page ${data.page} of ${data.pages}`);
  }, [data, loading]);

  return (
    <>
      <div class="page-head">
        <div>
          <h1>Workloads</h1>
          <p>{data === undefined ? 'Loading' : foundText(data)}. Amounts are of one pod, money of all pods and a month.</p>
        </div>
        <a class="button no-print" href={csvUrl(query)} download>
          <Icon name="download" />
          CSV{data !== undefined && data.totals.workloads < data.unfiltered ? ' of the filter' : ''}
        </a>
      </div>
      <Filters query={query} facets={data?.facets} set={set} />
      <div class="table-frame">
        {error !== undefined ? (
          <ErrorPanel title="The workloads can not be loaded" error={error} retry={retry} />
        ) : data === undefined ? (
          <TableSkeleton />
        ) : data.rows.length === 0 ? (
          <NothingFound data={data} clear={() => set(WORKLOADS_DEFAULTS)} />
        ) : (
          <Found data={data} query={query} busy={loading} set={set} />
        )}
      </div>
    </>
  );
}

interface FoundProps {
  readonly data: WorkloadsDto;
  readonly query: WorkloadsQuery;
  readonly busy: boolean;
  readonly set: (change: Partial<WorkloadsQuery>) => void;
}

function Found({ data, query, busy, set }: FoundProps) {
  const { totals, currency, page, pages, size } = data;
  const from = (page - 1) * size + 1;
  return (
    <>
      <DataTable<WorkloadRowDto>
        caption={`Workloads, sorted by ${query.sort}, ${query.direction === 'asc' ? 'ascending' : 'descending'}`}
        columns={workloadColumns(currency)}
        rows={data.rows}
        keyOf={(row) => `${row.namespace}/${row.kind}/${row.name}`}
        sorting={{ column: query.sort, direction: query.direction, onSort: (sort, direction) => set({ sort, direction }) }}
        totals={{
          workload: `${formatCounted(totals.workloads, 'workload')}`,
          pods: formatPods(totals.pods),
          cost: formatMoney(totals.costNow, currency),
          waste: formatMoney(totals.waste, currency),
          savings: (
            <span title="What recommendations save, less what they add for safety">
              {formatMoney(totals.savings, currency)} <span class="net">net</span>
            </span>
          ),
        }}
        busy={busy}
      />
      <nav class="table-foot" aria-label="Pages of the table">
        <span>
          {formatCount(from)}–{formatCount(from + data.rows.length - 1)} of {formatCount(totals.workloads)}
        </span>
        <label class="pager">
          Rows
          <select class="select" value={size} onChange={(event) => set({ size: Number(event.currentTarget.value) })}>
            {[...new Set([...PAGE_SIZES, size])]
              .sort((a, b) => a - b)
              .map((n) => (
                <option key={n} value={n}>
                  {n}
                </option>
              ))}
          </select>
        </label>
        <div class="pager">
          <button type="button" class="button" disabled={page <= 1} onClick={() => set({ page: page - 1 })}>
            Previous
          </button>
          <span>
            Page {formatCount(page)} of {formatCount(pages)}
          </span>
          <button type="button" class="button" disabled={page >= pages} onClick={() => set({ page: page + 1 })}>
            Next
          </button>
        </div>
      </nav>
    </>
  );
}

function NothingFound({ data, clear }: { data: WorkloadsDto; clear: () => void }) {
  if (data.unfiltered === 0) return <NoWorkloads />;
  return (
    <EmptyState title="No workload matches" icon="search">
      <p>All {formatCount(data.unfiltered)} workloads are hidden by the filters above.</p>
      <button type="button" class="button" onClick={clear}>
        Clear filters
      </button>
    </EmptyState>
  );
}

function TableSkeleton() {
  return (
    <Loading what="the workloads">
      <div class="panel-rows">
        {Array.from({ length: 12 }, (_, i) => (
          <Skeleton key={i} height={34} />
        ))}
      </div>
    </Loading>
  );
}

function foundText({ totals, unfiltered }: WorkloadsDto): string {
  return totals.workloads === unfiltered
    ? formatCounted(unfiltered, 'workload')
    : `${formatCount(totals.workloads)} of ${formatCounted(unfiltered, 'workload')}`;
}

/** The whole filtered set in the table's order, whatever page is shown. */
function csvUrl(query: WorkloadsQuery): string {
  const params = encodeWorkloadsQuery({ ...query, page: 1, size: WORKLOADS_DEFAULTS.size });
  params.set('format', 'csv');
  return apiUrl(`workloads?${params}`);
}
