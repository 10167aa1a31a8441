import { at, type Fields, fieldsOf, isFields, listOf, textOf } from '../object.ts';
import type { Verb } from '../resource-type.ts';
import { badRequest } from '../status.ts';
import type { User } from '../write/request.ts';
import type { Attributes, Rbac } from './rbac.ts';
import type { Users } from './users.ts';

export interface ReviewKind {
  readonly group: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly Verb[];
}

const review = (group: string, kind: string, namespaced = false): ReviewKind => ({
  group,
  plural: `${kind.toLowerCase()}s`,
  kind,
  namespaced,
  verbs: ['create'],
});

/** Questions that are posted and answered, but not kept. */
export const REVIEW_KINDS: readonly ReviewKind[] = [
  review('authentication.k8s.io', 'TokenReview'),
  review('authentication.k8s.io', 'SelfSubjectReview'),
  review('authorization.k8s.io', 'SubjectAccessReview'),
  review('authorization.k8s.io', 'SelfSubjectAccessReview'),
  review('authorization.k8s.io', 'LocalSubjectAccessReview', true),
  review('authorization.k8s.io', 'SelfSubjectRulesReview'),
];

export interface ReviewParts {
  readonly users: Users;
  readonly rbac: Rbac;
}

/** The posted object with its status. */
export function answerReview(
  parts: ReviewParts,
  asked: { kind: ReviewKind; user: User; namespace: string | undefined },
  body: unknown,
): Fields {
  if (!isFields(body)) throw badRequest('the request has no object in its body');
  const { kind, user, namespace } = asked;
  const spec = fieldsOf(body.spec);
  return {
    ...body,
    kind: kind.kind,
    apiVersion: `${kind.group}/v1`,
    metadata: { ...fieldsOf(body.metadata), creationTimestamp: null },
    status: statusOf(),
  };

  function statusOf(): Fields {
    switch (kind.kind) {
      case 'TokenReview': {
        const found = parts.users.byToken(textOf(spec.token));
        return found ? { authenticated: true, user: userInfo(found) } : { user: {}, error: 'the token is not known' };
      }
      case 'SelfSubjectReview':
        return { userInfo: userInfo(user) };
      case 'SelfSubjectAccessReview':
        return decision(parts.rbac, user, attributesOf(spec, undefined));
      case 'SelfSubjectRulesReview':
        return rulesStatus([...parts.rbac.rulesOf(user, textOf(spec.namespace) || undefined)], user);
      default: {
        const subject: User = { name: textOf(spec.user), groups: listOf(spec.groups).map(String) };
        return decision(parts.rbac, subject, attributesOf(spec, namespace));
      }
    }
  }
}

export function userInfo(user: User): Fields {
  return { username: user.name, ...(user.uid ? { uid: user.uid } : {}), groups: user.groups };
}

function decision(rbac: Rbac, user: User, attributes: Attributes): Fields {
  return rbac.allows(user, attributes) ? { allowed: true, reason: 'RBAC: allowed by a binding' } : { allowed: false };
}

function attributesOf(spec: Fields, namespace: string | undefined): Attributes {
  const asked = fieldsOf(spec.resourceAttributes);
  const path = at(spec.nonResourceAttributes, 'path');
  return {
    verb: textOf(asked.verb) || textOf(at(spec.nonResourceAttributes, 'verb')),
    group: textOf(asked.group),
    resource: textOf(asked.resource),
    subresource: textOf(asked.subresource),
    namespace: namespace ?? (textOf(asked.namespace) || undefined),
    name: textOf(asked.name) || undefined,
    path: path === undefined ? undefined : textOf(path),
  };
}

function rulesStatus(rules: readonly Fields[], user: User): Fields {
  const everything = user.groups.includes('system:masters');
  const all = everything
    ? [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }, { verbs: ['*'], nonResourceURLs: ['*'] }, ...rules]
    : rules;
  return {
    resourceRules: all.filter((r) => 'resources' in r),
    nonResourceRules: all.filter((r) => 'nonResourceURLs' in r),
    incomplete: false,
  };
}
