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
  const [, digits, suffix, exponent] = match ?? [];
  const value = Number(digits) * (exponent === undefined ? (FACTORS[suffix ?? ''] as number) : 10 ** Number(exponent));
  if (!match || !Number.isFinite(value)) {
    return unknown('BadQuantity', `"${text}" is not a quantity: write for example 250m, 0.5, 128Mi or 1.5Gi`);
  }
  return known(value);
}

/**
 * Rounds up to a whole number, but not for the noise of a few multiplications in floating point (2 ulp, 1e-9 at least).
 * What is above 0 at all is at least 1: there is no noise around 0.
 */
function ceilPastNoise(value: number): number {
  if (Number.isInteger(value)) return value;
  if (value > 0 && value < 1) return 1;
  return Math.ceil(value - Math.max(1e-9, Math.abs(value) * 2 ** -51)) + 0;
}

/** CPU as Kubernetes writes it: whole cores bare, else millicores, rounded up as the API server does. */
export function formatMillicores(value: Millicores): string {
  const m = ceilPastNoise(value);
  return m % 1000 === 0 ? String(m / 1000) : `${m}m`;
}

/** Memory as Kubernetes writes it: the largest binary unit that needs no fraction, whole bytes at least. */
export function formatBytes(value: Bytes): string {
  const n = ceilPastNoise(value);
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
  return q.ok ? known(millicores(ceilPastNoise(q.value * 1000))) : q;
}

export function parseBytes(text: string): Result<Bytes, 'BadQuantity'> {
  const q = parseQuantity(text);
  return q.ok ? known(bytes(ceilPastNoise(q.value))) : q;
}
