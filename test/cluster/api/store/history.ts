import type { KubeObject } from '../object.ts';

/** One write, as a watch sees it. `object` of a deletion is the last state with the deletion's resource version. */
export interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly revision: number;
  readonly key: string;
  readonly object: KubeObject;
  readonly previous: KubeObject | undefined;
}

/** The last changes of a collection, for watches that resume and for lists that page over a snapshot. */
export class History {
  readonly #capacity: number;
  #changes: Change[] = [];
  #compacted = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Changes up to and including this revision are forgotten. */
  get compactedRevision(): number {
    return this.#compacted;
  }

  push(change: Change): void {
    this.#changes.push(change);
    // Cutting in halves makes it cheap on average.
    if (this.#changes.length > this.#capacity * 2)
      this.compact((this.#changes[this.#changes.length - this.#capacity - 1] as Change).revision);
  }

  compact(revision: number): void {
    this.#compacted = Math.max(this.#compacted, revision);
    this.#changes = this.#changes.slice(this.#indexAfter(revision));
  }

  /** The changes after a revision in order; undefined where some of them are forgotten. */
  since(revision: number): readonly Change[] | undefined {
    if (revision < this.#compacted) return undefined;
    return this.#changes.slice(this.#indexAfter(revision));
  }

  #indexAfter(revision: number): number {
    let low = 0;
    let high = this.#changes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#changes[middle] as Change).revision <= revision) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
