import { formatRoughly } from '../../common/duration.ts';
import { workloadKey } from '../../predictor/core/workload.ts';
import type { ReadCounters, SourceReport } from '../../predictor/source/history-source.ts';
import type { ContainerAnalysis, Finding, Freshness, ResourceAnalysis, WorkloadAnalysis } from './analysis.ts';

interface FindingsInput {
  readonly workloads: readonly WorkloadAnalysis[];
  readonly report: SourceReport;
  readonly freshness: Freshness;
  readonly counters: Readonly<ReadCounters>;
}

/** A clock that is off by more than this shifts the window by whole steps. */
const SKEW_WORTH_TELLING_SECONDS = 60;

/** What the reader should know before he believes or uses the numbers; the gravest first. */
export function findingsOf(input: FindingsInput): readonly Finding[] {
  const rank = { critical: 0, warning: 1, info: 2 } as const;
  return [...aboutTheSource(input), ...input.workloads.flatMap(aboutAWorkload)].sort((a, b) => rank[a.severity] - rank[b.severity]);
}

function aboutTheSource({ report, freshness, counters }: FindingsInput): Finding[] {
  const findings: Finding[] = [];
  const whole = (severity: Finding['severity'], code: string, text: string, remedy = ''): void => {
    findings.push({ severity, code, text, remedy, subject: undefined });
  };
  if (freshness.stale) {
    const age = freshness.ageSeconds === undefined ? 'of unknown age' : `${formatRoughly(freshness.ageSeconds)} old`;
    whole(
      'critical',
      'StaleHistory',
      `The newest sample is ${age}: everything here describes that time, not now.`,
      'Check that the source still gets samples, or read it as what it is: an archive.',
    );
  }
  for (const check of report.checks) {
    // Freshness is judged above, against the step in use.
    if (check.status === 'ok' || check.id === 'freshness' || check.id === 'clock') continue;
    const severity = check.status === 'missing' ? 'warning' : 'info';
    whole(severity, `Source:${check.id}`, `${check.title}: ${check.found}`, check.remedy);
  }
  const skew = report.clockSkewSeconds;
  if (skew !== undefined && Math.abs(skew) > SKEW_WORTH_TELLING_SECONDS) {
    whole(
      'warning',
      'ClockSkew',
      `The server's clock is ${formatRoughly(Math.abs(skew))} ${skew > 0 ? 'ahead of' : 'behind'} this machine's.`,
      'Synchronise both by NTP.',
    );
  }
  if (counters.fromTheFuture > 0)
    whole(
      'warning',
      'FutureSamples',
      `${counters.fromTheFuture} samples are dated in the future and were left out.`,
      'Check the clocks of the scraped nodes.',
    );
  if (counters.partialAnswers > 0) {
    whole(
      'critical',
      'PartialAnswers',
      `The server called ${counters.partialAnswers} of its answers partial: use may look lower than it was.`,
      'Find out which store or shard did not answer, and run again; lower nothing on this.',
    );
  }
  if (counters.podsWithoutOwner > 0) {
    whole(
      'warning',
      'PodsWithoutOwner',
      `${counters.podsWithoutOwner} pods have usage but no owner series: each counts as a workload of its own.`,
      'Check that kube-state-metrics is scraped over the whole window.',
    );
  }
  return findings;
}

function aboutAWorkload(workload: WorkloadAnalysis): Finding[] {
  const key = workloadKey(workload.ref);
  return workload.containers.flatMap((c) => {
    const subject = `${key}/${c.name}`;
    const findings: Finding[] = [];
    if ((c.oomKills ?? 0) > 0) {
      findings.push({
        severity: 'warning',
        code: 'OomKilled',
        text: `OOM killed at least ${c.oomKills === 1 ? 'once' : `${c.oomKills} times`} in the window.`,
        remedy: memoryRemedy(c),
        subject,
      });
    }
    for (const r of [c.cpu, c.memory]) {
      if (r.trace.some((step) => step.stage === 'capped')) {
        findings.push({
          severity: 'warning',
          code: 'CappedByLimit',
          text: 'CPU use lies at its limit: the limit decides how much is used, not the need.',
          remedy: 'Raise or remove the CPU limit and look again after a day.',
          subject,
        });
      }
      if (aboveCeiling(r)) {
        findings.push({
          severity: 'warning',
          code: 'CeilingBelowNeed',
          text: `The policy's maximum keeps ${r.resource} below what is needed.`,
          remedy: 'Raise the maximum in the policy, or accept the risk.',
          subject,
        });
      }
    }
    return findings;
  });
}

function memoryRemedy(c: ContainerAnalysis): string {
  return c.memory.recommendation.ok
    ? 'Apply the recommended memory request and limit.'
    : 'Raise the memory limit; nothing can be recommended yet.';
}

function aboveCeiling(r: ResourceAnalysis): boolean {
  return r.trace.some((step) => step.stage === 'ceiling') || (!r.recommendation.ok && r.recommendation.reason === 'CeilingBelowPeak');
}
