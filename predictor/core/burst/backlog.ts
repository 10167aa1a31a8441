import type { Demand, DemandTail, ThrottledPeriods } from './demand.ts';

/**
 * The exact throttling of a recorded demand at any quota q and burst b.
 *
 * At each period's start the kernel refills `tokens = min(tokens + q, q + b)`; the group runs until they are spent, and
 * what is left undone waits for the next period. Let N be the tokens left at a period's end, or minus the work left
 * undone. With demand x this is N' = min(N, b) + q − x, so that W = b − min(N, b), which is the room in the bucket plus
 * any work left undone, follows W' = max(0, W + x − q), whatever b is. The period was throttled iff work was left
 * undone, N' < 0, that is W' > b. One pass with one number of state therefore answers for every burst at once.
 *
 * W starts at 0: the bucket is full when sampling begins, as it is after two idle periods. A window that begins within a
 * burst reads too well by that burst, so windows should be long against bursts.
 */
export function tailOfDemand(demand: Demand): DemandTail {
  let cachedQuota = Number.NaN;
  const cached = demand.windows.map((window) => new Float64Array(window.length));

  function backlogs(quotaMicros: number): readonly Float64Array[] {
    if (quotaMicros !== cachedQuota) {
      for (const [w, window] of demand.windows.entries()) fillBacklog(window, quotaMicros, cached[w] as Float64Array);
      cachedQuota = quotaMicros;
    }
    return cached;
  }

  return {
    periods: demand.periods,
    awakePeriods: demand.awakePeriods,
    hiddenPeriods: demand.hiddenPeriods,
    meanMicros: demand.meanMicros,
    peakMicros: demand.peakMicros,
    throttlingAt(quotaMicros, burstMicros) {
      let throttled = 0;
      let stalled = 0;
      for (const [w, backlog] of backlogs(quotaMicros).entries()) {
        const counted = countThrottled(demand.windows[w] as Float64Array, backlog, burstMicros);
        throttled += counted.throttled;
        stalled += counted.stalled;
      }
      return { throttled, stalled };
    },
    meanRunAbove(quotaMicros) {
      let above = 0;
      let runs = 0;
      for (const window of demand.windows) {
        let running = false;
        for (const x of window) {
          if (x > quotaMicros) above++;
          if (x > quotaMicros && !running) runs++;
          running = x > quotaMicros;
        }
      }
      return runs === 0 ? 0 : above / runs;
    },
  };
}

/** W at the end of each period, µs. */
export function fillBacklog(demandMicros: Float64Array, quotaMicros: number, out: Float64Array): void {
  let w = 0;
  for (let i = 0; i < demandMicros.length; i++) {
    w = Math.max(0, w + (demandMicros[i] as number) - quotaMicros);
    out[i] = w;
  }
}

/**
 * In a throttled period the work to do was its demand and what was left undone before; of it W − b stayed undone. Where
 * it is asked for at an even rate through the period, that is also the share of the period spent throttled. The kernel's
 * `throttled_usec` adds this up over CPUs, so it is higher for groups of several threads.
 */
function countThrottled(demandMicros: Float64Array, backlog: Float64Array, burstMicros: number): ThrottledPeriods {
  let throttled = 0;
  let stalled = 0;
  let before = 0;
  for (let i = 0; i < backlog.length; i++) {
    const w = backlog[i] as number;
    if (w > burstMicros) {
      throttled++;
      stalled += (w - burstMicros) / ((demandMicros[i] as number) + Math.max(0, before - burstMicros));
    }
    before = w;
  }
  return { throttled, stalled };
}
