import type { NextFunction, Request, Response } from 'express';
import { messageOf, NeapError } from '../../common/errors.ts';
import type { ProblemDto } from '../contract/api.ts';
import { requestIdOf, type WebLog } from './request-log.ts';

export interface ProblemOptions {
  readonly status: number;
  /** Stable, CamelCase. */
  readonly code: string;
  readonly detail: string;
  readonly remedy?: string;
  readonly invalid?: ProblemDto['invalid'];
  readonly retryAfterSeconds?: number;
}

/** A refusal that the visitor will read. Thrown by handlers, written by `problemHandler`. */
export class Problem extends Error {
  readonly options: ProblemOptions;

  constructor(options: ProblemOptions) {
    super(options.detail);
    this.name = 'Problem';
    this.options = options;
  }
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'The request is not valid',
  404: 'Not found',
  405: 'Neap only reads',
  421: 'Wrong host',
  500: 'Neap failed',
  502: 'The history source failed',
  503: 'Not ready',
};

/** The last handler: whatever was thrown becomes a problem object with the id that the log has, too. */
export function problemHandler(log: WebLog) {
  return (error: unknown, req: Request, res: Response, next: NextFunction): void => {
    const problem = problemOf(error);
    const requestId = requestIdOf(res);
    if (problem.status >= 500) log.error({ requestId, url: req.originalUrl, error: messageOf(error) }, 'request failed');
    if (res.headersSent) {
      next(error);
      return;
    }
    const body: ProblemDto = {
      title: TITLES[problem.status] ?? 'The request failed',
      status: problem.status,
      code: problem.code,
      detail: problem.detail,
      remedy: problem.remedy ?? null,
      requestId,
      ...(problem.invalid === undefined ? {} : { invalid: problem.invalid }),
    };
    if (problem.retryAfterSeconds !== undefined) res.set('Retry-After', String(problem.retryAfterSeconds));
    res.removeHeader('ETag');
    res.set('Cache-Control', 'no-store');
    res.status(problem.status).type('application/problem+json').send(JSON.stringify(body));
  };
}

function problemOf(error: unknown): ProblemOptions {
  if (error instanceof Problem) return error.options;
  if (error instanceof NeapError) {
    const remedy = error.remedy === undefined ? {} : { remedy: error.remedy };
    if (error.code === 'source') return { status: 502, code: 'SourceFailed', detail: messageOf(error), ...remedy };
    if (error.code === 'noData') return { status: 404, code: 'NoData', detail: messageOf(error), ...remedy };
    return { status: 400, code: 'BadRequest', detail: messageOf(error), ...remedy };
  }
  if (isClientError(error)) {
    return { status: 400, code: 'BadRequest', detail: 'The address can not be read.', remedy: 'Check its percent signs.' };
  }
  return {
    status: 500,
    code: 'Internal',
    detail: 'Something went wrong inside Neap.',
    remedy: 'Look up the request id in the log of `neap serve`.',
  };
}

/** Express marks what the client did wrong, such as a broken percent escape, by a status. */
function isClientError(error: unknown): boolean {
  const status = (error as { status?: unknown } | null)?.status;
  return error instanceof URIError || (typeof status === 'number' && status >= 400 && status < 500);
}
