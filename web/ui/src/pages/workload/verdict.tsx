import type { ContainerDto, PairDto, ResourceDto, ResourceName, WorkloadDto } from '../../../../contract/api.ts';
import { formatAmount, formatMoney, formatMoneyPerMonth, formatReason } from '../../../../contract/format.ts';
import { formatRequested } from '../../../../contract/requested.ts';
import { Delta } from '../../components/delta.tsx';
import { RiskLine } from './risk-line.tsx';

/** The answer in ten seconds: what it saves, what changes, what it risks. */
export function Verdict({ workload }: { workload: WorkloadDto }) {
  const { row, containers } = workload;
  return (
    <section class="panel verdict" aria-label="Verdict">
      <Saving workload={workload} />
      <Change title="CPU" resource="cpu" pair={row.cpu} containers={containers} />
      <Change title="Memory" resource="memory" pair={row.memory} containers={containers} />
    </section>
  );
}

function Saving({ workload: { row, currency } }: { workload: WorkloadDto }) {
  const costs = `${formatMoneyPerMonth(row.costNow, currency)} now`;
  if (row.why === '') {
    return (
      <div>
        <div class="label">Potential savings</div>
        <div class="verdict-figure">None yet</div>
        <p class="muted">
          {costs}. {row.blocked.map(({ reason }) => formatReason(reason)).join(', ')}.
        </p>
      </div>
    );
  }
  const saves = row.savings >= 0;
  return (
    <div>
      <div class="label">{saves ? 'Potential savings' : 'What safety would add'}</div>
      <div class="verdict-figure">
        {saves ? '' : '+'}
        {formatMoney(Math.abs(row.savings), currency)}
        <small>/mo</small>
      </div>
      <p class="muted">
        {costs}, {formatMoneyPerMonth(row.costAfter, currency)} after
        {row.waste >= 0.01 && `; ${formatMoneyPerMonth(row.waste, currency)} is wasted today`}
      </p>
    </div>
  );
}

interface ChangeProps {
  readonly title: string;
  readonly resource: ResourceName;
  readonly pair: PairDto;
  readonly containers: readonly ContainerDto[];
}

function Change({ title, resource, pair, containers }: ChangeProps) {
  const worst = worstOf(containers, resource);
  const several = containers.length > 1;
  return (
    <div>
      <div class="label">
        {title} request of one pod{several && `, ${containers.length} containers`}
      </div>
      <div class="change">
        <span class={pair.recommended === null ? '' : 'from'}>{formatRequested(resource, pair)}</span>
        {pair.recommended !== null && (
          <>
            <span class="arrow" aria-hidden="true">
              →
            </span>
            <span class="visually-hidden">recommended</span>
            <span>{formatAmount(resource, pair.recommended)}</span>
            {pair.request !== null && <Delta before={pair.request} after={pair.recommended} />}
          </>
        )}
      </div>
      {worst !== undefined && <Worst container={worst} resource={worst[resource]} several={several} />}
    </div>
  );
}

interface WorstProps {
  readonly container: ContainerDto;
  readonly resource: ResourceDto;
  readonly several: boolean;
}

function Worst({ container, resource, several }: WorstProps) {
  const { recommendation } = resource;
  return (
    <>
      <RiskLine resource={resource} oomKills={container.oomKills} subject={several ? container.name : ''} />
      {!recommendation.ok && <p class="muted">No recommendation · {formatReason(recommendation.reason)}</p>}
    </>
  );
}

/** The container that is worst off: killed before exceeded, exceeded before the rest. */
function worstOf(containers: readonly ContainerDto[], name: ResourceName): ContainerDto | undefined {
  const kills = (container: ContainerDto) => (name === 'memory' ? (container.oomKills ?? 0) : 0);
  // A container without a request is first to be starved: worse than one that is within it.
  const overload = ({ [name]: { overloadNow, requestKnown, usage } }: ContainerDto) =>
    overloadNow ?? (requestKnown && usage.ok ? 1e-9 : -1);
  return [...containers].sort((a, b) => kills(b) - kills(a) || overload(b) - overload(a))[0];
}
