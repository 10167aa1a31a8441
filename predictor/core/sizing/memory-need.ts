import type { ProfileView } from '../profile/resource-profile.ts';
import type { TraceStep } from '../trace.ts';
import { show, showPercent } from './amounts.ts';
import type { Need } from './cpu-need.ts';

/**
 * The highest working set of any pod in the window, or the limit at which one was OOM killed if that is more, plus the
 * margin. Memory has no slow way to be short of it: the peak counts, not a quantile.
 * @param profile with at least one day
 */
export function memoryNeed({ distribution, span }: ProfileView, peakMargin: number, oomLimitBytes: number | undefined): Need {
  const { peak } = distribution;
  const at = new Date(span.peakUnixSeconds * 1000).toISOString().slice(0, 16);
  const trace: TraceStep[] = [
    {
      stage: 'peak',
      short: `peak ${show('memory', peak)}`,
      text: `Highest working set of any pod in the window: ${show('memory', peak)}, at ${at} UTC.`,
      amount: peak,
    },
  ];
  let floor = peak;
  if (oomLimitBytes !== undefined && oomLimitBytes > peak) {
    floor = oomLimitBytes;
    trace.push({
      stage: 'oom',
      short: `OOM at ${show('memory', floor)}`,
      text: `A pod was OOM killed at a limit of ${show('memory', floor)}: what it wanted was at least that.`,
      amount: floor,
    });
  }
  const amount = floor * (1 + peakMargin);
  trace.push({
    stage: 'margin',
    short: `+${showPercent(peakMargin)} margin`,
    text: `+${showPercent(peakMargin)} margin of the policy over the ${floor > peak ? 'OOM limit' : 'peak'}.`,
    amount,
  });
  return { amount, trace };
}
