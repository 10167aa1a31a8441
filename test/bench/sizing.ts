import { existsSync } from 'node:fs';
import { DAY_SECONDS } from '../../common/units.ts';
import type { DaySketch } from '../../predictor/core/profile/day-sketch.ts';
import { distributionOf } from '../../predictor/core/profile/distribution.ts';
import { addUsage, EMPTY_PROFILE, viewOf } from '../../predictor/core/profile/resource-profile.ts';
import { cpuNeed } from '../../predictor/core/sizing/cpu-need.ts';
import { readTraceSeries } from '../../predictor/source/file/trace-series.ts';

/** Recorded CPU series that lie beside the checkout of those who work on Neap; not part of the project. */
const TRACES = ['cpu-prod', 'cpu-vm', 'cpu-node'].map((name) => ({ name, path: `../shared/traces/${name}.csv.gz` }));
const STEP_SECONDS = 300;
const WARM_UP_DAYS = 5;
const WINDOW_DAYS = 14;
const RISK_BUDGET = 0.01;

interface Recorded {
  readonly t: Float64Array;
  readonly v: Float64Array;
  /** Sketches of 24 hours each, counted from the first sample; amounts are millionths of the trace's unit. */
  readonly days: readonly DaySketch[];
}

interface Score {
  /** Mean over series of the share of samples above the request in force. */
  readonly violation: number;
  /** Median over series of mean request ÷ mean use. */
  readonly footprint: number;
}

const SCALE = 1e6;

async function load(path: string): Promise<readonly Recorded[]> {
  const all: Recorded[] = [];
  for await (const { t, v } of readTraceSeries(path)) {
    const first = t[0] ?? 0;
    const span = (t.at(-1) ?? 0) - first;
    if (span <= (WARM_UP_DAYS + 1) * DAY_SECONDS) continue;
    const slots = Math.ceil(span / STEP_SECONDS) + 1;
    const sums = new Float64Array(slots);
    const counts = new Float64Array(slots);
    for (let i = 0; i < t.length; i++) {
      const slot = Math.floor(((t[i] as number) - first) / STEP_SECONDS);
      sums[slot] = (sums[slot] as number) + (v[i] as number);
      counts[slot] = (counts[slot] as number) + 1;
    }
    const use = sums.map((sum, slot) => (SCALE * sum) / (counts[slot] as number));
    const values = {
      fromUnixSeconds: 0,
      stepSeconds: STEP_SECONDS,
      hottestPod: use,
      meanOverPods: use,
      pods: new Float64Array(slots).fill(1),
    };
    all.push({ t, v, days: addUsage(EMPTY_PROFILE, values).days });
  }
  return all;
}

/** Decides once a day from whole days before it, and counts what was used afterwards at the trace's own resolution. */
function replay(all: readonly Recorded[], decide: (days: readonly DaySketch[]) => number): Score {
  const rows = all.map(({ t, v, days }) => {
    const first = t[0] as number;
    let inForce = { day: -1, request: 0 };
    let above = 0;
    let samples = 0;
    let requested = 0;
    let used = 0;
    for (let i = 0; i < t.length; i++) {
      const day = Math.floor(((t[i] as number) - first) / DAY_SECONDS);
      if (day < WARM_UP_DAYS) continue;
      if (day !== inForce.day) inForce = { day, request: decide(days.filter((d) => d.day < day && d.day >= day - WINDOW_DAYS)) / SCALE };
      samples++;
      requested += inForce.request;
      used += v[i] as number;
      if ((v[i] as number) > inForce.request) above++;
    }
    return { violation: above / samples, footprint: requested / used };
  });
  const footprints = rows.map((r) => r.footprint).sort((a, b) => a - b);
  return {
    violation: rows.reduce((sum, r) => sum + r.violation, 0) / rows.length,
    footprint: footprints[Math.floor(footprints.length / 2)] as number,
  };
}

/** The rule against P95 of 14 days at every multiple: over-provision against the leanest with no more violation. */
export async function benchSizing(print: (line: string) => void): Promise<void> {
  print(`sizing: one CPU request a day, risk budget ${100 * RISK_BUDGET} %, against P95 of ${WINDOW_DAYS} days × 1.15 and × anything`);
  print('trace      series   rule: above  request/use   P95+15 %: above  request/use   over-provision against the best multiple of P95');
  for (const { name, path } of TRACES) {
    if (!existsSync(path)) {
      print(`${name.padEnd(10)} skipped: ${path} is not there`);
      continue;
    }
    const all = await load(path);
    const p95 = (times: number) => replay(all, (days) => times * distributionOf(days).quantile(0.95));
    const rule = replay(all, (days) => cpuNeed(viewOf({ days }), RISK_BUDGET).amount);
    const peer = p95(1.15);
    const rivals = Array.from({ length: 71 }, (_, i) => p95(0.5 + i * 0.05)).filter((r) => r.violation <= rule.violation);
    const best = Math.min(...rivals.map((r) => r.footprint));
    const cell = (score: Score): string => `${(100 * score.violation).toFixed(2).padStart(8)} %${score.footprint.toFixed(2).padStart(13)}`;
    const ratio = rivals.length === 0 ? 'none comes so low' : `ratio ${((rule.footprint - 1) / (best - 1)).toFixed(2)}`;
    print(`${name.padEnd(10)}${String(all.length).padStart(7)}   ${cell(rule)}     ${cell(peer)}     ${ratio}`);
  }
}
