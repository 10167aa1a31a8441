import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FakeRequest {
  readonly method: string;
  /** Path with query. */
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** Query and form together. */
  readonly params: URLSearchParams;
}

export interface FakeServer {
  readonly url: string;
  readonly requests: readonly FakeRequest[];
  readonly connections: () => number;
  close(): Promise<void>;
}

/** A real HTTP server on a free port that keeps what it was asked. */
export async function startFakeServer(answer: (request: FakeRequest, response: ServerResponse) => void): Promise<FakeServer> {
  const requests: FakeRequest[] = [];
  let connections = 0;
  const server = createServer((incoming, response) => {
    const parts: Buffer[] = [];
    incoming.on('data', (part: Buffer) => parts.push(part));
    incoming.on('end', () => {
      const body = Buffer.concat(parts).toString('utf8');
      const url = incoming.url ?? '';
      const params = new URLSearchParams(url.split('?')[1] ?? '');
      for (const [key, value] of new URLSearchParams(body)) params.append(key, value);
      const request = { method: incoming.method ?? '', url, headers: incoming.headers, body, params };
      requests.push(request);
      answer(request, response);
    });
  });
  server.on('connection', () => connections++);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    connections: () => connections,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
