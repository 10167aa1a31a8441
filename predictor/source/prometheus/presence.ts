import type { WorkloadKey } from '../../core/workload.ts';
import type { FoldedUsage } from './usage-fold.ts';

/** Keeps, chunk by chunk and oldest first, which containers had usage, and which pods had it last. */
export class Presence {
  private readonly seen = new Map<WorkloadKey, Map<string, Map<string, number>>>();
  private newest = Number.NEGATIVE_INFINITY;
  private stepSeconds = 0;

  add({ chunk, newestUnixSeconds, lastSeen }: FoldedUsage): void {
    this.stepSeconds = chunk.stepSeconds;
    this.newest = Math.max(this.newest, newestUnixSeconds ?? Number.NEGATIVE_INFINITY);
    for (const [workload, containers] of lastSeen) {
      const ofWorkload = this.seen.get(workload) ?? new Map<string, Map<string, number>>();
      this.seen.set(workload, ofWorkload);
      for (const [container, pods] of containers) ofWorkload.set(container, this.recent(ofWorkload.get(container), pods));
    }
  }

  /** Pods of days ago are dropped, so that what is kept does not grow with them. */
  private recent(before: ReadonlyMap<string, number> | undefined, pods: ReadonlyMap<string, number>): Map<string, number> {
    const merged = new Map([...(before ?? [])].filter(([, time]) => time >= this.since));
    for (const [pod, time] of pods) if (time >= this.since) merged.set(pod, Math.max(time, merged.get(pod) ?? 0));
    return merged;
  }

  /** The last two slots: a scrape may be a little late. */
  private get since(): number {
    return this.newest - this.stepSeconds;
  }

  /** Time of the newest usage, to the slot. */
  get newestUnixSeconds(): number | undefined {
    return Number.isFinite(this.newest) ? this.newest : undefined;
  }

  containers(): ReadonlyMap<WorkloadKey, ReadonlySet<string>> {
    return new Map([...this.seen].map(([workload, containers]) => [workload, new Set(containers.keys())]));
  }

  /** Pods with a sample of the container, or of any, in the last two slots. */
  podsAtEnd(workload: WorkloadKey, container?: string): ReadonlySet<string> {
    const found = new Set<string>();
    for (const [name, pods] of this.seen.get(workload) ?? []) {
      if (container !== undefined && container !== name) continue;
      for (const [pod, time] of pods) if (time >= this.since) found.add(pod);
    }
    return found;
  }
}
