import type { Analysis, Finding } from '../../operator/analysis/analysis.ts';
import type { AnalysisState } from '../../operator/analysis/read-model.ts';
import type { DataDto, FindingDto, StateDto, StatusDto } from '../contract/api.ts';
import { policyOf, pricesOf, windowOf } from './overview.ts';

const MAX_FINDINGS = 200;
/** An analysis older than this many refresh intervals is stale: one run was missed. */
const STALE_INTERVALS = 2;

export function stateOf(state: AnalysisState, nowUnixSeconds: number): StateDto {
  const { analysis, lastError, progress } = state;
  const generatedAt = analysis === undefined ? null : Date.parse(analysis.generatedAt) / 1000;
  const missedARun =
    generatedAt !== null && state.refreshSeconds > 0 && nowUnixSeconds - generatedAt > STALE_INTERVALS * state.refreshSeconds;
  return {
    version: state.version,
    generatedAt,
    refreshSeconds: state.refreshSeconds,
    progress: progress === undefined ? null : { stage: progress.stage, done: progress.done, total: progress.total },
    error: lastError === undefined ? null : { message: lastError.message, remedy: lastError.remedy ?? null, at: lastError.atUnixSeconds },
    newestSampleAt: analysis?.freshness.newestSampleUnixSeconds ?? null,
    stale: missedARun || (analysis?.freshness.stale ?? false),
    now: nowUnixSeconds,
  };
}

export function statusOf(state: AnalysisState, nowUnixSeconds: number): StatusDto {
  return { state: stateOf(state, nowUnixSeconds), data: state.analysis === undefined ? null : dataOf(state.analysis) };
}

export function findingOf(finding: Finding): FindingDto {
  return { ...finding, subject: finding.subject ?? null };
}

const SEVERITY_RANKS = { critical: 0, warning: 1, info: 2 } as const;

function dataOf(analysis: Analysis): DataDto {
  const findings = [...analysis.findings].sort((a, b) => SEVERITY_RANKS[a.severity] - SEVERITY_RANKS[b.severity]);
  return {
    neapVersion: analysis.neapVersion,
    source: { title: analysis.source.title, server: analysis.source.server },
    window: windowOf(analysis),
    prices: pricesOf(analysis),
    policy: policyOf(analysis),
    counters: { ...analysis.counters },
    findings: findings.slice(0, MAX_FINDINGS).map(findingOf),
    findingsTotal: findings.length,
  };
}
