import { at, type Fields, fieldsOf, isFields, listOf, textOf } from '../object.ts';
import { compileLabelSelector } from '../select/labels.ts';
import type { Store } from '../store/store.ts';
import type { Attempt } from './admission.ts';

/** Whether a webhook of a configuration wants to hear of a write. */
export function concerns(hook: Fields, attempt: Attempt, store: Store): boolean {
  return (
    listOf(hook.rules).some((rule) => ruleFits(fieldsOf(rule), attempt)) && namespaceFits(hook, attempt, store) && objectFits(hook, attempt)
  );
}

function ruleFits(rule: Fields, { request, operation }: Attempt): boolean {
  const { type, version, subresource } = request;
  const has = (list: unknown, value: string) => listOf(list).some((v) => v === '*' || v === value);
  const scope = textOf(rule.scope) || '*';
  if (scope !== '*' && (scope === 'Namespaced') !== type.namespaced) return false;
  if (!has(rule.operations, operation) || !has(rule.apiGroups, type.group) || !has(rule.apiVersions, version.name)) return false;
  return listOf(rule.resources).some((r) => resourceFits(String(r), type.plural, subresource));
}

function resourceFits(pattern: string, plural: string, subresource: string | undefined): boolean {
  if (pattern === '*/*') return true;
  const [resource, sub] = pattern.split('/');
  if (resource !== '*' && resource !== plural) return false;
  return sub === undefined ? subresource === undefined : sub === '*' || sub === subresource;
}

function namespaceFits(hook: Fields, { request, object, old }: Attempt, store: Store): boolean {
  const { type } = request;
  if (type.plural === 'namespaces' && type.group === '')
    return compileLabelSelector(hook.namespaceSelector ?? {})((object ?? old)?.metadata.labels);
  if (!type.namespaced) return true;
  const namespace = store.collection('namespaces').get(request.namespace ?? object?.metadata.namespace ?? '');
  return compileLabelSelector(hook.namespaceSelector ?? {})(namespace?.metadata.labels);
}

function objectFits(hook: Fields, { object, old }: Attempt): boolean {
  const selector = hook.objectSelector ?? {};
  if (isFields(selector) && Object.keys(selector).length === 0) return true;
  const matches = compileLabelSelector(selector);
  return [object, old].some((o) => o !== undefined && matches(o.metadata.labels));
}

export interface HookAddress {
  readonly url: string;
  readonly serverName: string | undefined;
  readonly ca: string | undefined;
}

/** Finds where a service of the cluster really listens; a cluster in a process has no network of its own. */
export type ServiceResolver = (service: { readonly namespace: string; readonly name: string; readonly port: number }) => string | undefined;

/** @returns undefined where the hook names a service that nobody serves */
export function addressOf(hook: Fields, resolve: ServiceResolver): HookAddress | undefined {
  const client = fieldsOf(hook.clientConfig);
  const bundle = textOf(client.caBundle);
  const ca = bundle ? Buffer.from(bundle, 'base64').toString('utf8') : undefined;
  if (client.url !== undefined) return { url: textOf(client.url), serverName: undefined, ca };
  const service = {
    namespace: textOf(at(client.service, 'namespace')),
    name: textOf(at(client.service, 'name')),
    port: Number(at(client.service, 'port') ?? 443),
  };
  const base = resolve(service);
  const path = textOf(at(client.service, 'path')) || '/';
  return base === undefined ? undefined : { url: new URL(path, base).href, serverName: `${service.name}.${service.namespace}.svc`, ca };
}
