import { workloadKey } from '../../../predictor/core/workload.ts';
import { formatCounted } from '../../../web/contract/format.ts';
import type { Analysis, RiskLevel } from '../../analysis/analysis.ts';
import { shellQuoted } from '../options/parsers.ts';
import { printable, shortenMiddle, shortenWorkload } from './printable.ts';
import { type ResourceRow, resourceRows } from './resource-rows.ts';
import { hanging, labelled, type Style, styler } from './style.ts';
import { findingLine, summaryOf } from './summary.ts';
import { type TextColumn, textTable } from './text-table.ts';

export interface TerminalOptions {
  readonly format: 'table' | 'wide';
  /** Characters of a line; Infinity where nothing has to fit. */
  readonly width: number;
  readonly color: boolean;
  readonly timeZone: string | undefined;
  readonly top: number | undefined;
  /** The flags that lead to the same source and numbers, for the hint at the end. */
  readonly sourceFlags: string;
}

interface Column extends TextColumn {
  readonly cell: (row: ResourceRow) => string;
  readonly wideOnly?: boolean;
}

const fixed = { minWidth: 0, wraps: false, dropOrder: 0 };

/** The order of leaving out: what `explain` and `-o wide` show too goes first. */
const COLUMNS: readonly Column[] = [
  { ...fixed, title: 'WORKLOAD', minWidth: 14, shorten: shortenWorkload, cell: (r) => (r.isFirstOfWorkload ? r.workload : '') },
  { ...fixed, title: 'CONTAINER', minWidth: 7, shorten: shortenMiddle, cell: (r) => (r.isFirstOfContainer ? r.container : '') },
  { ...fixed, title: 'PODS', wideOnly: true, cell: (r) => (r.isFirstOfWorkload ? r.pods : '') },
  { ...fixed, title: '', cell: (r) => r.resource },
  { ...fixed, title: 'REQUEST', cell: (r) => r.request },
  { ...fixed, title: 'LIMIT', dropOrder: 4, cell: (r) => r.limit },
  { ...fixed, title: 'P50 / P95 / MAX', dropOrder: 2, cell: (r) => r.use },
  { ...fixed, title: 'SLACK', dropOrder: 3, cell: (r) => r.slack },
  { ...fixed, title: 'COST/MONTH', dropOrder: 1, cell: (r) => r.cost },
  { ...fixed, title: 'RISK', cell: (r) => (r.isFirstOfWorkload ? r.risk : '') },
  { ...fixed, title: 'ABOVE REQUEST', wideOnly: true, cell: (r) => r.overload },
  { ...fixed, title: 'WHY', minWidth: 30, wraps: true, dropOrder: 5, cell: (r) => r.why },
];

const RISK_STYLES: Readonly<Record<RiskLevel, 'red' | 'yellow' | 'green' | 'dim'>> = {
  high: 'red',
  medium: 'yellow',
  low: 'green',
  unknown: 'dim',
};

/** More findings than this would push the totals off the screen. */
const FINDINGS_SHOWN = 8;

export function renderTerminal(analysis: Analysis, options: TerminalOptions): string {
  const isWide = options.format === 'wide';
  const shown = analysis.workloads.slice(0, options.top);
  const rows = resourceRows(shown, analysis.prices.currency);
  const columns = COLUMNS.filter((column) => isWide || column.wideOnly !== true).map((column) =>
    isWide ? { ...column, shorten: undefined, wraps: false } : column,
  );
  const style = styler(options.color);
  const table = textTable({
    columns,
    rows: rows.map((row) => columns.map((column) => column.cell(row))),
    width: isWide ? Number.POSITIVE_INFINITY : options.width,
    paint: (r, c, text) => {
      if (r < 0) return style('bold', text);
      const title = columns[c]?.title;
      if (title === 'RISK') return style(RISK_STYLES[rows[r]?.risk ?? 'unknown'], text);
      return title === 'WHY' ? style('dim', text) : text;
    },
  });
  const leftOut = analysis.workloads.length - shown.length;
  const sections = [
    table,
    leftOut > 0 ? `… and ${formatCounted(leftOut, 'more workload')}; the totals include them.` : '',
    summaryLines(analysis, options, style),
    findingLines(analysis, options, style),
    printable(hint(analysis, options)),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function summaryLines(analysis: Analysis, options: TerminalOptions, style: Style): string {
  const pairs = summaryOf(analysis, options.timeZone).map(({ label, text }) => [label, text] as const);
  return labelled(pairs, { style, width: options.width });
}

function findingLines({ findings }: Analysis, options: TerminalOptions, style: Style): string {
  const shown = options.format === 'wide' ? findings : findings.slice(0, FINDINGS_SHOWN);
  const lines = shown.map((finding) => {
    const color = finding.severity === 'critical' ? 'red' : finding.severity === 'warning' ? 'yellow' : 'dim';
    return style(color, hanging('', 2, findingLine(finding), options.width));
  });
  const more = findings.length - shown.length;
  if (more > 0) lines.push(`… and ${more} more findings: -o wide or -o json shows them all.`);
  return lines.join('\n');
}

function hint({ workloads }: Analysis, { sourceFlags }: TerminalOptions): string {
  const [first] = workloads;
  if (first === undefined) return '';
  return `Next: neap explain ${shellQuoted(printable(workloadKey(first.ref)))} ${sourceFlags}`;
}
