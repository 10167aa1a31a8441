/**
 * Randomness with the seed as an argument, in two forms.
 *
 * Without a state: every draw is a function of a seed and an index, so that any moment of a series can be made without
 * those before it. The scheme is SplitMix's (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators,
 * OOPSLA 2014): a counter in steps of the golden ratio through a mixer, here the 32-bit finaliser of MurmurHash3
 * (Austin Appleby, public domain).
 */
function bitsAt(seed: number, index: number): number {
  let n = (seed + Math.imul(index, 0x9e3779b9)) | 0;
  n ^= n >>> 16;
  n = Math.imul(n, 0x85ebca6b);
  n ^= n >>> 13;
  n = Math.imul(n, 0xc2b2ae35);
  return (n ^ (n >>> 16)) >>> 0;
}

/** Uniform in [0, 1). */
export function uniformAt(seed: number, index: number): number {
  return bitsAt(seed, index) / 2 ** 32;
}

/** Triangular in [-1, 1) around 0: two 16-bit uniforms out of one draw. */
export function noiseAt(seed: number, index: number): number {
  const bits = bitsAt(seed, index);
  return ((bits & 0xffff) + (bits >>> 16)) / 2 ** 16 - 1;
}

/** A seed of its own for a named thing: FNV-1a (Fowler, Noll, Vo) over the name, mixed with the parent's seed. */
export function seedFor(parent: number, name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return bitsAt(parent | 0, hash);
}

/**
 * With a state, for simulations that draw by the million: each call gives the next uniform number in [0, 1).
 * xoshiro128** (Blackman, Vigna: Scrambled Linear Pseudorandom Number Generators, ACM TOMS 2021; public domain),
 * period 2^128 − 1, its state filled from the seed by the mixer above as its authors advise.
 */
export function uniforms(seed: number): () => number {
  let a = bitsAt(seed, 1);
  let b = bitsAt(seed, 2);
  let c = bitsAt(seed, 3);
  // The state that is zero throughout is the only one that never moves on.
  let d = bitsAt(seed, 4) | 1;
  return () => {
    const times5 = Math.imul(b, 5);
    const out = Math.imul((times5 << 7) | (times5 >>> 25), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return out / 2 ** 32;
  };
}
