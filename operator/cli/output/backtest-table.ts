import { medianSorted, quantileSorted } from 'simple-statistics';
import type { ReplayScore } from '../../../predictor/core/backtest/score.ts';
import { formatShare } from '../../../web/contract/format.ts';
import type { Appearance } from '../io.ts';
import { plainSpaces, printable, shortenMiddle } from './printable.ts';
import { styler } from './style.ts';
import { type TextColumn, textTable } from './text-table.ts';

const fixed = { minWidth: 0, wraps: false, dropOrder: 0 };
const COLUMNS: readonly TextColumn[] = [
  { ...fixed, title: 'SERIES', minWidth: 12, shorten: shortenMiddle },
  { ...fixed, title: 'SAMPLES', dropOrder: 1 },
  { ...fixed, title: 'ABOVE REQUEST' },
  { ...fixed, title: 'REQUEST ÷ USE' },
  { ...fixed, title: 'CHANGES/DAY' },
];

/** One line a series, the ones furthest above the budget first, and what they come to together. */
export function renderBacktest(scores: readonly ReplayScore[], riskBudget: number, { width, color }: Appearance): string {
  const scored = scores.filter(({ samples }) => samples > 0).sort((a, b) => b.above - a.above);
  const style = styler(color);
  const table = textTable({
    columns: COLUMNS,
    rows: scored.map((s) => [
      printable(s.series),
      String(s.samples),
      formatShare(s.above),
      ratio(s.requestToUse),
      s.changesPerDay.toFixed(1),
    ]),
    width,
    paint: (row, column, text) => {
      if (row < 0) return style('dim', text);
      return column === 2 && (scored[row]?.above ?? 0) > riskBudget ? style('yellow', text) : text;
    },
  });
  const sorted = (of: (s: ReplayScore) => number): number[] => scored.map(of).sort((a, b) => a - b);
  const above = sorted((s) => s.above);
  const mean = above.reduce((sum, share) => sum + share, 0) / above.length;
  const summary = [
    `${scored.length} series, risk budget ${formatShare(riskBudget)}`,
    `above request ${formatShare(mean)} on average, ${formatShare(quantileSorted(above, 0.9))} in nine of ten series`,
    `request ÷ use ${ratio(medianSorted(sorted((s) => s.requestToUse)))} in the median`,
    `${medianSorted(sorted((s) => s.changesPerDay)).toFixed(1)} changes a day in the median`,
  ];
  const left = scores.length - scored.length;
  const short = left === 0 ? '' : `\n${left} series are too short for the warm-up and are left out.`;
  return plainSpaces(`${table}\n\n${summary.join('; ')}.${short}\n`);
}

const ratio = (value: number): string => (Number.isFinite(value) ? value.toFixed(2) : '–');
