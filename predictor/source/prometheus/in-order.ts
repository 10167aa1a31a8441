/**
 * Runs up to `limit` pieces of work at a time and hands their results over in the order of the items. Work on an item
 * begins only when it is less than `limit` ahead of the last result handed over, so that results do not pile up.
 */
export async function inOrder<I, R>(
  items: readonly I[],
  limit: number,
  work: (item: I) => Promise<R>,
  take: (result: R) => void | Promise<void>,
): Promise<void> {
  const running: Promise<R>[] = [];
  let started = 0;
  for (let taken = 0; taken < items.length; taken++) {
    while (started < items.length && started < taken + limit) {
      const result = work(items[started++] as I);
      // A failure is met when its turn comes; until then it must not count as unhandled.
      result.catch(() => {});
      running.push(result);
    }
    await take(await (running.shift() as Promise<R>));
  }
}
