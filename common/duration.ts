import { type Seconds, seconds } from './units.ts';

const UNIT_SECONDS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800, y: 31_536_000 };

/**
 * Prometheus' duration syntax (`5m`, `1h30m`, `2w`): units in falling order, each at most once.
 * @returns undefined where the text is not a duration of more than zero
 */
export function parseDuration(text: string): Seconds | undefined {
  if (!/^(\d+y)?(\d+w)?(\d+d)?(\d+h)?(\d+m)?(\d+s)?(\d+ms)?$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+)(ms|[ywdhms])/g)) total += Number(amount) * (UNIT_SECONDS[unit as string] as number);
  return total > 0 && Number.isFinite(total) ? seconds(total) : undefined;
}

/** Writes whole seconds in Prometheus' syntax, the largest units first: 5400 is `1h30m`. */
export function formatDuration(value: number): string {
  let rest = Math.round(value);
  if (rest <= 0) return '0s';
  let out = '';
  for (const unit of ['d', 'h', 'm', 's']) {
    const size = UNIT_SECONDS[unit] as number;
    const n = Math.floor(rest / size);
    if (n > 0) out += `${n}${unit}`;
    rest -= n * size;
  }
  return out;
}

/** For sentences: the two largest units, the rest dropped (`1603d4h`, `2h5m`). */
export function formatRoughly(value: number): string {
  return (formatDuration(value).match(/\d+[a-z]+/g) ?? []).slice(0, 2).join('');
}
