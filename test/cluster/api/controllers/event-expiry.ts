import type { Clock } from '../identity.ts';
import type { Store } from '../store/store.ts';
import type { Turns } from './turns.ts';

/** Events live this long after they were last written, as in the API server. */
const EVENT_LIFE_MS = 3_600_000;

/** Drops old events when new ones come. */
export function startEventExpiry({
  store,
  clock,
  turns,
}: {
  readonly store: Store;
  readonly clock: Clock;
  readonly turns: Turns;
}): () => void {
  const events = store.collection('events');
  /** By key, in the order of their last write. */
  const written = new Map<string, number>();
  return store.onChange((collection, change) => {
    if (collection !== events) return;
    written.delete(change.key);
    if (change.type === 'DELETED') return;
    written.set(change.key, clock.nowMs());
    turns.add('old events', () => {
      for (const [key, atMs] of written) {
        if (clock.nowMs() - atMs < EVENT_LIFE_MS) return;
        store.remove(events, key);
      }
    });
  });
}
