import { workloadKey } from '../../../predictor/core/workload.ts';
import { formatAmount, formatMoney, formatReason, formatShare } from '../../../web/contract/format.ts';
import type { Analysis, ContainerAnalysis, ResourceAnalysis, RiskLevel, WorkloadAnalysis } from '../../analysis/analysis.ts';
import { printable } from './printable.ts';

/** One resource of one container in words, shared by the tables of terminal, Markdown and HTML. */
export interface ResourceRow {
  readonly workload: string;
  readonly container: string;
  readonly resource: 'CPU' | 'memory';
  /** The row opens a new workload. */
  readonly isFirstOfWorkload: boolean;
  readonly isFirstOfContainer: boolean;
  readonly pods: string;
  readonly request: string;
  readonly limit: string;
  /** P50 / P95 / maximum of the busiest pod. */
  readonly use: string;
  readonly slack: string;
  readonly cost: string;
  readonly risk: RiskLevel;
  /** Share of time above the request, now → after. */
  readonly overload: string;
  readonly why: string;
}

/** Where nothing is set, or nothing was seen. */
const NONE = '–';
/** Where the source cannot know. */
const UNKNOWN = '?';

export function resourceRows(workloads: readonly WorkloadAnalysis[], currency: Analysis['prices']['currency']): ResourceRow[] {
  return workloads.flatMap((workload) =>
    workload.containers.flatMap((container, i) =>
      [container.cpu, container.memory].map((resource, j) => ({
        ...rowOf(workload, container, resource, currency),
        isFirstOfWorkload: i === 0 && j === 0,
        isFirstOfContainer: j === 0,
      })),
    ),
  );
}

function rowOf(workload: WorkloadAnalysis, container: ContainerAnalysis, analysis: ResourceAnalysis, currency: string) {
  const { resource, currentKnown, recommendation } = analysis;
  const recommended = recommendation.ok ? recommendation.value : undefined;
  const write = (amount: number | undefined): string => (amount === undefined ? NONE : formatAmount(resource, amount));
  const now = (amount: number | undefined): string => (currentKnown ? write(amount) : UNKNOWN);
  const [request, limit] = [now(analysis.currentRequest), now(analysis.currentLimit)];
  const isCostAfterKnown = currentKnown || recommended !== undefined;
  const costAfter = isCostAfterKnown ? formatMoney(analysis.costAfterPerMonth, currency) : UNKNOWN;
  return {
    workload: printable(workloadKey(workload.ref)),
    container: printable(container.name),
    resource: resource === 'cpu' ? ('CPU' as const) : ('memory' as const),
    pods: String(Math.round(workload.pods * 10) / 10),
    request: recommended === undefined ? request : change(request, write(recommended.request)),
    limit: recommended === undefined ? limit : change(limit, write(recommended.limit)),
    use: useOf(analysis, write),
    slack: slackOf(analysis),
    cost: change(currentKnown ? formatMoney(analysis.costNowPerMonth, currency) : UNKNOWN, costAfter),
    risk: workload.risk,
    overload: change(
      currentKnown ? shareText(analysis.overloadNow) : UNKNOWN,
      shareText(recommended?.overloadAfter ?? analysis.overloadNow),
    ),
    why: printable(whyOf(analysis)),
  };
}

/** Why the number is what it is, or why there is none. */
function whyOf({ recommendation }: ResourceAnalysis): string {
  return recommendation.ok ? recommendation.value.why : (recommendation.detail ?? formatReason(recommendation.reason));
}

function useOf({ usage }: ResourceAnalysis, write: (amount: number) => string): string {
  return usage.ok ? [usage.value.p50, usage.value.p95, usage.value.max].map(write).join(' / ') : NONE;
}

/** Share of the request that was not used on average. */
function slackOf({ currentKnown, currentRequest, usage }: ResourceAnalysis): string {
  if (!currentKnown) return UNKNOWN;
  if (currentRequest === undefined || currentRequest === 0 || !usage.ok) return NONE;
  return formatShare((currentRequest - usage.value.mean) / currentRequest);
}

function shareText(share: number | undefined): string {
  return share === undefined ? NONE : formatShare(share);
}

function change(before: string, after: string): string {
  return before === after ? before : `${before} → ${after}`;
}
