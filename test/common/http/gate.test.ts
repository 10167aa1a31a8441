import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createGate } from '../../../common/http/gate.ts';

describe('createGate', () => {
  it('runs no more than its limit at a time, in order, and goes on after failures', async () => {
    const gate = createGate(2);
    const order: number[] = [];
    let running = 0;
    let most = 0;
    const work = (i: number) => async (): Promise<number> => {
      order.push(i);
      most = Math.max(most, ++running);
      await setImmediate();
      running--;
      if (i === 1) throw new Error('one fails');
      return i;
    };
    const results = await Promise.allSettled(Array.from({ length: 6 }, (_, i) => gate.run(work(i))));
    expect(most).toBe(2);
    expect(order).toEqual([0, 1, 2, 3, 4, 5]);
    expect(results.map((r) => r.status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled', 'fulfilled', 'fulfilled']);
  });

  it('lets go of what is aborted while it waits, and gives the place to the next', async () => {
    const gate = createGate(1);
    const stop = new AbortController();
    let release = (): void => {};
    const first = gate.run(() => new Promise<void>((resolve) => (release = resolve)));
    const second = gate.run(() => Promise.resolve('never'), stop.signal);
    const third = gate.run(() => Promise.resolve('third'));
    stop.abort(new Error('stopped'));
    await expect(second).rejects.toThrow('stopped');
    release();
    await first;
    expect(await third).toBe('third');
  });
});
