import type { ResourceName } from './api.ts';

/**
 * How amounts are written, everywhere the same: with the digits that tell them apart. Exact values are in the CSV.
 * The text is English, so are the numbers.
 */
const LOCALE = 'en-US';

const MIB = 2 ** 20;
const GIB = 2 ** 30;
const TIB = 2 ** 40;

const significant = new Intl.NumberFormat(LOCALE, { maximumSignificantDigits: 3 });
/** By number of decimals. */
const decimalFormats = [0, 1, 2].map((decimals) => new Intl.NumberFormat(LOCALE, { maximumFractionDigits: decimals }));

/** Between a number and its unit, so that no line ends between them. */
const NBSP = '\u00a0';

/** `412m`, `9.5m`, `1 core`, `1.25 cores`. */
export function formatCpu(millicores: number): string {
  if (Math.abs(millicores) < 999.5) return `${rounded(millicores, Math.abs(millicores) >= 10 ? 0 : 1)}m`;
  const cores = threeDigits(millicores / 1000);
  return `${cores}${NBSP}${cores === '1' ? 'core' : 'cores'}`;
}

/** `512 MiB`, `1.5 GiB`, `0 MiB`. */
export function formatMemory(bytes: number): string {
  const size = Math.abs(bytes);
  if (size >= 1000 * GIB) return `${threeDigits(bytes / TIB)}${NBSP}TiB`;
  if (size >= 1023.5 * MIB) return `${threeDigits(bytes / GIB)}${NBSP}GiB`;
  return `${rounded(bytes / MIB, size >= 10 * MIB ? 0 : 1)}${NBSP}MiB`;
}

export function formatAmount(resource: ResourceName, amount: number): string {
  return resource === 'cpu' ? formatCpu(amount) : formatMemory(amount);
}

/** Two amounts side by side; a unit that both have is said once: `3.7` and `1.46 cores`. */
export function formatChange(resource: ResourceName, before: number, after: number): { readonly before: string; readonly after: string } {
  const from = formatAmount(resource, before);
  const to = formatAmount(resource, after);
  const [number = from, unit] = from.split(NBSP);
  const same = unit !== undefined && unit.replace(/s$/, '') === to.split(NBSP)[1]?.replace(/s$/, '');
  return { before: same ? number : from, after: to };
}

/** `$1,234`, `$12.40`, `−$3`: cents only where they matter. */
export function formatMoney(amount: number, currency: string): string {
  return moneyFormat(currency, Math.abs(amount) >= 100 ? 0 : 2)
    .format(zeroed(amount, 0.005))
    .replace('-', '−');
}

/** `$1,234/mo`. */
export function formatMoneyPerMonth(amount: number, currency: string): string {
  return `${formatMoney(amount, currency)}/mo`;
}

/** A price of one core hour and the like, with the digits it needs. */
export function formatPrice(amount: number, currency: string): string {
  return moneyFormat(currency, 6, 2).format(amount);
}

/** `31 %`, `3.1 %`, `0.62 %`, `< 0.01 %`. */
export function formatShare(share: number): string {
  const percent = share * 100;
  const size = Math.abs(percent);
  if (size !== 0 && size < 0.01) return `<${NBSP}0.01${NBSP}%`;
  return `${rounded(percent, size >= 10 ? 0 : size >= 1 ? 1 : 2)}${NBSP}%`;
}

export function formatCount(count: number): string {
  return rounded(count, 0);
}

/** Pods are a mean over time, so of what runs now and then there is a part of one: `3`, `185`, `0.3`. */
export function formatPods(pods: number): string {
  if (pods > 0 && pods < 0.1) return `<${NBSP}0.1`;
  return rounded(pods, pods < 10 ? 1 : 0);
}

/** `1 workload`, `1,204 workloads`. */
export function formatCounted(count: number, singular: string, plural = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : plural}`;
}

export interface Delta {
  readonly direction: 'up' | 'down' | 'same';
  readonly arrow: '↑' | '↓' | '→';
  readonly word: 'higher' | 'lower' | 'unchanged';
  /** `−55 %`; '' where the earlier amount was 0. */
  readonly share: string;
  /** All of it: `↓ −55 % lower`. */
  readonly text: string;
}

/** The change from one amount to another, told by sign, arrow and word. Less than half a percent is no change. */
export function formatDelta(before: number, after: number): Delta {
  const relative = before === 0 ? (after === 0 ? 0 : undefined) : (after - before) / Math.abs(before);
  if (relative !== undefined && Math.abs(relative) < 0.005) {
    return { direction: 'same', arrow: '→', word: 'unchanged', share: '', text: '→ unchanged' };
  }
  const up = after > before;
  const arrow = up ? '↑' : '↓';
  const word = up ? 'higher' : 'lower';
  const percent = relative === undefined ? '' : `${up ? '+' : '−'}${percentDigits(Math.abs(relative) * 100)}${NBSP}%`;
  return { direction: up ? 'up' : 'down', arrow, word, share: percent, text: [arrow, percent, word].filter((t) => t !== '').join(' ') };
}

/** `< 5 s`, `40 s`, `12 min`, `3 h`, `9 days`. */
export function formatAge(seconds: number): string {
  if (seconds < 5) return '< 5 s';
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 2 * 86_400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} days`;
}

/** `14 days`, `36 hours`, `20 min`. */
export function formatSpan(seconds: number): string {
  if (seconds >= 2 * 86_400) return `${significant.format(Math.round(seconds / 8640) / 10)} days`;
  if (seconds >= 2 * 3600) return `${significant.format(Math.round(seconds / 3600))} hours`;
  return `${significant.format(Math.round(seconds / 60))} min`;
}

/** Abbreviations that codes write as words. */
const ABBREVIATIONS = /\b(cpu|hpa|oom|pdb|qos)\b/gi;

/** `HistoryTooShort` → `History too short`; abbreviations stay: `HpaOnResource` → `HPA on resource`. */
export function formatReason(code: string): string {
  const words = code
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .split(' ');
  const text = words.map((word, i) => (i > 0 && /^[A-Z][a-z]/.test(word) ? word.toLowerCase() : word)).join(' ');
  return (text.charAt(0).toUpperCase() + text.slice(1)).replace(ABBREVIATIONS, (word) => word.toUpperCase());
}

/** Two decimals below ten, one below a hundred, none above; as the sentences of a trace have them. */
function threeDigits(value: number): string {
  const size = Math.abs(value);
  return rounded(value, size < 10 ? 2 : size < 100 ? 1 : 0);
}

/** `toFixed` first: it rounds as the predictor's sentences do, so that a number is the same in both. */
function rounded(value: number, decimals: 0 | 1 | 2): string {
  const text = (decimalFormats[decimals] as Intl.NumberFormat).format(Number(value.toFixed(decimals)) || 0);
  return text.replace('-', '−');
}

function percentDigits(percent: number): string {
  return rounded(percent, percent < 9.95 ? 1 : 0);
}

const moneyFormats = new Map<string, Intl.NumberFormat>();

/** Made once each: making one costs more than a hundred uses. */
function moneyFormat(currency: string, maximumFractionDigits: number, minimumFractionDigits = maximumFractionDigits): Intl.NumberFormat {
  const key = `${currency} ${minimumFractionDigits} ${maximumFractionDigits}`;
  let format = moneyFormats.get(key);
  if (format === undefined) {
    format = new Intl.NumberFormat(LOCALE, { style: 'currency', currency, minimumFractionDigits, maximumFractionDigits });
    moneyFormats.set(key, format);
  }
  return format;
}

/** Keeps `-0.00` from being shown. */
function zeroed(amount: number, below: number): number {
  return Math.abs(amount) < below ? 0 : amount;
}
