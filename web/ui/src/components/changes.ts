import type { WorkloadRowDto } from '../../../contract/api.ts';
import { formatChange } from '../../../contract/format.ts';

/** `CPU 3.7 → 1.46 cores`, `memory 2.69 → 1.95 GiB`: what the recommendation changes of one pod. */
export function changesOf(row: WorkloadRowDto): string[] {
  return (['cpu', 'memory'] as const).flatMap((resource) => {
    const { request, recommended } = row[resource];
    if (request === null || recommended === null || request === recommended) return [];
    const { before, after } = formatChange(resource, request, recommended);
    return [`${resource === 'cpu' ? 'CPU' : 'memory'} ${before} → ${after}`];
  });
}
