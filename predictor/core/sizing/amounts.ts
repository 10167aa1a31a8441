import { formatBytes, formatMillicores } from '../../../common/quantity.ts';
import { bytes, GIB, MIB, millicores } from '../../../common/units.ts';
import type { Resource } from '../workload.ts';

/** Requests are written in whole millicores and whole MiB: finer steps only make noise in diffs. */
const GRAIN: Readonly<Record<Resource, number>> = { cpu: 1, memory: MIB };

/** Rounds up to what is written. Float dust below a millionth does not cost a whole step. */
export function roundUp(resource: Resource, amount: number): number {
  return Math.ceil(amount / GRAIN[resource] - 1e-6) * GRAIN[resource];
}

/** For sentences: `412m`, `1.25 cores`, `96 MiB`, `1.5 GiB`. */
export function show(resource: Resource, amount: number): string {
  if (resource === 'cpu') {
    if (amount >= 1000) return `${trim(amount / 1000, 2)} cores`;
    return amount >= 10 || amount === 0 ? `${trim(amount, 0)}m` : `${trim(amount, 1)}m`;
  }
  return amount >= GIB ? `${trim(amount / GIB, 2)} GiB` : `${trim(amount / MIB, amount >= 10 * MIB ? 0 : 1)} MiB`;
}

/** As it stands in a manifest: `412m`, `1280Mi`. */
export function manifestQuantity(resource: Resource, amount: number): string {
  return resource === 'cpu' ? formatMillicores(millicores(amount)) : formatBytes(bytes(amount));
}

/** `8 %`, `0.4 %`; small shares keep a digit that tells them from nothing. */
export function showPercent(share: number): string {
  const percent = share * 100;
  if (percent === 0) return '0 %';
  if (percent < 0.1) return '<0.1 %';
  return `${percent < 10 ? trim(percent, 1) : trim(percent, 0)} %`;
}

function trim(value: number, digits: number): string {
  return String(Number(value.toFixed(digits)));
}
