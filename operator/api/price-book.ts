import { z } from 'zod';
import { percent } from '../../common/config/shapes.ts';
import { API_VERSION, objectMeta } from './object-meta.ts';

/** Far above any price in any currency, and low enough for the total of any cluster to stay a finite number. */
const MOST_PER_HOUR = 1_000_000;

const price = z.number().min(0).max(MOST_PER_HOUR);

export const priceBookSpec = z.strictObject({
  currency: z
    .string()
    .refine((code) => Intl.supportedValuesOf('currency').includes(code), {
      error: 'is not a currency',
      params: { remedy: 'write an ISO 4217 code, for example EUR, USD or GBP' },
    })
    .meta({ pattern: '^[A-Z]{3}$' })
    .describe('ISO 4217 code of the currency that all prices are in.'),
  cpuCoreHour: price.describe('Price of one CPU core for one hour.'),
  memoryGibHour: price.describe('Price of one GiB (2^30 bytes) of memory for one hour.'),
  discountPercent: percent().default(0).describe('Taken off both prices, in percent.'),
  source: z.string().default('').describe('Where the prices come from, for whoever reads the result.'),
  date: z.iso.date().optional().describe('The day that the prices are of, as YYYY-MM-DD.'),
});

export const priceBook = z.strictObject({
  apiVersion: z.literal(API_VERSION),
  kind: z.literal('PriceBook'),
  metadata: objectMeta.omit({ namespace: true }),
  spec: priceBookSpec,
});

export type PriceBook = z.infer<typeof priceBook>;

/** Prices as they are charged, after the discount. */
export interface ResolvedPrices {
  /** ISO 4217. */
  readonly currency: string;
  readonly cpuCoreHour: number;
  readonly memoryGibHour: number;
  /** For a person: which price book, its source and date. */
  readonly origin: string;
}

/** OpenCost's default price list (configs/default.json, 2024-10-25): GCP us-central1, on demand, in USD. */
export const DEFAULT_PRICES: ResolvedPrices = {
  currency: 'USD',
  cpuCoreHour: 0.031611,
  memoryGibHour: 0.004237,
  origin: "default: OpenCost's default prices of 2024-10-25 (GCP us-central1, on demand)",
};

/** Takes the discount off; without a price book the prices are `DEFAULT_PRICES`. */
export function resolvePrices(book: PriceBook | undefined): ResolvedPrices {
  if (book === undefined) return DEFAULT_PRICES;
  const { currency, cpuCoreHour, memoryGibHour, discountPercent, source, date } = book.spec;
  const share = 1 - discountPercent / 100;
  const notes = [source, date ?? '', discountPercent > 0 ? `${discountPercent} % discount taken off` : ''].filter((note) => note !== '');
  return {
    currency,
    cpuCoreHour: cpuCoreHour * share,
    memoryGibHour: memoryGibHour * share,
    origin: `price book ${book.metadata.name}${notes.length > 0 ? ` (${notes.join(', ')})` : ''}`,
  };
}
