import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NeapError } from '../../../../common/errors.ts';
import { DAY_SECONDS } from '../../../../common/units.ts';
import { dayRanges, inPieces, type SlotRange, slotGrid, slotLimit, slotStart } from '../../../../predictor/source/prometheus/slots.ts';

const grids = fc
  .tuple(
    fc.integer({ min: 1_600_000_000, max: 1_900_000_000 }),
    fc.integer({ min: 1, max: 10 * DAY_SECONDS }),
    fc.constantFrom(60, 300, 420, 3600, 7200),
  )
  .map(([from, span, step]) => slotGrid(from, from + span, step));

describe('dayRanges', () => {
  it('covers every slot once, in order', () => {
    fc.assert(
      fc.property(grids, (grid) => {
        const slots = dayRanges(grid).flatMap(({ first, end }) => Array.from({ length: end - first }, (_, i) => first + i));
        expect(slots).toEqual(Array.from({ length: grid.slots }, (_, i) => i));
      }),
    );
  });

  it('starts each range but the first with the first slot of a UTC day', () => {
    fc.assert(
      fc.property(grids, (grid) => {
        for (const { first } of dayRanges(grid).slice(1)) {
          expect(slotStart(grid, first) % DAY_SECONDS).toBeLessThan(grid.stepSeconds);
        }
      }),
    );
  });

  it('leaves an unfinished slot for later', () => {
    expect(slotGrid(1000, 1899, 300).slots).toBe(2);
    expect(slotGrid(1000, 900, 300).slots).toBe(0);
  });
});

describe('inPieces', () => {
  const tooMuch = new NeapError('source', 'too many samples', { retry: 'split' });

  it('finds a size that passes, covers every slot once and remembers the size', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 500 }),
        fc.integer({ min: 1, max: 500 }),
        fc.integer({ min: 1, max: 600 }),
        async (slots, passes, start) => {
          const counters = { splits: 0 };
          const limit = { slots: start };
          const ask = async ({ first, end }: SlotRange): Promise<number[]> => {
            if (end - first > passes) throw tooMuch;
            return Array.from({ length: end - first }, (_, i) => first + i);
          };
          const pieces = await inPieces({ first: 0, end: slots }, limit, counters, ask);
          expect(pieces.flat()).toEqual(Array.from({ length: slots }, (_, i) => i));
          if (counters.splits > 0) expect(limit.slots).toBeLessThanOrEqual(passes);
          const before = counters.splits;
          await inPieces({ first: 0, end: slots }, limit, counters, ask);
          expect(counters.splits).toBe(before);
        },
      ),
    );
  });

  it('gives up where one slot is too much, and at once for other errors', async () => {
    const counters = { splits: 0 };
    const refuse = () => Promise.reject(tooMuch);
    await expect(inPieces({ first: 0, end: 8 }, { slots: 8 }, counters, refuse)).rejects.toMatchObject({
      retry: 'terminal',
      remedy: expect.stringContaining('filter namespaces'),
    });
    expect(counters.splits).toBe(3);
    const broken = new NeapError('source', 'broken');
    await expect(inPieces({ first: 0, end: 8 }, { slots: 8 }, counters, () => Promise.reject(broken))).rejects.toBe(broken);
  });

  it('starts within the budget and never asks for more points than Prometheus gives', () => {
    expect(slotLimit(5_000_000, 35).slots).toBe(10_900);
    expect(slotLimit(5_000_000, 50_000).slots).toBe(100);
    expect(slotLimit(5_000_000, 1e9).slots).toBe(1);
  });
});
