import type { ResourceDto } from '../../../../contract/api.ts';
import { formatCount, formatShare } from '../../../../contract/format.ts';
import { Icon } from '../../components/icon.tsx';

interface RiskLineProps {
  readonly resource: ResourceDto;
  readonly oomKills: number | null;
  /** Names the container where there are several. */
  readonly subject?: string;
}

/** Risk before and after, in words. */
export function RiskLine({ resource, oomKills, subject = '' }: RiskLineProps) {
  const { overloadNow, riskBudget, recommendation, request } = resource;
  const kills = resource.resource === 'memory' ? (oomKills ?? 0) : 0;
  const after = recommendation.ok ? formatShare(recommendation.overloadAfter) : undefined;
  const budget = formatShare(riskBudget);
  const over = kills > 0 || (overloadNow ?? 0) > riskBudget;
  const tone = over ? 'over' : overloadNow === null ? 'unsure' : 'within';
  const icon = over ? 'high' : overloadNow === null ? 'unknown' : 'low';
  return (
    <p class={`risk-line ${tone}`}>
      <Icon name={icon} />
      <span>
        {subject === '' ? '' : `${subject}: `}
        <strong>{kills === 0 ? nowOf(resource) : `${killsText(kills)}, ${lowerFirst(nowOf(resource))}`}</strong>
        {after !== undefined && (request === null ? `; the recommended one would be exceeded ${after} of the time` : `; would be ${after}`)}
        {`; budget ${budget}.`}
      </span>
    </p>
  );
}

function nowOf({ overloadNow, request, resource }: ResourceDto): string {
  if (request === null) return `No ${resource === 'cpu' ? 'CPU' : 'memory'} request is set, so nothing is reserved`;
  if (overloadNow === null) return 'No usage to compare with';
  return overloadNow === 0 ? 'Never above its request' : `Above its request ${formatShare(overloadNow)} of the time`;
}

function killsText(kills: number): string {
  return kills === 1 ? 'OOM killed once' : `OOM killed ${formatCount(kills)} times`;
}

function lowerFirst(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}
