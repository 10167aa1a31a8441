import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { StateDto } from '../../../web/contract/api.ts';
import { anAnalysis } from '../builders.ts';
import { fakeReadModel } from '../fake-read-model.ts';
import { INLINE_SCRIPT, start } from './start.ts';

describe('reads', () => {
  it('end with 304 while the analysis is the same, and not after', async () => {
    const model = fakeReadModel(anAnalysis());
    const server = await start(model);
    for (const path of ['/api/v1/overview', '/api/v1/workloads?sort=waste', '/api/v1/workloads/shop/Deployment/checkout']) {
      const etag = (await server.get(path)).headers.get('etag') ?? '';
      const again = () => server.get(path, { headers: { 'If-None-Match': etag, 'Cache-Control': 'max-age=0' } });
      expect((await again()).status).toBe(304);
      model.set({ version: model.current().version + 1 });
      expect((await again()).status).toBe(200);
    }
  });

  it('report every bad parameter at once', async () => {
    const server = await start(fakeReadModel(anAnalysis()));
    const response = await server.get('/api/v1/workloads?sort=x&page=0&size=501&nmespace=a&risk=huge&dir=asc&dir=desc');
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    const { invalid } = (await response.json()) as { invalid: { parameter: string }[] };
    expect(invalid.map(({ parameter }) => parameter).sort()).toEqual(['dir', 'nmespace', 'page', 'risk', 'size', 'sort']);
  });

  it('refuse parameters where there are none', async () => {
    const server = await start(fakeReadModel(anAnalysis()));
    expect((await server.get('/api/v1/overview?namespace=shop')).status).toBe(400);
    expect((await server.get('/api/v1/workloads?__proto__=1')).status).toBe(400);
  });

  it('say with a request id, which the log has, too, that the first analysis is not done', async () => {
    const server = await start(fakeReadModel());
    const response = await server.get('/api/v1/overview');
    expect(response.status).toBe(503);
    const problem = (await response.json()) as { code: string; requestId: string };
    expect(problem.code).toBe('FirstAnalysisRuns');
    expect(problem.requestId).toBe(response.headers.get('x-request-id'));
    expect(server.errors).toEqual([expect.objectContaining({ requestId: problem.requestId })]);
  });

  it('pass on why the first analysis failed', async () => {
    const lastError = { message: 'http://p:9090 does not answer', remedy: 'Check the address.', atUnixSeconds: 0 };
    const server = await start(fakeReadModel(undefined, { lastError }));
    expect(await server.problem('/api/v1/workloads')).toMatchObject({
      code: 'FirstAnalysisFailed',
      detail: lastError.message,
      remedy: lastError.remedy,
    });
  });

  it('hide what a bug says', async () => {
    const model = fakeReadModel(anAnalysis());
    const server = await start(model);
    model.failSeries(new Error('secret token abc'));
    const response = await server.get('/api/v1/workloads/shop/Deployment/checkout/series');
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('secret');
    expect(JSON.stringify(server.errors)).toContain('secret');
  });

  it.each(['/api/v1/workloads/%ZZ/b/c', '/api/v1/workloads/%E0%A4%A/b/c'])('answer %s with 400', async (path) => {
    const server = await start(fakeReadModel(anAnalysis()));
    expect((await server.problem(path)).status).toBe(400);
  });

  it('know no other routes and no way up', async () => {
    const server = await start(fakeReadModel(anAnalysis()));
    expect(await server.problem('/api/v1/secrets')).toMatchObject({ status: 404, code: 'NoSuchRoute' });
    expect((await server.get('/assets/..%2f..%2fpackage.json')).status).toBeGreaterThanOrEqual(400);
  });

  it.each(['POST', 'PUT', 'PATCH', 'DELETE'])('are all there is: %s is refused', async (method) => {
    const server = await start(fakeReadModel(anAnalysis()));
    const response = await server.get('/api/v1/workloads', { method });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, HEAD');
  });
});

describe('security', () => {
  it('sends the headers everywhere and no cookie', async () => {
    const server = await start(fakeReadModel(anAnalysis()));
    const hash = createHash('sha256').update(INLINE_SCRIPT).digest('base64');
    for (const path of ['/', '/api/v1/overview', '/api/nothing', '/healthz']) {
      const { headers } = await server.get(path);
      expect(headers.get('content-security-policy')).toContain(`default-src 'self'; script-src 'self' 'sha256-${hash}'`);
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('x-powered-by')).toBeNull();
      expect(headers.get('set-cookie')).toBeNull();
      expect(headers.get('access-control-allow-origin')).toBeNull();
    }
  });

  it('listens on the loopback address and answers for no other name', async () => {
    const server = await start(fakeReadModel(anAnalysis()));
    expect(new URL(server.url).hostname).toBe('127.0.0.1');
    expect(await statusForHost(server.url, 'evil.example')).toBe(421);
    expect(await statusForHost(server.url, 'localhost:1234')).toBe(200);
  });
});

describe('pages', () => {
  it.each([
    ['/', './', 200],
    ['/workloads', './', 200],
    ['/workloads/shop/Deployment/web', '../../../', 200],
    ['/data', './', 200],
    ['/nowhere/at/all', '../../', 404],
  ])('%s is served with the base %s and status %i', async (path, base, status) => {
    const server = await start(fakeReadModel(anAnalysis()));
    const response = await server.get(path);
    expect(response.status).toBe(status);
    expect(await response.text()).toContain(`<base href="${base}">`);
  });
});

describe('probes and metrics', () => {
  it('is healthy at once and ready with the first analysis', async () => {
    const model = fakeReadModel();
    const server = await start(model);
    expect((await server.get('/healthz')).status).toBe(200);
    expect((await server.get('/readyz')).status).toBe(503);
    model.set({ version: 1, analysis: anAnalysis() });
    expect((await server.get('/readyz')).status).toBe(200);
  });

  it('counts requests by route, not by workload', async () => {
    const server = await start(fakeReadModel(anAnalysis()));
    await server.get('/api/v1/workloads/shop/Deployment/checkout');
    await server.get('/nowhere');
    const text = await (await server.get('/metrics')).text();
    expect(text).toContain('neap_http_request_duration_seconds_count{route="/v1/workloads/:namespace/:kind/:name",status="200"} 1');
    expect(text).not.toContain('checkout');
  });
});

describe('GET /api/v1/events', () => {
  it('tells the state at once and after every change', async () => {
    const model = fakeReadModel();
    const server = await start(model);
    const events = await listen(`${server.url}api/v1/events`);
    expect(await events.next()).toMatchObject({ version: 0, progress: null });
    model.set({ progress: { stage: 'Usage', done: 1, total: 4 } });
    model.set({ progress: { stage: 'Usage', done: 3, total: 4 } });
    expect(await events.next()).toMatchObject({ progress: { done: 3 } });
    model.set({ version: 1, analysis: anAnalysis(), progress: undefined });
    expect(await events.next()).toMatchObject({ version: 1, progress: null });
  });

  it('ends when the server closes, which does not wait for it', async () => {
    const model = fakeReadModel(anAnalysis());
    const server = await start(model);
    const events = await listen(`${server.url}api/v1/events`);
    await events.next();
    await server.close();
    expect(await events.next()).toBeUndefined();
    expect(model.subscribers).toBe(0);
  });
});

function statusForHost(url: string, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(new URL('healthz', url), { headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
}

async function listen(url: string): Promise<{ next(): Promise<StateDto | undefined> }> {
  const response = await fetch(url);
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  const reader = (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  return {
    next: async () => {
      for (;;) {
        const match = /data: (.*)\n\n/.exec(text);
        if (match !== null) {
          text = text.slice(match.index + match[0].length);
          return JSON.parse(match[1] as string) as StateDto;
        }
        const { done, value } = await reader.read();
        if (done) return undefined;
        text += value;
      }
    },
  };
}
