/** Timers of Node hold at most 2^31 ms. */
const longest = 2 ** 31 - 1;

/** What is to happen at moments, each known by its key: planned again, it happens at the later plan only. */
export class Timers {
  readonly #timers = new Map<string, NodeJS.Timeout>();

  /** @param at milliseconds since 1970 */
  plan(key: string, at: number, action: () => void): void {
    clearTimeout(this.#timers.get(key));
    const wait = Math.max(at - Date.now(), 0);
    const timer = setTimeout(
      () => {
        if (wait > longest) {
          this.plan(key, at, action);
          return;
        }
        this.#timers.delete(key);
        action();
      },
      Math.min(wait, longest),
    );
    this.#timers.set(key, timer);
  }

  drop(key: string): void {
    clearTimeout(this.#timers.get(key));
    this.#timers.delete(key);
  }

  stop(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }
}
