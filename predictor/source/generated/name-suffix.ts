import { uniformAt } from '../../../common/random.ts';

/** `length` characters as Kubernetes puts them at the end of names: no vowels, so that no words come out. */
export function nameSuffix(seed: number, length: number): string {
  const alphabet = 'bcdfghjklmnpqrstvwxz2456789';
  let out = '';
  for (let i = 0; i < length; i++) out += alphabet[Math.floor(uniformAt(seed, i) * alphabet.length)];
  return out;
}
