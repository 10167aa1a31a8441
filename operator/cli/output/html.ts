import { formatCounted } from '../../../web/contract/format.ts';
import type { Analysis } from '../../analysis/analysis.ts';
import type { ReportOptions } from './markdown.ts';
import { REPORT_COLUMNS } from './report-columns.ts';
import { resourceRows } from './resource-rows.ts';
import { findingLine, formatTime, summaryOf } from './summary.ts';

const STYLE = `
:root { color-scheme: light dark; --text: #1b1f24; --quiet: #57606a; --line: #d0d7de; --head: #f6f8fa; --page: #fff; --high: #b42318; --medium: #8a5a00; --low: #1a7f37; }
@media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --quiet: #9aa4af; --line: #363d46; --head: #1a2028; --page: #0f1419; --high: #ff8a80; --medium: #f0c060; --low: #7ee097; } }
body { font: 14px/1.45 system-ui, sans-serif; margin: 2rem; color: var(--text); background: var(--page); }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; color: var(--quiet); padding-bottom: .5rem; }
th, td { border: 1px solid var(--line); padding: .3rem .5rem; text-align: left; vertical-align: top; }
thead th { background: var(--head); position: sticky; top: 0; }
tbody th { font-weight: 600; overflow-wrap: anywhere; }
td.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
td.risk-high { color: var(--high); font-weight: 600; } td.risk-medium { color: var(--medium); } td.risk-low { color: var(--low); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; } dt { font-weight: 600; } dd { margin: 0; }
@media print {
  :root { color-scheme: light; --text: #000; --quiet: #444; --line: #999; --head: #eee; --page: #fff; --high: #000; --medium: #000; --low: #000; }
  @page { size: landscape; margin: 1cm; } body { margin: 0; font-size: 9px; } thead { display: table-header-group; } thead th { position: static; } tr { break-inside: avoid; }
}`;

/** One file that needs nothing else: no script, no font, no picture; readable in both themes and on paper. */
export function renderHtml(analysis: Analysis, { timeZone, top }: ReportOptions): string {
  const shown = analysis.workloads.slice(0, top);
  const rows = resourceRows(shown, analysis.prices.currency);
  const generated = formatTime(Date.parse(analysis.generatedAt) / 1000, timeZone);
  const leftOut = analysis.workloads.length - shown.length;
  const caption = `What each container asks for, now → recommended. Potential savings first.${leftOut > 0 ? ` ${formatCounted(leftOut, 'more workload')} left out; the totals count all.` : ''}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Neap analysis, ${escapeHtml(generated)}</title>
<style>${STYLE}
</style>
</head>
<body>
<main>
<h1>Neap analysis</h1>
<p>${escapeHtml(generated)}, Neap ${escapeHtml(analysis.neapVersion)}</p>
<dl>
${summaryOf(analysis, timeZone)
  .map(({ label, text }) => `<dt>${escapeHtml(label)}</dt><dd>${escapeHtml(text)}</dd>`)
  .join('\n')}
</dl>
${findingsHtml(analysis)}<table>
<caption>${escapeHtml(caption)}</caption>
<thead><tr>${REPORT_COLUMNS.map(({ title }) => `<th scope="col">${escapeHtml(title)}</th>`).join('')}</tr></thead>
<tbody>
${rows.map((row) => `<tr>${REPORT_COLUMNS.map((column) => cellHtml(column.title, column.isNumber, column.cell(row))).join('')}</tr>`).join('\n')}
</tbody>
</table>
</main>
</body>
</html>
`;
}

function cellHtml(title: string, isNumber: boolean, text: string): string {
  if (title === 'Workload') return `<th scope="row">${escapeHtml(text)}</th>`;
  const className = title === 'Risk' ? ` class="risk-${escapeHtml(text)}"` : isNumber ? ' class="number"' : '';
  return `<td${className}>${escapeHtml(text)}</td>`;
}

function findingsHtml({ findings }: Analysis): string {
  if (findings.length === 0) return '';
  return `<h2>Findings</h2>\n<ul>\n${findings.map((finding) => `<li>${escapeHtml(findingLine(finding))}</li>`).join('\n')}\n</ul>\n`;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => ENTITIES[c] as string);
}
