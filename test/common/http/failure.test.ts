import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { request } from 'undici';
import { expect, it } from 'vitest';
import { toNeapError } from '../../../common/http/failure.ts';

it('https to a server that speaks plain HTTP names the mistake, not the TLS library', async () => {
  const server = createServer((_, response) => response.end('plain')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const error = await request(url).then(
      () => undefined,
      (thrown: unknown) => toNeapError(thrown, `GET ${url}`),
    );
    expect(error).toMatchObject({ code: 'source', retry: 'terminal', message: expect.stringContaining('write http:// instead') });
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
