import { BuiltInAdmission } from './admission/plugins.ts';
import { updateQuotaStatus } from './admission/quotas.ts';
import type { ServiceResolver } from './admission/webhook-rules.ts';
import { WebhookAdmission } from './admission/webhooks.ts';
import { Rbac } from './auth/rbac.ts';
import { Users } from './auth/users.ts';
import { builtInTypes } from './builtins/built-in-types.ts';
import { startDisruption } from './controllers/disruption.ts';
import { startEventExpiry } from './controllers/event-expiry.ts';
import { startGarbageCollector } from './controllers/garbage-collector.ts';
import { startNamespaces } from './controllers/namespaces.ts';
import { Turns } from './controllers/turns.ts';
import { definitionType, startDefinitions } from './crd/crds.ts';
import { type Clock, Identities } from './identity.ts';
import { ResourceTypes } from './resource-type.ts';
import { Store, type StoreOptions } from './store/store.ts';
import { Patcher } from './write/patcher.ts';
import { Remover } from './write/remover.ts';
import { Writer } from './write/writer.ts';

/** The parts of an API server, without a network. */
export interface Machinery {
  readonly store: Store;
  readonly types: ResourceTypes;
  readonly clock: Clock;
  readonly identities: Identities;
  readonly users: Users;
  readonly rbac: Rbac;
  readonly writer: Writer;
  readonly patcher: Patcher;
  readonly remover: Remover;
  /** Follow-up work of the controllers in here; `run` does it at once. */
  readonly turns: Turns;
  readonly stop: () => void;
}

export interface MachineryOptions extends StoreOptions {
  readonly clock: Clock;
  readonly seed: number;
  readonly resolveService: ServiceResolver;
}

export function buildMachinery(options: MachineryOptions): Machinery {
  const { clock, seed } = options;
  const store = new Store(options);
  const types = new ResourceTypes();
  for (const type of [...builtInTypes, definitionType]) types.add(type);
  const identities = new Identities(seed);
  const inner = new BuiltInAdmission(store);
  const admission = new WebhookAdmission({ store, identities, resolveService: options.resolveService, inner });
  const writer = new Writer({ store, clock, identities, admission });
  const remover = new Remover({ store, clock, admission });
  const turns = new Turns();
  const collector = { store, types, remover, turns };
  const stops = [
    startDefinitions({ store, types, clock }),
    startGarbageCollector(collector),
    startNamespaces(collector),
    startDisruption(collector),
    startEventExpiry({ store, clock, turns }),
    keepQuotas(store, turns),
  ];
  const stop = (): void => {
    turns.stop();
    for (const each of stops) each();
  };
  return {
    store,
    types,
    clock,
    identities,
    users: new Users(seed, store),
    rbac: new Rbac(store),
    writer,
    patcher: new Patcher(writer, clock),
    remover,
    turns,
    stop,
  };
}

function keepQuotas(store: Store, turns: Turns): () => void {
  const quotas = store.collection('resourcequotas');
  return store.onChange((_, change) => {
    const { namespace } = change.object.metadata;
    if (namespace !== undefined && quotas.size > 0) turns.add(`quota ${namespace}`, () => updateQuotaStatus(store, namespace));
  });
}
