import { formatShare } from '../../web/contract/format.ts';
import type { Analysis, RiskLevel } from '../analysis/analysis.ts';

/** A finding that makes `neap analyze` end with 1, for pipelines. */
export type FailRule =
  | { readonly kind: 'risk'; readonly atLeast: 'high' | 'medium' }
  /** Potential savings above this share of what is paid now. */
  | { readonly kind: 'savings'; readonly aboveShare: number }
  | { readonly kind: 'stale' };

export const FAIL_ON_SYNTAX = 'risk=high|medium, savings=PERCENT or stale';

/** undefined where the text is no rule. */
export function parseFailRule(text: string): FailRule | undefined {
  if (text === 'stale') return { kind: 'stale' };
  const [name, value, ...rest] = text.split('=');
  if (rest.length > 0) return undefined;
  if (name === 'risk' && (value === 'high' || value === 'medium')) return { kind: 'risk', atLeast: value };
  if (name === 'savings' && value !== undefined && /^\d+(\.\d+)?%?$/.test(value)) {
    const percent = Number.parseFloat(value);
    return percent <= 100 ? { kind: 'savings', aboveShare: percent / 100 } : undefined;
  }
  return undefined;
}

/** A sentence for each rule that is hit; none where all is well. */
export function failures(analysis: Analysis, rules: readonly FailRule[]): string[] {
  return rules.flatMap((rule) => {
    const text = failure(analysis, rule);
    return text === undefined ? [] : [text];
  });
}

function failure({ workloads, totals, freshness }: Analysis, rule: FailRule): string | undefined {
  switch (rule.kind) {
    case 'risk': {
      const levels: readonly RiskLevel[] = rule.atLeast === 'high' ? ['high'] : ['high', 'medium'];
      const hit = workloads.filter((workload) => levels.includes(workload.risk)).length;
      return hit > 0 ? `risk=${rule.atLeast}: ${hit} of ${workloads.length} workloads are at ${levels.join(' or ')} risk` : undefined;
    }
    case 'savings': {
      const share = totals.costNowPerMonth > 0 ? totals.potentialSavingsPerMonth / totals.costNowPerMonth : 0;
      return share > rule.aboveShare
        ? `savings=${rule.aboveShare * 100}: potential savings are ${formatShare(share)} of the cost, more than ${formatShare(rule.aboveShare)}`
        : undefined;
    }
    case 'stale':
      return freshness.stale ? 'stale: the newest sample is too old, or there is none' : undefined;
  }
}
