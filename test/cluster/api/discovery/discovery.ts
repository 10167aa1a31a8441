import { REVIEW_KINDS } from '../auth/reviews.ts';
import { compareVersions } from '../crd/custom-type.ts';
import type { Fields } from '../object.ts';
import { groupVersion, type ResourceType, type ResourceTypes, type ResourceVersion, type Subresource } from '../resource-type.ts';

/** What the server serves, in the shapes in which clients ask for it. */
export function groupList(types: ResourceTypes): Fields {
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: groupsOf(types).map((g) => groupDocument(types, g)) };
}

export function groupDocument(types: ResourceTypes, group: string): Fields {
  const versions = versionsOf(types, group).map((version) => ({ groupVersion: groupVersion(group, version), version }));
  return { kind: 'APIGroup', apiVersion: 'v1', name: group, versions, preferredVersion: versions[0] };
}

export function coreVersions(): Fields {
  return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] };
}

export function groupsOf(types: ResourceTypes): readonly string[] {
  const groups = new Set([...types.all().map((t) => t.group), ...REVIEW_KINDS.map((r) => r.group)]);
  groups.delete('');
  return [...groups];
}

export function versionsOf(types: ResourceTypes, group: string): readonly string[] {
  const versions = new Set(
    types
      .all()
      .filter((t) => t.group === group)
      .flatMap((t) => t.versions.map((v) => v.name)),
  );
  if (REVIEW_KINDS.some((r) => r.group === group)) versions.add('v1');
  return [...versions].sort(compareVersions);
}

function served(types: ResourceTypes, group: string, version: string): readonly { type: ResourceType; served: ResourceVersion }[] {
  return types.all().flatMap((type) => {
    const found = type.group === group ? type.versions.find((v) => v.name === version) : undefined;
    return found ? [{ type, served: found }] : [];
  });
}

export function resourceList(types: ResourceTypes, group: string, version: string): Fields {
  const resources: Fields[] = served(types, group, version).flatMap(({ type, served: v }) => [
    {
      name: type.plural,
      singularName: type.singular,
      namespaced: type.namespaced,
      kind: type.kind,
      verbs: type.verbs,
      ...(type.shortNames.length > 0 ? { shortNames: type.shortNames } : {}),
      ...(type.categories.length > 0 ? { categories: type.categories } : {}),
    },
    ...v.subresources.map((sub) => ({
      name: `${type.plural}/${sub}`,
      singularName: '',
      namespaced: type.namespaced,
      ...subresourceKind(type, sub),
      verbs: subresourceVerbs(sub),
    })),
  ]);
  for (const r of REVIEW_KINDS)
    if (r.group === group)
      resources.push({ name: r.plural, singularName: r.kind.toLowerCase(), namespaced: r.namespaced, kind: r.kind, verbs: r.verbs });
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: groupVersion(group, version), resources };
}

/** The kind of a subresource's objects, with its group where that is another. */
function subresourceKind(type: ResourceType, sub: Subresource): Fields {
  switch (sub) {
    case 'scale':
      return { group: 'autoscaling', version: 'v1', kind: 'Scale' };
    case 'eviction':
      return { group: 'policy', version: 'v1', kind: 'Eviction' };
    case 'token':
      return { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' };
    case 'binding':
      return { kind: 'Binding' };
    case 'status':
    case 'resize':
    case 'finalize':
      return { kind: type.kind };
  }
}

function subresourceVerbs(sub: Subresource): readonly string[] {
  if (sub === 'eviction' || sub === 'binding' || sub === 'token') return ['create'];
  return sub === 'finalize' ? ['update'] : ['get', 'patch', 'update'];
}

/** All groups of one root at once (apidiscovery.k8s.io). */
export function aggregated(types: ResourceTypes, root: 'api' | 'apis', version: string): Fields {
  const groups = root === 'api' ? [''] : groupsOf(types);
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: groups.map((group) => ({
      metadata: { ...(group ? { name: group } : {}), creationTimestamp: null },
      versions: versionsOf(types, group).map((v) => ({
        version: v,
        freshness: 'Current',
        resources: aggregatedResources(types, group, v),
      })),
    })),
  };
}

function aggregatedResources(types: ResourceTypes, group: string, version: string): Fields[] {
  const resources: Fields[] = served(types, group, version).map(({ type, served: v }) => ({
    resource: type.plural,
    responseKind: { group, version, kind: type.kind },
    scope: type.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: type.singular,
    verbs: type.verbs,
    ...(type.shortNames.length > 0 ? { shortNames: type.shortNames } : {}),
    ...(type.categories.length > 0 ? { categories: type.categories } : {}),
    ...(v.subresources.length > 0
      ? {
          subresources: v.subresources.map((sub) => ({
            subresource: sub,
            responseKind: { group, version, ...subresourceKind(type, sub) },
            verbs: subresourceVerbs(sub),
          })),
        }
      : {}),
  }));
  for (const r of REVIEW_KINDS) {
    if (r.group !== group) continue;
    resources.push({
      resource: r.plural,
      responseKind: { group, version, kind: r.kind },
      scope: r.namespaced ? 'Namespaced' : 'Cluster',
      singularResource: r.kind.toLowerCase(),
      verbs: r.verbs,
    });
  }
  return resources;
}
