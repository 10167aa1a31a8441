import { createServer as createHttp, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../../../common/errors.ts';
import { answerReview, REVIEW_KINDS } from '../auth/reviews.ts';
import { ANONYMOUS } from '../auth/users.ts';
import { type Fault, type Faults, faultError, type RequestFacts } from '../faults.ts';
import type { Machinery } from '../machinery.ts';
import type { LoggedRequest, RequestLog } from '../request-log.ts';
import { ApiError, internal, unauthorized } from '../status.ts';
import type { User } from '../write/request.ts';
import { Answer } from './answer.ts';
import { authorize } from './authorize.ts';
import { parseBody, readBody } from './body.ts';
import { OtherPaths } from './other-paths.ts';
import { factsOf, type RequestInfo, readRequestInfo } from './request-info.ts';
import { ResourceHandler } from './resource-handler.ts';
import type { Certificate } from './tls.ts';
import type { Watches } from './watch.ts';

export interface HttpParts {
  readonly machinery: Machinery;
  readonly watches: Watches;
  readonly faults: Faults;
  readonly log: RequestLog;
}

export interface RunningServer {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** Serves the API on this machine. */
export async function serve(
  parts: HttpParts,
  options: { readonly port: number; readonly certificate: Certificate | undefined },
): Promise<RunningServer> {
  const front = new Front(parts);
  const listener: RequestListener = (request, response) => void front.handle(request, response);
  const { certificate } = options;
  const server = certificate ? createHttps({ cert: certificate.cert, key: certificate.key }, listener) : createHttp(listener);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `${certificate ? 'https' : 'http'}://127.0.0.1:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

class Front {
  readonly #parts: HttpParts;
  readonly #resources: ResourceHandler;
  readonly #others: OtherPaths;

  constructor(parts: HttpParts) {
    this.#parts = parts;
    this.#resources = new ResourceHandler(parts.machinery, parts.watches);
    this.#others = new OtherPaths(parts.machinery);
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.#parts.faults.down) {
      request.socket.destroy();
      return;
    }
    // A client may be gone in the middle of an answer.
    response.on('error', () => response.destroy());
    const started = this.#begin(request, response);
    if (!started) {
      response.writeHead(400).end();
      return;
    }
    try {
      await this.#dispatch(request, started);
    } catch (error) {
      if (response.headersSent || response.destroyed) response.destroy();
      else started.answer.error(error instanceof ApiError ? error : internal(messageOf(error)));
    }
  }

  /** @returns undefined for an address that is none */
  #begin(request: IncomingMessage, response: ServerResponse): Started | undefined {
    const info = readRequestInfo(request.method ?? 'GET', request.url ?? '/');
    if (!info) return undefined;
    const user = this.#authenticate(request);
    const facts = factsOf(info, { userAgent: request.headers['user-agent'] ?? '', user: user?.name ?? '' });
    const logged = this.#parts.log.add({
      ...facts,
      atMs: this.#parts.machinery.clock.nowMs(),
      method: info.method,
      url: request.url ?? '/',
      requestBytes: Number(request.headers['content-length'] ?? 0),
    });
    return { info, user, facts, logged, answer: new Answer(response, logged) };
  }

  /** @returns undefined for a token that is nobody's */
  #authenticate(request: IncomingMessage): User | undefined {
    const [scheme, token] = (request.headers.authorization ?? '').split(' ');
    if (!token || scheme?.toLowerCase() !== 'bearer') return ANONYMOUS;
    return this.#parts.machinery.users.byToken(token);
  }

  async #dispatch(request: IncomingMessage, { info, user, facts, answer }: Started): Promise<void> {
    const faults = this.#parts.faults.draw(facts);
    await suffer(faults, facts, answer);
    if (answer.response.destroyed) return;
    if (!user) throw unauthorized();
    const acting = authorize(this.#parts.machinery.rbac, { info, user, headers: request.headers });
    const contentType = request.headers['content-type'] ?? 'application/json';
    const body = info.method === 'GET' || info.method === 'HEAD' ? undefined : parseBody(await readBody(request), contentType);
    if (!info.isResource) {
      this.#others.handle(info, request.headers.accept, answer);
      return;
    }
    const review = REVIEW_KINDS.find((r) => r.group === info.group && r.plural === info.plural);
    if (review && info.verb === 'create') {
      answer.json(201, answerReview(this.#parts.machinery, { kind: review, user: acting, namespace: info.namespace }, body));
      return;
    }
    await this.#resources.handle({ info, facts, user: acting, accept: request.headers.accept, contentType, body, faults, answer });
  }
}

interface Started {
  readonly info: RequestInfo;
  readonly user: User | undefined;
  readonly facts: RequestFacts;
  readonly logged: LoggedRequest;
  readonly answer: Answer;
}

async function suffer(faults: readonly Fault[], facts: RequestFacts, answer: Answer): Promise<void> {
  for (const fault of faults) {
    if (fault.latencyMs) await sleep(fault.latencyMs);
    if (fault.disconnect) {
      answer.response.destroy();
      return;
    }
    if (fault.status !== undefined) throw faultError(fault, facts);
  }
}
