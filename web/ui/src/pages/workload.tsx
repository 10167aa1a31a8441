import type { ContainerDto, ResourceDto, SeriesDto, WorkloadDto } from '../../../contract/api.ts';
import { formatAmount, formatCounted, formatPods, formatReason, formatShare } from '../../../contract/format.ts';
import { CHART_WINDOWS, type ChartWindow, WORKLOADS_DEFAULTS } from '../../../contract/query.ts';
import { formatRequested } from '../../../contract/requested.ts';
import { type WorkloadId, workloadPath } from '../../../contract/route.ts';
import { UsagePanel } from '../charts/usage-panel.tsx';
import { CopyBlock } from '../components/copy-block.tsx';
import { Delta } from '../components/delta.tsx';
import { Link } from '../components/link.tsx';
import { ErrorPanel, Loading, Skeleton } from '../components/message.tsx';
import { RiskBadge } from '../components/risk-badge.tsx';
import { Stepper } from '../components/stepper.tsx';
import { type Load, useApi } from '../state/use-api.ts';
import { timeZoneTitle } from '../time.ts';
import { FindingList } from './data.tsx';
import { RiskLine } from './workload/risk-line.tsx';
import { Verdict } from './workload/verdict.tsx';

interface WorkloadPageProps {
  readonly id: WorkloadId;
  readonly window: ChartWindow;
  readonly version: string;
}

export function WorkloadPage({ id, window, version }: WorkloadPageProps) {
  const path = workloadPath(id);
  const workload = useApi<WorkloadDto>(path, version);
  const series = useApi<SeriesDto>(`${path}/series?window=${window}`, version);
  const { data, error } = workload;
  return (
    <>
      <div class="page-head">
        <div>
          <nav class="crumbs" aria-label="Where you are">
            <Link to={{ page: 'workloads', query: WORKLOADS_DEFAULTS }}>Workloads</Link>
            <span aria-hidden="true">/</span>
            <Link to={{ page: 'workloads', query: { ...WORKLOADS_DEFAULTS, namespaces: [id.namespace] } }}>{id.namespace}</Link>
          </nav>
          <div class="title-line">
            <h1>{id.name}</h1>
            <span class="badge plain">{id.kind}</span>
            {data !== undefined && (
              <span class="muted">
                {formatPods(data.row.pods)} {data.row.pods === 1 ? 'pod' : 'pods'}
              </span>
            )}
            {data !== undefined && <RiskBadge risk={data.row.risk} suffix=" risk now" />}
          </div>
        </div>
        <WindowPicker id={id} window={window} />
      </div>
      {error !== undefined && data === undefined ? (
        <section class="panel">
          <ErrorPanel title="This workload can not be shown" error={error} retry={workload.retry} />
        </section>
      ) : data === undefined ? (
        <Loading what="the workload">
          <div class="stack">
            <section class="panel">
              <Skeleton height={110} />
            </section>
            <section class="panel">
              <Skeleton height={360} />
            </section>
          </div>
        </Loading>
      ) : (
        <div class="stack">
          <Verdict workload={data} />
          {data.findings.length > 0 && (
            <section class="panel" aria-label="Findings">
              <FindingList findings={data.findings} within />
            </section>
          )}
          {data.containers.map((container) => (
            <Container key={container.name} container={container} workload={data} series={series} />
          ))}
          <Apply workload={data} />
        </div>
      )}
    </>
  );
}

function WindowPicker({ id, window }: { id: WorkloadId; window: ChartWindow }) {
  return (
    <div class="no-print">
      <nav class="segmented" aria-label="Time window of the charts">
        {CHART_WINDOWS.map((choice) => (
          <Link
            key={choice}
            to={{ page: 'workload', id, window: choice }}
            {...(choice === window ? { 'aria-current': 'true' as const } : {})}
          >
            {choice}
          </Link>
        ))}
      </nav>
    </div>
  );
}

interface ContainerProps {
  readonly container: ContainerDto;
  readonly workload: WorkloadDto;
  readonly series: Load<SeriesDto>;
}

function Container({ container, workload, series }: ContainerProps) {
  const { oomKills, throttledShare } = container;
  const heading = `container-${container.name}`;
  return (
    <section aria-labelledby={heading}>
      <div class="container-head">
        <h2 id={heading}>
          <span class="muted">Container</span> {container.name}
        </h2>
        <div class="facts">
          {oomKills !== null && (
            <span class={`badge ${oomKills > 0 ? 'high' : 'plain'}`}>
              {oomKills === 0 ? 'No OOM kill' : formatCounted(oomKills, 'OOM kill')}
            </span>
          )}
          {throttledShare !== null && (
            <span class={`badge ${throttledShare > 0.05 ? 'medium' : 'plain'}`}>
              {formatShare(throttledShare)} of CPU periods throttled
            </span>
          )}
        </div>
        <span class="muted push">Times in {timeZoneTitle(workload.window.to)}</span>
      </div>
      <div class="columns">
        <ResourcePanel title="CPU" resource={container.cpu} container={container} workload={workload} series={series} />
        <ResourcePanel title="Memory" resource={container.memory} container={container} workload={workload} series={series} />
      </div>
    </section>
  );
}

interface ResourcePanelProps extends ContainerProps {
  readonly title: string;
  readonly resource: ResourceDto;
}

function ResourcePanel({ title, resource, container, workload, series }: ResourcePanelProps) {
  const { recommendation } = resource;
  return (
    <section class="panel" aria-label={`${title} of ${container.name}`}>
      <div class="label">{title} request</div>
      <div class="change">
        <span class={recommendation.ok ? 'from' : ''}>{formatRequested(resource.resource, resource)}</span>
        {recommendation.ok && (
          <>
            <span class="arrow" aria-hidden="true">
              →
            </span>
            <span class="visually-hidden">recommended</span>
            <span>{formatAmount(resource.resource, recommendation.request)}</span>
            {resource.request !== null && <Delta before={resource.request} after={recommendation.request} />}
          </>
        )}
      </div>
      <LimitLine resource={resource} />
      {recommendation.ok ? (
        <RiskLine resource={resource} oomKills={container.oomKills} />
      ) : (
        <div class="refusal">
          <strong>No recommendation · {formatReason(recommendation.reason)}</strong>
          {recommendation.detail !== null && <p>{recommendation.detail}</p>}
        </div>
      )}
      <div class="chart-slot">
        <SeriesSlot title={title} resource={resource} container={container} workload={workload} series={series} />
      </div>
      <Quantiles resource={resource} />
      <h3>Why this number</h3>
      <Stepper resource={resource.resource} trace={resource.trace} />
    </section>
  );
}

function LimitLine({ resource: { resource, requestKnown, limit, recommendation } }: { resource: ResourceDto }) {
  const now = limit === null ? (requestKnown ? 'none' : 'not known') : formatAmount(resource, limit);
  const change = recommendation.ok && recommendation.limit !== limit ? recommendation.limit : undefined;
  if (change === undefined) return <p class="limit-line">Limit {limit === null && requestKnown ? 'not set' : now}</p>;
  return (
    <p class="limit-line">
      Limit {now} <span aria-hidden="true">→</span> <span class="visually-hidden">recommended</span>
      <strong>{change === null ? 'none' : formatAmount(resource, change)}</strong>
    </p>
  );
}

function SeriesSlot({ title, resource, container, workload, series }: ResourcePanelProps) {
  if (series.data === undefined) {
    return series.error === undefined ? (
      <Loading what={`the ${title} chart`}>
        <Skeleton height={300} />
      </Loading>
    ) : (
      <ErrorPanel title="The usage can not be read" error={series.error} retry={series.retry} />
    );
  }
  const columns = series.data.containers.find(({ name }) => name === container.name)?.[resource.resource];
  if (columns === undefined) return <p class="muted">The source has no usage of this container in this window.</p>;
  const { namespace, name } = workload.row;
  return (
    <UsagePanel
      title={`${title} usage of ${container.name}`}
      fileName={`${namespace}-${name}-${container.name}-${resource.resource}`}
      resource={resource}
      series={series.data}
      columns={columns}
    />
  );
}

function Quantiles({ resource: { resource, usage } }: { resource: ResourceDto }) {
  if (!usage.ok) return null;
  const figures = [
    ['Mean', usage.mean],
    ['P50', usage.p50],
    ['P95', usage.p95],
    ['P99', usage.p99],
    ['Max', usage.max],
  ] as const;
  return (
    <dl class="quantiles" aria-label="Usage of the hottest pod over the whole window; the mean is over all pods">
      {figures.map(([title, amount]) => (
        <div key={title}>
          <dt>{title}</dt>
          <dd>{formatAmount(resource, amount)}</dd>
        </div>
      ))}
    </dl>
  );
}

function Apply({ workload: { snippet, row } }: { workload: WorkloadDto }) {
  if (snippet === null) return null;
  return (
    <section class="panel">
      <div class="panel-head">
        <h2>Take it over</h2>
        <p>
          Neap changes nothing here. Put the resources into the {row.kind}’s manifest, or try them with kubectl: that restarts its pods.
        </p>
      </div>
      <div class="columns">
        <CopyBlock title="YAML" text={snippet.yaml} />
        {snippet.kubectl === null ? (
          <p class="muted">
            The pod template of a {row.kind} can not be changed in place: change it where the {row.kind} comes from.
          </p>
        ) : (
          <CopyBlock title="kubectl command" text={snippet.kubectl} wrap />
        )}
      </div>
    </section>
  );
}
