/** The person's key has been destroyed: whatever was sealed under it is gone for good; or its time was over. Readers treat it as erased. */
export class SubjectErased extends Error {
  override readonly name = 'SubjectErased';
  constructor() {
    super('The personal data are gone: the key that they were sealed under was destroyed, or their time was over.');
  }
}

/** A mistake in the program, no fact about the data: the key has to be loaded before it is used. */
export class SubjectNotLoaded extends Error {
  override readonly name = 'SubjectNotLoaded';
  constructor() {
    super('The key of this subject is not in memory: call `subjectKeys.load` or `loadFor` right before.');
  }
}

/** A subject's key as it is held: without `key` it has been destroyed. `generation` counts the keys that the subject has had. */
export interface HeldKey {
  readonly generation: number;
  readonly key?: Buffer;
}

export type Erasure = 'none' | 'past' | 'standing';

interface Entry extends HeldKey {
  /** Milliseconds on a clock that only goes forward. */
  readonly loadedAt: number;
}

/** Read from the store anew when older than this, so that an erasure by another process is soon known here. */
const freshMs = 30_000;
/**
 * Not used at all when older: what was loaded just before it went stale has this much longer to be used. An erased person's key is out
 * of every process after this time; erasures say so.
 */
export const keyLifeMs = 60_000;
/** About 300 bytes each. At 1,600 texts a second a text's key is wanted by its admission, its submission and its receipts: 10 s. */
const mostKeys = 20_000;

/** Unwrapped keys of subjects, in memory for a short time. */
export class KeyRing {
  private readonly entries = new Map<string, Entry>();
  private readonly now: () => number;
  private readonly most: number;

  constructor(options: { readonly now?: () => number; readonly most?: number } = {}) {
    this.now = options.now ?? (() => performance.now());
    this.most = options.most ?? mostKeys;
  }

  hold(subjectKey: string, { generation, key }: HeldKey): void {
    const now = this.now();
    this.entries.delete(subjectKey);
    this.entries.set(subjectKey, { generation, ...(key && { key }), loadedAt: now });
    // In the order in which they were held, so the first ones are the oldest.
    for (const [oldest, { loadedAt }] of this.entries) {
      if (this.entries.size <= this.most && now - loadedAt < keyLifeMs) break;
      this.entries.delete(oldest);
    }
  }

  /** Whether a key has to be read from the store: not held, too old, destroyed as far as is known, or older than what it is wanted for. */
  wants(subjectKey: string, generation = 0): boolean {
    const entry = this.entries.get(subjectKey);
    return !entry?.key || entry.generation < generation || this.now() - entry.loadedAt >= freshMs;
  }

  /** Whether a key of the person has been destroyed: never, once and they have a new one since, or they have none now. @throws SubjectNotLoaded */
  erasureOf(subjectKey: string): Erasure {
    const { generation, key } = this.held(subjectKey);
    if (!key) return 'standing';
    return generation > 1 ? 'past' : 'none';
  }

  /** The key that new values are sealed under. @throws SubjectNotLoaded */
  current(subjectKey: string): Required<HeldKey> {
    const { generation, key } = this.held(subjectKey);
    if (!key) throw new SubjectNotLoaded();
    return { generation, key };
  }

  /** Whether the key of a generation has been destroyed. @throws SubjectNotLoaded */
  isDestroyed(subjectKey: string, generation: number): boolean {
    const entry = this.held(subjectKey);
    if (entry.generation < generation) throw new SubjectNotLoaded();
    return entry.generation > generation || !entry.key;
  }

  /** The key of a generation. @throws SubjectErased when it has been destroyed @throws SubjectNotLoaded */
  of(subjectKey: string, generation: number): Buffer {
    if (this.isDestroyed(subjectKey, generation)) throw new SubjectErased();
    return this.current(subjectKey).key;
  }

  private held(subjectKey: string): Entry {
    const entry = this.entries.get(subjectKey);
    if (!entry || this.now() - entry.loadedAt >= keyLifeMs) throw new SubjectNotLoaded();
    return entry;
  }
}
