import { stringify } from 'yaml';
import { type Objects, objectsOf } from './access.ts';
import type { ServiceResolver } from './admission/webhook-rules.ts';
import { BOOTSTRAP_OBJECTS } from './auth/bootstrap.ts';
import { ADMIN } from './auth/users.ts';
import { Faults } from './faults.ts';
import { serve } from './http/server.ts';
import { type Certificate, localCertificate } from './http/tls.ts';
import { Watches } from './http/watch.ts';
import { type Clock, Identities, wallClock } from './identity.ts';
import { buildMachinery, type Machinery } from './machinery.ts';
import type { KubeObject } from './object.ts';
import { RequestLog } from './request-log.ts';
import type { User } from './write/request.ts';

export interface ApiServerOptions {
  /** The time that goes into objects; the wall clock where left out. Timeouts of connections are always real time. */
  readonly clock?: Clock;
  /** Uids, generated names and random faults follow from it. */
  readonly seed?: number;
  /** HTTPS with a certificate made for this server. On unless said otherwise. */
  readonly tls?: boolean;
  /** Any free one where left out. */
  readonly port?: number;
  /** Changes that each kind remembers for watches that resume. */
  readonly historyLength?: number;
  /** Requests that the log keeps. */
  readonly logLength?: number;
  /** Real seconds between the bookmarks of a watch. */
  readonly bookmarkSeconds?: number;
  /** Freeze all that is stored, to find controllers that write into it. */
  readonly freeze?: boolean;
  /** Where webhooks' services listen. */
  readonly resolveService?: ServiceResolver;
}

/**
 * A Kubernetes API server in this process, over HTTP and HTTPS: `store/` keeps the objects, `write/` is what happens to
 * a write (`patch/`, `apply/`, `schema/` and `admission/` are its parts), `builtins/` and `crd/` say which kinds there
 * are, `http/` and `discovery/` speak the protocol, `auth/` knows who may do what. `controllers/` has only what the API
 * seems to do by itself (garbage collection, namespaces, budgets); nodes, scheduling and workloads come from outside
 * and work through `objects`.
 */
export interface ApiServer {
  readonly url: string;
  /** PEM of the authority of the server's certificate; undefined over plain HTTP. */
  readonly ca: string | undefined;
  /** A kubeconfig file's text for a user; the cluster's administrator where left out. */
  kubeconfig(user?: User): string;
  /** A bearer token of a user. */
  token(user?: User): string;
  /** The objects of a kind, for controllers in process. @throws Error where the kind is not served */
  objects<T extends KubeObject = KubeObject>(group: string, plural: string): Objects<T>;
  readonly faults: Faults;
  readonly watches: Watches;
  readonly log: RequestLog;
  readonly machinery: Machinery;
  /** Closes every connection. */
  stop(): Promise<void>;
}

export async function startApiServer(options: ApiServerOptions = {}): Promise<ApiServer> {
  const { clock = wallClock, seed = 1, tls = true, port = 0 } = options;
  const machinery = buildMachinery({
    clock,
    seed,
    historyLength: options.historyLength ?? 20_000,
    freeze: options.freeze ?? false,
    resolveService: options.resolveService ?? (() => undefined),
  });
  await bootstrap(machinery);
  const watches = new Watches(machinery.store, clock, options.bookmarkSeconds ?? 60);
  // Faults draw from a seed of their own, so that adding one does not change the uids.
  const faults = new Faults(new Identities(seed ^ 0x5eed), () => watches.drop());
  const log = new RequestLog(options.logLength ?? 20_000);
  const certificate: Certificate | undefined = tls ? await localCertificate() : undefined;
  const running = await serve({ machinery, watches, faults, log }, { port, certificate });
  const token = (user: User = ADMIN): string => machinery.users.tokenOf(user);
  return {
    url: running.url,
    ca: certificate?.ca,
    kubeconfig: (user = ADMIN) => kubeconfigText({ url: running.url, ca: certificate?.ca, user: user.name, token: token(user) }),
    token,
    objects: (group, plural) => {
      const type = machinery.types.byPlural(group, plural);
      if (!type) throw new Error(`no kind ${plural}.${group} is served`);
      return objectsOf(machinery, type);
    },
    faults,
    watches,
    log,
    machinery,
    stop: async () => {
      machinery.stop();
      await running.stop();
    },
  };
}

async function bootstrap(machinery: Machinery): Promise<void> {
  const create = async (object: KubeObject): Promise<void> => {
    const type = machinery.types.byKind(object.apiVersion, object.kind);
    if (type) await objectsOf(machinery, type).create(object);
  };
  for (const object of BOOTSTRAP_OBJECTS) await create(object);
  const namespaces = machinery.store.collection('namespaces');
  for (const namespace of [...namespaces.values()]) await create(defaultAccount(namespace.metadata.name));
  machinery.store.onChange((collection, change) => {
    const { name } = change.object.metadata;
    if (collection === namespaces && change.type === 'ADDED')
      machinery.turns.add(`account ${name}`, () => void create(defaultAccount(name)).catch(ignoreGone));
  });
}

const defaultAccount = (namespace: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name: 'default', namespace },
});

/** The namespace may be gone again, or the account be there, before its turn came. */
function ignoreGone(): void {}

function kubeconfigText(to: { url: string; ca: string | undefined; user: string; token: string }): string {
  const trust = to.ca ? { 'certificate-authority-data': Buffer.from(to.ca).toString('base64') } : { 'insecure-skip-tls-verify': true };
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'process', cluster: { server: to.url, ...trust } }],
    users: [{ name: to.user, user: { token: to.token } }],
    contexts: [{ name: 'process', context: { cluster: 'process', user: to.user } }],
    'current-context': 'process',
  });
}
