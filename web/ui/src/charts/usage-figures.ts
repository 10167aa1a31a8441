import type { ResourceDto, SeriesColumnsDto, SeriesDto } from '../../../contract/api.ts';
import { formatAmount, formatDelta } from '../../../contract/format.ts';
import { formatDayAndTime } from '../time.ts';

/** A limit farther away than this would press everything else to the floor of the chart. */
const LIMIT_IN_SIGHT = 1.8;
const HEADROOM = 1.08;
const MOST_TICKS = 6;
const MIB = 2 ** 20;
const GIB = 2 ** 30;

export interface Scale {
  readonly max: number;
  readonly step: number;
  readonly limitInSight: boolean;
}

/** From zero to what matters, in steps that people count in (binary ones for memory). */
export function scaleOf({ resource, recommendation }: ResourceDto, columns: SeriesColumnsDto): Scale {
  const recommended = recommendation.ok ? recommendation.request : 0;
  const top = Math.max(largestOf(columns.hottest), largestOf(columns.mean), largestOf(columns.request), recommended, 1);
  const limit = largestOf(columns.limit);
  const limitInSight = limit > 0 && limit <= top * LIMIT_IN_SIGHT;
  const wanted = (limitInSight ? Math.max(top, limit) : top) * HEADROOM;
  const unit = resource === 'cpu' ? 1 : wanted >= MOST_TICKS * GIB ? GIB : MIB;
  const step = Math.max(1, niceStep(wanted / unit / MOST_TICKS, resource === 'memory')) * unit;
  return { max: Math.ceil(wanted / step) * step, step, limitInSight };
}

/** The sentence that a reader should take from the chart. */
export function takeawayOf(
  { resource, request, requestKnown }: ResourceDto,
  { from, stepSeconds }: SeriesDto,
  columns: SeriesColumnsDto,
): string {
  const peak = largestOf(columns.hottest);
  const at = columns.hottest.indexOf(peak);
  if (at === -1) return 'There is no usage sample in this window.';
  const when = formatDayAndTime(from + at * stepSeconds);
  const against =
    request === null
      ? requestKnown
        ? 'no request is set'
        : 'its request is not known'
      : peak > request
        ? `${formatDelta(request, peak).share.replace('+', '')} above today’s request of ${formatAmount(resource, request)}`
        : `${formatDelta(request, peak).share.replace('−', '')} below today’s request of ${formatAmount(resource, request)}`;
  return `The hottest pod peaked at ${formatAmount(resource, peak)} on ${when}: ${against}.`;
}

/** What the crosshair points at, in words. */
export function valuesAt({ resource }: ResourceDto, { from, stepSeconds }: SeriesDto, columns: SeriesColumnsDto, index: number): string {
  const named = [
    ['hottest pod', columns.hottest[index]],
    ['mean', columns.mean[index]],
    ['request', columns.request[index]],
    ['limit', columns.limit[index]],
  ] as const;
  const known = named.flatMap(([name, amount]) =>
    amount === null || amount === undefined ? [] : `${name} ${formatAmount(resource, amount)}`,
  );
  return `${formatDayAndTime(from + index * stepSeconds)}: ${known.length === 0 ? 'nothing known' : known.join(', ')}`;
}

export function seriesCsv(unit: string, { from, stepSeconds }: SeriesDto, columns: SeriesColumnsDto): string {
  const header = ['time', `hottest_pod_${unit}`, `mean_of_pods_${unit}`, `request_${unit}`, `limit_${unit}`];
  const lines = columns.hottest.map((hottest, i) =>
    [new Date((from + i * stepSeconds) * 1000).toISOString(), hottest, columns.mean[i], columns.request[i], columns.limit[i]]
      .map((cell) => cell ?? '')
      .join(','),
  );
  return [header.join(','), ...lines, ''].join('\r\n');
}

export function lastKnown(values: readonly (number | null)[]): number | null {
  return values.findLast((value) => value !== null) ?? null;
}

function largestOf(values: readonly (number | null)[]): number {
  return values.reduce<number>((largest, value) => Math.max(largest, value ?? 0), 0);
}

function niceStep(rough: number, binary: boolean): number {
  if (binary) return 2 ** Math.max(0, Math.ceil(Math.log2(rough)));
  const power = 10 ** Math.floor(Math.log10(rough));
  return ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
}
