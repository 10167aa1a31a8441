import { manifestQuantity } from '../../../predictor/core/sizing/amounts.ts';
import type { TraceStep } from '../../../predictor/core/trace.ts';
import type { Resource } from '../../../predictor/core/workload.ts';
import { workloadKey } from '../../../predictor/core/workload.ts';
import { formatAmount, formatCount, formatMoneyPerMonth, formatReason, formatShare, formatSpan } from '../../../web/contract/format.ts';
import type { Analysis, ContainerAnalysis, ResourceAnalysis, ResourceRecommendation, WorkloadAnalysis } from '../../analysis/analysis.ts';
import { plainSpaces, printable } from './printable.ts';
import { hanging, labelled, type Style, styler } from './style.ts';
import { findingLine, summaryOf } from './summary.ts';

export interface ExplanationOptions {
  readonly width: number;
  readonly color: boolean;
  readonly timeZone: string | undefined;
}

/** The whole way of each number of one workload: inputs with their age, steps, risk and money before and after. */
export function renderExplanation(analysis: Analysis, workload: WorkloadAnalysis, options: ExplanationOptions): string {
  const style = styler(options.color);
  const layout = { style, width: options.width, indent: 4 };
  const money = (amount: number): string => formatMoneyPerMonth(amount, analysis.prices.currency);
  const inputs = summaryOf(analysis, options.timeZone)
    .filter(({ label }) => label === 'History' || label === 'Newest' || label === 'Prices' || label === 'Policy')
    .map(({ label, text }) => [label, text] as const);
  const blocks = [
    style('bold', printable(workloadKey(workload.ref))),
    labelled(
      [
        ['Pods', String(Math.round(workload.pods * 10) / 10)],
        ['Risk', `${workload.risk} with today's requests`],
        ...(workload.containers.some(isCurrentUnknown)
          ? ([['Cost', `${money(workload.costAfterPerMonth)} after; the source does not know what is requested now`]] as const)
          : ([
              [
                'Cost',
                `${money(workload.costNowPerMonth)} now, ${money(workload.costAfterPerMonth)} after: ${savingsText(workload.savingsPerMonth, money)}`,
              ],
              ['Waste', `${money(workload.wastePerMonth)} requested and not used on average`],
            ] as const)),
      ],
      layout,
    ),
    ...workload.containers.flatMap((container) => [
      `${style('bold', `Container ${printable(container.name)}`)}\n${labelled(incidents(container), layout)}`,
      ...[container.cpu, container.memory].map((resource) => resourceBlock(resource, analysis, layout)),
    ]),
    `${style('bold', 'Inputs')}\n${labelled(inputs, layout)}`,
    analysis.findings.length === 0
      ? ''
      : `${style('bold', 'Findings')}\n${analysis.findings.map((f) => hanging('    ', 6, findingLine(f), options.width)).join('\n')}`,
  ];
  return plainSpaces(`${blocks.filter((block) => block !== '').join('\n\n')}\n`);
}

const isCurrentUnknown = ({ cpu, memory }: ContainerAnalysis): boolean => !cpu.currentKnown || !memory.currentKnown;

function savingsText(savings: number, money: (amount: number) => string): string {
  if (savings < 0) return `${money(-savings)} more, for safety`;
  return savings === 0 ? 'nothing changes' : `${money(savings)} potential savings`;
}

function incidents({ oomKills, throttledShare }: ContainerAnalysis): [string, string][] {
  return [
    ['OOM kills', oomKills === undefined ? 'unknown' : oomKills === 0 ? 'none seen' : `at least ${formatCount(oomKills)}`],
    ['Throttled', throttledShare === undefined ? 'unknown, or no CPU limit' : `${formatShare(throttledShare)} of CFS periods`],
  ];
}

function resourceBlock(analysis: ResourceAnalysis, of: Analysis, layout: { style: Style; width: number; indent: number }): string {
  const { resource, usage, recommendation, trace, overloadNow } = analysis;
  const write = (amount: number): string => formatAmount(resource, amount);
  const set = (amount: number | undefined): string => (amount === undefined ? 'none' : write(amount));
  const now = (amount: number | undefined): string => (analysis.currentKnown ? set(amount) : 'unknown');
  const money = (amount: number): string => formatMoneyPerMonth(amount, of.prices.currency);
  const recommended = recommendation.ok ? recommendation.value : undefined;
  const budget = resource === 'cpu' ? of.policy.cpuRiskBudget : of.policy.memoryRiskBudget;
  const lines: [string, string][] = [
    ['Request', `${now(analysis.currentRequest)} → ${recommended === undefined ? 'no recommendation' : write(recommended.request)}`],
    ['Limit', `${now(analysis.currentLimit)} → ${recommended === undefined ? 'no recommendation' : set(recommended.limit)}`],
    [
      'Usage',
      usage.ok
        ? `P50 ${write(usage.value.p50)}, P95 ${write(usage.value.p95)}, P99 ${write(usage.value.p99)}, max ${write(usage.value.max)} of the busiest pod; ` +
          `mean ${write(usage.value.mean)} a pod; ${formatCount(usage.value.samples)} samples over ${formatSpan(usage.value.historySeconds)}`
        : unknownText(usage.reason, usage.detail),
    ],
    ...trace.map((step, i): [string, string] => [`${i + 1}. ${step.stage}`, stepText(step, write)]),
    ['Result', recommended === undefined ? unknownResult(analysis) : resultText(resource, recommended)],
    [
      'Above request',
      `${overloadNow === undefined ? 'unknown' : formatShare(overloadNow)} of the time now, ` +
        `${recommended === undefined ? 'unchanged' : `${formatShare(recommended.overloadAfter)} after`}; allowed ${formatShare(budget)}`,
    ],
    [
      'Money',
      analysis.currentKnown
        ? `${money(analysis.costNowPerMonth)} now, ${money(analysis.costAfterPerMonth)} after, ${money(analysis.wastePerMonth)} wasted today`
        : `unknown now, ${recommended === undefined ? 'unknown' : money(analysis.costAfterPerMonth)} after`,
    ],
  ];
  const title = resource === 'cpu' ? 'CPU' : 'Memory';
  return `  ${layout.style('bold', title)}\n${labelled(
    lines.map(([label, text]) => [printable(label), printable(text)] as const),
    layout,
  )}`;
}

/** The sentence, and the amount where it does not name it. */
function stepText({ text, amount }: TraceStep, write: (amount: number) => string): string {
  return amount === undefined || text.includes(plainSpaces(write(amount))) ? text : `${text.replace(/\.$/, '')}: ${write(amount)}`;
}

function unknownResult({ recommendation }: ResourceAnalysis): string {
  return recommendation.ok ? '' : unknownText(recommendation.reason, recommendation.detail);
}

/** The sentence for a person, and the code to look up. */
function unknownText(reason: string, detail: string | undefined): string {
  return detail === undefined ? formatReason(reason) : `${detail} (${reason})`;
}

/** As it stands in a manifest. */
function resultText(resource: Resource, { request, limit, why }: ResourceRecommendation): string {
  const write = (amount: number): string => manifestQuantity(resource, amount);
  const limits = limit === undefined ? `no limits.${resource}` : `limits.${resource}: ${write(limit)}`;
  return `requests.${resource}: ${write(request)}, ${limits} (${why})`;
}
