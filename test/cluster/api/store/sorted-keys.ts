/**
 * The keys of a collection in order. Additions and removals are collected and merged in when somebody reads, so that
 * a load of 100,000 objects is sorted once.
 */
export class SortedKeys {
  #sorted: string[] = [];
  #added = new Set<string>();
  #removed = new Set<string>();

  add(key: string): void {
    if (!this.#removed.delete(key)) this.#added.add(key);
  }

  remove(key: string): void {
    if (!this.#added.delete(key)) this.#removed.add(key);
  }

  /** Do not keep it across writes. */
  all(): readonly string[] {
    if (this.#added.size > 0 || this.#removed.size > 0) this.#merge();
    return this.#sorted;
  }

  /** The index of the first key at or after `key`. */
  from(key: string): number {
    const keys = this.all();
    let low = 0;
    let high = keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((keys[middle] as string) < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #merge(): void {
    const added = [...this.#added].sort();
    const merged: string[] = [];
    let next = 0;
    for (const key of this.#sorted) {
      if (this.#removed.has(key)) continue;
      while (next < added.length && (added[next] as string) < key) merged.push(added[next++] as string);
      merged.push(key);
    }
    while (next < added.length) merged.push(added[next++] as string);
    this.#sorted = merged;
    this.#added = new Set();
    this.#removed = new Set();
  }
}
