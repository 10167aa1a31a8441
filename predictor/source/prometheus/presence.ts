import type { Resource, WorkloadKey } from '../../core/workload.ts';
import type { FoldedUsage } from './usage-fold.ts';

/** Adds up, chunk by chunk and oldest first, which pods were there. */
export class Presence {
  /** Pods × slots of each container. */
  private readonly podSlots: Record<Resource, Map<WorkloadKey, Map<string, number>>> = { cpu: new Map(), memory: new Map() };
  /** Slots in which anything at all was seen: the source was well. */
  private readonly covered: Record<Resource, number> = { cpu: 0, memory: 0 };
  private end: Pick<FoldedUsage, 'lastSeen'> & { readonly newestUnixSeconds: number; readonly stepSeconds: number } = {
    lastSeen: new Map(),
    newestUnixSeconds: Number.NEGATIVE_INFINITY,
    stepSeconds: 0,
  };

  add({ chunk, newestUnixSeconds, lastSeen }: FoldedUsage): void {
    const anySeen = new Uint8Array(chunk.slots);
    const ofResource = this.podSlots[chunk.resource];
    for (const { workload, container, pods } of chunk.containers) {
      let sum = 0;
      for (let i = 0; i < pods.length; i++) {
        const n = pods[i] as number;
        sum += n;
        if (n > 0) anySeen[i] = 1;
      }
      const containers = ofResource.get(workload) ?? new Map<string, number>();
      ofResource.set(workload, containers);
      containers.set(container, (containers.get(container) ?? 0) + sum);
    }
    this.covered[chunk.resource] += anySeen.reduce((a, b) => a + b, 0);
    if (newestUnixSeconds !== undefined && newestUnixSeconds > this.end.newestUnixSeconds) {
      this.end = { lastSeen, newestUnixSeconds, stepSeconds: chunk.stepSeconds };
    }
  }

  /** Time of the newest usage, to the slot. */
  get newestUnixSeconds(): number | undefined {
    return Number.isFinite(this.end.newestUnixSeconds) ? this.end.newestUnixSeconds : undefined;
  }

  containers(): ReadonlyMap<WorkloadKey, ReadonlySet<string>> {
    const all = new Map<WorkloadKey, Set<string>>();
    for (const ofResource of Object.values(this.podSlots)) {
      for (const [workload, containers] of ofResource) {
        const names = all.get(workload) ?? new Set<string>();
        all.set(workload, names);
        for (const name of containers.keys()) names.add(name);
      }
    }
    return all;
  }

  /** Mean over all slots with any sample of any workload; the container that most pods have counts. */
  meanPods(workload: WorkloadKey): number {
    let most = 0;
    for (const resource of ['cpu', 'memory'] as const) {
      const slots = this.covered[resource];
      for (const sum of this.podSlots[resource].get(workload)?.values() ?? []) most = Math.max(most, slots === 0 ? 0 : sum / slots);
    }
    return most;
  }

  /** Pods with a sample in the last two slots. */
  podsAtEnd(workload: WorkloadKey): number {
    const since = this.end.newestUnixSeconds - this.end.stepSeconds;
    let n = 0;
    for (const time of this.end.lastSeen.get(workload)?.values() ?? []) if (time >= since) n++;
    return n;
  }
}
