import { setImmediate as afterOthers } from 'node:timers/promises';

/**
 * For long work on the main thread: call it between pieces, and wait for what it returns, if anything. It lets others
 * run once `everyMillis` have passed, so that a page or a probe never waits for longer than that and one piece.
 */
export function createBreather(everyMillis = 10, now: () => number = () => performance.now()): () => Promise<void> | undefined {
  let last = now();
  return () => {
    if (now() - last < everyMillis) return undefined;
    return afterOthers().then(() => {
      last = now();
    });
  };
}
