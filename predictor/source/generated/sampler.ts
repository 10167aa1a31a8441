import { DAY_SECONDS } from '../../../common/units.ts';
import type { Resource } from '../../core/workload.ts';
import { endOf, type PodSamples, type SlotWindow } from '../slot-fold.ts';
import { type ContainerOfPod, cpuDemand, isInGap, limitedCpu, memoryUse } from './usage-series.ts';

/** Makes the samples of one pod's container in a window, into the same two arrays each time. */
export class Sampler {
  readonly sampleSeconds: number;
  private readonly t: Float64Array;
  private readonly v: Float64Array;

  /** `stepSeconds` is the width of the windows' slots: samples are never further apart than it. */
  constructor(clusterStepSeconds: number, stepSeconds: number) {
    this.sampleSeconds = Math.min(clusterStepSeconds, stepSeconds);
    const longest = 1 + Math.ceil(Math.max(stepSeconds, DAY_SECONDS) / this.sampleSeconds);
    this.t = new Float64Array(longest);
    this.v = new Float64Array(longest);
  }

  /** Samples stand at the multiples of `sampleSeconds`, but for gaps and the time before and after the pod's life. */
  sample(of: ContainerOfPod, resource: Resource, window: SlotWindow): PodSamples {
    const { t, v, sampleSeconds } = this;
    const from = Math.max(window.fromUnixSeconds, of.pod.startUnixSeconds);
    const to = Math.min(endOf(window), of.pod.endUnixSeconds ?? Number.POSITIVE_INFINITY);
    const valueAt = resource === 'cpu' ? limitedCpuUse(of) : memoryUse(of);
    const gaps = of.workload.gaps.filter((gap) => gap.fromUnixSeconds < to && gap.toUnixSeconds > from);
    let length = 0;
    for (let time = Math.ceil(from / sampleSeconds) * sampleSeconds; time < to; time += sampleSeconds) {
      if (gaps.length > 0 && isInGap(gaps, time)) continue;
      t[length] = time;
      v[length] = valueAt(time);
      length++;
    }
    return { t, v, length };
  }
}

function limitedCpuUse(of: ContainerOfPod): (unixSeconds: number) => number {
  const demand = cpuDemand(of);
  return (t) => limitedCpu(demand(t), of);
}
