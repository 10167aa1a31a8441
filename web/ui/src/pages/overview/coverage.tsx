import type { OverviewDto } from '../../../../contract/api.ts';
import { formatCount, formatCounted, formatReason } from '../../../../contract/format.ts';
import { Link } from '../../components/link.tsx';

/** How much of the cluster the numbers speak for, and why not for the rest. */
export function Coverage({ overview: { coverage } }: { overview: OverviewDto }) {
  const { containers, recommended, reasons } = coverage;
  return (
    <section class="panel">
      <div class="panel-head">
        <h2>Coverage</h2>
        <Link to={{ page: 'data' }}>Data &amp; health</Link>
      </div>
      <div>
        <strong>
          {formatCount(recommended)} of {formatCounted(containers, 'container')}
        </strong>{' '}
        <span class="muted">have a recommendation for CPU and memory{reasons.length > 0 ? '; the others have none, because:' : '.'}</span>
      </div>
      <div class="coverage-bar" aria-hidden="true">
        <span class="fill-recommended" style={{ flex: `${recommended} 1 0` }} />
        <span style={{ flex: `${Math.max(0, containers - recommended)} 1 0` }} />
      </div>
      {reasons.length > 0 && (
        <ul class="reasons">
          {reasons.map(({ reason, containers: count, example }) => (
            <li key={reason}>
              <strong>
                {formatCount(count)} · {formatReason(reason)}
              </strong>
              {example !== null && <p>{example}</p>}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
