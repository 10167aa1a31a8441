import type { ResourceDto } from '../../../../contract/api.ts';
import { formatShare } from '../../../../contract/format.ts';
import { Icon } from '../../components/icon.tsx';

/** Risk before and after, in words. `subject` names the container where there are several. */
export function RiskLine({ resource, subject = '' }: { resource: ResourceDto; subject?: string }) {
  const { overloadNow, riskBudget, recommendation, request } = resource;
  const title = resource.resource === 'cpu' ? 'CPU' : 'memory';
  const who = subject === '' ? '' : `${subject}: `;
  const after = recommendation.ok ? `would be ${formatShare(recommendation.overloadAfter)}; ` : '';
  const budget = `${after}budget ${formatShare(riskBudget)}`;
  if (overloadNow === null) {
    return (
      <p class="risk-line unsure">
        <Icon name="unknown" />
        <span>
          {who}
          {request === null ? (
            <>
              <strong>No {title} request is set</strong>, so nothing is reserved; {budget}.
            </>
          ) : (
            <>
              <strong>Not known</strong>: there is no usage to compare with.
            </>
          )}
        </span>
      </p>
    );
  }
  const over = overloadNow > riskBudget;
  return (
    <p class={`risk-line ${over ? 'over' : 'within'}`}>
      <Icon name={over ? 'high' : 'low'} />
      <span>
        {who}
        <strong>{overloadNow === 0 ? 'Never above its request' : `Above its request ${formatShare(overloadNow)} of the time`}</strong>,{' '}
        {budget}.
      </span>
    </p>
  );
}
