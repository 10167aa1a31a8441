import type { Analysis, ContainerAnalysis, ResourceAnalysis, WorkloadAnalysis } from '../../operator/analysis/analysis.ts';
import { workloadKey } from '../../predictor/core/workload.ts';
import type { BlockedDto, PairDto, WorkloadRowDto } from '../contract/api.ts';
import { formatShare } from '../contract/format.ts';

/** One workload as the tables show it, with what sorting and finding need. */
export interface Row {
  readonly dto: WorkloadRowDto;
  readonly workload: WorkloadAnalysis;
  /** Lower case `namespace/kind/name`. */
  readonly searchText: string;
  /** How far today's requests are beyond what is allowed; OOM kills outweigh everything. */
  readonly severity: number;
}

export interface Rows {
  readonly all: readonly Row[];
  readonly byKey: ReadonlyMap<string, Row>;
}

const cache = new WeakMap<Analysis, Rows>();

/** Made once an analysis; every request then reads the same rows. */
export function rowsOf(analysis: Analysis): Rows {
  let rows = cache.get(analysis);
  if (rows === undefined) {
    const all = analysis.workloads.map((workload) => toRow(workload, analysis));
    rows = { all, byKey: new Map(all.map((row) => [workloadKey(row.workload.ref), row])) };
    cache.set(analysis, rows);
  }
  return rows;
}

function toRow(workload: WorkloadAnalysis, analysis: Analysis): Row {
  const { ref, containers } = workload;
  // Containers of former pods belong to the past, not to what one pod asks for.
  const paidFor = containers.filter(({ pods }) => pods > 0);
  const present = paidFor.length > 0 ? paidFor : containers;
  const worst = worstOf(workload, analysis);
  return {
    workload,
    searchText: `${ref.namespace}/${ref.kind}/${ref.name}`.toLowerCase(),
    severity: worst.severity,
    dto: {
      namespace: ref.namespace,
      kind: ref.kind,
      name: ref.name,
      pods: workload.pods,
      cpu: pairOf(present.map((c) => c.cpu)),
      memory: pairOf(present.map((c) => c.memory)),
      costNow: workload.costNowPerMonth,
      costAfter: workload.costAfterPerMonth,
      savings: workload.savingsPerMonth,
      waste: workload.wastePerMonth,
      risk: workload.risk,
      riskText: worst.text,
      why: whyOf(containers),
      blocked: blockedOf(containers),
    },
  };
}

function pairOf(resources: readonly ResourceAnalysis[]): PairDto {
  return {
    requestKnown: resources.every((r) => r.currentKnown),
    request: sumOf(resources.map((r) => r.currentRequest)),
    p95: sumOf(resources.map((r) => (r.usage.ok ? r.usage.value.p95 : undefined))),
    recommended: resources.some((r) => r.recommendation.ok)
      ? sumOf(resources.map((r) => (r.recommendation.ok ? r.recommendation.value.request : r.currentRequest)))
      : null,
  };
}

/** Sum of what is known; null where nothing is. */
function sumOf(values: readonly (number | undefined)[]): number | null {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
}

/** The gravest thing that is wrong with today's requests; '' where nothing is. */
function worstOf({ containers }: WorkloadAnalysis, { policy }: Analysis): Fault {
  const faults = containers.flatMap((container) => [
    faultOfKills(container.oomKills ?? 0),
    faultOf(container.cpu, 'CPU', policy.cpuRiskBudget),
    faultOf(container.memory, 'Memory', policy.memoryRiskBudget),
  ]);
  return faults.reduce((worst, fault) => (fault.severity > worst.severity ? fault : worst), NO_FAULT);
}

interface Fault {
  readonly severity: number;
  readonly text: string;
}

const NO_FAULT: Fault = { severity: 0, text: '' };
/** Any OOM kill outweighs any overload. */
const KILL_SEVERITY = 1e6;

function faultOfKills(kills: number): Fault {
  if (kills === 0) return NO_FAULT;
  return {
    severity: KILL_SEVERITY + kills,
    text: kills === 1 ? 'OOM killed once in the window' : `OOM killed ${kills} times in the window`,
  };
}

function faultOf({ usage, currentKnown, currentRequest, overloadNow }: ResourceAnalysis, title: string, budget: number): Fault {
  if (usage.ok && currentKnown && currentRequest === undefined) return { severity: 1, text: `${title} has no request` };
  if (overloadNow === undefined || overloadNow <= budget) return NO_FAULT;
  return { severity: overloadNow / Math.max(budget, 1e-4), text: `${title} above its request ${formatShare(overloadNow)} of the time` };
}

function whyOf(containers: readonly ContainerAnalysis[]): string {
  let best = { money: -1, text: '' };
  for (const container of containers) {
    for (const r of [container.cpu, container.memory]) {
      const money = Math.abs(r.costNowPerMonth - r.costAfterPerMonth);
      if (!r.recommendation.ok || money <= best.money) continue;
      const subject = [containers.length > 1 ? container.name : '', r.resource === 'cpu' ? 'CPU' : 'memory']
        .filter((t) => t !== '')
        .join(' ');
      best = { money, text: `${subject}: ${r.recommendation.value.why}` };
    }
  }
  return best.text;
}

function blockedOf(containers: readonly ContainerAnalysis[]): BlockedDto[] {
  const byReason = new Map<string, { reason: string; detail: string | null; containers: string[] }>();
  for (const container of containers) {
    const refusal = refusalOf(container);
    if (refusal === undefined) continue;
    const entry = byReason.get(refusal.reason);
    if (entry === undefined) byReason.set(refusal.reason, { ...refusal, containers: [container.name] });
    else entry.containers.push(container.name);
  }
  return [...byReason.values()];
}

/** Why a container has no recommendation for both resources: the first reason; undefined where it has. */
function refusalOf(container: ContainerAnalysis): { reason: string; detail: string | null } | undefined {
  for (const { recommendation } of [container.cpu, container.memory]) {
    if (!recommendation.ok) return { reason: recommendation.reason, detail: recommendation.detail ?? null };
  }
  return undefined;
}
