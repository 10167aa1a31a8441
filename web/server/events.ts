import type { Request, Response } from 'express';
import type { AnalysisReadModel } from '../../operator/analysis/read-model.ts';
import type { StateDto } from '../contract/api.ts';
import { Problem } from './problem.ts';

const HEARTBEAT_MS = 15_000;
/** Progress may change thousands of times a second; nobody reads faster than this. */
const LEAST_GAP_MS = 200;
const MAX_LISTENERS = 200;
/** A visitor who does not read this much is gone. */
const MAX_UNREAD_BYTES = 64 * 1024;

export interface EventHub {
  readonly handler: (req: Request, res: Response) => void;
  /** Ends every stream, so that the server can close. */
  close(): void;
}

/** Server-sent events: `state` at once and after every change, a comment as heartbeat. One subscription serves all. */
export function createEventHub(readModel: AnalysisReadModel, stateNow: () => StateDto): EventHub {
  const listeners = new Set<Response>();
  let pending: NodeJS.Timeout | undefined;

  const write = (res: Response, text: string) => {
    if (res.writableLength > MAX_UNREAD_BYTES) res.destroy();
    else res.write(text);
  };
  const send = (res: Response) => write(res, `event: state\ndata: ${JSON.stringify(stateNow())}\n\n`);
  const unsubscribe = readModel.subscribe(() => {
    if (listeners.size === 0) return;
    pending ??= setTimeout(() => {
      pending = undefined;
      for (const res of listeners) send(res);
    }, LEAST_GAP_MS);
  });
  const heartbeat = setInterval(() => {
    for (const res of listeners) write(res, ':\n\n');
  }, HEARTBEAT_MS);
  heartbeat.unref();

  return {
    handler: (req, res) => {
      if (listeners.size >= MAX_LISTENERS) {
        throw new Problem({
          status: 503,
          code: 'TooManyListeners',
          detail: `${MAX_LISTENERS} pages already listen.`,
          remedy: 'Close some.',
          retryAfterSeconds: 60,
        });
      }
      res.set({ 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' });
      if (req.method === 'HEAD') {
        res.end();
        return;
      }
      res.write('retry: 3000\n\n');
      send(res);
      listeners.add(res);
      req.once('close', () => listeners.delete(res));
    },
    close: () => {
      clearInterval(heartbeat);
      clearTimeout(pending);
      unsubscribe();
      for (const res of listeners) res.end();
      listeners.clear();
    },
  };
}
