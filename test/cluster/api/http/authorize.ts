import type { IncomingHttpHeaders } from 'node:http';
import type { Attributes, Rbac } from '../auth/rbac.ts';
import { ApiError } from '../status.ts';
import type { User } from '../write/request.ts';
import type { RequestInfo } from './request-info.ts';

/**
 * Checks that the user may do what the request asks, on behalf of another where the headers name one.
 * @returns who acts
 * @throws ApiError 403
 */
export function authorize(
  rbac: Rbac,
  request: { readonly info: RequestInfo; readonly user: User; readonly headers: IncomingHttpHeaders },
): User {
  const acting = impersonated(rbac, request.user, request.headers);
  const attributes = attributesOf(request.info);
  if (!rbac.allows(acting, attributes)) throw refusal(acting, attributes);
  return acting;
}

function attributesOf(info: RequestInfo): Attributes {
  if (!info.isResource)
    return {
      verb: info.method === 'HEAD' ? 'get' : info.verb,
      group: '',
      resource: '',
      subresource: '',
      namespace: undefined,
      name: undefined,
      path: info.path,
    };
  return {
    verb: info.verb,
    group: info.group,
    resource: info.plural,
    subresource: info.subresource ?? '',
    namespace: info.namespace,
    name: info.name,
    path: undefined,
  };
}

function impersonated(rbac: Rbac, user: User, headers: IncomingHttpHeaders): User {
  const name = headers['impersonate-user'];
  if (typeof name !== 'string') return user;
  const given = headers['impersonate-group'];
  const groups = typeof given === 'string' ? given.split(',').map((g) => g.trim()) : [];
  for (const [resource, value] of [['users', name], ...groups.map((g) => ['groups', g])] as [string, string][]) {
    const attributes: Attributes = {
      verb: 'impersonate',
      group: '',
      resource,
      subresource: '',
      namespace: undefined,
      name: value,
      path: undefined,
    };
    if (!rbac.allows(user, attributes)) throw refusal(user, attributes);
  }
  return { name, groups: [...groups, 'system:authenticated'] };
}

function refusal(user: User, { verb, group, resource, subresource, namespace, name, path }: Attributes): ApiError {
  if (path !== undefined)
    return new ApiError({
      code: 403,
      reason: 'Forbidden',
      message: `forbidden: User "${user.name}" cannot ${verb} path "${path}"`,
      details: {},
    });
  const what = subresource ? `${resource}/${subresource}` : resource;
  const about = `${group ? `${resource}.${group}` : resource}${name ? ` "${name}"` : ''}`;
  const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  return new ApiError({
    code: 403,
    reason: 'Forbidden',
    message: `${about} is forbidden: User "${user.name}" cannot ${verb} resource "${what}" in API group "${group}" ${where}`,
    details: { ...(name ? { name } : {}), ...(group ? { group } : {}), kind: resource },
  });
}
