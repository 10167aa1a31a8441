import type { SourceCheck, SourceReport } from '../../../predictor/source/history-source.ts';
import { DOCTOR_SCHEMA, type DoctorDocument } from '../../api/doctor-document.ts';
import { printable } from './printable.ts';
import { hanging, styler } from './style.ts';
import { formatTime } from './summary.ts';

export interface DoctorReportOptions {
  readonly width: number;
  readonly color: boolean;
  readonly timeZone: string | undefined;
}

const MARKS = {
  ok: { mark: '✓ ok', color: 'green' },
  degraded: { mark: '! degraded', color: 'yellow' },
  missing: { mark: '✗ missing', color: 'red' },
} as const;

/** What a source has and lacks, with the remedy for each lack. */
export function renderDoctorReport(title: string, report: SourceReport, options: DoctorReportOptions): string {
  const style = styler(options.color);
  const markWidth = MARKS.degraded.mark.length + 2;
  const lineOf = (check: SourceCheck): string => {
    const { mark, color } = MARKS[check.status];
    const first = hanging(style(color, mark.padEnd(markWidth)), markWidth, printable(`${check.title}: ${check.found}`), options.width);
    return check.remedy === ''
      ? first
      : `${first}\n${hanging(' '.repeat(markWidth), markWidth + 2, printable(`→ ${check.remedy}`), options.width)}`;
  };
  const counts = (['missing', 'degraded', 'ok'] as const).map(
    (status) => `${report.checks.filter((c) => c.status === status).length} ${status}`,
  );
  return `${[
    style('bold', printable(report.server === '' ? title : `${title}: ${report.server}`)),
    report.checks.map(lineOf).join('\n'),
    [
      `Newest sample: ${report.newestSampleUnixSeconds === undefined ? 'none' : formatTime(report.newestSampleUnixSeconds, options.timeZone)}`,
      `Result: ${counts.join(', ')}`,
    ].join('\n'),
  ].join('\n\n')}\n`;
}

export function toDoctorDocument(title: string, report: SourceReport): DoctorDocument {
  return {
    schema: DOCTOR_SCHEMA,
    source: title,
    server: report.server,
    newestSampleUnixSeconds: report.newestSampleUnixSeconds ?? null,
    clockSkewSeconds: report.clockSkewSeconds ?? null,
    checks: report.checks.map((check) => ({ ...check })),
  };
}
