import type { ResourceDto } from '../../../contract/api.ts';
import { formatAmount, formatReason } from '../../../contract/format.ts';

const STAGE_TITLES: Readonly<Record<string, string>> = {
  history: 'History',
  usage: 'Usage',
  quantile: 'Quantile',
  peak: 'Peak',
  oom: 'OOM floor',
  margin: 'Margin',
  floor: 'Lower bound',
  ceiling: 'Upper bound',
  unchanged: 'Too small a change',
  request: 'Request',
  limit: 'Limit',
  check: 'Check',
  refused: 'No recommendation',
};

/** The way of a number, step by step, each with the amount it led to. */
export function Stepper({ resource, trace }: Pick<ResourceDto, 'resource' | 'trace'>) {
  const bars = trace.filter(({ stage }) => stage !== 'limit');
  const largest = Math.max(...bars.map(({ amount }) => amount ?? 0));
  return (
    <ol class="steps">
      {trace.map(({ stage, text, amount }) => (
        <li key={stage} class={stage === 'request' ? 'result' : stage === 'refused' ? 'refused' : ''}>
          <span class="step-stage">{STAGE_TITLES[stage] ?? formatReason(stage)}</span>
          <span class="step-amount">{amount === null ? '' : formatAmount(resource, amount)}</span>
          {amount !== null && stage !== 'limit' && (
            <span class="step-bar" aria-hidden="true">
              <span
                class={`bar-fill ${stage === 'request' ? 'fill-recommended' : 'fill-used'}`}
                style={{ width: `${(100 * amount) / largest}%` }}
              />
            </span>
          )}
          <span class="step-text">{text}</span>
        </li>
      ))}
    </ol>
  );
}
