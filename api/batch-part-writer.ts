import type { Carrier } from '../carriers/carrier.ts';
import { runsOf } from '../domain/batch-line.ts';
import type { MessageKind } from '../domain/message.ts';
import { type BatchLineProblem, type LineCount, mostProblems } from '../store/message-batches.ts';
import type { MessageDocument } from '../store/messages.ts';
import type { NumberDocument } from '../store/numbers.ts';
import type { Store } from '../store/store.ts';
import { type AcceptedText, newMessages, senderRefusal } from './message-acceptance.ts';
import { Problem } from './problem.ts';

/** Texts that are sealed and stored together and later go in one message workflow: a transaction's worth (store/messages.ts). */
const textsPerPart = 500;
/** Problems that are written together. */
const problemsAtOnce = 500;
/** Whoever repeats an upload that was cut off sees by these signs of life that it was. */
const touchEveryMs = 5_000;

export interface BatchPartWriterDependencies {
  readonly store: Pick<Store, 'messages' | 'messageBatches' | 'numbers' | 'subjectKeys' | 'vault'>;
  readonly carriers: ReadonlyMap<string, Carrier>;
}

interface ReadText {
  readonly line: number;
  readonly text: AcceptedText;
}

/**
 * Stores the lines of an upload while it comes in, in parts of one kind each. In memory are the parts that are being filled, one for each
 * kind, and one that is being stored.
 */
export class BatchPartWriter {
  readonly #store: BatchPartWriterDependencies['store'];
  readonly #carriers: ReadonlyMap<string, Carrier>;
  readonly #batchId: string;
  readonly #token: string;
  readonly #filling = new Map<MessageKind, ReadText[]>();
  readonly #count = { accepted: 0, refused: 0, segments: 0, lastLine: 0 };
  /** Looked at once for a bulk, the first time that one is seen. */
  readonly #senders = new Map<string, NumberDocument | undefined>();
  #problems: BatchLineProblem[] = [];
  #storing: Promise<void> = Promise.resolve();
  #parts = 0;
  #touchedAt = performance.now();

  constructor({ store, carriers }: BatchPartWriterDependencies, batchId: string, token: string) {
    this.#store = store;
    this.#carriers = carriers;
    this.#batchId = batchId;
    this.#token = token;
  }

  async add(read: ReadText): Promise<void> {
    const { kind } = read.text.request;
    const part = this.#filling.get(kind) ?? [];
    this.#filling.set(kind, part);
    part.push(read);
    this.#count.lastLine = read.line;
    if (part.length < textsPerPart) return;
    this.#filling.delete(kind);
    await this.#next(() => this.#storePart(kind, part));
  }

  async refuse(problem: BatchLineProblem): Promise<void> {
    this.#note(problem);
    if (this.#problems.length >= problemsAtOnce) await this.#next(() => this.#storeProblems());
  }

  /** Stores what is left. */
  async end(): Promise<LineCount> {
    for (const [kind, part] of this.#filling) await this.#next(() => this.#storePart(kind, part));
    await this.#next(() => this.#storeProblems());
    await this.#storing;
    const { accepted, refused } = this.#count;
    return { lines: accepted + refused, ...this.#count };
  }

  /** Resolves when nothing is being written any more, however it ended. */
  async settled(): Promise<void> {
    await this.#storing.catch(() => undefined);
  }

  /** One after the other; while one is stored the next ones are read. */
  async #next(work: () => Promise<void>): Promise<void> {
    await this.#storing;
    if (performance.now() - this.#touchedAt > touchEveryMs) {
      this.#touchedAt = performance.now();
      if (!(await this.#store.messageBatches.touch(this.#batchId, this.#token, new Date()))) throw takenOver();
    }
    this.#storing = work();
    // Awaited later: until then a failure must not count as unhandled.
    this.#storing.catch(() => undefined);
  }

  #note(problem: BatchLineProblem): void {
    this.#count.refused += 1;
    this.#count.lastLine = Math.max(this.#count.lastLine, problem.line);
    if (this.#count.refused <= mostProblems) this.#problems.push(problem);
  }

  async #storeProblems(): Promise<void> {
    const problems = this.#problems;
    this.#problems = [];
    await this.#store.messageBatches.keepProblems(this.#batchId, problems, new Date());
  }

  async #storePart(kind: MessageKind, read: readonly ReadText[]): Promise<void> {
    const { messages, messageBatches, vault } = this.#store;
    const keyOfSender = memo((from: string) => vault.numberKey(from));
    const texts = read.map(({ text }) => text);
    const [sealed] = await Promise.all([
      newMessages(texts, this.#store),
      this.#lookAtSenders(texts.map(({ request }) => keyOfSender(request.from))),
    ]);
    const allowed: { line: number; message: MessageDocument }[] = [];
    for (const [index, message] of sealed.entries()) {
      const { line, text } = read[index] as ReadText;
      const refusal = senderRefusal(text.request, this.#senders.get(keyOfSender(text.request.from)), this.#carriers);
      if (refusal) this.#note(asLineProblem(line, refusal));
      else allowed.push({ line, message: { ...message, workflowId: this.#batchId } });
    }
    if (allowed.length === 0) return;
    const lines = runsOf(allowed.map(({ line }) => line));
    const part = { batchId: this.#batchId, n: this.#parts++, kind, lines, texts: allowed.length };
    // Whoever stored it first is another upload under this key, which goes on: two must not mix.
    if (!(await messageBatches.addPart(part, new Date()))) throw takenOver();
    const outcomes = await messages.insert(allowed.map(({ message }) => message));
    if (outcomes.includes('duplicate')) throw takenOver();
    this.#count.accepted += allowed.length;
    for (const { message } of allowed) this.#count.segments += message.segments;
  }

  async #lookAtSenders(keys: readonly string[]): Promise<void> {
    const unseen = [...new Set(keys)].filter((key) => !this.#senders.has(key));
    if (unseen.length === 0) return;
    const found = await this.#store.numbers.findMany(unseen);
    for (const key of unseen) this.#senders.set(key, found.get(key));
  }
}

export function asLineProblem(line: number, { code, message, errors }: Problem): BatchLineProblem {
  return { line, code, errors: errors?.map((each) => ({ path: each.path, message: each.message })) ?? [{ message }] };
}

export function takenOver(): Problem {
  return new Problem(
    'request-in-progress',
    'Another upload with this Idempotency-Key goes on; wait until it has ended.',
  );
}

/** The lines of a part have few senders, most often one. */
function memo(of: (from: string) => string): (from: string) => string {
  const known = new Map<string, string>();
  return (from) => {
    const key = known.get(from) ?? of(from);
    known.set(from, key);
    return key;
  };
}
