import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What of the world outlives its process, besides the ledger: one JSON file, replaced whole. Every part registers what
 * it keeps; `save` is called before an answer that promises something.
 */
export class State {
  readonly #file: string;
  readonly #kept: Record<string, unknown>;
  readonly #parts = new Map<string, () => unknown>();
  #closed = false;

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

  save(): void {
    if (this.#closed) return;
    // What no part has asked for yet stays as it was.
    const parts = { ...this.#kept };
    for (const [name, current] of this.#parts) parts[name] = current();
    writeFileSync(`${this.#file}.new`, JSON.stringify(parts));
    renameSync(`${this.#file}.new`, this.#file);
  }

  /** Saves a last time. */
  close(): void {
    this.save();
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
