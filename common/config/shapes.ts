import { z } from 'zod';
import { formatDuration, parseDuration } from '../duration.ts';
import { parseBytes, parseMillicores } from '../quantity.ts';
import type { Result } from '../result.ts';
import { type Bytes, type Millicores, type Seconds, seconds } from '../units.ts';

/** A problem that carries its own remedy; `readConfig` shows both. */
function refuse(ctx: z.RefinementCtx, message: string, remedy: string): never {
  ctx.addIssue({ code: 'custom', message, params: { remedy } });
  return z.NEVER;
}

function quantity<T extends number>(parse: (text: string) => Result<T, 'BadQuantity'>, example: string) {
  return z
    .union([z.int(), z.string()], { error: `is not a quantity, which is text or a whole number: write for example ${example}` })
    .transform((input, ctx): T => {
      const parsed = parse(String(input));
      if (!parsed.ok) return refuse(ctx, 'is not a quantity', `write for example ${example}`);
      if (!(parsed.value > 0 && Number.isSafeInteger(parsed.value)))
        return refuse(ctx, 'must be more than zero', `write for example ${example}`);
      return parsed.value;
    })
    .meta({ 'x-kubernetes-int-or-string': true });
}

/** A CPU quantity above zero (`250m`, `"0.5"`, `2`), in millicores. */
export function cpuQuantity(): z.ZodType<Millicores, string | number> {
  return quantity(parseMillicores, '250m, "0.5" or 2');
}

/** A memory quantity above zero (`128Mi`, `1.5Gi`), in bytes. */
export function memoryQuantity(): z.ZodType<Bytes, string | number> {
  return quantity(parseBytes, '128Mi or 1.5Gi');
}

/** A duration in Prometheus' syntax (`14d`, `1h30m`), in seconds, within the bounds given in seconds. */
export function duration(bounds: { readonly min: number; readonly max: number }): z.ZodType<Seconds, string> {
  const range = `from ${formatDuration(bounds.min)} to ${formatDuration(bounds.max)}`;
  return z.string().transform((input, ctx): Seconds => {
    const parsed = parseDuration(input);
    if (parsed === undefined) return refuse(ctx, 'is not a duration', 'write for example 30m, 24h or 14d');
    if (parsed < bounds.min || parsed > bounds.max) return refuse(ctx, `is not ${range}`, `choose a duration ${range}`);
    return seconds(parsed);
  });
}

/** A number from 0 to 100, not a share of one. */
export function percent(): z.ZodNumber {
  return z.number().min(0).max(100);
}
