import { NeapError } from '../../../common/errors.ts';
import { DAY_SECONDS } from '../../../common/units.ts';

/**
 * Slot i covers [from + i·step, from + (i+1)·step) and is read as the value at its end, which looks back over the slot:
 * nothing of a later slot gets in, and two queries that meet at a border neither lose nor double a slot.
 */
export interface SlotGrid {
  readonly fromUnixSeconds: number;
  readonly stepSeconds: number;
  readonly slots: number;
}

/** Slots first ≤ i < end of a grid. */
export interface SlotRange {
  readonly first: number;
  readonly end: number;
}

export function slotGrid(fromUnixSeconds: number, toUnixSeconds: number, stepSeconds: number): SlotGrid {
  return { fromUnixSeconds, stepSeconds, slots: Math.max(0, Math.floor((toUnixSeconds - fromUnixSeconds) / stepSeconds)) };
}

export function slotStart(grid: SlotGrid, slot: number): number {
  return grid.fromUnixSeconds + slot * grid.stepSeconds;
}

/** Cuts at UTC midnights, so that requests do not depend on when they are made and a query frontend can cache them. */
export function dayRanges(grid: SlotGrid): readonly SlotRange[] {
  const ranges: SlotRange[] = [];
  let first = 0;
  while (first < grid.slots) {
    const midnight = (Math.floor(slotStart(grid, first) / DAY_SECONDS) + 1) * DAY_SECONDS;
    const end = Math.min(grid.slots, Math.ceil((midnight - grid.fromUnixSeconds) / grid.stepSeconds));
    ranges.push({ first, end });
    first = end;
  }
  return ranges;
}

/** How many slots behind a piece to look at, to see which series go on: as many as a value looks back over, none in the future. */
export function slotsSeenAhead(
  grid: SlotGrid,
  piece: SlotRange,
  { lookbackSlots, nowUnixSeconds }: { readonly lookbackSlots: number; readonly nowUnixSeconds: number },
): number {
  const known = Math.floor((nowUnixSeconds - slotStart(grid, piece.end)) / grid.stepSeconds);
  return Math.max(0, Math.min(lookbackSlots, known));
}

/** How many slots one query may ask for; falls when a server refuses, so that the next query need not be refused. */
export interface SlotLimit {
  slots: number;
}

/** Prometheus refuses more than 11,000 points a series; usage is asked for a few slots more than it covers. */
const MAX_POINTS = 10_900;

export function slotLimit(sampleBudget: number, series: number): SlotLimit {
  return { slots: Math.max(1, Math.min(MAX_POINTS, Math.floor(sampleBudget / Math.max(1, series)))) };
}

/**
 * Asks for a range in pieces of at most `limit` slots, oldest first. A piece that is refused as too large is halved
 * until it passes.
 * @throws NeapError `terminal` where one slot alone is refused
 */
export async function inPieces<T>(
  range: SlotRange,
  limit: SlotLimit,
  counters: { splits: number },
  ask: (piece: SlotRange) => Promise<T>,
): Promise<readonly T[]> {
  const answers: T[] = [];
  let first = range.first;
  while (first < range.end) {
    const end = Math.min(range.end, first + limit.slots);
    try {
      answers.push(await ask({ first, end }));
      first = end;
    } catch (error) {
      if (!(error instanceof NeapError) || error.retry !== 'split') throw error;
      if (end - first <= 1) throw stillTooMuch(error);
      counters.splits++;
      limit.slots = Math.min(limit.slots, Math.ceil((end - first) / 2));
    }
  }
  return answers;
}

function stillTooMuch(error: NeapError): NeapError {
  return new NeapError('source', `${error.message} (for a single point in time)`, {
    cause: error,
    remedy: 'filter namespaces, or let the server load more samples a query (Prometheus: --query.max-samples)',
  });
}
