import { NeapError, type Retry } from '../../../common/errors.ts';
import { HttpStatusError } from '../../../common/http/failure.ts';
import type { HttpClient, HttpCounters, HttpRequest, HttpResponse } from '../../../common/http/http-client.ts';
import { AnswerParser, type SeriesListener } from './answer-parser.ts';

/** What a run of requests shares: who may stop it and who counts it. */
export interface CallContext {
  readonly signal?: AbortSignal | undefined;
  readonly counters: HttpCounters & { partialAnswers: number };
}

export interface RangeQuery {
  readonly expression: string;
  /** Evaluated at start, start + step, … ≤ end. */
  readonly startUnixSeconds: number;
  readonly endUnixSeconds: number;
  readonly stepSeconds: number;
}

/** Takes the series of one try; a try that fails is thrown away with its fold. */
export interface AnswerFold<T> {
  readonly series: SeriesListener;
  done(): T;
}

export interface InstantRow {
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

export interface MetadataOptions {
  /** For the first words with a server: do not wait and try as long as for a query. */
  readonly headersTimeoutMs?: number;
  readonly attempts?: number;
}

export interface MetadataAnswer {
  readonly data: unknown;
  header(name: string): string | undefined;
}

/** The Prometheus HTTP API, with its refusals put into NeapErrors: `split` asks for a smaller question. */
export interface PrometheusApi {
  readonly url: string;
  queryRange<T>(query: RangeQuery, fold: () => AnswerFold<T>, context: CallContext): Promise<T>;
  query(expression: string, timeUnixSeconds: number, context: CallContext): Promise<readonly InstantRow[]>;
  /** `labels`, `label/x/values`, `status/buildinfo`: small answers, read whole. */
  metadata(path: string, params: URLSearchParams, context: CallContext, options?: MetadataOptions): Promise<MetadataAnswer>;
}

/** Names and labels of a very large server fit; anything bigger is not what was asked for. */
const MAX_METADATA_BYTES = 64 << 20;

export function createPrometheusApi(http: HttpClient): PrometheusApi {
  /** Some gateways let only GET through; what was learned holds for the rest. */
  let getOnly = false;

  const send = async <T>(
    path: string,
    params: URLSearchParams,
    context: CallContext,
    read: (r: HttpResponse) => Promise<T>,
  ): Promise<T> => {
    const common: HttpRequest = { path: `api/v1/${path}`, signal: context.signal, counters: context.counters, classify: retryOfQuery };
    // A partial answer would look like low usage: Thanos and VictoriaMetrics clusters shall refuse instead.
    params.set('partial_response', 'false');
    params.set('deny_partial_response', '1');
    if (!getOnly) {
      try {
        return await http.exchange({ ...common, form: params }, read);
      } catch (error) {
        if (!(error instanceof HttpStatusError && (error.status === 405 || error.status === 501))) throw refused(error, http.baseUrl);
        getOnly = true;
      }
    }
    return http.exchange({ ...common, query: params }, read).catch((error: unknown) => {
      throw refused(error, http.baseUrl);
    });
  };

  const answer =
    <T>(path: 'query' | 'query_range', fold: () => AnswerFold<T>, { counters }: CallContext) =>
    async (response: HttpResponse): Promise<T> => {
      const { series, done } = fold();
      const parser = new AnswerParser(`${http.baseUrl}/api/v1/${path}`, path === 'query' ? 'vector' : 'matrix', series);
      for await (const chunk of response.body) parser.write(chunk);
      if (parser.end().partial) counters.partialAnswers++;
      return done();
    };

  return {
    url: http.baseUrl,

    queryRange(query, fold, context) {
      const params = new URLSearchParams({
        query: query.expression,
        start: String(query.startUnixSeconds),
        end: String(query.endUnixSeconds),
        step: String(query.stepSeconds),
      });
      // VictoriaMetrics moves the times of cached queries to multiples of the step.
      if (query.startUnixSeconds % query.stepSeconds !== 0) params.set('nocache', '1');
      return send('query_range', params, context, answer('query_range', fold, context));
    },

    query(expression, timeUnixSeconds, context) {
      const params = new URLSearchParams({ query: expression, time: String(timeUnixSeconds) });
      return send('query', params, context, answer('query', collectRows, context));
    },

    async metadata(path, params, context, options) {
      const request: HttpRequest = {
        path: `api/v1/${path}`,
        query: params,
        signal: context.signal,
        counters: context.counters,
        small: true,
        ...options,
      };
      try {
        return await http.exchange(request, (response) => readMetadata(`${http.baseUrl}/api/v1/${path}`, response));
      } catch (error) {
        throw refused(error, http.baseUrl);
      }
    },
  };
}

function collectRows(): AnswerFold<readonly InstantRow[]> {
  const rows: InstantRow[] = [];
  return {
    series: (labels, samples) => {
      if (samples.count > 0) rows.push({ labels, value: samples.values[samples.count - 1] as number });
    },
    done: () => rows,
  };
}

async function readMetadata(target: string, response: HttpResponse): Promise<MetadataAnswer> {
  const text = await response.text(MAX_METADATA_BYTES);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    parsed = undefined;
  }
  if (typeof parsed !== 'object' || parsed === null || !('status' in parsed)) {
    const head = JSON.stringify(text.slice(0, 80).replace(/\s+/g, ' '));
    throw new NeapError('source', `${target}: the answer is not JSON of a Prometheus API, it begins with ${head}`, {
      remedy: 'check the address and its path prefix: a login page or another service may answer there',
    });
  }
  const { status, data, error } = parsed as { status: unknown; data?: unknown; error?: unknown };
  if (status !== 'success') throw new NeapError('source', `${target} answered ${String(error ?? status)}`);
  return { data, header: response.header };
}

/** The phrases of Prometheus, VictoriaMetrics, Thanos, Cortex and Mimir for "too much at once". */
const TOO_MUCH = new RegExp(
  [
    'too many (samples|points|series|time ?series|chunks)',
    'exceeded maximum resolution',
    'exceed(s|ed)? (the |its )?(\\w+ )?(limit|maximum)',
    'cannot (exceed|select more than) -search\\.max',
    'max-samples|-search\\.max|err-mimir-max-',
    'number of (matching |unique )?time ?series exceeds',
    'not enough memory for processing',
    'limit \\S+ violated',
    'hit the max number',
    'larger than max|(answer|response|result|body|entity) (is )?too large',
    'resource ?exhausted',
    '(query|request) timed out|timeout exceeded|deadline exceeded',
  ].join('|'),
  'i',
);
/** Names of metrics in an error text: their words say nothing of what went wrong. */
const METRIC_NAMES = /\b(container|kube|node|namespace)_[\w:]+/g;

/** Refusals of a query: too much at once is a matter of a smaller question, not of patience. */
function retryOfQuery(status: number, body: string): Retry | undefined {
  if (status === 413 || status === 504) return 'split';
  if ((status === 422 || status === 400 || status === 500 || status === 503) && TOO_MUCH.test(serverReason(body).replace(METRIC_NAMES, '')))
    return 'split';
  return undefined;
}

/** Adds what the reader can do about a refusal. */
function refused(error: unknown, url: string): unknown {
  if (!(error instanceof HttpStatusError)) return error;
  const remedy = remedyFor(error);
  if (remedy === undefined) return error;
  const reason = serverReason(error.body).slice(0, 300);
  return new NeapError('source', `${url} answered ${error.status}${reason === '' ? '' : `: ${reason}`}`, {
    cause: error,
    retry: error.retry,
    remedy,
  });
}

function remedyFor({ status, retry }: HttpStatusError): string | undefined {
  if (status === 401) return 'give valid credentials: a bearer token, its file, or user and password';
  if (status === 403) return 'these credentials may not read metrics: ask for read access, or give the tenant header (X-Scope-OrgID)';
  if (status === 404)
    return 'no Prometheus API there: leave out /graph, /query or /api/v1 at the end, or check the path prefix, such as /prometheus, /api/prom or /select/0/prometheus';
  if (status >= 300 && status < 400) return 'give the address behind the redirect: a login page is no Prometheus API';
  if (status === 422 && retry !== 'split') return 'the server cannot answer this query: look at its version and its log';
  if (retry === 'split') return 'filter namespaces, or let the server load more samples a query';
  return undefined;
}

/** What the server says, without the query that VictoriaMetrics repeats before it. */
function serverReason(body: string): string {
  return errorText(body)
    .replace(/<[^>]*>/g, ' ')
    .replace(/query="(?:[^"\\]|\\.)*"/g, 'query')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
}

function errorText(body: string): string {
  try {
    const { error } = JSON.parse(body) as { error?: unknown };
    return typeof error === 'string' ? error : body;
  } catch {
    return body;
  }
}
