import type { EfficiencyDto, OverviewDto, ResourceName } from '../../../../contract/api.ts';
import { formatAmount, formatShare } from '../../../../contract/format.ts';

/** Used, recommended and requested amounts of the whole cluster on one scale a resource. */
export function Efficiency({ overview }: { overview: OverviewDto }) {
  return (
    <section class="panel">
      <div class="panel-head">
        <h2>Efficiency</h2>
        <p>All pods together; used is the mean over the window.</p>
      </div>
      <ResourceBars title="CPU" resource="cpu" amounts={overview.efficiency.cpu} />
      <ResourceBars title="Memory" resource="memory" amounts={overview.efficiency.memory} />
    </section>
  );
}

function ResourceBars({ title, resource, amounts }: { title: string; resource: ResourceName; amounts: EfficiencyDto }) {
  const largest = Math.max(amounts.used, amounts.recommended, amounts.requested);
  const rows = [
    { title: 'Requested', amount: amounts.requested, class: 'fill-request' },
    { title: 'Recommended', amount: amounts.recommended, class: 'fill-recommended' },
    { title: 'Used', amount: amounts.used, class: 'fill-used' },
  ];
  return (
    <div class="efficiency">
      <div class="efficiency-head">
        <h3>{title}</h3>
        <span>
          {amounts.requested > 0 ? (
            <>
              <strong>{formatShare(amounts.used / amounts.requested)}</strong> <span class="muted">of requests used</span>
            </>
          ) : (
            <span class="muted">nothing requested</span>
          )}
        </span>
      </div>
      <dl>
        {rows.map((row) => (
          <div class="efficiency-row" key={row.title}>
            <dt>{row.title}</dt>
            <dd class="bar-track" aria-hidden="true">
              <span class={`bar-fill ${row.class}`} style={{ width: `${largest === 0 ? 0 : (100 * row.amount) / largest}%` }} />
            </dd>
            <dd class="num">{formatAmount(resource, row.amount)}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
