import type { Analysis } from '../../operator/analysis/analysis.ts';
import type { CoverageDto, CoverageReasonDto, NamespaceDto, OverviewDto, PolicyDto, PricesDto, Risk, WindowDto } from '../contract/api.ts';
import { type Row, rowsOf } from './rows.ts';
import { moneyOf } from './table.ts';

const TOP_ROWS = 6;
const TOP_NAMESPACES = 8;

export function overviewOf(analysis: Analysis): OverviewDto {
  const { totals } = analysis;
  const { all } = rowsOf(analysis);
  return {
    currency: analysis.prices.currency,
    window: windowOf(analysis),
    prices: pricesOf(analysis),
    policy: policyOf(analysis),
    totals: {
      workloads: totals.workloads,
      costNow: totals.costNowPerMonth,
      costAfter: totals.costAfterPerMonth,
      savings: totals.costNowPerMonth - totals.costAfterPerMonth,
      waste: totals.wastePerMonth,
      potentialSavings: totals.potentialSavingsPerMonth,
      addedForSafety: totals.addedForSafetyPerMonth,
    },
    efficiency: {
      cpu: { used: totals.usedMillicores, requested: totals.requestedMillicores, recommended: totals.recommendedMillicores },
      memory: { used: totals.usedBytes, requested: totals.requestedBytes, recommended: totals.recommendedBytes },
    },
    coverage: coverageOf(analysis, all),
    risks: risksOf(all),
    topSavings: all
      .filter((row) => row.dto.savings > 0)
      .sort((a, b) => b.dto.savings - a.dto.savings)
      .slice(0, TOP_ROWS)
      .map((row) => row.dto),
    topRisks: all
      .filter((row) => row.dto.risk === 'high' || row.dto.risk === 'medium')
      .sort((a, b) => Number(a.dto.risk !== 'high') - Number(b.dto.risk !== 'high') || b.severity - a.severity)
      .slice(0, TOP_ROWS)
      .map((row) => row.dto),
    namespaces: namespacesOf(all),
  };
}

export function windowOf({ window }: Analysis): WindowDto {
  return { from: window.fromUnixSeconds, dataFrom: window.dataFromUnixSeconds, to: window.toUnixSeconds, stepSeconds: window.stepSeconds };
}

export function pricesOf({ prices }: Analysis): PricesDto {
  return { currency: prices.currency, cpuCoreHour: prices.cpuCoreHour, memoryGibHour: prices.memoryGibHour, origin: prices.origin };
}

export function policyOf({ policy }: Analysis): PolicyDto {
  return {
    name: policy.name,
    origin: policy.origin,
    cpuRiskBudget: policy.cpuRiskBudget,
    memoryRiskBudget: policy.memoryRiskBudget,
  };
}

function coverageOf(analysis: Analysis, rows: readonly Row[]): CoverageDto {
  const reasons = new Map<string, { reason: string; containers: number; example: string | null }>();
  for (const { dto } of rows) {
    for (const { reason, detail, containers } of dto.blocked) {
      const entry = reasons.get(reason) ?? { reason, containers: 0, example: detail };
      entry.containers += containers.length;
      reasons.set(reason, entry);
    }
  }
  return {
    containers: analysis.totals.containers,
    recommended: analysis.totals.recommended,
    reasons: [...reasons.values()].sort((a: CoverageReasonDto, b: CoverageReasonDto) => b.containers - a.containers),
  };
}

function risksOf(rows: readonly Row[]): Record<Risk, number> {
  const counts: Record<Risk, number> = { high: 0, medium: 0, low: 0, unknown: 0 };
  for (const { dto } of rows) counts[dto.risk]++;
  return counts;
}

function namespacesOf(rows: readonly Row[]): NamespaceDto[] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(row.dto.namespace);
    if (group === undefined) groups.set(row.dto.namespace, [row]);
    else group.push(row);
  }
  const all = [...groups].map(([namespace, members]) => ({ namespace, workloads: members.length, members, ...moneyOf(members) }));
  all.sort((a, b) => b.costNow - a.costNow);
  const rest = all.slice(TOP_NAMESPACES);
  const out: NamespaceDto[] = all.slice(0, TOP_NAMESPACES).map(({ members: _, ...dto }) => dto);
  if (rest.length > 0) {
    const members = rest.flatMap((group) => group.members);
    out.push({ namespace: null, workloads: members.length, ...moneyOf(members) });
  }
  return out;
}
