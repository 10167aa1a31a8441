import { basename } from 'node:path';
import { NeapError } from '../../../common/errors.ts';
import { RESOURCES, type Resource, workloadKey } from '../../core/workload.ts';
import type {
  ContainerSeries,
  HistoryRequest,
  HistorySink,
  HistorySource,
  HistorySummary,
  SourceReport,
  WorkloadSeries,
  WorkloadSeriesRequest,
} from '../history-source.ts';
import { dayWindows, endOf, SlotFold } from '../slot-fold.ts';
import { compileFilter } from '../workload-filter.ts';
import { lifeOf, SeriesFolding, samplesWithin } from './series-folding.ts';
import { resourceOfFile, type SeriesSubject, subjectOf } from './series-subject.ts';
import { readTraceSeries, type TraceSeries } from './trace-series.ts';

export interface FileSourceOptions {
  /** CSV files, gzip or not; see readTraceSeries for their form. */
  readonly paths: readonly string[];
  /** What the values are: cores for CPU, bytes for memory. Default: by the file's name, see resourceOfFile. */
  readonly resource?: Resource;
}

/**
 * History out of CSV files. Files tell usage only: requests, limits and OOM kills stay unknown, and pods have no
 * labels. Every read goes through the files once. A slot is as wide as the step asked for; where samples are closer, CPU is
 * their mean and memory their maximum within the slot.
 *
 * Memory is bound by the longest series and the folded slots (28 bytes a slot and container with samples), not by the files.
 */
export function createFileSource({ paths, resource }: FileSourceOptions): HistorySource {
  if (paths.length === 0) throw new NeapError('usage', 'no file to read history from', { remedy: 'Name at least one CSV file.' });
  const files = paths.map((path) => ({ path, resource: resource ?? resourceOfFile(path) }));
  return {
    title: `file ${paths.map((path) => basename(path)).join(', ')}`,
    inspect: (signal) => inspect(files, signal),
    read: (request, sink) => read(files, request, sink),
    readWorkload: (request) => readWorkload(files, request),
    close: () => Promise.resolve(),
  };
}

interface TraceFile {
  readonly path: string;
  readonly resource: Resource;
}

interface SubjectSeries {
  readonly subject: SeriesSubject;
  readonly resource: Resource;
  /** Values in millicores or bytes. */
  readonly series: TraceSeries;
}

/** @throws NeapError `usage` with every series that has no subject, or the subject of another one */
async function* allSeries(files: readonly TraceFile[], signal: AbortSignal | undefined): AsyncGenerator<SubjectSeries> {
  const problems: string[] = [];
  const origins = new Map<string, string>();
  for (const { path, resource } of files) {
    for await (const series of readTraceSeries(path, signal)) {
      const subject = subjectOf(series.name, path);
      const problem = subjectProblem({ subject, resource, series: series.name, path }, origins);
      if (problem !== undefined) problems.push(problem);
      if (subject !== undefined && problems.length === 0) yield { subject, resource, series: inUnits(series, resource) };
    }
  }
  if (problems.length > 0) {
    throw new NeapError('usage', problems.slice(0, 20).join('\n'), { remedy: 'Rename the series, or leave out one of the files.' });
  }
}

interface NamedSeries {
  readonly subject: SeriesSubject | undefined;
  readonly resource: Resource;
  readonly series: string;
  readonly path: string;
}

function subjectProblem({ subject, resource, series, path }: NamedSeries, origins: Map<string, string>): string | undefined {
  if (subject === undefined) return `${path}: series "${series}" is neither a name nor namespace/kind/name/container[/pod]`;
  const pod = subject.pod === '' ? '' : `/${subject.pod}`;
  const id = `${resource} of ${workloadKey(subject.ref)}/${subject.container}${pod}`;
  const other = origins.get(id);
  origins.set(id, path);
  return other === undefined ? undefined : `${path}: ${id} is also in ${other}`;
}

/** Cores become millicores; bytes stay. */
function inUnits(series: TraceSeries, resource: Resource): TraceSeries {
  return resource === 'memory' ? series : { ...series, v: series.v.map((cores) => cores * 1000) };
}

async function inspect(files: readonly TraceFile[], signal: AbortSignal | undefined): Promise<SourceReport> {
  const count: Record<Resource, number> = { cpu: 0, memory: 0 };
  let newest: number | undefined;
  for await (const { resource, series } of allSeries(files, signal)) {
    count[resource]++;
    const last = series.t.at(-1);
    if (last !== undefined) newest = Math.max(newest ?? last, last);
  }
  return {
    server: 'CSV files',
    checks: [
      ...RESOURCES.map((resource) => ({
        id: `usage.${resource}`,
        title: resource === 'cpu' ? 'CPU usage' : 'Memory usage',
        status: count[resource] > 0 ? ('ok' as const) : ('degraded' as const),
        found: `${count[resource]} series`,
        remedy: count[resource] > 0 ? '' : `Add a file with ${resource} series${resource === 'memory' ? ', named mem….csv' : ''}.`,
      })),
      {
        id: 'requests',
        title: 'Requests and limits',
        status: 'degraded',
        found: 'files tell usage only',
        remedy: 'Use a Prometheus with kube-state-metrics to compare with what is requested.',
      },
    ],
    newestSampleUnixSeconds: newest,
    clockSkewSeconds: undefined,
    requests: 0,
  };
}

async function read(files: readonly TraceFile[], request: HistoryRequest, sink: HistorySink): Promise<HistorySummary> {
  const { fromUnixSeconds, toUnixSeconds, stepSeconds, signal } = request;
  const filter = compileFilter(request.filter);
  const windows = dayWindows(fromUnixSeconds, toUnixSeconds, stepSeconds);
  const last = windows.at(-1);
  const folding = new SeriesFolding(windows);
  let done = 0;
  for await (const { subject, resource, series } of allSeries(files, signal)) {
    if (filter.matchesWorkload(subject.ref) && filter.matchesLabels({})) folding.add(subject, resource, series);
    done++;
    request.onProgress?.({ stage: 'series', done, total: done });
  }
  await folding.deliver(sink);
  return folding.summary(last === undefined ? fromUnixSeconds : endOf(last));
}

async function readWorkload(files: readonly TraceFile[], request: WorkloadSeriesRequest): Promise<WorkloadSeries> {
  const { fromUnixSeconds, toUnixSeconds, stepSeconds } = request;
  const slots = Math.max(0, Math.floor((toUnixSeconds - fromUnixSeconds) / stepSeconds));
  const window = { fromUnixSeconds, stepSeconds, slots };
  const wanted = workloadKey(request.workload);
  const folds = new Map<string, Record<Resource, SlotFold>>();
  for await (const { subject, resource, series } of allSeries(files, request.signal)) {
    if (workloadKey(subject.ref) !== wanted) continue;
    const fold = folds.get(subject.container) ?? { cpu: new SlotFold(window, 'cpu'), memory: new SlotFold(window, 'memory') };
    folds.set(subject.container, fold);
    fold[resource].addPod(samplesWithin(series, window), lifeOf(series));
  }
  const unknown = (): Float64Array => new Float64Array(slots).fill(Number.NaN);
  const finished = (fold: SlotFold): ContainerSeries => {
    const { hottestPod, meanOverPods } = fold.finish();
    return { hottestPod, meanOverPods, request: unknown(), limit: unknown() };
  };
  const containers = new Map([...folds].map(([name, fold]) => [name, { cpu: finished(fold.cpu), memory: finished(fold.memory) }]));
  return { fromUnixSeconds, stepSeconds, slots, containers };
}
