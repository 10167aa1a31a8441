/** Work that follows from a write, done after it in the order in which it came up; the same work waits only once. */
export class Turns {
  readonly #waiting = new Map<string, () => void>();
  #scheduled = false;
  #stopped = false;

  add(key: string, work: () => void): void {
    if (this.#waiting.has(key)) return;
    this.#waiting.set(key, work);
    if (this.#scheduled || this.#stopped) return;
    this.#scheduled = true;
    queueMicrotask(() => this.run());
  }

  /** Does all that waits, and what follows from it. */
  run(): void {
    this.#scheduled = false;
    for (let next = this.#waiting.entries().next(); !next.done && !this.#stopped; next = this.#waiting.entries().next()) {
      const [key, work] = next.value;
      this.#waiting.delete(key);
      work();
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#waiting.clear();
  }
}
