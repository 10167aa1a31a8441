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
/** From a billionth, in steps of a thousand. */
const DECIMAL = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];
const NANOS = 10n ** 9n;

/**
 * The shortest text without a fraction in the same family of suffixes, rounded up to a billionth. Text that is no
 * quantity stays as it is. Whole numbers of any size: a PiB in billionths is beyond what a double holds.
 */
export function canonicalQuantity(text: string): string {
  const [, sign, whole = '', fraction = '', suffix = '', exponent] =
    /^([+-]?)(\d*)\.?(\d*)(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?\d+))?$/.exec(text) ?? [];
  if (sign === undefined || !parseQuantity(text).ok) return text;
  const digits = BigInt(`${whole}${fraction}`);
  const binary = BINARY.indexOf(suffix);
  const power = exponent === undefined ? DECIMAL.indexOf(binary > 0 ? '' : suffix) * 3 - 9 : Number(exponent);
  const factor = binary > 0 ? 2n ** BigInt(10 * binary) : 1n;
  const nanos = scaled(digits * factor, power + 9 - fraction.length);
  const minus = sign === '-' && nanos > 0n ? '-' : '';
  if (binary > 0 && nanos % NANOS === 0n && nanos / NANOS >= 1024n) return minus + withSuffix(nanos / NANOS, BINARY, 1024n);
  const shortest = withSuffix(nanos, DECIMAL, 1000n);
  return minus + (exponent === undefined ? shortest : shortest.replace(/\D$/, (unit) => `e${DECIMAL.indexOf(unit) * 3 - 9}`));
}

/** Times a power of ten, rounded up. */
function scaled(value: bigint, power: number): bigint {
  if (power >= 0) return value * 10n ** BigInt(power);
  const divisor = 10n ** BigInt(-power);
  return (value + divisor - 1n) / divisor;
}

function withSuffix(value: bigint, suffixes: readonly string[], step: bigint): string {
  if (value === 0n) return '0';
  let rest = value;
  let i = 0;
  while (i + 1 < suffixes.length && rest % step === 0n) {
    rest /= step;
    i++;
  }
  return `${rest}${suffixes[i]}`;
}
