import { stringify } from 'yaml';
import { formatBytes, formatMillicores } from '../../common/quantity.ts';
import { bytes, millicores } from '../../common/units.ts';
import type { ContainerAnalysis, ResourceAnalysis, WorkloadAnalysis } from '../../operator/analysis/analysis.ts';
import type { WorkloadRef } from '../../predictor/core/workload.ts';
import type { SnippetDto } from '../contract/api.ts';

/** Kinds whose pod template may be changed in place; a Job's and a bare Pod's may not. */
const SETTABLE_KINDS: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'CronJob']);

/** The recommendation as a patch and as commands; null where there is nothing to change. */
export function snippetOf({ ref, containers }: WorkloadAnalysis): SnippetDto | null {
  const changes = containers
    .map((container) => ({ container, resources: resourcesOf(container) }))
    .filter((c) => c.resources !== undefined);
  if (changes.length === 0) return null;
  const patch = changes.map(({ container, resources }) => ({ name: container.name, resources }));
  return {
    yaml: stringify({ containers: patch }),
    kubectl: SETTABLE_KINDS.has(ref.kind) ? changes.map(({ container }) => commandOf(ref, container)).join('\n') : null,
  };
}

type Quantities = Partial<Record<'cpu' | 'memory', string>>;

function resourcesOf({ cpu, memory }: ContainerAnalysis): { requests: Quantities; limits?: Quantities } | undefined {
  if (!cpu.recommendation.ok && !memory.recommendation.ok) return undefined;
  const requests = quantities(cpu, memory, (r) => (r.recommendation.ok ? r.recommendation.value.request : r.currentRequest));
  const limits = quantities(cpu, memory, (r) => (r.recommendation.ok ? r.recommendation.value.limit : r.currentLimit));
  return Object.keys(limits).length === 0 ? { requests } : { requests, limits };
}

function commandOf(ref: WorkloadRef, { name, cpu, memory }: ContainerAnalysis): string {
  const requests = quantities(cpu, memory, (r) => (r.recommendation.ok ? r.recommendation.value.request : undefined));
  // kubectl takes a limit away by setting it to 0.
  const limits = quantities(cpu, memory, (r) =>
    r.recommendation.ok ? (r.recommendation.value.limit ?? (r.currentLimit === undefined ? undefined : 0)) : undefined,
  );
  const target = ['kubectl', 'set', 'resources', `${ref.kind.toLowerCase()}/${ref.name}`, '-n', ref.namespace, '-c', name];
  const lines = [target.map(shellQuoted).join(' '), `--requests=${pairs(requests)}`];
  if (Object.keys(limits).length > 0) lines.push(`--limits=${pairs(limits)}`);
  return lines.join(' \\\n  ');
}

function quantities(cpu: ResourceAnalysis, memory: ResourceAnalysis, amount: (r: ResourceAnalysis) => number | undefined): Quantities {
  const out: Quantities = {};
  const cpuAmount = amount(cpu);
  const memoryAmount = amount(memory);
  if (cpuAmount !== undefined) out.cpu = formatMillicores(millicores(cpuAmount));
  if (memoryAmount !== undefined) out.memory = formatBytes(bytes(memoryAmount));
  return out;
}

function pairs(values: Quantities): string {
  return Object.entries(values)
    .map(([resource, quantity]) => `${resource}=${quantity}`)
    .join(',');
}

function shellQuoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
