import type { PairDto, ResourceName } from '../../../contract/api.ts';
import { formatAmount, formatChange, formatDelta } from '../../../contract/format.ts';
import { formatRequested } from '../../../contract/requested.ts';

const WIDTH = 92;
const HEIGHT = 14;
const BAR_TOP = 3;
const BAR_HEIGHT = 8;

/** Request against P95 and recommendation of one pod: numbers, and the same as a bar of its own scale. */
export function PairBars({ resource, pair }: { resource: ResourceName; pair: PairDto }) {
  const { request, p95 } = pair;
  if (request === null && p95 === null) return <span class="muted">unknown</span>;
  return (
    <div class="pair">
      <div class="pair-values">
        <Values resource={resource} pair={pair} />
      </div>
      <div class="pair-use">
        <Bar {...pair} />
        <span>{p95 === null ? 'no usage' : `P95 ${formatAmount(resource, p95)}`}</span>
      </div>
    </div>
  );
}

function Values({ resource, pair }: { resource: ResourceName; pair: PairDto }) {
  const { request, recommended } = pair;
  if (recommended === null) return <span>{formatRequested(resource, pair)}</span>;
  const change = formatChange(resource, request ?? recommended, recommended);
  return (
    <>
      <span>{request === null ? formatRequested(resource, pair) : change.before}</span>
      <span class="arrow" aria-hidden="true">
        →
      </span>
      <span class="visually-hidden">recommended</span>
      <span class="after">{change.after}</span>
      {request !== null && <span class="pair-delta">{formatDelta(request, recommended).share}</span>}
    </>
  );
}

function Bar({ request, p95, recommended }: PairDto) {
  const largest = Math.max(request ?? 0, p95 ?? 0, recommended ?? 0);
  const x = (amount: number) => (largest === 0 ? 0 : (amount / largest) * (WIDTH - 4) + 1);
  const within = Math.min(p95 ?? 0, request ?? 0);
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH} height={HEIGHT} aria-hidden="true">
      {request !== null && <rect class="pair-bar-request" x="0.5" y={BAR_TOP + 0.5} width={x(request)} height={BAR_HEIGHT - 1} rx="2" />}
      <rect class="pair-bar-used" x="1" y={BAR_TOP + 1} width={Math.max(0, x(within) - 1)} height={BAR_HEIGHT - 2} rx="1.5" />
      {p95 !== null && p95 > within && (
        <rect class="pair-bar-over" x={x(within)} y={BAR_TOP + 1} width={x(p95) - x(within)} height={BAR_HEIGHT - 2} rx="1" />
      )}
      {recommended !== null && (
        <path class="pair-bar-recommended" d={`M${x(recommended) - 1} 0h2v${HEIGHT}h-2zM${x(recommended) - 3.5} 0h7l-3.5 4z`} />
      )}
    </svg>
  );
}
