import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { request } from 'undici';
import { type Binary, findBinary, packagesOf } from './parts.ts';

/** A real server on a free local port. */
export interface TestServer {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string;
  readonly pid: number;
  /** Holds its data. */
  readonly directory: string;
  /** Ends the process and removes its data. May be called twice. */
  stop(): Promise<void>;
}

export interface ServerOptions {
  /** The history that it starts with: OpenMetrics text, timestamps in seconds, closed by `# EOF`. None: empty. */
  readonly openMetricsFile?: string;
  /** Further command line flags. */
  readonly flags?: readonly string[];
}

/** Prometheus on the given history, without scraping and in practice without an end of retention. */
export async function startPrometheus({ openMetricsFile, flags = [] }: ServerOptions): Promise<TestServer> {
  const directory = temporaryDirectory('neap-prometheus-');
  try {
    const data = join(directory, 'data');
    const config = join(directory, 'prometheus.yml');
    writeFileSync(config, 'global: {}\n');
    if (openMetricsFile !== undefined) await createBlocks(openMetricsFile, data);
    return await startServer({
      binary: 'prometheus',
      directory,
      readyPath: '/-/ready',
      args: (address) => [
        `--config.file=${config}`,
        `--storage.tsdb.path=${data}`,
        '--storage.tsdb.retention.time=100y',
        `--web.listen-address=${address}`,
        '--log.level=warn',
        ...flags,
      ],
    });
  } catch (error) {
    removeDirectory(directory);
    throw error;
  }
}

async function createBlocks(openMetricsFile: string, data: string): Promise<void> {
  // promtool reads its input once a block: the default of 2 h would read a week of history 84 times.
  const args = ['tsdb', 'create-blocks-from', 'openmetrics', '--quiet', '--max-block-duration=162h', openMetricsFile, data];
  const done = promisify(execFile)(required('promtool'), args);
  running.add(done.child);
  try {
    await done;
  } finally {
    running.delete(done.child);
  }
}

/** VictoriaMetrics (single node) on the given history: everything is visible to queries when this returns. */
export async function startVictoriaMetrics({ openMetricsFile, flags = [] }: ServerOptions): Promise<TestServer> {
  const directory = temporaryDirectory('neap-victoria-metrics-');
  try {
    const server = await startServer({
      binary: 'victoria-metrics',
      directory,
      readyPath: '/health',
      args: (address) => [
        `-httpListenAddr=${address}`,
        `-storageDataPath=${join(directory, 'data')}`,
        '-retentionPeriod=100y',
        '-search.latencyOffset=0s',
        '-search.disableCache',
        '-loggerLevel=WARN',
        ...flags,
      ],
    });
    try {
      if (openMetricsFile !== undefined) await importOpenMetrics(server.url, openMetricsFile);
      return server;
    } catch (error) {
      await server.stop();
      throw error;
    }
  } catch (error) {
    removeDirectory(directory);
    throw error;
  }
}

async function importOpenMetrics(url: string, file: string): Promise<void> {
  await expectSuccess(`${url}/api/v1/import/prometheus`, Readable.from(millisecondLines(file), { objectMode: false }));
  await expectSuccess(`${url}/internal/force_flush`);
  await expectSuccess(`${url}/internal/resetRollupResultCache`);
}

async function expectSuccess(url: string, body?: Readable): Promise<void> {
  const answer = await request(url, body === undefined ? {} : { method: 'POST', body, bodyTimeout: 0, headersTimeout: 0 });
  const text = await answer.body.text();
  if (answer.statusCode >= 300) throw new Error(`${url} answered ${answer.statusCode}: ${text.slice(0, 500)}`);
}

/** The samples of an OpenMetrics file with timestamps in milliseconds, as the older Prometheus text format has them. */
async function* millisecondLines(file: string): AsyncGenerator<Buffer> {
  let batch: string[] = [];
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line === '' || line.startsWith('#')) continue;
    const at = line.lastIndexOf(' ') + 1;
    batch.push(`${line.slice(0, at)}${Math.round(Number(line.slice(at)) * 1000)}\n`);
    if (batch.length >= 2000) {
      yield Buffer.from(batch.join(''));
      batch = [];
    }
  }
  yield Buffer.from(batch.join(''));
}

interface Launch {
  readonly binary: Binary;
  /** Removed with the server. */
  readonly directory: string;
  readonly readyPath: string;
  readonly args: (address: string) => readonly string[];
}

/** What is under way: a test process that ends without `stop` leaves neither processes nor their data. */
const running = new Set<ChildProcess>();
const directories = new Set<string>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
  for (const directory of directories) removeDirectory(directory);
});

/** Another process may take the free port before the server does, hence the second and third attempt. */
async function startServer(launch: Launch): Promise<TestServer> {
  for (let attempt = 1; ; attempt++) {
    const address = `127.0.0.1:${await freePort()}`;
    const child = spawn(required(launch.binary), launch.args(address), { stdio: ['ignore', 'pipe', 'pipe'], cwd: launch.directory });
    const log = keepTail(child);
    running.add(child);
    const url = `http://${address}`;
    if (await isReady(child, url + launch.readyPath)) {
      const { directory } = launch;
      return { url, pid: child.pid as number, directory, stop: () => terminate(child).then(() => removeDirectory(directory)) };
    }
    await terminate(child);
    const text = log();
    if (attempt === 3 || !text.includes('address already in use')) {
      throw new Error(`${launch.binary} did not start on ${address}:\n${text}`);
    }
  }
}

async function isReady(child: ChildProcess, url: string): Promise<boolean> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline && !hasEnded(child); await sleep(50)) {
    const status = await request(url).then(
      async (answer) => {
        await answer.body.dump();
        return answer.statusCode;
      },
      () => 0,
    );
    if (status === 200) return !hasEnded(child);
  }
  return false;
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

async function terminate(child: ChildProcess): Promise<void> {
  if (!hasEnded(child)) {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const force = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(force);
  }
  running.delete(child);
}

function keepTail(child: ChildProcess): () => string {
  let text = '';
  const add = (data: Buffer): void => {
    text = (text + data.toString()).slice(-4000);
  };
  child.stdout?.on('data', add);
  child.stderr?.on('data', add);
  child.on('error', (error) => add(Buffer.from(String(error))));
  return () => text;
}

function required(name: Binary): string {
  const path = findBinary(name);
  if (path === undefined) throw new Error(`${name} is not installed: apt-get install ${packagesOf([name]).join(' ')}`);
  return path;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function temporaryDirectory(prefix: string): string {
  const directory = mkdtempSync(join(tmpdir(), prefix));
  directories.add(directory);
  return directory;
}

function removeDirectory(directory: string): void {
  rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  directories.delete(directory);
}
