import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateCluster } from '../../predictor/source/generated/cluster.ts';
import { containersOf } from '../system/open-metrics/series.ts';
import { writeOpenMetricsFile } from '../system/open-metrics/write.ts';
import { startPrometheus } from '../system/servers.ts';
import { runNeap } from './measure.ts';

const DAYS = 7;
const STEP_SECONDS = 300;

/** Containers of running pods at the end of the history. */
function runningContainers(cluster: ReturnType<typeof generateCluster>): number {
  let n = 0;
  for (const { pod } of containersOf(cluster)) if (pod.endUnixSeconds === undefined) n++;
  return n;
}

/** Reads a week from a real Prometheus at two sizes: requests must not grow with containers, memory hardly. */
export async function benchHistory(print: (line: string) => void): Promise<void> {
  print(`history: ${DAYS} days at ${STEP_SECONDS} s from a real Prometheus, neap analyze as a process of its own`);
  print('containers  workloads     samples  requests    MB read   wall s  peak RSS MiB');
  const end = Math.floor(Date.now() / 1000 / STEP_SECONDS) * STEP_SECONDS;
  for (const containers of [200, 2000]) {
    const directory = mkdtempSync(join(tmpdir(), 'neap-bench-'));
    try {
      let scale = 1;
      const make = () => generateCluster({ seed: 1, endUnixSeconds: end, days: DAYS, stepSeconds: STEP_SECONDS, scale });
      const perScale = runningContainers(make());
      scale = Math.max(1, Math.round(containers / perScale));
      const cluster = make();
      const file = join(directory, 'history.om');
      // kube-state-metrics once an hour: else a big file is mostly that, and promtool takes most of the time.
      await writeOpenMetricsFile(cluster, file, { stateSeconds: 3600 });
      const server = await startPrometheus({ openMetricsFile: file, flags: ['--query.lookback-delta=1h'] });
      try {
        const run = await runNeap([
          'analyze',
          '--prometheus',
          server.url,
          '--history',
          `${DAYS}d`,
          '--step',
          `${STEP_SECONDS}s`,
          '-o',
          'json',
          '--quiet',
        ]);
        const { counters, totals } = JSON.parse(run.stdout) as {
          counters: { samples: number; requests: number; bytes: number };
          totals: { workloads: number };
        };
        const columns = [
          runningContainers(cluster),
          totals.workloads,
          counters.samples,
          counters.requests,
          (counters.bytes / 1e6).toFixed(1),
          run.wallSeconds.toFixed(1),
          run.peakRssMib.toFixed(0),
        ];
        const widths = [10, 11, 12, 10, 11, 9, 14];
        print(columns.map((c, i) => String(c).padStart(widths[i] as number)).join(''));
      } finally {
        await server.stop();
      }
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  }
}
