import { type Request, type Response, Router } from 'express';
import type { Analysis } from '../../operator/analysis/analysis.ts';
import type { AnalysisReadModel } from '../../operator/analysis/read-model.ts';
import { workloadKey } from '../../predictor/core/workload.ts';
import type { SeriesDto } from '../contract/api.ts';
import { parseNoQuery, parseSeriesQuery, parseWorkloadsQuery } from './api-query.ts';
import { workloadsCsv } from './csv.ts';
import { overviewOf } from './overview.ts';
import { Problem } from './problem.ts';
import { type Row, rowsOf } from './rows.ts';
import { foldSeries, seriesRequest } from './series.ts';
import { statusOf } from './state.ts';
import { workloadsPage } from './table.ts';
import { workloadDetail } from './workload-detail.ts';

/** The JSON API under `/api`: everything that the page shows, and the CSV. */
export function createApi(readModel: AnalysisReadModel, now: () => number): Router {
  const router = Router();
  const readSeries = rememberSeries(readModel);

  router.get('/v1/status', (req, res) => {
    parseNoQuery(req.url);
    res.set('Cache-Control', 'no-store').json(statusOf(readModel.current(), now()));
  });

  router.get('/v1/overview', (req, res) => {
    parseNoQuery(req.url);
    const { analysis } = ready(readModel);
    if (!unchanged(req, res, readModel)) res.json(overviewOf(analysis));
  });

  router.get('/v1/workloads', (req, res) => {
    const { query, format } = parseWorkloadsQuery(req.url);
    const { analysis } = ready(readModel);
    if (unchanged(req, res, readModel)) return;
    if (format === 'json') {
      res.json(workloadsPage(analysis, query));
      return;
    }
    const day = analysis.generatedAt.slice(0, 10);
    res.set('Content-Disposition', `attachment; filename="neap-workloads-${day}.csv"`);
    res.type('text/csv').send(workloadsCsv(analysis, query));
  });

  router.get('/v1/workloads/:namespace/:kind/:name', (req, res) => {
    parseNoQuery(req.url);
    const { analysis, row } = readyWorkload(readModel, req.params);
    if (!unchanged(req, res, readModel)) res.json(workloadDetail(analysis, row));
  });

  router.get('/v1/workloads/:namespace/:kind/:name/series', async (req, res) => {
    const windowSeconds = parseSeriesQuery(req.url);
    const { analysis, row } = readyWorkload(readModel, req.params);
    if (!unchanged(req, res, readModel)) res.json(await readSeries(analysis, row, windowSeconds));
  });

  router.use((req) => {
    throw new Problem({
      status: 404,
      code: 'NoSuchRoute',
      detail: `There is no ${req.originalUrl.split('?')[0]}.`,
      remedy: 'There are /api/v1/status, /overview, /workloads, /workloads/NAMESPACE/KIND/NAME, its /series, and /events.',
    });
  });
  return router;
}

function ready(readModel: AnalysisReadModel): { analysis: Analysis } {
  const { analysis, lastError } = readModel.current();
  if (analysis !== undefined) return { analysis };
  throw new Problem({
    status: 503,
    code: lastError === undefined ? 'FirstAnalysisRuns' : 'FirstAnalysisFailed',
    detail: lastError?.message ?? 'The first analysis is not done yet.',
    remedy: lastError?.remedy ?? 'Wait; /api/v1/events tells the progress.',
    retryAfterSeconds: 5,
  });
}

function readyWorkload(
  readModel: AnalysisReadModel,
  ref: { namespace: string; kind: string; name: string },
): { analysis: Analysis; row: Row } {
  const { analysis } = ready(readModel);
  const row = rowsOf(analysis).byKey.get(workloadKey(ref));
  if (row !== undefined) return { analysis, row };
  throw new Problem({
    status: 404,
    code: 'NoSuchWorkload',
    detail: `The analysis has no ${ref.kind} ${ref.name} in namespace ${ref.namespace}.`,
    remedy: 'It may be gone, filtered out, or without usage in the window. Look for it in the list of workloads.',
  });
}

/** Marks the answer with the analysis it was made from; ends it with 304 where the client has that already. */
function unchanged(req: Request, res: Response, readModel: AnalysisReadModel): boolean {
  const { analysis, version } = readModel.current();
  res.set({ ETag: `W/"${version}-${analysis?.generatedAt}-${analysis?.neapVersion}"`, 'Cache-Control': 'private, no-cache' });
  if (!req.fresh) return false;
  res.status(304).end();
  return true;
}

const REMEMBERED_SERIES = 32;

/** Many visitors of one page ask the history source once an analysis. */
function rememberSeries(readModel: AnalysisReadModel) {
  let of: Analysis | undefined;
  const remembered = new Map<string, Promise<SeriesDto>>();
  return (analysis: Analysis, { workload }: Row, windowSeconds: number): Promise<SeriesDto> => {
    if (of !== analysis) remembered.clear();
    of = analysis;
    const key = `${windowSeconds} ${workloadKey(workload.ref)}`;
    const earlier = remembered.get(key);
    if (earlier !== undefined) return earlier;
    const reading = readModel.series(seriesRequest(analysis, workload.ref, windowSeconds)).then(foldSeries);
    remembered.set(key, reading);
    reading.catch(() => remembered.delete(key));
    for (const oldest of [...remembered.keys()].slice(0, Math.max(0, remembered.size - REMEMBERED_SERIES))) remembered.delete(oldest);
    return reading;
  };
}
