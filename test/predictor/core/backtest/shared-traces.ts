import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { TraceSeries } from '../../../../predictor/core/backtest/replay.ts';

/** Recorded traces lie beside the checkout; the project runs its tests without them. */
export function sharedTracePath(name: string): string {
  return new URL(`../../../../../shared/traces/${name}.csv.gz`, import.meta.url).pathname;
}

/** Reads `series,unix_s,value`, rows grouped by series. */
export function readSharedTraces(name: string): TraceSeries[] {
  const samples = new Map<string, { t: number[]; v: number[] }>();
  for (const line of gunzipSync(readFileSync(sharedTracePath(name)))
    .toString('latin1')
    .split('\n')
    .slice(1)) {
    const [series, at, value] = line.split(',');
    if (series === undefined || at === undefined || value === undefined) continue;
    const into = samples.get(series) ?? { t: [], v: [] };
    samples.set(series, into);
    into.t.push(Number(at));
    into.v.push(Number(value));
  }
  return [...samples].map(([series, { t, v }]) => ({ name: series, t: Float64Array.from(t), v: Float64Array.from(v) }));
}
