import type { OverviewDto } from '../../../contract/api.ts';
import { formatAge, formatCounted, formatShare, formatSpan } from '../../../contract/format.ts';
import { ErrorPanel, Loading, Skeleton } from '../components/message.tsx';
import { NoWorkloads } from '../components/no-workloads.tsx';
import { useApi } from '../state/use-api.ts';
import { formatDayAndTime } from '../time.ts';
import { Coverage } from './overview/coverage.tsx';
import { Efficiency } from './overview/efficiency.tsx';
import { Money } from './overview/money.tsx';
import { Namespaces } from './overview/namespaces.tsx';
import { TopRisks, TopSavings } from './overview/top-lists.tsx';

export function Overview({ version, now }: { version: string; now: number }) {
  const { data, error, retry } = useApi<OverviewDto>('overview', version);
  return (
    <>
      <div class="page-head">
        <div>
          <h1>Overview</h1>
          {data === undefined ? <p>&nbsp;</p> : <p>{summaryOf(data, now)}</p>}
        </div>
      </div>
      {error !== undefined && data === undefined ? (
        <section class="panel">
          <ErrorPanel title="The overview can not be loaded" error={error} retry={retry} />
        </section>
      ) : data === undefined ? (
        <OverviewSkeleton />
      ) : data.totals.workloads === 0 ? (
        <section class="panel">
          <NoWorkloads />
        </section>
      ) : (
        <div class="stack">
          <Money overview={data} />
          <div class="columns">
            <TopRisks overview={data} />
            <TopSavings overview={data} />
          </div>
          <div class="columns">
            <Efficiency overview={data} />
            <Namespaces overview={data} />
          </div>
          <Coverage overview={data} />
        </div>
      )}
    </>
  );
}

function summaryOf({ totals, window, policy }: OverviewDto, now: number): string {
  const age = now - window.to;
  return [
    formatCounted(totals.workloads, 'workload'),
    `${formatSpan(window.to - Math.max(window.from, window.dataFrom))} of history to ${formatDayAndTime(window.to)}${age > 3600 ? ` (${formatAge(age)} ago)` : ''}`,
    `risk budget ${formatShare(policy.cpuRiskBudget)} of time for CPU`,
  ].join(' · ');
}

function OverviewSkeleton() {
  return (
    <Loading what="the overview">
      <div class="stack">
        <section class="panel hero">
          <Skeleton height={120} />
          <Skeleton height={120} />
          <Skeleton height={80} width="100%" />
        </section>
        <div class="columns">
          <section class="panel">
            <Skeleton height={280} />
          </section>
          <section class="panel">
            <Skeleton height={280} />
          </section>
        </div>
      </div>
    </Loading>
  );
}
