import type { Part } from './concatenation.ts';

interface Waiting {
  /** What has arrived of each segment, oldest first: a repeated segment waits for a second text. */
  readonly pieces: Map<number, string[]>;
  touchedAt: number;
}

/** After this long an unfinished text is given up, as handsets do. */
const GIVE_UP_MS = 10 * 60_000;

/** Puts the segments of long texts together, by (from, to, reference, total). */
export class Assembly {
  readonly #waiting = new Map<string, Waiting>();

  /** Segments that no other segment has joined yet. */
  get strayParts(): number {
    let strays = 0;
    for (const { pieces } of this.#waiting.values()) for (const texts of pieces.values()) strays += texts.length;
    return strays;
  }

  /** Takes one segment; answers the whole text when it was the last one missing. */
  add(from: string, to: string, text: string, part: Part, now: number): string | undefined {
    const key = `${from}\u0000${to}\u0000${part.reference}\u0000${part.total}`;
    let waiting = this.#waiting.get(key);
    if (!waiting || now - waiting.touchedAt > GIVE_UP_MS) {
      waiting = { pieces: new Map(), touchedAt: now };
      this.#waiting.set(key, waiting);
    }
    waiting.touchedAt = now;
    const texts = waiting.pieces.get(part.sequence);
    if (texts) texts.push(text);
    else waiting.pieces.set(part.sequence, [text]);
    if (waiting.pieces.size < part.total) return undefined;
    let whole = '';
    for (let sequence = 1; sequence <= part.total; sequence++) {
      const pieces = waiting.pieces.get(sequence);
      whole += pieces?.shift() ?? '';
      if (pieces?.length === 0) waiting.pieces.delete(sequence);
    }
    if (waiting.pieces.size === 0) this.#waiting.delete(key);
    return whole;
  }
}
