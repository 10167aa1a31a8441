import type { ResourceRow } from './resource-rows.ts';

export interface ReportColumn {
  readonly title: string;
  readonly isNumber: boolean;
  readonly cell: (row: ResourceRow) => string;
}

/** What Markdown and HTML show of a resource; each row stands for itself, so that it can be copied out. */
export const REPORT_COLUMNS: readonly ReportColumn[] = [
  { title: 'Workload', isNumber: false, cell: (row) => row.workload },
  { title: 'Container', isNumber: false, cell: (row) => row.container },
  { title: 'Pods', isNumber: true, cell: (row) => row.pods },
  { title: 'Resource', isNumber: false, cell: (row) => row.resource },
  { title: 'Request', isNumber: true, cell: (row) => row.request },
  { title: 'Limit', isNumber: true, cell: (row) => row.limit },
  { title: 'P50 / P95 / max', isNumber: true, cell: (row) => row.use },
  { title: 'Slack', isNumber: true, cell: (row) => row.slack },
  { title: 'Cost per month', isNumber: true, cell: (row) => row.cost },
  { title: 'Risk', isNumber: false, cell: (row) => row.risk },
  { title: 'Above request', isNumber: true, cell: (row) => row.overload },
  { title: 'Why', isNumber: false, cell: (row) => row.why },
];
