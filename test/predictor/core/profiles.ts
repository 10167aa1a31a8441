import { addUsage, EMPTY_PROFILE, type ResourceProfile } from '../../../predictor/core/profile/resource-profile.ts';

/** A profile of one pod with these values in slots of five minutes, from the epoch (a Thursday) unless said. */
export function profileOf(
  values: readonly number[],
  options: { from?: number; step?: number; into?: ResourceProfile } = {},
): ResourceProfile {
  const hottestPod = Float64Array.from(values);
  return addUsage(options.into ?? EMPTY_PROFILE, {
    fromUnixSeconds: options.from ?? 0,
    stepSeconds: options.step ?? 300,
    hottestPod,
    meanOverPods: hottestPod,
    pods: new Float64Array(values.length).fill(1),
  });
}

/** Values of `days` days in slots of five minutes, by a function of the hour since the start. */
export function byHour(days: number, amountAt: (hour: number) => number): number[] {
  return Array.from({ length: days * 288 }, (_, i) => amountAt(i / 12));
}
