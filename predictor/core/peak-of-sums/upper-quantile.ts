/**
 * The smallest of the values that at most the share `budget` of them exceeds. Infinity may be among them.
 * @param values not empty, no NaN; left as they are
 */
export function upperQuantile(values: Float64Array, budget: number): number {
  const sorted = Float64Array.from(values).sort();
  const mayExceed = Math.min(sorted.length - 1, Math.floor(budget * sorted.length * (1 + 1e-12)));
  return sorted[sorted.length - 1 - mayExceed] as number;
}

/**
 * The same with the values in order of time, each counting half of one that is `halfLife` places after it, so that what
 * was long ago fades.
 */
export function fadingUpperQuantile(values: Float64Array, budget: number, halfLife: number): number {
  const falling = [...values.keys()].sort((a, b) => (values[b] as number) - (values[a] as number) || a - b);
  const weightOf = (i: number): number => 2 ** ((i - values.length) / halfLife);
  const total = values.reduce((sum, _, i) => sum + weightOf(i), 0);
  let above = 0;
  for (const i of falling) {
    above += weightOf(i);
    if (above > budget * total * (1 + 1e-12)) return values[i] as number;
  }
  return values[falling.at(-1) as number] as number;
}
