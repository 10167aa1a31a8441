import type { OverviewDto } from '../../../../contract/api.ts';
import { formatCount, formatCounted, formatMoney, formatMoneyPerMonth, formatShare } from '../../../../contract/format.ts';
import { WORKLOADS_DEFAULTS } from '../../../../contract/query.ts';
import { Link } from '../../components/link.tsx';
import { Stat } from '../../components/stat.tsx';

/** The first thing to read: what could be saved, of what, and whether one may believe it. */
export function Money({ overview }: { overview: OverviewDto }) {
  const { totals, currency, coverage, risks } = overview;
  const atRisk = risks.high + risks.medium;
  return (
    <section class="panel hero" aria-label="Cost">
      <div>
        <div class="label">Potential savings</div>
        <div class="hero-figure">
          {formatMoney(totals.potentialSavings, currency)}
          <small>/mo</small>
        </div>
        <div>
          {totals.costNow > 0 ? (
            <>
              <strong>{formatShare(totals.potentialSavings / totals.costNow)}</strong> of what today’s requests cost
            </>
          ) : (
            'Nothing is requested'
          )}
        </div>
        <p class="hero-note">Smaller requests save money only once nodes are released. Until then the room is free for other pods.</p>
      </div>
      <CostBar overview={overview} />
      <dl class="stats">
        <Stat label="Cost" value={formatMoney(totals.costNow, currency)} unit="/mo">
          {formatMoneyPerMonth(totals.costAfter, currency)} after all recommendations
        </Stat>
        <Stat label="Waste" value={formatMoney(totals.waste, currency)} unit="/mo">
          {totals.costNow > 0 ? `${formatShare(totals.waste / totals.costNow)} requested and not used on average` : 'Nothing is requested'}
        </Stat>
        <Stat label="At risk now" value={formatCount(atRisk)} unit={atRisk === 1 ? ' workload' : ' workloads'}>
          {atRisk === 0 ? (
            'All requests keep their risk budget'
          ) : (
            <>
              <Link to={{ page: 'workloads', query: { ...WORKLOADS_DEFAULTS, risks: ['high', 'medium'], sort: 'risk' } }}>
                Ask for too little
              </Link>
              {totals.addedForSafety >= 0.01 && `; safety would add ${formatMoneyPerMonth(totals.addedForSafety, currency)}`}
            </>
          )}
        </Stat>
        <Stat label="Coverage" value={coverage.containers === 0 ? '0 %' : formatShare(coverage.recommended / coverage.containers)}>
          {formatCount(coverage.recommended)} of {formatCounted(coverage.containers, 'container')} have a recommendation
        </Stat>
      </dl>
    </section>
  );
}

/** The month's cost as one bar: used on average, kept as headroom, and what could go. */
function CostBar({ overview: { totals, currency } }: { overview: OverviewDto }) {
  const used = Math.max(0, totals.costNow - totals.waste);
  const potential = Math.min(totals.potentialSavings, totals.costNow);
  const parts = [
    { title: 'Used on average', amount: Math.min(used, totals.costNow - potential), class: 'fill-used' },
    { title: 'Headroom that stays', amount: Math.max(0, totals.costNow - used - potential), class: 'fill-kept' },
    { title: 'Could be saved', amount: potential, class: 'fill-potential' },
  ];
  return (
    <div>
      <div class="label">Where {formatMoneyPerMonth(totals.costNow, currency)} of requests goes</div>
      <div class="money-bar" aria-hidden="true">
        {parts.map((part) => (
          <span key={part.title} class={part.class} style={{ flex: `${part.amount} 1 0` }} />
        ))}
      </div>
      <dl class="money-legend">
        {parts.map((part) => (
          <div key={part.title}>
            <dt>
              <span class={`swatch ${part.class}`} aria-hidden="true" />
              {part.title}
            </dt>
            <dd>
              {formatMoney(part.amount, currency)}
              <span>{totals.costNow > 0 ? formatShare(part.amount / totals.costNow) : ''}</span>
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
