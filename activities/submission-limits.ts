import { DateTime } from 'luxon';
import type { Carrier } from '../carriers/carrier.ts';
import { Pace } from '../carriers/pace.ts';
import { type AppliedLimit, type LimitBook, limitBook } from '../domain/limits/carrier-limits.ts';
import type { DayCounterStore } from '../store/day-counters.ts';

/** A text as far as limits know it. */
export interface LimitedText {
  /** The key of the number that it is written from. */
  readonly senderKey: string;
  readonly segments: number;
}

/** Which texts of a bulk may be written now. */
export interface Leave<T> {
  /** Their tokens are taken: each is to be spent or given back. */
  readonly go: readonly T[];
  /** Those that a limit per second holds up, and the milliseconds until the first of them may go. */
  readonly held: readonly T[];
  readonly waitMs: number;
  /** Those whose limit of the day is used up. */
  readonly tomorrow: ReadonlyMap<T, UsedUp>;
}

/** A limit of the day that has no room for a text. */
export interface UsedUp {
  /** When the next day begins. */
  readonly endsAt: Date;
  /** Since when that has been known for texts of so many segments. */
  readonly since: Date;
}

/** Whether a carrier's limits of the day have no room for a text of this sender, as far as they have been given out. */
export type IsUsedUp = (carrier: string, text: LimitedText) => boolean;

/** A worker takes this part of a day's limit at a time, so that few texts cost a round trip and few are lost when it is killed. */
const portionsOfADay = 200;

interface Day {
  readonly id: string;
  readonly endsAt: Date;
  left: number;
  /** The fewest segments that there was no room for, and since when. */
  usedUp?: { readonly segments: number; readonly since: Date };
}

interface Kept {
  readonly book: LimitBook;
  /** By the id of a limit. */
  readonly paces: Map<string, Pace>;
  readonly days: Map<string, Day>;
  /** When bulks have been called back, last; milliseconds since 1970. */
  readonly promises: Map<string, number>;
  /** Bulks take one after the other: what one has seen to, no other one takes from it. */
  turn: Promise<unknown>;
}

/**
 * Limits of senders, campaigns and days (domain/limits/carrier-limits.ts), kept by this process. Of a limit per second it has the same part
 * as of its carrier's slots, so that the sum over all workers is the limit; of a limit per day it takes portions from the store. A carrier
 * without such limits costs nothing, others no round trip per bulk but one for each portion of a day.
 */
export class SubmissionLimits {
  readonly #carriers: ReadonlyMap<string, Carrier>;
  readonly #counters: DayCounterStore;
  readonly #kept: ReadonlyMap<string, Kept>;
  /** The days that texts count against: what is given back after midnight is not the new day's. */
  readonly #daysOf = new WeakMap<LimitedText, readonly Day[]>();

  constructor(deps: {
    readonly carriers: ReadonlyMap<string, Carrier>;
    readonly dayCounters: DayCounterStore;
    readonly keyOf: (sender: string) => string;
  }) {
    this.#carriers = deps.carriers;
    this.#counters = deps.dayCounters;
    this.#kept = new Map(
      [...deps.carriers].map(([id, { settings }]) => [
        id,
        {
          book: limitBook(settings.limits, deps.keyOf),
          paces: new Map(),
          days: new Map(),
          promises: new Map(),
          turn: Promise.resolve(),
        },
      ]),
    );
  }

  /** Takes leave for as many texts as may go now, in their order; one that has to wait lets others pass. */
  async take<T extends LimitedText>(carrier: string, texts: readonly T[], now: Date): Promise<Leave<T>> {
    const kept = this.#kept.get(carrier);
    if (!kept || texts.every(({ senderKey }) => kept.book.limitsOf(senderKey).length === 0)) {
      return { go: texts, held: [], waitMs: 0, tomorrow: new Map() };
    }
    const taking = kept.turn.then(async () => {
      await this.#takePortions(carrier, kept, texts, now);
      return this.#leaveOf(carrier, kept, texts, now);
    });
    kept.turn = taking.catch(() => undefined);
    return taking;
  }

  /** What carriers have given out of their limits of the day. Asks the store once, and only where a sender has such limits. */
  async usedUp(senderKeys: Iterable<string>, now: Date): Promise<IsUsedUp> {
    const limits = new Map<string, { readonly id: string; readonly most: number }[]>();
    const senders = new Set(senderKeys);
    for (const [carrier, { book }] of this.#kept) {
      for (const senderKey of senders) {
        const daily = book.limitsOf(senderKey).flatMap((limit) => {
          const { segmentsPerDay: most } = limit;
          return most === undefined ? [] : [{ id: dayAt(carrier, limit, now).id, most }];
        });
        if (daily.length > 0) limits.set(`${carrier}/${senderKey}`, daily);
      }
    }
    if (limits.size === 0) return () => false;
    const used = await this.#counters.used([...limits.values()].flatMap((daily) => daily.map(({ id }) => id)));
    return (carrier, { senderKey, segments }) =>
      limits.get(`${carrier}/${senderKey}`)?.some(({ id, most }) => most - (used.get(id) ?? 0) < segments) ?? false;
  }

  /** By what is held here; asks nobody. */
  #leaveOf<T extends LimitedText>(carrier: string, kept: Kept, texts: readonly T[], now: Date): Leave<T> {
    const go: T[] = [];
    const held: T[] = [];
    const tomorrow = new Map<T, UsedUp>();
    let waitMs = Number.POSITIVE_INFINITY;
    for (const text of texts) {
      const limits = kept.book.limitsOf(text.senderKey);
      const days = limits.flatMap((limit) => this.#dayOf(kept, carrier, limit, now) ?? []);
      const over = days.find(({ left }) => left < text.segments);
      const ms = Math.max(0, ...limits.map((limit) => this.#paceOf(kept, carrier, limit)?.msUntil(text.segments) ?? 0));
      if (over) tomorrow.set(text, usedUpBy(text, over, now));
      else if (ms > 0) {
        held.push(text);
        waitMs = Math.min(waitMs, ms);
      } else {
        for (const limit of limits) this.#paceOf(kept, carrier, limit)?.take(text.segments);
        for (const day of days) day.left -= text.segments;
        if (days.length > 0) this.#daysOf.set(text, days);
        go.push(text);
      }
    }
    return { go, held, waitMs, tomorrow };
  }

  /**
   * When a bulk is to try again with the texts that are held up. Bulks of one sender are called back one after the other, as its tokens come,
   * not all for the same one.
   */
  comeBack(carrier: string, texts: readonly LimitedText[], now: Date): Date {
    const kept = this.#kept.get(carrier);
    const first = new Map(texts.map((text) => [text.senderKey, text]));
    let earliest = now.getTime() + longestPromiseMs;
    for (const { senderKey, segments } of first.values()) {
      let at = now.getTime();
      for (const limit of kept?.book.limitsOf(senderKey) ?? []) {
        const pace = kept && this.#paceOf(kept, carrier, limit);
        if (!kept || !pace || pace.isReadyFor(segments)) continue;
        const spacingMs = (Math.max(1, Math.floor(pace.burst)) * 1000) / (limit.segmentsPerSecond ?? 1);
        const promised = Math.max(at + pace.msUntil(segments), (kept.promises.get(limit.id) ?? 0) + spacingMs);
        at = Math.min(promised, now.getTime() + longestPromiseMs);
        kept.promises.set(limit.id, at);
      }
      earliest = Math.min(earliest, at);
    }
    return new Date(Math.ceil(earliest));
  }

  /** A text is being written. */
  spend(carrier: string, { senderKey, segments }: LimitedText): void {
    const kept = this.#kept.get(carrier);
    for (const { id } of kept?.book.limitsOf(senderKey) ?? []) kept?.paces.get(id)?.spend(segments);
  }

  /** A text is not written after all. */
  giveBack(carrier: string, text: LimitedText): void {
    const kept = this.#kept.get(carrier);
    for (const { id } of kept?.book.limitsOf(text.senderKey) ?? []) kept?.paces.get(id)?.giveBack(text.segments);
    this.unsent(text);
  }

  /** Nothing of a text went out though it was to be written: it does not count against the day. Its tokens of the second are over soon. */
  unsent(text: LimitedText): void {
    for (const day of this.#daysOf.get(text) ?? []) day.left += text.segments;
    this.#daysOf.delete(text);
  }

  /** Gives back what is left of the portions, at the end of the process. */
  async close(): Promise<void> {
    for (const { days } of this.#kept.values()) {
      for (const { id, left } of days.values()) if (left > 0) await this.#counters.giveBack(id, left);
      days.clear();
    }
  }

  /** Sees to it that there is enough of the day's limits for a whole bulk, where there still is. */
  async #takePortions(carrier: string, kept: Kept, texts: readonly LimitedText[], now: Date): Promise<void> {
    const needed = new Map<string, { limit: AppliedLimit; segments: number; least: number }>();
    for (const { senderKey, segments } of texts) {
      for (const limit of kept.book.limitsOf(senderKey)) {
        if (limit.segmentsPerDay === undefined) continue;
        const need = needed.get(limit.id) ?? { limit, segments: 0, least: segments };
        needed.set(limit.id, { limit, segments: need.segments + segments, least: Math.min(need.least, segments) });
      }
    }
    for (const { limit, segments, least } of needed.values()) {
      const day = this.#dayOf(kept, carrier, limit, now);
      if (!day || day.left >= segments) continue;
      const most = limit.segmentsPerDay ?? 0;
      const wanted = Math.min(most, Math.max(segments - day.left, Math.ceil(most / portionsOfADay)));
      const taken = await this.#counters.take(day.id, most, wanted, Math.max(1, Math.min(wanted, least - day.left)));
      // Not `+= await`, which would read before it waits: other bulks give back meanwhile.
      day.left += taken;
    }
  }

  #dayOf(kept: Kept, carrier: string, limit: AppliedLimit, now: Date): Day | undefined {
    if (limit.segmentsPerDay === undefined) return undefined;
    const known = kept.days.get(limit.id);
    if (known && known.endsAt > now) return known;
    const day = { ...dayAt(carrier, limit, now), left: 0 };
    kept.days.set(limit.id, day);
    return day;
  }

  #paceOf(kept: Kept, carrier: string, { id, segmentsPerSecond }: AppliedLimit): Pace | undefined {
    if (segmentsPerSecond === undefined) return undefined;
    const rate = segmentsPerSecond * (this.#carriers.get(carrier)?.share ?? 0);
    let pace = kept.paces.get(id);
    if (!pace) {
      pace = new Pace(rate);
      kept.paces.set(id, pace);
    }
    if (pace.rate !== rate) pace.setRate(rate);
    return pace;
  }
}

/** Nobody waits longer for the token of a second without asking again: the worker may have more slots by then. */
const longestPromiseMs = 60_000;

/** The day of a limit that a moment is in. */
function dayAt(
  carrier: string,
  { id, dayZone }: AppliedLimit,
  now: Date,
): { readonly id: string; readonly endsAt: Date } {
  const begins = DateTime.fromJSDate(now).setZone(dayZone).startOf('day');
  return { id: `${carrier}/${id}/${begins.toISODate()}`, endsAt: begins.plus({ days: 1 }).toJSDate() };
}

function usedUpBy({ segments }: LimitedText, day: Day, now: Date): UsedUp {
  if (day.usedUp === undefined || segments < day.usedUp.segments) day.usedUp = { segments, since: now };
  return { endsAt: day.endsAt, since: day.usedUp.since };
}
