import { known, type Result, unknown } from './result.ts';
import { type Bytes, bytes, GIB, type Millicores, millicores } from './units.ts';

const FACTORS: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/**
 * A Kubernetes quantity as a plain number (`250m` → 0.25, `1.5Gi` → 1610612736). Strict: what the API server would
 * refuse is refused here.
 */
export function parseQuantity(text: string): Result<number, 'BadQuantity'> {
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?\d+))?$/.exec(text);
  if (!match) return unknown('BadQuantity', `"${text}" is not a quantity: write for example 250m, 0.5, 128Mi or 1.5Gi`);
  const [, digits, suffix, exponent] = match;
  const value = Number(digits) * (exponent === undefined ? (FACTORS[suffix ?? ''] as number) : 10 ** Number(exponent));
  return known(value);
}

/** CPU as Kubernetes writes it: whole cores bare, else millicores, rounded up as the API server does. */
export function formatMillicores(value: Millicores): string {
  const m = Math.ceil(value - 1e-9);
  return m % 1000 === 0 ? String(m / 1000) : `${m}m`;
}

/** Memory as Kubernetes writes it: the largest binary unit that needs no fraction, whole bytes at least. */
export function formatBytes(value: Bytes): string {
  const n = Math.ceil(value - 1e-6);
  for (const [size, suffix] of [
    [GIB, 'Gi'],
    [2 ** 20, 'Mi'],
    [2 ** 10, 'Ki'],
  ] as const) {
    if (n !== 0 && n % size === 0) return `${n / size}${suffix}`;
  }
  return String(n);
}

export function parseMillicores(text: string): Result<Millicores, 'BadQuantity'> {
  const q = parseQuantity(text);
  return q.ok ? known(millicores(Math.ceil(q.value * 1000 - 1e-9))) : q;
}

export function parseBytes(text: string): Result<Bytes, 'BadQuantity'> {
  const q = parseQuantity(text);
  return q.ok ? known(bytes(Math.ceil(q.value - 1e-6))) : q;
}
