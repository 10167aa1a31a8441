import { uniforms } from '../../../../common/random.ts';
import { tailOfDemand } from '../../../../predictor/core/burst/backlog.ts';
import { type DemandTail, demandOf } from '../../../../predictor/core/burst/demand.ts';

/** A demand by its inverse distribution function, of mean 1. */
export type Shape = (u: number) => number;

export const exponential: Shape = (u) => -Math.log(1 - u);
/** Pareto of index 4: mean 1 at a scale of 3/4. */
export const pareto: Shape = (u) => 0.75 * (1 - u) ** -0.25;
/** On in one period of ten, and then ten times the mean. */
export const onOff: Shape = (u) => (u < 0.1 ? 10 : 0);

export function samplesOf(shape: Shape, meanMicros: number, periods: number, seed = 1): Float64Array {
  const next = uniforms(seed);
  return Float64Array.from({ length: periods }, () => meanMicros * shape(next()));
}

export function tailOf(...windows: Float64Array[]): DemandTail {
  const demand = demandOf(windows.map((usedMicros) => ({ usedMicros })));
  if (!demand.ok) throw new Error(demand.detail);
  return tailOfDemand(demand.value);
}

/** Values of the inverse distribution function at equal steps: a distribution without sampling error. */
export function quantilesOf(shape: Shape, meanMicros: number, count = 20_000): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => meanMicros * shape((i + 0.5) / count));
}
