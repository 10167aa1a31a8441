import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { startApiServer } from '../cluster/api/api-server.ts';
import { Client } from './client.ts';
import { startKubeApiServer } from './kube-apiserver.ts';

/** A running API server under test. */
export interface Target {
  readonly url: string;
  readonly ca: string | undefined;
  readonly adminToken: string;
  readonly kubeconfig: string;
  stop(): Promise<void>;
}

interface Kind {
  readonly name: string;
  /** Why it can't run here. */
  readonly missing: string | undefined;
  start(): Promise<Target>;
}

const assets = process.env.KUBEBUILDER_ASSETS;

function missingAssets(): string | undefined {
  if (!assets) return 'KUBEBUILDER_ASSETS, the folder of kube-apiserver and etcd';
  const absent = ['kube-apiserver', 'etcd'].filter((program) => !existsSync(join(assets, program)));
  return absent.length === 0 ? undefined : `${absent.join(' and ')} in ${assets}`;
}

async function startInProcess(): Promise<Target> {
  const server = await startApiServer({ seed: 1, freeze: true });
  return { url: server.url, ca: server.ca, adminToken: server.token(), kubeconfig: server.kubeconfig(), stop: () => server.stop() };
}

const KINDS: readonly Kind[] = [
  { name: 'cluster in a process', missing: undefined, start: startInProcess },
  { name: 'kube-apiserver', missing: missingAssets(), start: () => startKubeApiServer(assets ?? '') },
];

/** What a test gets: the administrator's client, and a namespace of its file's own. */
export interface Context {
  readonly target: Target;
  readonly admin: Client;
  readonly namespace: string;
}

/**
 * States behaviour of the API that holds on the cluster in a process and on a real kube-apiserver; the latter is skipped
 * by name where its programs are not there.
 */
export function conformance(title: string, define: (context: () => Context) => void): void {
  for (const kind of KINDS) {
    const run = kind.missing === undefined ? describe : describe.skip;
    run(`${title} on ${kind.name}${kind.missing === undefined ? '' : ` [needs ${kind.missing}]`}`, () => {
      let context: Context | undefined;
      beforeAll(async () => {
        const target = await kind.start();
        const admin = new Client(target);
        const namespace = 'conformance';
        await admin.create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
        await admin
          .create(`/api/v1/namespaces/${namespace}/serviceaccounts`, {
            apiVersion: 'v1',
            kind: 'ServiceAccount',
            metadata: { name: 'default' },
          })
          .catch(() => undefined);
        context = { target, admin, namespace };
      });
      afterAll(async () => {
        await context?.admin.close();
        await context?.target.stop();
      });
      define(() => {
        if (!context) throw new Error('the server has not started');
        return context;
      });
    });
  }
}
