import type { SizingPolicy } from '../../predictor/core/sizing/sizing-policy.ts';
import type { ContainerAnalysis, ResourceAnalysis, RiskLevel } from './analysis.ts';

/** More than this many times the budget of overload is not a slip but a wrong request. */
const FAR_ABOVE_BUDGET = 5;
/** … but less than this share of time is a slip with any budget, also with one of 0. */
const SLIP = 0.005;
/** The alert CPUThrottlingHigh of the Kubernetes monitoring mixin fires above a quarter of the periods. */
const THROTTLED_OFTEN = 0.25;

/**
 * How today's requests do against the policy's risk budget: `high` where a pod was OOM killed or overload is far above
 * the budget, `medium` where it is above it, nothing is requested, or CPU is throttled often or capped by its limit, else `low`; the worst
 * container decides. What is not known, or gone, tells nothing.
 */
export function riskOf(containers: readonly ContainerAnalysis[], policy: SizingPolicy): RiskLevel {
  const levels = containers.flatMap((c): RiskLevel[] => [
    (c.oomKills ?? 0) > 0 ? 'high' : 'unknown',
    (c.throttledShare ?? 0) > THROTTLED_OFTEN ? 'medium' : 'unknown',
    levelOf(c.cpu, policy.cpu.riskBudget),
    levelOf(c.memory, policy.memory.riskBudget),
  ]);
  for (const level of ['high', 'medium', 'low'] as const) if (levels.includes(level)) return level;
  return 'unknown';
}

function levelOf(resource: ResourceAnalysis, riskBudget: number): RiskLevel {
  if (!resource.usage.ok || !resource.currentKnown) return 'unknown';
  if (resource.overloadNow === undefined || resource.trace.some((step) => step.stage === 'capped')) return 'medium';
  if (resource.overloadNow > Math.max(SLIP, FAR_ABOVE_BUDGET * riskBudget)) return 'high';
  return resource.overloadNow > riskBudget ? 'medium' : 'low';
}
