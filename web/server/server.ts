import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Express, type Request, type Response } from 'express';
import type { Registry } from 'prom-client';
import { NeapError } from '../../common/errors.ts';
import type { AnalysisReadModel } from '../../operator/analysis/read-model.ts';
import { createApi } from './api.ts';
import { createEventHub } from './events.ts';
import { readPage, renderPage } from './pages.ts';
import { problemHandler } from './problem.ts';
import { requestLog, type WebLog } from './request-log.ts';
import { contentSecurityPolicy, isLoopback, loopbackHostOnly, readOnly, securityHeaders } from './security.ts';
import { stateOf } from './state.ts';

export interface WebServerOptions {
  readonly readModel: AnalysisReadModel;
  /** Served under /metrics; the server adds its own request times. */
  readonly registry: Registry;
  readonly log: WebLog;
  /** Where `npm run build` put the page. */
  readonly uiDirectory: string;
  /** Unix seconds. */
  readonly now: () => number;
}

export interface WebServer {
  readonly app: Express;
  /** Port 0 takes a free one. Throws NeapError `usage` where the address is taken or not ours. */
  listen(options: { readonly port: number; readonly host?: string }): Promise<RunningServer>;
}

export interface RunningServer {
  readonly url: string;
  /** Ends the event streams, lets running requests finish, frees the port. */
  close(): Promise<void>;
}

const DEFAULT_HOST = '127.0.0.1';
const REQUEST_TIMEOUT_MS = 30_000;
const MAX_CONNECTIONS = 1000;
const CLOSE_GRACE_MS = 2000;

/** The page and its API. Reads only: nothing here can change a cluster. */
export function createWebServer(options: WebServerOptions): WebServer {
  const { readModel, registry, log, now } = options;
  const page = readPage(options.uiDirectory);
  const hub = createEventHub(readModel, () => stateOf(readModel.current(), now()));
  let loopbackOnly = false;

  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.set('query parser', false);
  app.use(requestLog(registry), securityHeaders(contentSecurityPolicy(page)), readOnly);
  app.use((req, res, next) => (loopbackOnly ? loopbackHostOnly(req, res, next) : next()));
  app.get('/healthz', (_req, res) => void res.type('text/plain').send('ok\n'));
  app.get('/readyz', (_req, res) => {
    const ready = readModel.current().analysis !== undefined;
    res
      .status(ready ? 200 : 503)
      .type('text/plain')
      .send(ready ? 'ok\n' : 'the first analysis is not done\n');
  });
  app.get('/metrics', async (_req, res) => void res.set('Content-Type', registry.contentType).send(await registry.metrics()));
  app.get('/api/v1/events', hub.handler);
  app.use('/api', createApi(readModel, now));
  app.use('/assets', express.static(`${options.uiDirectory}/assets`, { immutable: true, maxAge: '1y', index: false, redirect: false }));
  app.use(express.static(options.uiDirectory, { index: false, redirect: false, maxAge: 0 }));
  app.get('/{*path}', (req: Request, res: Response) => {
    const { html, found } = renderPage(page, req.path);
    res
      .status(found ? 200 : 404)
      .set('Cache-Control', 'no-cache')
      .type('html')
      .send(html);
  });
  app.use(problemHandler(log));

  return {
    app,
    listen: async ({ port, host = DEFAULT_HOST }) => {
      loopbackOnly = isLoopback(host);
      const server = createServer(app);
      server.requestTimeout = REQUEST_TIMEOUT_MS;
      server.maxConnections = MAX_CONNECTIONS;
      await new Promise<void>((resolve, reject) => {
        server.once('error', (cause) =>
          reject(
            new NeapError('usage', `Can not listen on ${host}:${port}: ${cause.message}`, { cause, remedy: 'Choose another --port.' }),
          ),
        );
        server.listen(port, host, resolve);
      });
      const url = urlOf(server.address() as AddressInfo);
      log.info({ url }, 'the page is up');
      return {
        url,
        close: () =>
          new Promise<void>((resolve) => {
            hub.close();
            server.close(() => resolve());
            server.closeIdleConnections();
            setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS).unref();
          }),
      };
    },
  };
}

/** An address that a browser on this machine can open, also where Neap listens on all of them. */
function urlOf({ address, port }: AddressInfo): string {
  if (address === '0.0.0.0' || address === '::') return `http://localhost:${port}/`;
  return `http://${address.includes(':') ? `[${address}]` : address}:${port}/`;
}
