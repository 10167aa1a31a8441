/**
 * Branded numbers. Outside data is converted once, at the edge, by the functions here; rounding is done once, when a
 * value is written or shown. Plain numbers suffice: 2^53 bytes are 8 PiB.
 */
declare const unit: unique symbol;
type Unit<U extends string> = number & { readonly [unit]: U };

export type Millicores = Unit<'millicores'>;
export type Bytes = Unit<'bytes'>;
export type Seconds = Unit<'seconds'>;
/** A share of one: 0.01 is one percent. */
export type Fraction = Unit<'fraction'>;

export const millicores = (n: number): Millicores => n as Millicores;
export const bytes = (n: number): Bytes => n as Bytes;
export const seconds = (n: number): Seconds => n as Seconds;
export const fraction = (n: number): Fraction => n as Fraction;

export const MIB = 1024 ** 2;
export const GIB = 1024 ** 3;
export const MINUTE_SECONDS = 60;
export const HOUR_SECONDS = 3600;
export const DAY_SECONDS = 86_400;
export const WEEK_SECONDS = 7 * DAY_SECONDS;

/** The industry's month (OpenCost, Kubecost, cloud price lists): 365 × 24 / 12 hours. */
export const HOURS_PER_MONTH = 730;
