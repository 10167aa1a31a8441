import { describe, expect, it } from 'vitest';
import { doctorDocument } from '../../../../operator/api/doctor-document.ts';
import { renderDoctorReport, toDoctorDocument } from '../../../../operator/cli/output/doctor-report.ts';
import type { SourceReport } from '../../../../predictor/source/history-source.ts';

const report: SourceReport = {
  server: 'Prometheus 2.42.0',
  checks: [
    { id: 'usage.cpu', title: 'CPU usage', status: 'ok', found: 'container_cpu_usage_seconds_total, 120 series', remedy: '' },
    {
      id: 'hpa',
      title: 'Autoscalers',
      status: 'degraded',
      found: 'no series',
      remedy: 'Let kube-state-metrics collect horizontalpodautoscalers.',
    },
    { id: 'owners.pod', title: 'Owners of pods', status: 'missing', found: 'no kube_pod_owner', remedy: 'Install kube-state-metrics.' },
  ],
  newestSampleUnixSeconds: 1_773_575_940,
  clockSkewSeconds: -90,
  requests: 12,
};

describe('the report of the doctor', () => {
  it('marks each check with sign and word, and gives the remedy of what is wrong', () => {
    expect(renderDoctorReport('Prometheus at http://localhost:9090', report, { width: 100, color: false, timeZone: 'UTC' })).toBe(`\
Prometheus at http://localhost:9090: Prometheus 2.42.0

✓ ok        CPU usage: container_cpu_usage_seconds_total, 120 series
! degraded  Autoscalers: no series
            → Let kube-state-metrics collect horizontalpodautoscalers.
✗ missing   Owners of pods: no kube_pod_owner
            → Install kube-state-metrics.

Newest sample: 2026-03-15 11:59 UTC
Result: 1 missing, 1 degraded, 1 ok
`);
  });

  it('is a versioned document for programs, with null for what is unknown', () => {
    const unknownReport = { ...report, newestSampleUnixSeconds: undefined, clockSkewSeconds: undefined };
    const document = toDoctorDocument('title', unknownReport);
    expect(doctorDocument.parse(JSON.parse(JSON.stringify(document)))).toMatchObject({
      newestSampleUnixSeconds: null,
      clockSkewSeconds: null,
    });
  });
});
