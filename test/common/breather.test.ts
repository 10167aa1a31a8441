import { describe, expect, it } from 'vitest';
import { createBreather } from '../../common/breather.ts';

describe('breather', () => {
  it('lets others run once its time has passed, and not before', async () => {
    let now = 0;
    const breathe = createBreather(10, () => now);
    expect(breathe()).toBeUndefined();
    now = 10;
    let othersRan = false;
    setImmediate(() => {
      othersRan = true;
    });
    await breathe();
    expect(othersRan).toBe(true);
    expect(breathe()).toBeUndefined();
  });
});
