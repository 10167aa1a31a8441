import { type ChildProcess, spawn } from 'node:child_process';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly process: ChildProcess;
  readonly finished: Promise<Finished>;
  /** Resolves once stdout matches. */
  saw(pattern: RegExp): Promise<RegExpMatchArray>;
}

const ARGS = ['--import', 'tsx', 'operator/cli/main.ts'];

/** The command line as a user starts it: a process of its own, with pipes instead of a terminal. */
export function startNeap(args: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
  return startProcess(process.execPath, [...ARGS, ...args], env);
}

export function startProcess(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
  const child = spawn(command, args, {
    env: { ...process.env, TZ: 'UTC', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  const onText = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    for (const look of onText) look();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const finished = new Promise<Finished>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
  const saw = (pattern: RegExp): Promise<RegExpMatchArray> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const match = stdout.match(pattern);
        if (match) resolve(match);
      };
      onText.add(look);
      look();
      void finished.then((end) => reject(new Error(`${command} ended with ${end.code} before ${pattern}: ${end.stderr}`)));
    });
  return { process: child, finished, saw };
}

export function neap(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Finished> {
  return startNeap(args, env).finished;
}

export interface FakeServer {
  readonly url: string;
  readonly requests: IncomingMessage[];
  close(): Promise<void>;
}

export async function fakeServer(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<FakeServer> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** A Prometheus that has just been started: it answers, and has nothing to tell. */
export function emptyPrometheus(request: IncomingMessage, response: ServerResponse): void {
  const isLabels = /\/(labels|label\/[^/]+\/values|series)$/.test(new URL(request.url ?? '/', 'http://x').pathname);
  const data = isLabels ? [] : { resultType: 'vector', result: [] };
  response.setHeader('content-type', 'application/json').end(JSON.stringify({ status: 'success', data }));
}
