import type { SizingPolicy } from '../../predictor/core/sizing/sizing-policy.ts';
import type { ContainerAnalysis, ResourceAnalysis, RiskLevel } from './analysis.ts';

/** More than this many times the budget of overload is not a slip but a wrong request. */
const FAR_ABOVE_BUDGET = 5;

/**
 * How today's requests do against the policy's risk budget: `high` where a pod was OOM killed or overload is far above
 * the budget, `medium` where it is above it or nothing is requested, else `low`; the worst container decides.
 */
export function riskOf(containers: readonly ContainerAnalysis[], policy: SizingPolicy): RiskLevel {
  const levels = containers.flatMap((c): RiskLevel[] => [
    (c.oomKills ?? 0) > 0 ? 'high' : 'unknown',
    levelOf(c.cpu, policy.cpu.riskBudget),
    levelOf(c.memory, policy.memory.riskBudget),
  ]);
  for (const level of ['high', 'medium', 'low'] as const) if (levels.includes(level)) return level;
  return 'unknown';
}

function levelOf(resource: ResourceAnalysis, riskBudget: number): RiskLevel {
  if (!resource.usage.ok) return 'unknown';
  if (resource.overloadNow === undefined) return 'medium';
  if (resource.overloadNow > FAR_ABOVE_BUDGET * riskBudget) return 'high';
  return resource.overloadNow > riskBudget ? 'medium' : 'low';
}
