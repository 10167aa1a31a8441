import { formatCounted } from '../../../web/contract/format.ts';
import type { Analysis } from '../../analysis/analysis.ts';
import { REPORT_COLUMNS } from './report-columns.ts';
import { resourceRows } from './resource-rows.ts';
import { findingLine, summaryOf } from './summary.ts';

export interface ReportOptions {
  readonly timeZone: string | undefined;
  readonly top: number | undefined;
}

/** GitHub's Markdown: a table of all resources, then the summary. */
export function renderMarkdown(analysis: Analysis, { timeZone, top }: ReportOptions): string {
  const rows = resourceRows(analysis.workloads.slice(0, top), analysis.prices.currency);
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const leftOut = analysis.workloads.length - Math.min(analysis.workloads.length, top ?? Number.POSITIVE_INFINITY);
  return [
    '# Neap analysis',
    '',
    line(REPORT_COLUMNS.map(({ title }) => title)),
    line(REPORT_COLUMNS.map(() => '---')),
    ...rows.map((row) => line(REPORT_COLUMNS.map(({ cell }) => escapeMarkdown(cell(row))))),
    '',
    ...(leftOut > 0 ? [`… and ${formatCounted(leftOut, 'more workload')}; the totals include them.`, ''] : []),
    ...summaryOf(analysis, timeZone).map(({ label, text }) => `- **${label}**: ${escapeMarkdown(text)}`),
    ...(analysis.findings.length > 0
      ? ['', '## Findings', '', ...analysis.findings.map((f) => `- ${escapeMarkdown(findingLine(f))}`)]
      : []),
    '',
  ].join('\n');
}

/** Whatever stands in a name stays text: no new cell, no markup, no link, no HTML. */
function escapeMarkdown(text: string): string {
  return text
    .replace(/[\\`*_[\]|~#!]/g, '\\$&')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/@/g, '&#64;')
    .replace(/:\/\//g, '&#58;//');
}
