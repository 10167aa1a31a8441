import type { ServerResponse } from 'node:http';
import { type FakeRequest, type FakeServer, startFakeServer } from '../../../common/http/fake-server.ts';

export interface FakePrometheusOptions {
  /** Pods of the Deployment shop/web, with the container app. */
  readonly pods?: readonly string[];
  /** CPU in cores, as Prometheus would write it, by the end of the slot; memory is the same number of GiB. */
  readonly value?: (pod: string, timeUnixSeconds: number) => string;
  /** Samples exist in here. */
  readonly fromUnixSeconds: number;
  readonly toUnixSeconds: number;
  /** Without kube-state-metrics there are neither owners nor requests. */
  readonly kubeState?: boolean;
  /** Times of samples are told one by one, and no farther than five minutes on. */
  readonly sparse?: boolean;
  /** More rows of the counts at the newest sample. */
  readonly inspected?: readonly (readonly [labels: Readonly<Record<string, string>>, value: string])[];
  /** Answers in the place of the server where it returns true. */
  readonly fault?: (request: FakeRequest, response: ServerResponse) => boolean;
}

type Row = { readonly metric: Readonly<Record<string, string>>; readonly values: readonly (readonly [number, string])[] };

const USAGE = ['container_cpu_usage_seconds_total', 'container_memory_working_set_bytes'];
const KUBE_STATE = ['kube_pod_owner', 'kube_replicaset_owner', 'kube_pod_container_resource_requests', 'kube_pod_container_status_running'];

/** Speaks just enough of the Prometheus API for the queries that Neap makes: for faults that no real server makes on demand. */
export function startFakePrometheus(options: FakePrometheusOptions): Promise<FakeServer> {
  return startFakeServer((request, response) => {
    if (options.fault?.(request, response)) return;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ status: 'success', data: answer(request, options) }));
  });
}

export function isUsageQuery({ params, url }: FakeRequest): boolean {
  return url.startsWith('/api/v1/query_range') && /^max by \(\S+\) \((rate|max_over_time)\(container_/.test(params.get('query') ?? '');
}

function answer(request: FakeRequest, options: FakePrometheusOptions): unknown {
  const path = request.url.split('?')[0];
  const kubeState = options.kubeState ?? true;
  if (path === '/api/v1/status/buildinfo') return { version: '2.42.0' };
  if (path === '/api/v1/label/__name__/values') return options.pods?.length === 0 ? [] : [...USAGE, ...(kubeState ? KUBE_STATE : [])];
  if (path === '/api/v1/labels') return ['__name__', 'namespace', 'pod', 'container', 'cpu'];
  if (path === '/api/v1/label/cpu/values') return ['total'];
  const instant = path === '/api/v1/query';
  const rows = evaluate(request.params.get('query') ?? '', times(request.params, instant), options);
  if (!instant) return { resultType: 'matrix', result: rows };
  return { resultType: 'vector', result: rows.map(({ metric, values }) => ({ metric, value: values.at(-1) })) };
}

function times(params: URLSearchParams, instant: boolean): readonly number[] {
  if (instant) return [Number(params.get('time'))];
  const [start = 0, end = 0, step = 1] = ['start', 'end', 'step'].map((name) => Number(params.get(name)));
  return Array.from({ length: Math.floor((end - start) / step) + 1 }, (_, i) => start + i * step);
}

function evaluate(query: string, at: readonly number[], options: FakePrometheusOptions): readonly Row[] {
  const asked = /pod=~"([^"]*)"/.exec(query)?.[1]?.split('|');
  const pods = (options.pods ?? ['web-1-a', 'web-1-b']).filter((pod) => asked === undefined || asked.includes(pod));
  const value = options.value ?? (() => '0.5');
  const there = at.filter((t) => t > options.fromUnixSeconds && t <= options.toUnixSeconds);
  const constant = (metric: Record<string, string>, text: string): Row => ({ metric, values: there.map((t) => [t, text]) });
  const base = { namespace: 'shop', container: 'app' };
  const all = (): readonly Row[] => {
    if (query.includes('timestamp(')) {
      if (!options.sparse) return [constant({}, String(options.toUnixSeconds))];
      // As a server does it that looks back over five minutes, with a scrape every minute up to the end.
      const { toUnixSeconds: end, fromUnixSeconds: start } = options;
      const newest = (t: number): number => (t >= end ? end : end - Math.ceil((end - t) / 60) * 60);
      return [{ metric: {}, values: at.filter((t) => t > start && t < end + 300).map((t) => [t, String(newest(t))] as const) }].filter(
        ({ values }) => values.length > 0,
      );
    }
    if (query.includes('"raw"')) {
      return [['raw', pods.length] as const, ['distinct', pods.length] as const, ['scrapes', 20] as const].map(([part, n]) =>
        constant({ neap_part: part }, String(n)),
      );
    }
    if (query.startsWith('label_replace(count(')) {
      return [
        ...['cpu', 'memory'].map((part) => constant({ neap_part: part }, String(pods.length))),
        ...(options.inspected ?? []).map(([labels, text]) => constant({ ...labels }, text)),
      ];
    }
    if (query.includes('kube_pod_owner')) {
      return [
        ...pods.map((pod) => constant({ namespace: 'shop', pod, owner_kind: 'ReplicaSet', owner_name: 'web-1' }, '1')),
        constant({ namespace: 'shop', replicaset: 'web-1', owner_kind: 'Deployment', owner_name: 'web' }, '1'),
      ];
    }
    if (query.includes('"request"')) {
      return pods.flatMap((pod) => [
        constant({ ...base, pod, resource: 'cpu', neap_part: 'request' }, '1.5'),
        constant({ ...base, pod, neap_part: 'running' }, '1'),
      ]);
    }
    if (query.startsWith('max by')) {
      const gib = query.includes(USAGE[1] as string) ? 2 ** 30 : 1;
      return pods.map((pod) => ({
        metric: { ...base, pod },
        values: there.map((t) => {
          const text = value(pod, t);
          return [t, Number.isFinite(Number(text)) ? String(Number(text) * gib) : text];
        }),
      }));
    }
    return [];
  };
  return all().filter((row) => row.values.length > 0);
}
