import type { DataDto, FindingDto, StatusDto } from '../../../contract/api.ts';
import { formatAge, formatCount, formatMemory, formatPrice, formatShare, formatSpan } from '../../../contract/format.ts';
import { DEFAULT_CHART_WINDOW } from '../../../contract/query.ts';
import { Icon } from '../components/icon.tsx';
import { Link } from '../components/link.tsx';
import { ErrorPanel, Loading, Skeleton } from '../components/message.tsx';
import { ScrollBox } from '../components/scroll-box.tsx';
import { useApi } from '../state/use-api.ts';
import { formatDay, formatDayAndTime } from '../time.ts';

/** Where the numbers come from, how fresh and how clean they are. */
export function DataPage({ version, now }: { version: string; now: number }) {
  const { data, error, retry } = useApi<StatusDto>('status', version);
  return (
    <>
      <div class="page-head">
        <div>
          <h1>Data &amp; health</h1>
          <p>Where the numbers come from, and how clean they are.</p>
        </div>
      </div>
      {error !== undefined && data === undefined ? (
        <section class="panel">
          <ErrorPanel title="The state can not be loaded" error={error} retry={retry} />
        </section>
      ) : data?.data ? (
        <div class="stack">
          <Source status={data} data={data.data} now={now} />
          <Findings data={data.data} />
          <div class="columns">
            <Money data={data.data} />
            <Counters data={data.data} />
          </div>
        </div>
      ) : (
        <Loading what="the state">
          <section class="panel">
            <Skeleton height={220} />
          </section>
        </Loading>
      )}
    </>
  );
}

function Source({ status: { state }, data, now }: { status: StatusDto; data: DataDto; now: number }) {
  const { source, window } = data;
  return (
    <section class="panel">
      <div class="panel-head">
        <h2>History</h2>
        <span class={`fresh ${state.stale ? 'stale' : ''}`}>{state.stale ? 'Stale' : 'Fresh'}</span>
      </div>
      <dl class="facts-grid">
        <Fact title="Source" value={source.title} note={source.server} />
        <Fact
          title="Newest usage sample"
          value={state.newestSampleAt === null ? 'none' : `${formatAge(now - state.newestSampleAt)} old`}
          note={state.newestSampleAt === null ? '' : formatDayAndTime(state.newestSampleAt)}
        />
        <Fact
          title="Window"
          value={formatSpan(window.to - window.from)}
          note={`${formatDay(window.from)} to ${formatDay(window.to)}, every ${formatSpan(window.stepSeconds)}`}
        />
        <Fact
          title="Analysed"
          value={state.generatedAt === null ? 'never' : `${formatAge(now - state.generatedAt)} ago`}
          note={state.refreshSeconds > 0 ? `again every ${formatSpan(state.refreshSeconds)}` : 'once'}
        />
        <Fact title="Neap" value={data.neapVersion} note={`analysis ${state.version} since the start`} />
      </dl>
    </section>
  );
}

function Findings({ data: { findings, findingsTotal } }: { data: DataDto }) {
  return (
    <section class="panel">
      <div class="panel-head">
        <h2>Findings</h2>
        {findingsTotal > findings.length && (
          <span class="muted">
            the gravest {formatCount(findings.length)} of {formatCount(findingsTotal)}
          </span>
        )}
        <p>What to know before one believes or uses the numbers.</p>
      </div>
      {findings.length === 0 ? (
        <p class="muted">Nothing was found: the history is complete and no workload stands out.</p>
      ) : (
        <ScrollBox label="Findings">
          <FindingList findings={findings} />
        </ScrollBox>
      )}
    </section>
  );
}

/** @param within a workload's page: the findings are its own, so that only the container is named */
export function FindingList({ findings, within = false }: { findings: readonly FindingDto[]; within?: boolean }) {
  return (
    <ul>
      {findings.map((finding, i) => (
        <li class={`finding ${finding.severity}`} key={`${finding.code} ${finding.subject} ${i}`}>
          <Icon name={finding.severity === 'info' ? 'info' : 'warning'} />
          <div class="prose">
            <Subject subject={finding.subject} within={within} /> {finding.text}
            {finding.remedy !== '' && <p>{finding.remedy}</p>}
          </div>
        </li>
      ))}
    </ul>
  );
}

function Subject({ subject, within }: { subject: string | null; within: boolean }) {
  if (subject === null) return null;
  const [namespace, kind, name, container] = subject.split('/');
  if (!namespace || !kind || !name) return <strong>{subject}</strong>;
  if (within) return container === undefined ? null : <strong>{container}:</strong>;
  return (
    <Link to={{ page: 'workload', id: { namespace, kind, name }, window: DEFAULT_CHART_WINDOW }}>
      {namespace}/{name}
      {container === undefined ? '' : ` (${container})`}
    </Link>
  );
}

function Money({ data: { prices, policy } }: { data: DataDto }) {
  return (
    <section class="panel">
      <div class="panel-head">
        <h2>Prices and policy</h2>
      </div>
      <dl class="facts-grid">
        <Fact title="CPU" value={`${formatPrice(prices.cpuCoreHour, prices.currency)} a core hour`} note={prices.origin} />
        <Fact title="Memory" value={`${formatPrice(prices.memoryGibHour, prices.currency)} a GiB hour`} note={prices.origin} />
        <Fact title="Month" value="730 hours" note="365 × 24 ÷ 12" />
        <Fact title="Policy" value={policy.name} note={policy.origin === policy.name ? '' : policy.origin} />
        <Fact title="CPU risk budget" value={`${formatShare(policy.cpuRiskBudget)} of time`} note="usage above the request" />
        <Fact title="Memory risk budget" value={`${formatShare(policy.memoryRiskBudget)} of time`} note="usage above the request" />
      </dl>
    </section>
  );
}

const COUNTERS: readonly (readonly [id: string, title: string])[] = [
  ['requests', 'HTTP requests'],
  ['retries', 'Retries'],
  ['splits', 'Chunks split as too large'],
  ['series', 'Series read'],
  ['samples', 'Samples read'],
  ['gaps', 'Gaps within series'],
  ['notANumber', 'Samples without a number'],
  ['duplicates', 'Duplicate samples'],
  ['fromTheFuture', 'Samples from the future'],
  ['podsWithoutOwner', 'Pods without owner'],
];

function Counters({ data: { counters } }: { data: DataDto }) {
  return (
    <section class="panel">
      <div class="panel-head">
        <h2>What was read</h2>
      </div>
      <dl class="facts-grid">
        <Fact title="Received" value={formatMemory(counters.bytes ?? 0)} note="" />
        {COUNTERS.map(([id, title]) => (
          <Fact key={id} title={title} value={formatCount(counters[id] ?? 0)} note="" />
        ))}
      </dl>
    </section>
  );
}

function Fact({ title, value, note }: { title: string; value: string; note: string }) {
  return (
    <div>
      <dt>{title}</dt>
      <dd>
        {value}
        {note !== '' && <small>{note}</small>}
      </dd>
    </div>
  );
}
