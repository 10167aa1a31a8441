import { DAY_SECONDS } from '../../common/units.ts';
import type { ContainerUsage } from '../core/usage.ts';
import type { Resource } from '../core/workload.ts';

export interface SlotWindow {
  readonly fromUnixSeconds: number;
  readonly stepSeconds: number;
  readonly slots: number;
}

/** Samples of one pod, times ascending; only the first `length` count. */
export interface PodSamples {
  readonly t: Float64Array;
  readonly v: Float64Array;
  readonly length: number;
}

/** When a pod was there; samples outside are none of its. */
export interface PodLife {
  readonly fromUnixSeconds: number;
  /** Exclusive; Infinity while it runs. */
  readonly toUnixSeconds: number;
}

/**
 * Folds the samples of a container's pods, pod after pod, into slots: within a slot CPU is the mean (as a rate over the
 * slot would be) and memory the maximum; over the pods the hottest, the mean and how long they were there are kept.
 */
export class SlotFold {
  readonly hottestPod: Float64Array;
  readonly pods: Float64Array;
  /** Pods with a sample. */
  private readonly sampled: Uint32Array;
  private readonly sums: Float64Array;
  private readonly window: SlotWindow;
  private readonly resource: Resource;

  constructor(window: SlotWindow, resource: Resource) {
    this.window = window;
    this.resource = resource;
    this.hottestPod = new Float64Array(window.slots).fill(Number.NaN);
    this.sums = new Float64Array(window.slots);
    this.pods = new Float64Array(window.slots);
    this.sampled = new Uint32Array(window.slots);
  }

  /** Adds one pod; all its times must lie in the window and in its life, and no value be NaN. */
  addPod({ t, v, length }: PodSamples, life: PodLife): void {
    const { fromUnixSeconds, stepSeconds } = this.window;
    for (let i = 0; i < length; ) {
      const slot = Math.floor(((t[i] as number) - fromUnixSeconds) / stepSeconds);
      const slotStart = fromUnixSeconds + slot * stepSeconds;
      const slotEnd = slotStart + stepSeconds;
      const first = i;
      let sum = 0;
      let top = 0;
      for (; i < length && (t[i] as number) < slotEnd; i++) {
        const value = v[i] as number;
        sum += value;
        top = Math.max(top, value);
      }
      this.addSlot(slot, this.resource === 'cpu' ? sum / (i - first) : top);
      const lived = Math.min(slotEnd, life.toUnixSeconds) - Math.max(slotStart, life.fromUnixSeconds);
      (this.pods[slot] as number) += lived / stepSeconds;
    }
  }

  private addSlot(slot: number, value: number): void {
    const before = this.hottestPod[slot] as number;
    this.hottestPod[slot] = Number.isNaN(before) ? value : Math.max(before, value);
    (this.sums[slot] as number) += value;
    (this.sampled[slot] as number)++;
  }

  /** Ends the fold: the arrays are handed over, not copied. */
  finish(): Pick<ContainerUsage, 'hottestPod' | 'meanOverPods' | 'pods'> {
    for (let i = 0; i < this.sums.length; i++) this.sums[i] = (this.sums[i] as number) / (this.sampled[i] as number);
    return { hottestPod: this.hottestPod, meanOverPods: this.sums, pods: this.pods };
  }
}

/** Slots between two samples of one series that hold none; 0 for the first sample. */
export function slotsBetween(
  earlierUnixSeconds: number | undefined,
  laterUnixSeconds: number,
  { fromUnixSeconds, stepSeconds }: SlotWindow,
): number {
  if (earlierUnixSeconds === undefined) return 0;
  const slotOf = (t: number): number => Math.floor((t - fromUnixSeconds) / stepSeconds);
  return Math.max(0, slotOf(laterUnixSeconds) - slotOf(earlierUnixSeconds) - 1);
}

/** Cuts `[from, to)` into windows of about a day; the rest that fills no slot is left for the next read. */
export function dayWindows(fromUnixSeconds: number, toUnixSeconds: number, stepSeconds: number): SlotWindow[] {
  const total = Math.max(0, Math.floor((toUnixSeconds - fromUnixSeconds) / stepSeconds));
  const slotsPerDay = Math.max(1, Math.floor(DAY_SECONDS / stepSeconds));
  const windows: SlotWindow[] = [];
  for (let done = 0; done < total; done += slotsPerDay) {
    windows.push({ fromUnixSeconds: fromUnixSeconds + done * stepSeconds, stepSeconds, slots: Math.min(slotsPerDay, total - done) });
  }
  return windows;
}

export const endOf = ({ fromUnixSeconds, stepSeconds, slots }: SlotWindow): number => fromUnixSeconds + slots * stepSeconds;
