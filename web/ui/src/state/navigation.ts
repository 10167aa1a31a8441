import { useEffect, useState } from 'preact/hooks';
import { decodeRoute, encodeRoute, type Route } from '../../../contract/route.ts';

/**
 * The address is the page's state. The server tells where the page is mounted by a base relative to the first address;
 * it is pinned here, before the address changes.
 */
const base = document.querySelector('base') as HTMLBaseElement;
const { href: baseHref } = base;
base.href = baseHref;
const mount = new URL(baseHref).pathname;

const listeners = new Set<() => void>();
addEventListener('popstate', tell);

export function currentRoute(): Route {
  const path = location.pathname.startsWith(mount) ? location.pathname.slice(mount.length) : location.pathname;
  return decodeRoute(path, new URLSearchParams(location.search));
}

/** An address for `href`; relative to the base. */
export function hrefOf(route: Route): string {
  return encodeRoute(route) || './';
}

/** Goes there. `replace` is for what a visitor does not want to step back through, such as typing a filter. */
export function navigate(route: Route, options: { replace?: boolean } = {}): void {
  const before = currentRoute();
  const url = new URL(hrefOf(route), baseHref);
  if (options.replace) history.replaceState(null, '', url);
  else history.pushState(null, '', url);
  if (!options.replace && !samePlace(before, route)) scrollTo(0, 0);
  tell();
}

export function useRoute(): Route {
  const [route, setRoute] = useState(currentRoute);
  useEffect(() => {
    const update = () => setRoute(currentRoute());
    listeners.add(update);
    update();
    return () => {
      listeners.delete(update);
    };
  }, []);
  return route;
}

/** Whether two routes show the same page, perhaps in another state. */
export function samePlace(a: Route, b: Route): boolean {
  return placeOf(a) === placeOf(b);
}

export function placeOf(route: Route): string {
  return route.page === 'workload' ? `workload ${route.id.namespace}/${route.id.kind}/${route.id.name}` : route.page;
}

function tell(): void {
  for (const listener of listeners) listener();
}
