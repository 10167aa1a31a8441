import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHART_WINDOWS, WORKLOADS_DEFAULTS } from '../../../web/contract/query.ts';
import { decodeRoute, encodeRoute, type Route } from '../../../web/contract/route.ts';

const part = fc.string({ minLength: 1, unit: 'grapheme' }).filter((text) => !/^\.{1,2}$/.test(text));
const anyRoute: fc.Arbitrary<Route> = fc.oneof(
  fc.constant<Route>({ page: 'overview' }),
  fc.constant<Route>({ page: 'data' }),
  fc.record({ page: fc.constant('workloads' as const), query: fc.constant({ ...WORKLOADS_DEFAULTS, text: 'a b&c', page: 3 }) }),
  fc.record({
    page: fc.constant('workload' as const),
    id: fc.record({ namespace: part, kind: part, name: part }),
    window: fc.constantFrom(...CHART_WINDOWS),
  }),
);

describe('routes', () => {
  it('come back from a real URL under any mount', () => {
    fc.assert(
      fc.property(anyRoute, fc.constantFrom('/', '/proxy/neap/'), (route, mount) => {
        const url = new URL(encodeRoute(route), `http://localhost${mount}`);
        expect(decodeRoute(url.pathname.slice(mount.length), url.searchParams)).toEqual(route);
      }),
    );
  });

  it.each(['workloads/a', 'workloads/a/b', 'workloads/a/b/c/d', 'nodes', 'data/x', 'workloads/%ZZ/b/c'])('do not know %s', (path) => {
    expect(decodeRoute(path, new URLSearchParams())).toEqual({ page: 'unknown' });
  });
});
