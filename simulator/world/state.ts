import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What of the world outlives its process, besides the ledger: one JSON file, replaced whole. Every part registers what
 * it keeps; `save` is called before an answer that promises something.
 */
export class State {
  /** Writing may take up this part of the time: a large world is written less often than it changes. */
  static readonly #share = 0.1;
  /** A world of so many characters is written at once. */
  static readonly #smallWorld = 1_000_000;
  readonly #file: string;
  readonly #kept: Record<string, unknown>;
  readonly #parts = new Map<string, () => unknown>();
  #closed = false;
  #tookMs = 0;
  #characters = 0;
  #later: NodeJS.Timeout | undefined;

  constructor(dataDir: string) {
    this.#file = join(dataDir, 'state.json');
    this.#kept = readIfThere(this.#file);
  }

  /**
   * Registers one part.
   * @param current gives what is to be saved
   * @returns what an earlier process has saved under this name
   */
  keep<T>(name: string, current: () => T): T | undefined {
    this.#parts.set(name, current);
    return this.#kept[name] as T | undefined;
  }

  /** Writes everything; a world of many thousand numbers a little later, so that it is not busy with nothing else. */
  save(): void {
    if (this.#closed) return;
    if (this.#characters <= State.#smallWorld) {
      this.#write();
    } else {
      this.#later ??= setTimeout(() => this.#write(), this.#tookMs / State.#share);
    }
  }

  #write(): void {
    clearTimeout(this.#later);
    this.#later = undefined;
    const begun = performance.now();
    // What no part has asked for yet stays as it was.
    const parts = { ...this.#kept };
    for (const [name, current] of this.#parts) parts[name] = current();
    const text = JSON.stringify(parts);
    writeFileSync(`${this.#file}.new`, text);
    renameSync(`${this.#file}.new`, this.#file);
    this.#characters = text.length;
    this.#tookMs = performance.now() - begun;
  }

  /** Saves a last time. */
  close(): void {
    if (!this.#closed) this.#write();
    this.#closed = true;
  }
}

function readIfThere(file: string): Record<string, unknown> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new Error(`the simulator cannot read its state ${file}: repair or delete it (${(error as Error).message})`);
  }
}
