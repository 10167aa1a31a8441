import type { Risk } from '../../../contract/api.ts';
import { Icon } from './icon.tsx';

export const RISK_TITLES: Readonly<Record<Risk, string>> = { high: 'High', medium: 'Medium', low: 'Low', unknown: 'Unknown' };

/** Level by word, shape and colour. */
export function RiskBadge({ risk, suffix = '' }: { risk: Risk; suffix?: string }) {
  return (
    <span class={`badge ${risk}`}>
      <Icon name={risk} />
      {RISK_TITLES[risk]}
      {suffix}
    </span>
  );
}
