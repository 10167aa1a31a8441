import { stringify as toYaml } from 'yaml';
import type { Result } from '../../../common/result.ts';
import type { Analysis, ResourceAnalysis, WorkloadAnalysis } from '../../analysis/analysis.ts';
import { ANALYSIS_SCHEMA, type AnalysisDocument, type WorkloadDocument } from '../../api/analysis-document.ts';

type ResourceDocument = WorkloadDocument['containers'][number]['cpu'];

/** The analysis as the versioned document: what is undefined inside is null outside. */
export function toDocument(analysis: Analysis, top: number | undefined): AnalysisDocument {
  const shown = analysis.workloads.slice(0, top);
  const { freshness, prices, policy } = analysis;
  return {
    schema: ANALYSIS_SCHEMA,
    generatedAt: analysis.generatedAt,
    neapVersion: analysis.neapVersion,
    source: { title: analysis.source.title, server: analysis.source.server },
    window: { ...analysis.window },
    freshness: {
      newestSampleUnixSeconds: freshness.newestSampleUnixSeconds ?? null,
      ageSeconds: freshness.ageSeconds ?? null,
      stale: freshness.stale,
    },
    prices: { currency: prices.currency, cpuCoreHour: prices.cpuCoreHour, memoryGibHour: prices.memoryGibHour, origin: prices.origin },
    policy: { ...policy },
    totals: { ...analysis.totals },
    workloadsLeftOut: analysis.workloads.length - shown.length,
    workloads: shown.map(workloadToDocument),
    findings: analysis.findings.map((finding) => ({ ...finding, subject: finding.subject ?? null })),
    counters: { ...analysis.counters },
  };
}

export function workloadToDocument({ ref, containers, ...workload }: WorkloadAnalysis): WorkloadDocument {
  return {
    ...ref,
    ...workload,
    containers: containers.map((container) => ({
      name: container.name,
      pods: container.pods,
      oomKills: container.oomKills ?? null,
      throttledShare: container.throttledShare ?? null,
      cpu: resourceToDocument(container.cpu),
      memory: resourceToDocument(container.memory),
    })),
  };
}

function resourceToDocument(analysis: ResourceAnalysis): ResourceDocument {
  const { resource, recommendation, trace } = analysis;
  return {
    resource,
    unit: resource === 'cpu' ? 'millicores' : 'bytes',
    currentKnown: analysis.currentKnown,
    currentRequest: analysis.currentRequest ?? null,
    currentLimit: analysis.currentLimit ?? null,
    usage: resultToDocument(analysis.usage, (usage) => ({ ...usage })),
    recommendation: resultToDocument(recommendation, (value) => ({ ...value, limit: value.limit ?? null })),
    trace: trace.map((step) => ({ stage: step.stage, text: step.text, amount: step.amount ?? null })),
    overloadNow: analysis.overloadNow ?? null,
    costNowPerMonth: analysis.costNowPerMonth,
    costAfterPerMonth: analysis.costAfterPerMonth,
    wastePerMonth: analysis.wastePerMonth,
  };
}

function resultToDocument<T, U>(result: Result<T>, convert: (value: T) => U) {
  return result.ok
    ? { ok: true as const, value: convert(result.value) }
    : { ok: false as const, reason: result.reason, detail: result.detail ?? null };
}

export function renderDocument(document: unknown, format: 'json' | 'yaml'): string {
  return format === 'json'
    ? `${JSON.stringify(document, undefined, 2)}\n`
    : toYaml(document, { lineWidth: 0, aliasDuplicateObjects: false });
}
