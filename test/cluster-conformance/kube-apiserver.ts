import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { localCertificate } from '../cluster/api/http/tls.ts';
import { Client } from './client.ts';
import type { Target } from './target.ts';

const TOKEN = 'conformance-admin';

/** Starts a real kube-apiserver with an etcd of its own, in a folder that `stop` removes. @param assets where the programs are */
export async function startKubeApiServer(assets: string): Promise<Target> {
  const folder = mkdtempSync(join(tmpdir(), 'kube-apiserver-'));
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const certificate = await localCertificate();
  const accounts = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const [etcdPort = 0, peerPort = 0, port = 0] = await Promise.all([freePort(), freePort(), freePort()]);
  const etcdUrl = `http://127.0.0.1:${etcdPort}`;
  const etcd = spawn(
    join(assets, 'etcd'),
    [
      '--data-dir',
      join(folder, 'etcd'),
      '--listen-client-urls',
      etcdUrl,
      '--advertise-client-urls',
      etcdUrl,
      '--listen-peer-urls',
      `http://127.0.0.1:${peerPort}`,
      '--unsafe-no-fsync',
    ],
    { stdio: 'ignore' },
  );
  const key = file('accounts.key', accounts.privateKey);
  const api = spawn(
    join(assets, 'kube-apiserver'),
    [
      `--etcd-servers=${etcdUrl}`,
      '--bind-address=127.0.0.1',
      '--advertise-address=127.0.0.1',
      `--secure-port=${port}`,
      `--tls-cert-file=${file('server.crt', certificate.cert)}`,
      `--tls-private-key-file=${file('server.key', certificate.key)}`,
      `--token-auth-file=${file('tokens.csv', `${TOKEN},admin,admin,system:masters\n`)}`,
      `--service-account-key-file=${file('accounts.pub', accounts.publicKey)}`,
      `--service-account-signing-key-file=${key}`,
      '--service-account-issuer=https://kubernetes.default.svc',
      `--cert-dir=${folder}`,
      '--service-cluster-ip-range=10.0.0.0/24',
      '--authorization-mode=RBAC',
      '--disable-admission-plugins=ServiceAccount',
    ],
    { stdio: 'ignore' },
  );
  const url = `https://127.0.0.1:${port}`;
  const stop = async (): Promise<void> => {
    await Promise.all([ended(api), ended(etcd)]);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await ready({ url, ca: certificate.ca, adminToken: TOKEN });
  } catch (error) {
    await stop();
    throw error;
  }
  const kubeconfig = stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'real', cluster: { server: url, 'certificate-authority-data': Buffer.from(certificate.ca).toString('base64') } }],
    users: [{ name: 'admin', user: { token: TOKEN } }],
    contexts: [{ name: 'real', context: { cluster: 'real', user: 'admin' } }],
    'current-context': 'real',
  });
  return { url, ca: certificate.ca, adminToken: TOKEN, kubeconfig, stop };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

async function ready(to: { url: string; ca: string; adminToken: string }): Promise<void> {
  const client = new Client(to);
  try {
    for (let attempt = 0; attempt < 300; attempt++) {
      const up = await client.get('/readyz').then(
        () => true,
        () => false,
      );
      if (up) return;
      await sleep(200);
    }
    throw new Error('kube-apiserver was not ready within a minute');
  } finally {
    await client.close();
  }
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}
