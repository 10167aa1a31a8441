import { parseQuantity } from '../../../../common/quantity.ts';
import { type Fields, isFields } from '../object.ts';
import { propertySchema, type Schema } from './schema.ts';

/** Rewrites quantities in the API's canonical form (`0.5` → `500m`, `2048Mi` → `2Gi`). Changes `value`. */
export function canonicalQuantities(value: unknown, schema: Schema): void {
  if (Array.isArray(value)) {
    if (schema.items) for (const item of value) canonicalQuantities(item, schema.items);
  } else if (isFields(value)) canonicalFields(value, schema);
}

function canonicalFields(value: Fields, schema: Schema): void {
  for (const [name, inner] of Object.entries(value)) {
    const child = propertySchema(schema, name);
    if (!child) continue;
    if (child.format === 'quantity') {
      if (typeof inner === 'number') value[name] = canonicalQuantity(String(inner));
      else if (typeof inner === 'string') value[name] = canonicalQuantity(inner);
    } else canonicalQuantities(inner, child);
  }
}

const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const DECIMAL = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];

/** The shortest text without a fraction in the same family of suffixes; text that is no quantity stays as it is. */
export function canonicalQuantity(text: string): string {
  const parsed = parseQuantity(text);
  if (!parsed.ok) return text;
  if (/[KMGTPE]i$/.test(text) && Math.abs(parsed.value) >= 1024) return withSuffix(parsed.value, BINARY, 1024, 0);
  const exponent = /[eE]/.test(text.replace(/E$/, ''));
  const nanos = Math.ceil(parsed.value * 1e9 - 1e-3);
  if (!exponent) return withSuffix(nanos, DECIMAL, 1000, 0);
  const shortest = withSuffix(nanos, DECIMAL, 1000, 0);
  const power = { n: -9, u: -6, m: -3, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 }[shortest.replace(/^[-\d]+/, '')];
  return power === undefined ? shortest : shortest.replace(/\D+$/, `e${power}`);
}

function withSuffix(value: number, suffixes: readonly string[], step: number, from: number): string {
  if (value === 0) return '0';
  let rest = value;
  let i = from;
  while (i + 1 < suffixes.length && rest % step === 0) {
    rest /= step;
    i++;
  }
  return `${rest}${suffixes[i]}`;
}
