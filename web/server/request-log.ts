import { randomUUID } from 'node:crypto';
import type { NextFunction, Request, Response } from 'express';
import { Histogram, type Registry } from 'prom-client';

/** As much of pino's interface as the server needs. */
export interface WebLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export function requestIdOf(res: Response): string {
  return String(res.locals.requestId ?? '');
}

/** Gives every request an id, and counts and times it under the route's pattern: a label per workload would never end. */
export function requestLog(registry: Registry) {
  const seconds = new Histogram({
    name: 'neap_http_request_duration_seconds',
    help: 'Time to answer a request of the page or the API',
    labelNames: ['route', 'status'],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
    registers: [registry],
  });
  return (req: Request, res: Response, next: NextFunction): void => {
    const requestId = randomUUID();
    res.locals.requestId = requestId;
    res.set('X-Request-Id', requestId);
    const stop = seconds.startTimer();
    res.once('close', () => stop({ route: (req.route as { path?: string } | undefined)?.path ?? 'other', status: String(res.statusCode) }));
    next();
  };
}
