import { WORKLOADS_DEFAULTS } from '../../../web/contract/query.ts';
import { workloadsCsv } from '../../../web/server/csv.ts';
import type { Analysis } from '../../analysis/analysis.ts';
import { renderDocument, toDocument } from './document.ts';
import { renderHtml } from './html.ts';
import { renderMarkdown } from './markdown.ts';
import { plainSpaces } from './printable.ts';
import { renderTerminal } from './terminal.ts';

export const FORMATS = ['table', 'wide', 'json', 'yaml', 'csv', 'markdown', 'html'] as const;
export type Format = (typeof FORMATS)[number];

export interface RenderOptions {
  readonly format: Format;
  /** Workloads shown; undefined for all. */
  readonly top: number | undefined;
  /** IANA name; undefined for the machine's. */
  readonly timeZone: string | undefined;
  readonly width: number;
  readonly color: boolean;
  readonly sourceFlags: string;
}

/** The analysis as text, with a line feed at its end. */
export function renderAnalysis(analysis: Analysis, options: RenderOptions): string {
  const { format, top } = options;
  switch (format) {
    case 'table':
    case 'wide':
      return plainSpaces(renderTerminal(analysis, { ...options, format }));
    case 'json':
    case 'yaml':
      return renderDocument(toDocument(analysis, top), format);
    case 'csv':
      return workloadsCsv({ ...analysis, workloads: analysis.workloads.slice(0, top) }, WORKLOADS_DEFAULTS);
    case 'markdown':
      return plainSpaces(renderMarkdown(analysis, options));
    case 'html':
      return renderHtml(analysis, options);
  }
}
