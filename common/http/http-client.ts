import { setTimeout as sleep } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';
import { Agent, type Dispatcher } from 'undici';
import { NeapError, type Retry } from '../errors.ts';
import { authorizationHeader, checkHeaders, type HttpCredentials, onlyCredentials, parseBaseUrl, withoutUserInfo } from './credentials.ts';
import { HttpStatusError, retryOfStatus, toNeapError } from './failure.ts';
import { createGate } from './gate.ts';
import { DEFAULT_RETRY, parseRetryAfterMs, type RetryPolicy, retryDelayMs } from './retry.ts';
import { type HttpTls, tlsConnectOptions } from './tls.ts';

/** One server: pooled connections, credentials, retries and a bound on what runs at a time. */
export interface HttpClient {
  /** Without credentials: fit for messages. */
  readonly baseUrl: string;
  /**
   * Sends the request and hands the answer to `read`. A try that fails in a passing way, in the middle of the body too,
   * is made again with a new call of `read`, which therefore starts from nothing each time. A body that `read` leaves
   * unread is dropped. Throws NeapError `source`, HttpStatusError where the server refused, the signal's reason on abort.
   */
  exchange<T>(request: HttpRequest, read: (response: HttpResponse) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface HttpRequest {
  /** Relative to the base URL, without a leading slash. */
  readonly path: string;
  readonly query?: URLSearchParams;
  /** Sent as an URL-encoded POST; without it the request is a GET. */
  readonly form?: URLSearchParams;
  readonly signal?: AbortSignal | undefined;
  readonly counters?: HttpCounters;
  /** Where less than the client's is enough for this request. */
  readonly headersTimeoutMs?: number;
  readonly attempts?: number;
  /** The whole answer of a try has to be there within the time in which it has to begin. */
  readonly small?: boolean;
  /** What a refusal means, where the status alone does not tell. undefined leaves it to the status. */
  readonly classify?: (status: number, body: string) => Retry | undefined;
}

export interface HttpCounters {
  /** Tries sent. */
  requests: number;
  retries: number;
  /** Bytes of answer bodies as they came over the wire. */
  bytes: number;
}

export interface HttpResponse {
  readonly status: number;
  header(name: string): string | undefined;
  readonly body: AsyncIterable<Uint8Array>;
  /** The body as UTF-8, at most `maxBytes` of it. */
  text(maxBytes: number): Promise<string>;
}

export interface HttpTimeouts {
  readonly connectMs: number;
  /** Until the answer begins: how long the server may think. */
  readonly headersMs: number;
  /** Longest silence within the body. */
  readonly bodyMs: number;
  /** One exchange with all its tries and waits. */
  readonly totalMs: number;
}

/** Prometheus gives up a query after 2 minutes by itself; its answer about that should reach us. */
export const DEFAULT_TIMEOUTS: HttpTimeouts = { connectMs: 10_000, headersMs: 130_000, bodyMs: 60_000, totalMs: 600_000 };

export interface HttpClientOptions {
  readonly baseUrl: string;
  readonly credentials?: HttpCredentials | undefined;
  readonly tls?: HttpTls | undefined;
  /** Such as a tenant: `X-Scope-OrgID`. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly timeouts?: Partial<HttpTimeouts> | undefined;
  readonly retry?: Partial<RetryPolicy> | undefined;
  /** Requests under way at a time; 3 unless told. */
  readonly concurrency?: number | undefined;
  readonly runtime?: Partial<HttpRuntime> | undefined;
}

/** What is not a function of the input, so that tests can fix it. */
export interface HttpRuntime {
  readonly nowMs: () => number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

const SYSTEM: HttpRuntime = {
  nowMs: () => Date.now(),
  random: () => Math.random(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal }),
};

/** How much of a refusal's body is read: enough for the server's reason, behind a query that it may repeat. */
const ERROR_BODY_BYTES = 65_536;

export function createHttpClient(options: HttpClientOptions): HttpClient {
  const { url, basic } = parseBaseUrl(options.baseUrl);
  const credentials = onlyCredentials(basic, options.credentials ?? {});
  checkHeaders(options.headers ?? {});
  const timeouts = { ...DEFAULT_TIMEOUTS, ...options.timeouts };
  const retry = { ...DEFAULT_RETRY, ...options.retry };
  const runtime = { ...SYSTEM, ...options.runtime };
  const concurrency = options.concurrency ?? 3;
  const gate = createGate(concurrency);
  const agent = new Agent({
    connections: concurrency,
    bodyTimeout: timeouts.bodyMs,
    connect: { ...tlsConnectOptions(options.tls ?? {}), timeout: timeouts.connectMs },
  });
  const fixedHeaders = {
    accept: 'application/json',
    // Compressing costs more than it saves where nothing goes over a wire.
    ...(isLoopback(url.hostname) ? {} : { 'accept-encoding': 'gzip' }),
    ...options.headers,
  };

  const attempt = async <T>(request: HttpRequest, caller: AbortSignal, read: (response: HttpResponse) => Promise<T>): Promise<T> => {
    const headersTimeout = Math.min(request.headersTimeoutMs ?? timeouts.headersMs, timeouts.headersMs);
    const complete = request.small ? AbortSignal.timeout(headersTimeout) : undefined;
    const signal = complete ? AbortSignal.any([caller, complete]) : caller;
    try {
      return await send(request, { signal, headersTimeout }, read);
    } catch (thrown) {
      if (complete?.aborted && !caller.aborted) throw tookTooLong(describe(url, request), headersTimeout);
      throw thrown;
    }
  };

  const send = async <T>(
    request: HttpRequest,
    { signal, headersTimeout }: { readonly signal: AbortSignal; readonly headersTimeout: number },
    read: (response: HttpResponse) => Promise<T>,
  ): Promise<T> => {
    const target = new URL(request.path, url);
    if (request.query) target.search = request.query.toString();
    const authorization = await authorizationHeader(credentials);
    if (request.counters) request.counters.requests++;
    const answer = await agent.request({
      origin: target.origin,
      path: target.pathname + target.search,
      method: request.form ? 'POST' : 'GET',
      headers: {
        ...fixedHeaders,
        ...(authorization === undefined ? {} : { authorization }),
        ...(request.form ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
      },
      body: request.form ? request.form.toString() : null,
      headersTimeout,
      signal,
    });
    // Nobody may be listening any more when the body is dropped below.
    answer.body.on('error', () => {});
    try {
      const response = asResponse(answer, describe(url, request), request.counters);
      if (answer.statusCode < 200 || answer.statusCode > 299)
        throw await refusal(request, response, describe(url, request), runtime.nowMs());
      return await read(response);
    } finally {
      answer.body.destroy();
    }
  };

  const exchange = async <T>(request: HttpRequest, read: (response: HttpResponse) => Promise<T>): Promise<T> => {
    const deadline = AbortSignal.timeout(timeouts.totalMs);
    const signal = request.signal ? AbortSignal.any([request.signal, deadline]) : deadline;
    for (let n = 0; ; n++) {
      try {
        return await attempt(request, signal, read);
      } catch (thrown) {
        request.signal?.throwIfAborted();
        if (deadline.aborted) throw tookTooLong(describe(url, request), timeouts.totalMs);
        const waitMs = waitBeforeNext(thrown, request, n);
        if (request.counters) request.counters.retries++;
        await runtime.sleep(waitMs, signal).catch(() => {});
      }
    }
  };

  /** Throws where another try would not help or is one too many. */
  const waitBeforeNext = (thrown: unknown, request: HttpRequest, n: number): number => {
    const error = toNeapError(thrown, describe(url, request));
    if (error.retry !== 'transient' || n + 1 >= (request.attempts ?? retry.attempts)) throw error;
    return retryDelayMs(n, retry, runtime.random(), error instanceof HttpStatusError ? error.retryAfterMs : undefined);
  };

  return {
    baseUrl: url.href.replace(/\/$/, ''),
    exchange: (request, read) => gate.run(() => exchange(request, read), request.signal),
    close: () => agent.destroy(),
  };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\./.test(host);
}

function describe(url: URL, request: HttpRequest): string {
  return `${request.form ? 'POST' : 'GET'} ${new URL(request.path, url).href}`;
}

function tookTooLong(target: string, totalMs: number): NeapError {
  return new NeapError('source', `${target}: no complete answer within ${totalMs / 1000} s`, {
    remedy: 'ask for a shorter history or fewer namespaces, or allow more time',
  });
}

function asResponse(answer: Dispatcher.ResponseData, target: string, counters: HttpCounters | undefined): HttpResponse {
  const header = (name: string): string | undefined => {
    const value = answer.headers[name.toLowerCase()];
    return Array.isArray(value) ? value[0] : value;
  };
  const encoding = header('content-encoding')?.trim().toLowerCase() ?? '';
  if (!['', 'identity', 'gzip', 'x-gzip'].includes(encoding)) {
    throw new NeapError('source', `${target}: the answer has the content-encoding "${encoding.slice(0, 40)}", which was not asked for`, {
      remedy: 'let the server, or the proxy before it, compress with gzip or not at all',
    });
  }
  const body = encoding.endsWith('gzip') ? gunzipped(answer.body, counters) : counted(answer.body, counters);
  return { status: answer.statusCode, header, body, text: (maxBytes) => boundedText(body, maxBytes) };
}

async function* counted(body: AsyncIterable<Uint8Array>, counters: HttpCounters | undefined): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    if (counters) counters.bytes += chunk.length;
    yield chunk;
  }
}

async function* gunzipped(body: NodeJS.ReadableStream, counters: HttpCounters | undefined): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip();
  body.on('error', (error: Error) => gunzip.destroy(error));
  body.on('data', (chunk: Uint8Array) => {
    if (counters) counters.bytes += chunk.length;
  });
  yield* body.pipe(gunzip) as AsyncIterable<Uint8Array>;
}

async function boundedText(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    parts.push(chunk);
    size += chunk.length;
    if (size >= maxBytes) break;
  }
  return Buffer.concat(parts).subarray(0, maxBytes).toString('utf8');
}

async function refusal(request: HttpRequest, response: HttpResponse, target: string, nowMs: number): Promise<HttpStatusError> {
  const body = await response.text(ERROR_BODY_BYTES).catch(() => '');
  const { status } = response;
  const excerpt = body
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, 200);
  const location = status >= 300 && status < 400 ? response.header('location') : undefined;
  const detail = location === undefined ? excerpt : `redirects to ${withoutUserInfo(location.replace(/[?#].*/s, ''))}`;
  return new HttpStatusError(`${target} answered ${status}${detail === '' ? '' : `: ${detail}`}`, {
    status,
    body,
    retry: request.classify?.(status, body) ?? retryOfStatus(status),
    retryAfterMs: parseRetryAfterMs(response.header('retry-after'), nowMs),
  });
}
