/**
 * The smallest of the values that at most the share `budget` of them exceeds. Infinity may be among them.
 * @param values not empty, no NaN; left as they are
 */
export function upperQuantile(values: Float64Array, budget: number): number {
  const sorted = Float64Array.from(values).sort();
  const mayExceed = Math.min(sorted.length - 1, Math.floor(budget * sorted.length * (1 + 1e-12)));
  return sorted[sorted.length - 1 - mayExceed] as number;
}
