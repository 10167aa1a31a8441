import { at, type Fields, fieldsOf, isFields, type KubeObject, keyOf, listOf, textOf } from '../object.ts';
import { compileLabelSelector } from '../select/labels.ts';
import type { Store } from '../store/store.ts';
import type { User } from '../write/request.ts';
import { MASTERS } from './users.ts';

/** What somebody wants to do. */
export interface Attributes {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  /** For requests that are not about resources; then the fields above are empty. */
  readonly path: string | undefined;
}

const RBAC = 'rbac.authorization.k8s.io';

/** Decides by the Role and ClusterRole objects in the store. */
export class Rbac {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  allows(user: User, attributes: Attributes): boolean {
    if (user.groups.includes(MASTERS)) return true;
    for (const rule of this.rulesOf(user, attributes.namespace)) if (ruleAllows(rule, attributes)) return true;
    return false;
  }

  /** The rules that hold for a user in a namespace, cluster-wide ones included. */
  *rulesOf(user: User, namespace: string | undefined): IterableIterator<Fields> {
    for (const binding of this.#store.collection(`clusterrolebindings.${RBAC}`).values()) {
      if (binds(binding, user)) yield* this.#roleRules(binding, undefined);
    }
    if (namespace === undefined) return;
    for (const binding of this.#store.collection(`rolebindings.${RBAC}`).values(namespace)) {
      if (binds(binding, user)) yield* this.#roleRules(binding, namespace);
    }
  }

  *#roleRules(binding: KubeObject, namespace: string | undefined): IterableIterator<Fields> {
    const name = textOf(at(binding.roleRef, 'name'));
    const ofCluster = at(binding.roleRef, 'kind') === 'ClusterRole';
    const role = this.#store
      .collection(`${ofCluster ? 'clusterroles' : 'roles'}.${RBAC}`)
      .get(keyOf(ofCluster ? undefined : namespace, name));
    if (!role) return;
    yield* listOf(role.rules).filter(isFields);
    for (const selector of listOf(at(role.aggregationRule, 'clusterRoleSelectors'))) {
      const matches = compileLabelSelector(selector);
      for (const part of this.#store.collection(`clusterroles.${RBAC}`).values())
        if (matches(part.metadata.labels)) yield* listOf(part.rules).filter(isFields);
    }
  }
}

function binds(binding: KubeObject, user: User): boolean {
  return listOf(binding.subjects).some((subject) => {
    const { kind, name, namespace } = fieldsOf(subject);
    if (kind === 'User') return name === user.name;
    if (kind === 'Group') return user.groups.includes(textOf(name));
    return (
      kind === 'ServiceAccount' &&
      user.name === `system:serviceaccount:${textOf(namespace) || (binding.metadata.namespace ?? '')}:${textOf(name)}`
    );
  });
}

function ruleAllows(rule: Fields, { verb, group, resource, subresource, name, path }: Attributes): boolean {
  const has = (field: string, value: string) => listOf(rule[field]).some((v) => v === '*' || v === value);
  if (!has('verbs', verb)) return false;
  if (path !== undefined)
    return listOf(rule.nonResourceURLs).some(
      (u) => u === '*' || u === path || (String(u).endsWith('*') && path.startsWith(String(u).slice(0, -1))),
    );
  const wanted = subresource ? `${resource}/${subresource}` : resource;
  const named = listOf(rule.resourceNames);
  const resourceFits = has('resources', wanted) || (subresource !== '' && listOf(rule.resources).includes(`*/${subresource}`));
  return has('apiGroups', group) && resourceFits && (named.length === 0 || (name !== undefined && named.includes(name)));
}
