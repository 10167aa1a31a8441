import { afterEach } from 'vitest';
import { type ApiServer, type ApiServerOptions, startApiServer } from '../../cluster/api/api-server.ts';
import { Client } from '../client.ts';

export interface Started {
  readonly server: ApiServer;
  readonly admin: Client;
}

const running: Started[] = [];

afterEach(async () => {
  for (const { server, admin } of running.splice(0)) {
    await admin.close();
    await server.stop();
  }
});

/** A server for one test, stopped after it. */
export async function started(options: ApiServerOptions = {}): Promise<Started> {
  const server = await startApiServer({ freeze: true, tls: false, ...options });
  const admin = new Client({ url: server.url, ca: server.ca, adminToken: server.token() });
  running.push({ server, admin });
  return { server, admin };
}

/** A clock that stands still until it is moved. */
export class TestClock {
  #ms: number;
  constructor(start = Date.parse('2026-03-01T12:00:00Z')) {
    this.#ms = start;
  }
  readonly nowMs = (): number => this.#ms;
  advance(seconds: number): void {
    this.#ms += seconds * 1000;
  }
}

export const MAPS = '/api/v1/namespaces/default/configmaps';
