import type { Result } from '../../common/result.ts';
import type { Analysis, ContainerAnalysis, ResourceAnalysis } from '../../operator/analysis/analysis.ts';
import { workloadKey } from '../../predictor/core/workload.ts';
import type { ContainerDto, Maybe, ResourceDto, WorkloadDto } from '../contract/api.ts';
import { policyOf, pricesOf, windowOf } from './overview.ts';
import type { Row } from './rows.ts';
import { snippetOf } from './snippet.ts';
import { findingOf } from './state.ts';

export function workloadDetail(analysis: Analysis, { dto, workload }: Row): WorkloadDto {
  const key = workloadKey(workload.ref);
  return {
    currency: analysis.prices.currency,
    window: windowOf(analysis),
    policy: policyOf(analysis),
    prices: pricesOf(analysis),
    row: dto,
    containers: workload.containers.map((container) => containerOf(container, analysis)),
    findings: analysis.findings.filter(({ subject }) => subject === key || subject?.startsWith(`${key}/`)).map(findingOf),
    snippet: snippetOf(workload),
  };
}

function containerOf(container: ContainerAnalysis, { policy }: Analysis): ContainerDto {
  return {
    name: container.name,
    cpu: resourceOf(container.cpu, policy.cpuRiskBudget),
    memory: resourceOf(container.memory, policy.memoryRiskBudget),
    oomKills: container.oomKills ?? null,
    throttledShare: container.throttledShare ?? null,
  };
}

function resourceOf(r: ResourceAnalysis, riskBudget: number): ResourceDto {
  return {
    resource: r.resource,
    requestKnown: r.currentKnown,
    request: r.currentRequest ?? null,
    limit: r.currentLimit ?? null,
    usage: maybe(r.usage, (usage) => ({ ...usage })),
    recommendation: maybe(r.recommendation, ({ request, limit, overloadAfter, why }) => ({
      request,
      limit: limit ?? null,
      overloadAfter,
      why,
    })),
    trace: r.trace.map(({ stage, text, amount }) => ({ stage, text, amount: amount ?? null })),
    overloadNow: r.overloadNow ?? null,
    riskBudget,
    costNow: r.costNowPerMonth,
    costAfter: r.costAfterPerMonth,
    waste: r.wastePerMonth,
  };
}

function maybe<T, D>(result: Result<T>, map: (value: T) => D): Maybe<D> {
  return result.ok ? { ok: true, ...map(result.value) } : { ok: false, reason: result.reason, detail: result.detail ?? null };
}
