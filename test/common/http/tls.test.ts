import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHttpClient } from '../../../common/http/http-client.ts';
import { type HttpTls, tlsConnectOptions } from '../../../common/http/tls.ts';

describe('tlsConnectOptions', () => {
  it('wants certificate and key together, and names a file that cannot be read', () => {
    expect(() => tlsConnectOptions({ certFile: 'a.pem' })).toThrow(/together/);
    expect(() => tlsConnectOptions({ caFile: '/nowhere/ca.pem' })).toThrow(/\/nowhere\/ca\.pem/);
  });
});

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

describe.skipIf(!hasOpenssl)(`TLS${hasOpenssl ? '' : ' [needs openssl]'}`, () => {
  const directory = mkdtempSync(join(tmpdir(), 'neap-tls-test-'));
  const at = (name: string): string => join(directory, name);
  let server: Server;
  let url: string;

  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { cwd: directory, stdio: 'ignore' });

  beforeAll(async () => {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj', '/CN=test CA');
    for (const [name, subject] of [
      ['server', '/CN=127.0.0.1'],
      ['client', '/CN=neap'],
    ] as const) {
      openssl('req', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', subject, '-addext', 'subjectAltName=IP:127.0.0.1');
      const sign = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-copy_extensions', 'copy'];
      openssl('x509', '-req', '-in', `${name}.csr`, '-out', `${name}.pem`, ...sign);
    }
    const options = { key: readFileSync(at('server.key')), cert: readFileSync(at('server.pem')), ca: readFileSync(at('ca.pem')) };
    server = createServer({ ...options, requestCert: true, rejectUnauthorized: false }, (request, response) => {
      const { authorized } = request.socket as TLSSocket;
      response.writeHead(request.url === '/mutual' && !authorized ? 403 : 200).end('ok');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterAll(() => {
    server?.close();
    rmSync(directory, { recursive: true, force: true });
  });

  async function get(path: string, tls: HttpTls): Promise<string> {
    const http = createHttpClient({ baseUrl: url, tls });
    try {
      return await http.exchange({ path }, (response) => response.text(10));
    } finally {
      await http.close();
    }
  }

  it('trusts the given CA, and shows its own certificate', async () => {
    const caFile = at('ca.pem');
    expect(await get('', { caFile })).toBe('ok');
    await expect(get('mutual', { caFile })).rejects.toMatchObject({ status: 403 });
    expect(await get('mutual', { caFile, certFile: at('client.pem'), keyFile: at('client.key') })).toBe('ok');
  });

  it('refuses an unknown CA at once, with a remedy, unless told to skip that', async () => {
    await expect(get('', {})).rejects.toMatchObject({ code: 'source', retry: 'terminal', remedy: expect.stringContaining('CA') });
    expect(await get('', { insecureSkipVerify: true })).toBe('ok');
  });
});
