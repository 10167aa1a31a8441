import type { Asks, ContainerSpec, CpuSpec, MemorySpec, WorkloadSpec } from '../workload-spec.ts';

/** The catalogue's own short forms: millicores, MiB, and a list of a namespace's workloads. */
export const cpu = (idle: number, peak: number, more: Partial<CpuSpec> = {}): CpuSpec => ({ idle, peak, noise: 0.08, ...more });
export const follows = (baseMib: number, loadMib: number, cacheMib = 0): MemorySpec => ({ model: 'load', baseMib, loadMib, cacheMib });
export const heap = (mib: number): MemorySpec => ({ model: 'heap', mib });
export const asks = (cpuAsked: readonly [number?, number?], memoryAsked: readonly [number?, number?]): Asks => ({
  cpu: [cpuAsked[0], cpuAsked[1]],
  memory: [memoryAsked[0], memoryAsked[1]],
});
export const box = (name: string, load: CpuSpec, memory: MemorySpec, asked: Asks): ContainerSpec => ({
  name,
  cpu: load,
  memory,
  asks: asked,
});

export const shopper = { day: 'shopper', week: 'leisure' } as const;
export const business = { day: 'api', week: 'business' } as const;
export const office = { day: 'office', week: 'business' } as const;
export const nightly = { day: 'night', week: 'even' } as const;
export const steady = { day: 'flat', week: 'even' } as const;
export const weekend = { day: 'night', week: 'weekendOnly' } as const;

export type Local = Omit<WorkloadSpec, 'namespace'>;
export const within = (namespace: string, specs: readonly Local[]): readonly WorkloadSpec[] =>
  specs.map((spec) => ({ namespace, ...spec }));
