import { afterEach, describe, expect, it } from 'vitest';
import { DAY_SECONDS } from '../../../../common/units.ts';
import type { UsageChunk } from '../../../../predictor/core/usage.ts';
import type { HistoryRequest, HistorySource, HistorySummary } from '../../../../predictor/source/history-source.ts';
import { createPrometheusSource, type PrometheusSourceOptions } from '../../../../predictor/source/prometheus/prometheus-source.ts';
import type { FakeServer } from '../../../common/http/fake-server.ts';
import { type FakePrometheusOptions, isUsageQuery, startFakePrometheus } from './fake-prometheus.ts';

const TO = 1_800_057_600;
const FROM = TO - 2 * DAY_SECONDS;
const STEP = 300;

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const part of open.splice(0)) await part.close();
});

async function start(
  fake: Partial<FakePrometheusOptions> = {},
  options: Partial<PrometheusSourceOptions> = {},
): Promise<{ server: FakeServer; source: HistorySource }> {
  const server = await startFakePrometheus({ fromUnixSeconds: FROM, toUnixSeconds: TO, ...fake });
  const source = sourceAt(server.url, options);
  open.push(source, server);
  return { server, source };
}

function sourceAt(baseUrl: string, options: Partial<PrometheusSourceOptions> = {}): HistorySource {
  return createPrometheusSource({ baseUrl, nowUnixSeconds: () => TO, runtime: { random: () => 0, sleep: async () => {} }, ...options });
}

async function read(
  source: HistorySource,
  request: Partial<HistoryRequest> = {},
): Promise<{ chunks: UsageChunk[]; summary: HistorySummary }> {
  const chunks: UsageChunk[] = [];
  const filter = { namespaces: [], kinds: [], selector: '' };
  const summary = await source.read(
    { fromUnixSeconds: FROM, toUnixSeconds: TO, stepSeconds: STEP, eventsFromUnixSeconds: FROM, filter, ...request },
    { usage: (chunk) => void chunks.push(chunk) },
  );
  return { chunks, summary };
}

/** All slots of the hottest pod of shop/…/web, in the order of delivery. */
function hottest(chunks: readonly UsageChunk[], resource: 'cpu' | 'memory'): number[] {
  return chunks.filter((c) => c.resource === resource).flatMap((c) => [...(c.containers[0]?.hottestPod ?? [])]);
}

const json = (text: string): { status: string; errorType: string; error: string } => ({
  status: 'error',
  errorType: 'execution',
  error: text,
});

describe('reading from a well server', () => {
  it('delivers every slot once, oldest first, and the facts', async () => {
    const { server, source } = await start({ value: (_, t) => String((t - FROM) / STEP / 1000) });
    const { chunks, summary } = await read(source);
    expect(hottest(chunks, 'cpu').map(Math.round)).toEqual(Array.from({ length: 576 }, (_, i) => i + 1));
    expect(chunks.map((c) => c.fromUnixSeconds)).toEqual([...chunks.map((c) => c.fromUnixSeconds)].sort((a, b) => a - b));
    expect(summary).toMatchObject({ readToUnixSeconds: TO, newestSampleUnixSeconds: TO });
    expect(summary.counters).toMatchObject({ requests: server.requests.length, retries: 0, splits: 0, series: 8, samples: 2304 });
    const facts = [...summary.workloads.values()];
    expect(facts).toHaveLength(1);
    expect(facts[0]).toMatchObject({
      ref: { namespace: 'shop', kind: 'Deployment', name: 'web' },
      runningPods: 2,
      hpaResources: [],
    });
    expect(facts[0]?.containers.get('app')?.current).toMatchObject({ cpuRequestMillicores: 1500, memoryLimitBytes: undefined });
  });

  it('asks for nothing again that was read', async () => {
    const { server, source } = await start();
    const first = await read(source, { toUnixSeconds: TO - 3600 });
    const before = server.requests.length;
    const second = await read(source, { fromUnixSeconds: first.summary.readToUnixSeconds });
    const usage = server.requests.slice(before).filter(isUsageQuery);
    expect(usage).toHaveLength(2);
    for (const { params } of usage) expect(Number(params.get('start'))).toBe(first.summary.readToUnixSeconds);
    expect(hottest([...first.chunks, ...second.chunks], 'cpu')).toHaveLength(576);
    expect(second.summary.counters.requests).toBeLessThanOrEqual(8);
  });

  it('asks by time, never by pod', async () => {
    const requests = async (pods: number): Promise<number> => {
      const { server, source } = await start({ pods: Array.from({ length: pods }, (_, i) => `web-1-${i}`) });
      await read(source);
      return server.requests.length;
    };
    expect(await requests(100)).toBe(await requests(1));
  });

  it('pushes namespaces to the server and leaves other kinds out', async () => {
    const { server, source } = await start();
    const { summary } = await read(source, { filter: { namespaces: ['shop', 'team-*'], kinds: ['statefulset'], selector: '' } });
    expect(summary.workloads.size).toBe(0);
    for (const request of server.requests.filter(isUsageQuery)) expect(request.params.get('query')).toContain('namespace=~"shop|team-.*"');
  });

  it('reports progress up to the end', async () => {
    const { source } = await start();
    const seen: [number, number][] = [];
    await read(source, { onProgress: ({ done, total }) => seen.push([done, total]) });
    expect(seen.map(([done]) => done)).toEqual([...seen.map(([done]) => done)].sort((a, b) => a - b));
    const [done, total] = seen.at(-1) ?? [0, 1];
    expect(done).toBe(total);
  });

  it.each([
    [450, 3],
    [1200, 1],
  ])('reads one workload of %d pods in few queries', async (count, batches) => {
    const pods = Array.from({ length: count }, (_, i) => `web-1-${i}`);
    const { server, source } = await start({ pods, value: (pod) => String(Number(pod.slice(6)) / 1000) });
    const workload = { namespace: 'shop', kind: 'Deployment', name: 'web' };
    const series = await source.readWorkload({ workload, fromUnixSeconds: TO - 3600, toUnixSeconds: TO, stepSeconds: STEP });
    expect(server.requests.filter(isUsageQuery)).toHaveLength(2 * batches);
    const app = series.containers.get('app');
    expect(app?.cpu.hottestPod.length).toBe(12);
    expect(app?.cpu.hottestPod[7]).toBeCloseTo(count - 1, 6);
    expect(app?.cpu.meanOverPods[7]).toBeCloseTo((count - 1) / 2, 6);
    expect(app?.cpu.request[7]).toBe(1500);
    expect(app?.memory.request[7]).toBeNaN();
  });

  it('reads nothing for a workload that it does not know', async () => {
    const { source } = await start();
    const workload = { namespace: 'shop', kind: 'Deployment', name: 'other' };
    const series = await source.readWorkload({ workload, fromUnixSeconds: TO - 3600, toUnixSeconds: TO, stepSeconds: STEP });
    expect(series).toMatchObject({ slots: 12, containers: new Map() });
  });

  it('keeps to GET where POST is not allowed', async () => {
    const { server, source } = await start({
      fault: ({ method }, response) => {
        if (method === 'POST') response.writeHead(405).end();
        return method === 'POST';
      },
    });
    const { chunks } = await read(source);
    expect(hottest(chunks, 'memory')[0]).toBe(2 ** 29);
    expect(server.requests.filter(({ method }) => method === 'POST').length).toBeLessThanOrEqual(3);
  });

  it('does not read slots that have not ended', async () => {
    const { source } = await start({}, { nowUnixSeconds: () => TO - 450 });
    const { chunks, summary } = await read(source);
    expect(summary.readToUnixSeconds).toBe(TO - 600);
    expect(hottest(chunks, 'cpu').slice(-3)).toEqual([500, Number.NaN, Number.NaN]);
  });
});

describe('a server that is not well', () => {
  it('unreachable: names the address', async () => {
    const { server, source } = await start();
    await server.close();
    open.splice(1);
    await expect(source.inspect()).rejects.toMatchObject({
      code: 'source',
      message: expect.stringContaining(`${server.url}/api/v1/status/buildinfo: nothing listens`),
    });
    await expect(read(source)).rejects.toMatchObject({ code: 'source', remedy: expect.stringContaining('check the address') });
  });

  it('hanging: ends by its time limits', async () => {
    const { source } = await start({ fault: () => true }, { timeouts: { totalMs: 200 } });
    await expect(source.inspect()).rejects.toMatchObject({
      code: 'source',
      message: expect.stringContaining('no complete answer within 0.2 s'),
    });
    await expect(read(source)).rejects.toMatchObject({ code: 'source' });
  });

  it.each([
    [401, /credentials/],
    [403, /tenant header/],
  ])('wrong credentials (%d): says what to give, and never shows them', async (status, remedy) => {
    const fault: FakePrometheusOptions['fault'] = (_, response) => {
      response.writeHead(status).end('who are you');
      return true;
    };
    const { server, source } = await start({ fault }, { credentials: { bearerToken: 'hunter2' } });
    const error = await source.inspect().catch((e: unknown) => e);
    expect(error).toMatchObject({
      code: 'source',
      message: expect.stringContaining(String(status)),
      remedy: expect.stringMatching(remedy),
    });
    expect(JSON.stringify(error) + String(error)).not.toContain('hunter2');
    await expect(read(source)).rejects.toMatchObject({ code: 'source', retry: 'terminal' });
    expect(server.requests.every(({ headers }) => headers.authorization === 'Bearer hunter2')).toBe(true);
  });

  it('HTML instead of JSON: shows the address and how the page begins', async () => {
    const { source } = await start({
      fault: (_, response) => {
        response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Sign in</title>');
        return true;
      },
    });
    await expect(source.inspect()).rejects.toMatchObject({
      code: 'source',
      message: expect.stringMatching(/127\.0\.0\.1:\d+.*not JSON.*<!doctype html>/),
    });
  });

  it('HTML only in the place of an answer to a query', async () => {
    const { source } = await start({
      fault: (request, response) => {
        if (isUsageQuery(request)) response.end('<html>Sorry</html>');
        return isUsageQuery(request);
      },
    });
    await expect(read(source)).rejects.toMatchObject({ code: 'source', message: expect.stringContaining('<html>Sorry') });
  });

  it('no Prometheus at this path: says so', async () => {
    const { source } = await start({
      fault: (_, response) => {
        response.writeHead(404).end('404 page not found');
        return true;
      },
    });
    await expect(source.inspect()).rejects.toMatchObject({ code: 'source', remedy: expect.stringContaining('path prefix') });
  });

  it.each([
    [422, JSON.stringify(json('query processing would load too many samples into memory in query execution'))],
    [413, ''],
    [400, JSON.stringify(json('exceeded maximum resolution of 11,000 points per timeseries'))],
    [503, JSON.stringify({ ...json('query timed out in expression evaluation'), errorType: 'timeout' })],
  ])('too many samples (%d): asks for less time until it succeeds', async (status, body) => {
    const { source } = await start({
      fault: (request, response) => {
        const { params } = request;
        const slots = (Number(params.get('end')) - Number(params.get('start'))) / STEP + 1;
        const refused = isUsageQuery(request) && slots > 50;
        if (refused) response.writeHead(status).end(body);
        return refused;
      },
    });
    const { chunks, summary } = await read(source);
    expect(hottest(chunks, 'cpu')).toEqual(new Array(576).fill(500));
    expect(hottest(chunks, 'memory')).toHaveLength(576);
    expect(summary.counters.splits).toBeGreaterThanOrEqual(6);
    expect(summary.counters.splits).toBeLessThanOrEqual(12);
    expect(summary.counters.retries).toBe(0);
  });

  it('a refusal that repeats the query: goes by the reason, not by words of the query', async () => {
    const { source } = await start({
      fault: (request, response) => {
        const error = `error when executing query="sum(container_memory_limit{a=\\"b\\"})" for (time=1): unknown function "foo"`;
        if (isUsageQuery(request)) response.writeHead(422).end(JSON.stringify(json(error)));
        return isUsageQuery(request);
      },
    });
    await expect(read(source)).rejects.toMatchObject({
      retry: 'terminal',
      message: expect.stringMatching(/422: error when .*unknown function "foo"$/),
    });
  });

  it('an error with control characters: does not hand them on to a terminal', async () => {
    const { source } = await start({
      fault: (request, response) => {
        if (isUsageQuery(request)) response.writeHead(422).end(JSON.stringify(json('\u001b[2J\u0007boom')));
        return isUsageQuery(request);
      },
    });
    await expect(read(source)).rejects.toMatchObject({ message: expect.stringMatching(/422: \[2J boom|answered 422: .*boom/) });
    const error = (await read(source).catch((e: unknown) => e)) as Error;
    expect(error.message).not.toMatch(/\p{Cc}/u);
  });

  it('too many samples for a single point: gives up with a remedy', async () => {
    const { source } = await start({
      fault: (request, response) => {
        if (isUsageQuery(request)) response.writeHead(422).end(JSON.stringify(json('too many samples')));
        return isUsageQuery(request);
      },
    });
    await expect(read(source)).rejects.toMatchObject({
      code: 'source',
      retry: 'terminal',
      remedy: expect.stringContaining('filter namespaces'),
    });
  });

  it('asks for less at once where the sample budget tells', async () => {
    const { server, source } = await start({}, { sampleBudget: 200 });
    const { chunks, summary } = await read(source);
    expect(hottest(chunks, 'cpu')).toEqual(new Array(576).fill(500));
    expect(summary.counters.splits).toBe(0);
    for (const { params } of server.requests.filter(isUsageQuery)) {
      expect(Number(params.get('end')) - Number(params.get('start'))).toBeLessThanOrEqual(101 * STEP);
    }
  });

  it('busy (429 with Retry-After, then 503), then fine', async () => {
    const waits: number[] = [];
    let busy = 0;
    const { source } = await start(
      {
        fault: (request, response) => {
          if (!isUsageQuery(request) || busy >= 2) return false;
          response.writeHead(busy++ === 0 ? 429 : 503, { 'retry-after': '2' }).end();
          return true;
        },
      },
      {
        runtime: {
          sleep: async (ms) => {
            waits.push(ms);
          },
        },
      },
    );
    const { chunks, summary } = await read(source);
    expect(hottest(chunks, 'cpu')).toHaveLength(576);
    expect(summary.counters.retries).toBe(2);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(2000);
  });

  it('connection dropped in the middle of an answer: reads it again, and counts nothing twice', async () => {
    let dropped = 0;
    const { source } = await start({
      fault: (request, response) => {
        if (!isUsageQuery(request) || dropped >= 2) return false;
        dropped++;
        response.writeHead(200);
        response.write(
          '{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"namespace":"shop","pod":"web-1-a","container":"app"},"values":[',
        );
        response.write(`[${request.params.get('start')},"64"],[`);
        setTimeout(() => response.destroy(), 20);
        return true;
      },
    });
    const { chunks, summary } = await read(source);
    expect(hottest(chunks, 'cpu')).toEqual(new Array(576).fill(500));
    expect(summary.counters).toMatchObject({ retries: 2, samples: 2304 });
  });

  it('answers that are always cut off: says so', async () => {
    const { source } = await start({
      fault: (request, response) => {
        if (isUsageQuery(request)) response.end('{"status":"success","data":{"result":[');
        return isUsageQuery(request);
      },
    });
    await expect(read(source)).rejects.toMatchObject({ code: 'source', message: expect.stringContaining('cut off') });
  });

  it.each([
    ['a scalar', { resultType: 'scalar', result: [1, '2'] }],
    ['null', null],
  ])('%s in the place of an answer: is no empty history', async (_, data) => {
    const { source } = await start({
      fault: (request, response) => {
        if (isUsageQuery(request)) response.end(JSON.stringify({ status: 'success', data }));
        return isUsageQuery(request);
      },
    });
    await expect(read(source)).rejects.toMatchObject({ code: 'source', message: expect.stringContaining('query_range answered with') });
  });

  it('partial answers: takes them, and counts them', async () => {
    const { source } = await start({
      fault: (request, response) => {
        if (!isUsageQuery(request)) return false;
        const warnings = ['remote read store-2: connection refused'];
        response.end(JSON.stringify({ status: 'success', warnings, data: { resultType: 'matrix', result: [] } }));
        return true;
      },
    });
    const { summary } = await read(source);
    expect(summary.counters.partialAnswers).toBe(4);
  });

  it.each(['found duplicate series for container_memory_working_set_bytes', 'many-to-many matching not allowed: limit max_ memory'])(
    'an error that only sounds like too much (%s): is not asked again in pieces',
    async (text) => {
      const { source } = await start({
        fault: (request, response) => {
          if (isUsageQuery(request)) response.writeHead(422).end(JSON.stringify(json(text)));
          return isUsageQuery(request);
        },
      });
      await expect(read(source)).rejects.toMatchObject({ retry: 'terminal', message: expect.stringContaining(text) });
    },
  );

  it.each([
    'the query exceeded the maximum number of chunks (limit: 2000000 chunks) (err-mimir-max-chunks-per-query)',
    'exceeded series limit: limit 1000 violated (got 1001)',
    'the number of matching timeseries exceeds 300000',
    'cannot select more than -search.maxSamplesPerQuery=1000000000 samples',
  ])('too much in the words of another server (%s): asks for less', async (text) => {
    const { source } = await start({
      fault: (request, response) => {
        const { params } = request;
        const refused = isUsageQuery(request) && Number(params.get('end')) - Number(params.get('start')) > 200 * STEP;
        if (refused) response.writeHead(422).end(JSON.stringify(json(text)));
        return refused;
      },
    });
    const { summary } = await read(source);
    expect(summary.counters.splits).toBeGreaterThan(0);
  });

  it('a small answer that drips: ends within the time for its beginning', async () => {
    const { source } = await start(
      {
        fault: ({ url }, response) => {
          if (!url.includes('__name__')) return false;
          const drip = setInterval(() => response.write(' '), 10);
          response.on('close', () => clearInterval(drip));
          return true;
        },
      },
      { timeouts: { headersMs: 150 } },
    );
    await expect(read(source)).rejects.toMatchObject({ message: expect.stringContaining('no complete answer within 0.15 s') });
  });

  it('hands the next chunk over only when the sink has taken the last', async () => {
    const { source } = await start();
    const events: string[] = [];
    const filter = { namespaces: [], kinds: [], selector: '' };
    await source.read(
      { fromUnixSeconds: FROM, toUnixSeconds: TO, stepSeconds: STEP, eventsFromUnixSeconds: FROM, filter },
      {
        async usage() {
          events.push('given');
          await new Promise((resolve) => setTimeout(resolve, 5));
          events.push('taken');
        },
      },
    );
    expect(events).toEqual(events.map((_, i) => (i % 2 === 0 ? 'given' : 'taken')));
    expect(events.length).toBeGreaterThanOrEqual(8);
  });

  it('stops at once when it is aborted, and leaves no request behind', async () => {
    const stop = new AbortController();
    const { source } = await start({
      fault: (request) => {
        if (isUsageQuery(request)) stop.abort(new Error('no longer wanted'));
        return isUsageQuery(request);
      },
    });
    await expect(read(source, { signal: stop.signal })).rejects.toThrow('no longer wanted');
  });

  it('ends a read that is under way when it is closed', async () => {
    const { source } = await start({
      fault: (request) => {
        if (isUsageQuery(request)) void source.close();
        return isUsageQuery(request);
      },
    });
    await expect(read(source)).rejects.toThrow(/closed/);
  });
});

describe('a history that is poor', () => {
  it('without kube-state-metrics: every pod stands for itself, loudly', async () => {
    const { source } = await start({ kubeState: false });
    const { summary } = await read(source);
    expect([...summary.workloads.keys()]).toEqual(['shop/Pod/web-1-a', 'shop/Pod/web-1-b']);
    expect(summary.counters.podsWithoutOwner).toBe(2);
    expect(summary.workloads.get('shop/Pod/web-1-a' as never)).toMatchObject({ runningPods: 1 });
    const { checks } = await source.inspect();
    const owners = checks.find(({ id }) => id === 'owners.pod');
    expect(owners).toMatchObject({ status: 'missing', remedy: expect.stringContaining('kube-state-metrics') });
    expect(checks.find(({ id }) => id === 'usage.cpu')).toMatchObject({ status: 'ok' });
  });

  it('empty: nothing, and nothing made up', async () => {
    const { source } = await start({ pods: [] });
    const { chunks, summary } = await read(source);
    expect(chunks.flatMap((c) => c.containers)).toEqual([]);
    expect(summary).toMatchObject({ newestSampleUnixSeconds: undefined, readToUnixSeconds: TO });
    expect(summary.workloads.size).toBe(0);
    const { checks } = await source.inspect();
    expect(checks.filter(({ status }) => status === 'missing').map(({ id }) => id)).toEqual([
      'usage.cpu',
      'usage.memory',
      'owners.pod',
      'freshness',
    ]);
    for (const { status, remedy } of checks) expect(remedy === '').toBe(status === 'ok');
  });

  it('all NaN: unknown, and counted', async () => {
    const { source } = await start({ value: () => 'NaN' });
    const { chunks, summary } = await read(source);
    expect(hottest(chunks, 'cpu').every(Number.isNaN)).toBe(true);
    expect(summary.counters.notANumber).toBe(2304);
    expect(summary.newestSampleUnixSeconds).toBeUndefined();
  });

  it('ended before the window does: says when, and asks for the state of then', async () => {
    const end = TO - 6 * 3600;
    const { source } = await start({ toUnixSeconds: end });
    const { summary } = await read(source);
    expect(summary.newestSampleUnixSeconds).toBe(end);
    expect([...summary.workloads.values()][0]).toMatchObject({ runningPods: 2 });
    const { checks, newestSampleUnixSeconds } = await source.inspect();
    expect(newestSampleUnixSeconds).toBe(end);
    expect(checks.find(({ id }) => id === 'freshness')).toMatchObject({ status: 'degraded', found: expect.stringContaining('6h old') });
  });

  it.each([30, 100, 300])('ended %d days ago: is found in few requests', async (days) => {
    const end = TO - days * DAY_SECONDS - 4321;
    const { server, source } = await start({ fromUnixSeconds: end - 2 * DAY_SECONDS, toUnixSeconds: end, sparse: true });
    const { newestSampleUnixSeconds, requests } = await source.inspect();
    expect(newestSampleUnixSeconds).toBe(end);
    expect(requests).toBeLessThanOrEqual(25);
    expect(server.requests).toHaveLength(requests);
  });

  it('of several clusters, or seldom scraped: says so', async () => {
    const inspected = [
      [{ neap_part: 'clusters', cluster: 'eu' }, '5'],
      [{ neap_part: 'clusters', cluster: 'us' }, '7'],
      [{ neap_part: 'scrapes' }, '2'],
    ] as const;
    const { source } = await start({ inspected });
    const { checks } = await source.inspect();
    expect(checks.find(({ id }) => id === 'clusters')).toMatchObject({
      status: 'degraded',
      found: expect.stringContaining('2 clusters (eu, us)'),
    });
    expect(checks.find(({ id }) => id === 'scrapes')).toMatchObject({ status: 'degraded', found: expect.stringContaining('10m') });
  });

  it('a selector without pod labels: says how to get them', async () => {
    const { source } = await start();
    await expect(read(source, { filter: { namespaces: [], kinds: [], selector: 'app=web' } })).rejects.toMatchObject({
      code: 'usage',
      remedy: expect.stringContaining('--metric-labels-allowlist=pods=[*]'),
    });
  });

  it('clocks that differ: says by how much', async () => {
    const { source } = await start({
      fault: (_, response) => {
        response.setHeader('date', new Date((TO + 3600) * 1000).toUTCString());
        return false;
      },
    });
    const { clockSkewSeconds, checks } = await source.inspect();
    expect(Math.abs((clockSkewSeconds ?? 0) - 3600)).toBeLessThanOrEqual(1);
    expect(checks.find(({ id }) => id === 'clock')).toMatchObject({ status: 'degraded', found: expect.stringContaining('ahead') });
  });
});
