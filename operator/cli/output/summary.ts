import {
  formatAge,
  formatAmount,
  formatCounted,
  formatDelta,
  formatMoneyPerMonth,
  formatPrice,
  formatShare,
  formatSpan,
} from '../../../web/contract/format.ts';
import type { Analysis, Finding } from '../../analysis/analysis.ts';
import { printable } from './printable.ts';

export interface SummaryLine {
  readonly label: string;
  readonly text: string;
}

/** What stands below every table: totals, coverage, how fresh the data is, prices and policy. `timeZone` is IANA, or undefined for the machine's. */
export function summaryOf(analysis: Analysis, timeZone: string | undefined): SummaryLine[] {
  const { totals, prices, policy } = analysis;
  const perMonth = (amount: number): string => formatMoneyPerMonth(amount, prices.currency);
  const lines: [string, string][] = [
    ...amountsOf(analysis, perMonth),
    [
      'Coverage',
      `${totals.recommended} of ${formatCounted(totals.containers, 'container')} in ${formatCounted(totals.workloads, 'workload')} have both recommendations${shareOf(totals.recommended, totals.containers)}`,
    ],
    ['History', historyOf(analysis, timeZone)],
    ['Newest', freshnessOf(analysis)],
    [
      'Prices',
      `${formatPrice(prices.cpuCoreHour, prices.currency)} a core hour, ${formatPrice(prices.memoryGibHour, prices.currency)} a GiB hour, 730 h a month; ${prices.origin}`,
    ],
    [
      'Policy',
      `${policy.name}${policy.origin === policy.name ? '' : ` (${policy.origin})`}: CPU above its request at most ${formatShare(policy.cpuRiskBudget)} of the time, memory ${formatShare(policy.memoryRiskBudget)}`,
    ],
  ];
  return lines
    .filter(([label]) => label !== 'Safety' || totals.addedForSafetyPerMonth > 0)
    .map(([label, text]) => ({ label, text: printable(text) }));
}

type Line = [label: string, text: string];

/** Money and amounts. What is requested now is told only where the source knows it of some container at least. */
function amountsOf(analysis: Analysis, perMonth: (amount: number) => string): Line[] {
  const { totals } = analysis;
  const containers = analysis.workloads.flatMap((workload) => workload.containers);
  const unknown = containers.filter(({ cpu, memory }) => !cpu.currentKnown && !memory.currentKnown).length;
  const after = `${perMonth(totals.costAfterPerMonth)} after`;
  if (unknown > 0 && unknown === containers.length) {
    const amount = (name: 'cpu' | 'memory', used: number, recommended: number): string => {
      const isUseKnown = containers.some((container) => container[name].usage.ok);
      const isRecommended = containers.some((container) => container[name].recommendation.ok);
      return `used ${isUseKnown ? formatAmount(name, used) : 'unknown'}, recommended ${isRecommended ? formatAmount(name, recommended) : 'nothing'}`;
    };
    return [
      ['Cost', `${after}; the source does not know what is requested now, so savings and waste are unknown`],
      ['CPU', amount('cpu', totals.usedMillicores, totals.recommendedMillicores)],
      ['Memory', amount('memory', totals.usedBytes, totals.recommendedBytes)],
    ];
  }
  const amount = (name: 'cpu' | 'memory', requested: number, used: number, recommended: number): string =>
    `requested ${formatAmount(name, requested)}, used ${formatAmount(name, used)}, recommended ${formatAmount(name, recommended)} (${formatDelta(requested, recommended).text})`;
  return [
    ['Cost', `${perMonth(totals.costNowPerMonth)} now, ${after} (${formatDelta(totals.costNowPerMonth, totals.costAfterPerMonth).text})`],
    ['Savings', `${perMonth(totals.potentialSavingsPerMonth)} potential: the bill shrinks when nodes go away`],
    ['Safety', `${perMonth(totals.addedForSafetyPerMonth)} added where too little is requested today`],
    [
      'Waste',
      `${perMonth(totals.wastePerMonth)} requested and not used on average${shareOf(totals.wastePerMonth, totals.costNowPerMonth)}`,
    ],
    ['CPU', amount('cpu', totals.requestedMillicores, totals.usedMillicores, totals.recommendedMillicores)],
    ['Memory', amount('memory', totals.requestedBytes, totals.usedBytes, totals.recommendedBytes)],
    ...(unknown > 0
      ? [
          [
            'Unknown',
            `what ${formatCounted(unknown, 'container')} request now: no savings and no waste are counted for them`,
          ] satisfies Line,
        ]
      : []),
  ];
}

/** One line a finding, with its remedy. */
export function findingLine({ severity, text, remedy, subject }: Finding): string {
  const mark = { critical: '✗ critical', warning: '! warning', info: 'i info' }[severity];
  return printable(
    [`${mark}:`, subject === undefined ? '' : `${subject}:`, text, remedy === '' ? '' : `→ ${remedy}`]
      .filter((part) => part !== '')
      .join(' '),
  );
}

function historyOf({ source, window }: Analysis, timeZone: string | undefined): string {
  const { fromUnixSeconds, toUnixSeconds, stepSeconds, dataFromUnixSeconds } = window;
  const asked = formatSpan(toUnixSeconds - fromUnixSeconds);
  const span = formatSpan(toUnixSeconds - dataFromUnixSeconds);
  const reach = span === asked ? `${span} of history` : `${span} of history (${asked} asked for)`;
  const server = source.title.includes(source.server) ? '' : ` (${source.server})`;
  return `${reach} in steps of ${formatSpan(stepSeconds)}, ${formatTime(dataFromUnixSeconds, timeZone)} to ${formatTime(toUnixSeconds, timeZone)}, from ${source.title}${server}`;
}

function freshnessOf({ freshness }: Analysis): string {
  if (freshness.ageSeconds === undefined) return 'no sample: the age of the data is unknown';
  const age = freshness.ageSeconds < 5 ? 'just now' : `${formatAge(freshness.ageSeconds)} ago`;
  return `the newest sample is from ${age}${freshness.stale ? ': STALE' : ''}`;
}

function shareOf(part: number, whole: number): string {
  return whole > 0 ? ` (${formatShare(part / whole)})` : '';
}

/** `2026-03-14 09:30 UTC`. */
export function formatTime(unixSeconds: number, timeZone: string | undefined): string {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
  }).formatToParts(unixSeconds * 1000);
  const part = (type: Intl.DateTimeFormatPartTypes): string => parts.find((p) => p.type === type)?.value ?? '';
  return `${part('year')}-${part('month')}-${part('day')} ${part('hour')}:${part('minute')} ${part('timeZoneName')}`;
}
