import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { GeneratedCluster } from '../../../predictor/source/generated/cluster.ts';
import { cadvisorLines } from './cadvisor.ts';
import { kubeStateLines } from './kube-state-metrics.ts';

export interface OpenMetricsOptions {
  /**
   * Time between two samples of kube-state-metrics; cAdvisor's come at the cluster's step. The default lies within
   * Prometheus' lookback of five minutes.
   */
  readonly stateSeconds?: number;
}

/**
 * The cluster's past as the series that cAdvisor and kube-state-metrics would have left in a Prometheus. The counters
 * are such that their increase from one sample to the next is what the generated source says of the first.
 */
export async function writeOpenMetrics(
  cluster: GeneratedCluster,
  stream: Writable,
  { stateSeconds = 240 }: OpenMetricsOptions = {},
): Promise<void> {
  let buffer: string[] = [];
  for (const line of openMetricsLines(cluster, stateSeconds)) {
    if (buffer.push(line) < 2000) continue;
    if (!stream.write(`${buffer.join('\n')}\n`)) await once(stream, 'drain');
    buffer = [];
  }
  stream.end(`${[...buffer, '# EOF'].join('\n')}\n`);
  await finished(stream);
}

export function writeOpenMetricsFile(cluster: GeneratedCluster, path: string, options?: OpenMetricsOptions): Promise<void> {
  return writeOpenMetrics(cluster, createWriteStream(path), options);
}

function* openMetricsLines(cluster: GeneratedCluster, stateSeconds: number): Generator<string> {
  yield* cadvisorLines(cluster);
  yield* kubeStateLines(cluster, stateSeconds);
}
