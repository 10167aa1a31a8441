import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { createHttpClient, type HttpClient, type HttpClientOptions, type HttpResponse } from '../../../common/http/http-client.ts';
import { type FakeRequest, type FakeServer, startFakeServer } from './fake-server.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const part of open.splice(0)) await part.close();
});

async function serve(answer: (request: FakeRequest, response: ServerResponse) => void): Promise<FakeServer> {
  const server = await startFakeServer(answer);
  open.push(server);
  return server;
}

/** Does not really wait, and writes down how long it would have. */
function client(baseUrl: string, options: Partial<HttpClientOptions> = {}): { http: HttpClient; waits: number[] } {
  const waits: number[] = [];
  const sleep = async (ms: number): Promise<void> => {
    waits.push(ms);
  };
  const http = createHttpClient({ baseUrl, ...options, runtime: { random: () => 0.5, sleep, nowMs: () => 0, ...options.runtime } });
  open.unshift(http);
  return { http, waits };
}

const text = (response: HttpResponse): Promise<string> => response.text(1 << 20);
const counters = () => ({ requests: 0, retries: 0, bytes: 0 });

describe('exchange', () => {
  it('keeps the path prefix, sends headers and credentials, and counts', async () => {
    const server = await serve((_, response) => response.end('hello'));
    const { http } = client(`${server.url.replace('//', '//me:secret@')}/prefix`, { headers: { 'x-scope-orgid': 'team' } });
    const count = counters();
    expect(await http.exchange({ path: 'api/v1/x', query: new URLSearchParams({ a: 'b c' }), counters: count }, text)).toBe('hello');
    expect(server.requests[0]).toMatchObject({ method: 'GET', url: '/prefix/api/v1/x?a=b+c' });
    expect(server.requests[0]?.headers).toMatchObject({
      'x-scope-orgid': 'team',
      authorization: `Basic ${Buffer.from('me:secret').toString('base64')}`,
    });
    expect(count).toEqual({ requests: 1, retries: 0, bytes: 5 });
    expect(http.baseUrl).not.toContain('secret');
  });

  it('sends a form as a POST', async () => {
    const server = await serve((_, response) => response.end());
    await client(server.url).http.exchange({ path: 'q', form: new URLSearchParams({ query: 'up{a="b"}' }) }, text);
    expect(server.requests[0]).toMatchObject({ method: 'POST', body: 'query=up%7Ba%3D%22b%22%7D' });
  });

  it('uses its connections again', async () => {
    const server = await serve((_, response) => response.end('x'.repeat(100_000)));
    const { http } = client(server.url, { concurrency: 2 });
    await Promise.all(Array.from({ length: 12 }, () => http.exchange({ path: '' }, text)));
    expect(server.connections()).toBeLessThanOrEqual(2);
  });

  it('unpacks gzip and notices where it is cut off', async () => {
    const packed = gzipSync('x'.repeat(50_000));
    let cut = true;
    const server = await serve((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.end(cut ? packed.subarray(0, packed.length - 12) : packed);
      cut = false;
    });
    const { http } = client(server.url);
    const count = counters();
    expect(await http.exchange({ path: '', counters: count }, text)).toHaveLength(50_000);
    expect(count).toEqual({ requests: 2, retries: 1, bytes: packed.length * 2 - 12 });
  });

  it('waits as long as a 429 asks, and then succeeds', async () => {
    let n = 0;
    const server = await serve((_, response) => {
      if (n++ === 0) response.writeHead(429, { 'retry-after': '7' }).end();
      else if (n === 2) response.writeHead(503, { 'retry-after': 'Thu, 01 Jan 1970 00:00:03 GMT' }).end();
      else if (n === 3) response.writeHead(429, { 'retry-after': '9999' }).end();
      else response.end('fine');
    });
    const { http, waits } = client(server.url);
    expect(await http.exchange({ path: '' }, text)).toBe('fine');
    expect(waits).toEqual([7000, 3000, 30_000]);
  });

  it('gives up a server that stays busy, naming what it said', async () => {
    const server = await serve((_, response) => response.writeHead(503).end('no healthy upstream'));
    const { http, waits } = client(server.url, { retry: { attempts: 3 } });
    await expect(http.exchange({ path: 'api' }, text)).rejects.toMatchObject({
      code: 'source',
      status: 503,
      message: `GET ${server.url}/api answered 503: no healthy upstream`,
    });
    expect(server.requests).toHaveLength(3);
    expect(waits).toEqual([250, 500]);
  });

  it('does not repeat what is refused for good, and says where a redirect goes', async () => {
    const server = await serve((request, response) => {
      if (request.url === '/moved') response.writeHead(302, { location: 'https://login.example/?token=abc' }).end();
      else response.writeHead(400).end('x'.repeat(100_000));
    });
    const { http } = client(server.url);
    await expect(http.exchange({ path: 'bad' }, text)).rejects.toMatchObject({ status: 400, retry: 'terminal' });
    await expect(http.exchange({ path: 'moved' }, text)).rejects.toThrow(/302: redirects to https:\/\/login\.example\/$/);
    expect(server.requests).toHaveLength(2);
  });

  it('shows no password of the address behind a redirect', async () => {
    const server = await serve((_, response) => response.writeHead(302, { location: 'https://bob:hunter2@login.example/x?y=1' }).end());
    await expect(client(server.url).http.exchange({ path: '' }, text)).rejects.toThrow(/redirects to https:\/\/login\.example\/x$/);
  });

  it('says when an answer has an encoding that was not asked for', async () => {
    const server = await serve((_, response) => response.writeHead(200, { 'content-encoding': 'br' }).end('x'));
    await expect(client(server.url).http.exchange({ path: 'a' }, text)).rejects.toMatchObject({
      code: 'source',
      message: `GET ${server.url}/a: the answer has the content-encoding "br", which was not asked for`,
    });
    expect(server.requests).toHaveLength(1);
  });

  it('ends a small answer that drips within the time for its beginning', async () => {
    const server = await serve((_, response) => {
      const drip = setInterval(() => response.write('x'), 10);
      response.on('close', () => clearInterval(drip));
    });
    const { http } = client(server.url, { timeouts: { headersMs: 100 } });
    await expect(http.exchange({ path: '', small: true }, text)).rejects.toThrow(/no complete answer within 0.1 s/);
    expect(server.requests).toHaveLength(1);
  });

  it('refuses credentials in the URL and beside it', () => {
    expect(() => createHttpClient({ baseUrl: 'http://a:b@x', credentials: { bearerToken: 't' } })).toThrow(
      /credentials are given beside it/,
    );
  });

  it('reads the body anew when the connection breaks in the middle', async () => {
    let n = 0;
    const server = await serve((_, response) => {
      response.writeHead(200, { 'content-length': 10 });
      if (n++ > 0) {
        response.end('0123456789');
        return;
      }
      response.write('01234');
      setTimeout(() => response.destroy(), 20);
    });
    const reads: string[] = [];
    const result = await client(server.url).http.exchange({ path: '' }, async (response) => {
      let seen = '';
      reads.push(seen);
      for await (const part of response.body) seen += Buffer.from(part).toString();
      return seen;
    });
    expect(result).toBe('0123456789');
    expect(reads).toHaveLength(2);
  });

  it('gives up a server that hangs', async () => {
    const server = await serve(() => {});
    const { http } = client(server.url, { timeouts: { headersMs: 60 }, retry: { attempts: 2 } });
    await expect(http.exchange({ path: '' }, text)).rejects.toThrow(/no answer within the time limit/);
    expect(server.requests).toHaveLength(2);
  });

  it('gives up an answer that stops in the middle', async () => {
    const server = await serve((_, response) => void response.write('part'));
    const { http } = client(server.url, { timeouts: { bodyMs: 60 }, retry: { attempts: 1 } });
    await expect(http.exchange({ path: '' }, text)).rejects.toThrow(/stopped in the middle/);
  });

  it('ends at the deadline whatever its parts may take', async () => {
    const server = await serve((_, response) => {
      const drip = setInterval(() => response.write('x'), 10);
      response.on('close', () => clearInterval(drip));
    });
    const { http } = client(server.url, { timeouts: { totalMs: 100 } });
    await expect(http.exchange({ path: '' }, text)).rejects.toThrow(/no complete answer within 0.1 s/);
  });

  it("ends with the caller's reason on abort, also while it waits for a retry", async () => {
    const server = await serve((_, response) => response.writeHead(503).end());
    const stop = new AbortController();
    const { http } = client(server.url, {
      runtime: {
        sleep: async () => {
          stop.abort(new Error('enough'));
        },
      },
    });
    await expect(http.exchange({ path: '', signal: stop.signal }, text)).rejects.toThrow('enough');
    expect(server.requests).toHaveLength(1);
  });

  it('names the server that cannot be reached and tries it again', async () => {
    const unused = createServer().listen(0, '127.0.0.1');
    await once(unused, 'listening');
    const { port } = unused.address() as AddressInfo;
    unused.close();
    await once(unused, 'close');
    const { http, waits } = client(`http://user:hunter2@127.0.0.1:${port}`);
    const error = await http.exchange({ path: 'x' }, text).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'source', message: `GET http://127.0.0.1:${port}/x: nothing listens there (connection refused)` });
    expect(JSON.stringify(error) + String(error)).not.toContain('hunter2');
    expect(waits).toHaveLength(3);
  });

  it('lets a status mean what the caller knows it means', async () => {
    const server = await serve((_, response) => response.writeHead(503).end('query timed out'));
    const classify = (status: number, body: string) => (status === 503 && body.includes('timed out') ? ('split' as const) : undefined);
    await expect(client(server.url).http.exchange({ path: '', classify }, text)).rejects.toMatchObject({ retry: 'split' });
    expect(server.requests).toHaveLength(1);
  });
});
