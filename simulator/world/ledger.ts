import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Part } from '../text/concatenation.ts';

/** What happened to a text; `README.md` says when each is written. */
export type LedgerEvent =
  | 'submitted'
  | 'accepted'
  | 'refused'
  | 'delivered'
  | 'failed'
  | 'receipt-sent'
  | 'false-receipt'
  | 'auto-reply'
  | 'mo-sent'
  | 'mo-delivered'
  | 'mo-rejected';

export interface LedgerEntry {
  /** Counts from 1 without gaps. */
  readonly seq: number;
  /** RFC 3339 UTC. */
  readonly at: string;
  readonly event: LedgerEvent;
  /** The carrier that took, refused or delivered it; `alpha+telnyx` when one copy came through both. */
  readonly carrier?: string;
  readonly from?: string;
  readonly to?: string;
  /** In plain: this is the outside world. With `part` the text of that segment, else the whole text. */
  readonly text?: string;
  /** As the carrier gave it in its answer to the submission. */
  readonly carrierMessageId?: string;
  readonly userMessageReference?: number;
  /** The carrier's own code of a refusal or failure. */
  readonly code?: string;
  /** The state that a receipt named. */
  readonly state?: string;
  /** Present when the entry is about one segment only. */
  readonly part?: Part;
  /** Of an acceptance: the how-manieth submission of this text, which receipts it asks for (registered_delivery), its end. */
  readonly attempt?: number;
  readonly receipt?: number;
  readonly validUntil?: string;
}

export type LedgerRecord = Omit<LedgerEntry, 'seq' | 'at'>;

const INDEX_EVERY = 1024;
const READ_BYTES = 1 << 18;

/**
 * An append-only file of JSON lines. What was recorded in one turn of the event loop is written at its end, so that
 * the end of this process (not of the machine) loses nothing that a peer was told later.
 */
export class Ledger {
  readonly #fd: number;
  readonly #listeners: ((entry: LedgerEntry) => void)[] = [];
  /** Byte offset of every 1024th entry. */
  readonly #offsets: number[] = [];
  #size = 0;
  #seq = 0;
  #buffer: string[] = [];
  #flushing = false;
  #closed = false;

  constructor(dataDir: string) {
    this.#fd = openSync(join(dataDir, 'ledger.jsonl'), 'a+');
  }

  get lastSeq(): number {
    return this.#seq;
  }

  /** Calls `listener` with every entry from now on; {@link replay} first gives it what is in the file. */
  onEntry(listener: (entry: LedgerEntry) => void): void {
    this.#listeners.push(listener);
  }

  /**
   * Reads the file of an earlier process, drops a line that was cut off, and goes on counting from there.
   * @param visit is given every entry, as the listeners are
   */
  replay(visit: (entry: LedgerEntry) => void): void {
    let offset = 0;
    for (const line of this.#lines(0, fstatSync(this.#fd).size)) {
      const entry = JSON.parse(line.text) as LedgerEntry;
      if ((entry.seq - 1) % INDEX_EVERY === 0) this.#offsets.push(offset);
      offset = line.end;
      this.#seq = entry.seq;
      for (const listener of this.#listeners) listener(entry);
      visit(entry);
    }
    this.#size = offset;
    ftruncateSync(this.#fd, offset);
  }

  record(record: LedgerRecord): void {
    // What is still under way when the world ends is taken up from the file by the next process.
    if (this.#closed) return;
    this.#seq += 1;
    const entry: LedgerEntry = { seq: this.#seq, at: new Date().toISOString(), ...record };
    const line = `${JSON.stringify(entry)}\n`;
    if ((entry.seq - 1) % INDEX_EVERY === 0) this.#offsets.push(this.#size);
    this.#size += Buffer.byteLength(line);
    this.#buffer.push(line);
    for (const listener of this.#listeners) listener(entry);
    if (!this.#flushing) {
      this.#flushing = true;
      setImmediate(() => this.flush());
    }
  }

  /** Writes what is still in memory. */
  flush(): void {
    this.#flushing = false;
    if (this.#closed || this.#buffer.length === 0) return;
    const lines = this.#buffer.join('');
    this.#buffer = [];
    writeSync(this.#fd, lines);
  }

  /** The JSON lines of all entries after `seq`, in order. */
  *since(seq: number): Generator<string> {
    this.flush();
    const block = Math.min(Math.floor(Math.max(seq, 0) / INDEX_EVERY), this.#offsets.length - 1);
    let skip = seq - block * INDEX_EVERY;
    for (const line of this.#lines(this.#offsets[block] ?? 0, this.#size)) {
      if (skip > 0) skip -= 1;
      else yield line.text;
    }
  }

  close(): void {
    this.flush();
    this.#closed = true;
    closeSync(this.#fd);
  }

  *#lines(from: number, to: number): Generator<{ text: string; end: number }> {
    let rest = Buffer.alloc(0);
    let start = from;
    for (let at = from; at < to; ) {
      const chunk = Buffer.alloc(Math.min(READ_BYTES, to - at));
      const read = readSync(this.#fd, chunk, 0, chunk.length, at);
      if (read === 0) return;
      at += read;
      rest = Buffer.concat([rest, chunk.subarray(0, read)]);
      let lineStart = 0;
      for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10, lineStart)) {
        const text = rest.toString('utf8', lineStart, end);
        start += end + 1 - lineStart;
        lineStart = end + 1;
        yield { text, end: start };
      }
      rest = rest.subarray(lineStart);
    }
  }
}
