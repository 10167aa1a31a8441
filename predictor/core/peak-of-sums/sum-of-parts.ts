import { known, type Result, unknown } from '../../../common/result.ts';

/** One workload's share of a node: what its pods there use, over the same slots as every other part. */
export interface Part {
  readonly name: string;
  /** Usage in each slot, any unit that all parts share; NaN where unknown, 0 where it did not yet exist. Empty: nothing is known of its course. */
  readonly usage: Float64Array;
  /** The most that it may use: the peak its profile remembers, its limit, or its request where it was never seen. */
  readonly peak: number;
}

/** The course of the sum, exact where all parts are known. */
export interface SumOfParts {
  /** Parts that are unknown in a slot count with their peak: never too low. */
  readonly most: Float64Array;
  /** They count as nothing: never too high. */
  readonly least: Float64Array;
  readonly sumOfPeaks: number;
  /** Share of the slots of all parts that are unknown. */
  readonly unknownShare: number;
}

export type PartsRefusal = 'NoParts' | 'BadPart';

/**
 * Adds up slot by slot before anything is said about peaks, so that parts that rise together count together and parts
 * that take turns do not, whatever the kind of their correlation.
 */
export function sumOfParts(parts: readonly Part[], slots: number): Result<SumOfParts, PartsRefusal> {
  if (parts.length === 0) return unknown('NoParts', 'No online workload is known on the node.');
  const most = new Float64Array(slots);
  const least = new Float64Array(slots);
  let sumOfPeaks = 0;
  let unknownSlots = 0;
  for (const part of parts) {
    const wrong = whatIsWrong(part, slots);
    if (wrong !== undefined) return unknown('BadPart', `${part.name} ${wrong}.`);
    const peak = part.usage.reduce((highest, used) => (Number.isNaN(used) ? highest : Math.max(highest, used)), part.peak);
    sumOfPeaks += peak;
    for (let i = 0; i < slots; i++) {
      const used = part.usage[i] ?? Number.NaN;
      const isUnknown = Number.isNaN(used);
      if (isUnknown) unknownSlots++;
      most[i] = (most[i] as number) + (isUnknown ? peak : used);
      least[i] = (least[i] as number) + (isUnknown ? 0 : used);
    }
  }
  return known({ most, least, sumOfPeaks, unknownShare: unknownSlots / (slots * parts.length) });
}

function whatIsWrong({ usage, peak }: Part, slots: number): string | undefined {
  if (usage.length !== 0 && usage.length !== slots) return `has ${usage.length} slots where ${slots} are asked for`;
  if (!(peak >= 0 && peak < Number.POSITIVE_INFINITY)) return `has no peak to count with where it is unknown: ${peak}`;
  const bad = usage.find((used) => used < 0 || used === Number.POSITIVE_INFINITY);
  return bad === undefined ? undefined : `has a usage of ${bad}`;
}
