import type { ContainerAnalysis, ResourceAnalysis, Totals, WorkloadAnalysis } from './analysis.ts';

/** Sums over workloads. Where nothing is recommended, the recommended amount is today's request. */
export function totalsOf(workloads: readonly WorkloadAnalysis[]): Totals {
  const containers = workloads.flatMap((w) => w.containers);
  const sum = (amountOf: (w: WorkloadAnalysis) => number): number => workloads.reduce((total, w) => total + amountOf(w), 0);
  const amounts = (pick: (c: ContainerAnalysis) => ResourceAnalysis) => {
    let requested = 0;
    let used = 0;
    let recommended = 0;
    for (const c of containers) {
      const r = pick(c);
      const { pods } = c;
      requested += pods * (r.currentRequest ?? 0);
      used += pods * (r.usage.ok ? r.usage.value.mean : 0);
      recommended += pods * (r.recommendation.ok ? r.recommendation.value.request : (r.currentRequest ?? 0));
    }
    return { requested, used, recommended };
  };
  const cpu = amounts((c) => c.cpu);
  const memory = amounts((c) => c.memory);
  const deltas = containers.flatMap((c) => [c.cpu, c.memory].map((r) => r.costNowPerMonth - r.costAfterPerMonth));
  return {
    workloads: workloads.length,
    containers: containers.length,
    recommended: containers.filter((c) => c.cpu.recommendation.ok && c.memory.recommendation.ok).length,
    costNowPerMonth: sum((w) => w.costNowPerMonth),
    costAfterPerMonth: sum((w) => w.costAfterPerMonth),
    potentialSavingsPerMonth: deltas.reduce((total, d) => total + Math.max(0, d), 0),
    addedForSafetyPerMonth: deltas.reduce((total, d) => total + Math.max(0, -d), 0),
    wastePerMonth: sum((w) => w.wastePerMonth),
    requestedMillicores: cpu.requested,
    usedMillicores: cpu.used,
    recommendedMillicores: cpu.recommended,
    requestedBytes: memory.requested,
    usedBytes: memory.used,
    recommendedBytes: memory.recommended,
  };
}
