import type { MessageDocument } from './messages.ts';

/** Between its admission and its receipt a text is read four times, within seconds as a rule. */
const keptMs = 30_000;
/** Some 4 kB each. What is sealed in one is a part of the whole reply that it was read from: few that stay for long would hold much. */
const mostTexts = 5000;

/**
 * Texts on their way as this process last read or changed them. Every change of a text counts its revision, so one that has the revision that
 * the store names now is as it stands there: to learn the revision costs a fraction of reading the text.
 */
export class RecentTexts {
  readonly #texts = new Map<string, { readonly text: MessageDocument; readonly notedAt: number }>();
  /** Ids by `carrier/id` of segments. */
  readonly #byRef = new Map<string, string>();
  readonly #now: () => number;
  readonly #most: number;

  /** @param options.now milliseconds on a clock that never goes back */
  constructor(options: { readonly now?: () => number; readonly most?: number } = {}) {
    this.#now = options.now ?? (() => performance.now());
    this.#most = options.most ?? mostTexts;
  }

  /** Those that have ended are not kept. */
  note(texts: readonly MessageDocument[]): void {
    const now = this.#now();
    for (const text of texts) {
      this.#forget(text._id);
      if (text.finalAt) continue;
      this.#texts.set(text._id, { text, notedAt: now });
      for (const ref of text.carrierRefs ?? []) this.#byRef.set(ref, text._id);
    }
    // In the order in which they were noted, so the first ones are the oldest.
    for (const [id, { notedAt }] of this.#texts) {
      if (this.#texts.size <= this.#most && now - notedAt < keptMs) break;
      this.#forget(id);
    }
  }

  /** The text as it is at this revision, if that is known. */
  at({ _id, rev }: Pick<MessageDocument, '_id' | 'rev'>): MessageDocument | undefined {
    const text = this.#texts.get(_id)?.text;
    return text?.rev === rev ? text : undefined;
  }

  /** The text that has a segment of this `carrier/id`, as it was noted last: it may have changed since. */
  withRef(ref: string): MessageDocument | undefined {
    return this.#texts.get(this.#byRef.get(ref) ?? '')?.text;
  }

  #forget(id: string): void {
    for (const ref of this.#texts.get(id)?.text.carrierRefs ?? []) this.#byRef.delete(ref);
    this.#texts.delete(id);
  }
}
