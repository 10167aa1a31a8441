import { messageOf, NeapError, type Retry } from '../errors.ts';

/** The server answered with a status that is no success. */
export class HttpStatusError extends NeapError {
  readonly status: number;
  /** First part of the body, as text. */
  readonly body: string;
  readonly retryAfterMs: number | undefined;

  constructor(message: string, details: { status: number; body: string; retry: Retry; retryAfterMs: number | undefined; remedy?: string }) {
    super('source', message, { retry: details.retry, ...(details.remedy === undefined ? {} : { remedy: details.remedy }) });
    this.status = details.status;
    this.body = details.body;
    this.retryAfterMs = details.retryAfterMs;
  }
}

/** Statuses of a server, or a proxy before it, that may do better in a moment. */
export function retryOfStatus(status: number): Retry {
  return status === 408 || status === 429 || status === 500 || status === 502 || status === 503 || status === 504
    ? 'transient'
    : 'terminal';
}

const CERTIFICATE_CODES = /CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET)|ALTNAME/;
const TRANSIENT_CODES =
  /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|Z_BUF_ERROR|ERR_STREAM_PREMATURE_CLOSE|UND_ERR_(SOCKET|CONNECT_TIMEOUT|HEADERS_TIMEOUT|BODY_TIMEOUT|RES_CONTENT_LENGTH_MISMATCH))$/;

const EXPLANATIONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there (connection refused)',
  ENOTFOUND: 'the host name cannot be resolved',
  EAI_AGAIN: 'the host name cannot be resolved at the moment',
  UND_ERR_CONNECT_TIMEOUT: 'no connection within the time limit',
  UND_ERR_HEADERS_TIMEOUT: 'connected, but no answer within the time limit',
  UND_ERR_BODY_TIMEOUT: 'the answer stopped in the middle',
  UND_ERR_SOCKET: 'the connection broke',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS: write http:// instead of https://, if that is what it serves',
  Z_BUF_ERROR: 'the compressed answer was cut off',
};

/** Puts what undici and Node throw into a NeapError that names the server; NeapErrors pass through. */
export function toNeapError(error: unknown, target: string): NeapError {
  if (error instanceof NeapError) return error;
  const code = codeOf(error);
  const certificate = CERTIFICATE_CODES.test(code);
  return new NeapError('source', `${target}: ${EXPLANATIONS[code] ?? messageOf(error)}`, {
    cause: error,
    retry: !certificate && TRANSIENT_CODES.test(code) ? 'transient' : 'terminal',
    remedy: certificate
      ? 'give the CA that signed the server certificate, or skip its verification in a test cluster'
      : 'check the address, and that the server can be reached from here',
  });
}

function codeOf(error: unknown): string {
  const own = (error as { code?: unknown } | null)?.code;
  if (typeof own === 'string') return own;
  const cause = (error as { cause?: { code?: unknown } } | null)?.cause?.code;
  return typeof cause === 'string' ? cause : '';
}
