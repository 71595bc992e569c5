import { setTimeout as sleep } from 'node:timers/promises';
import { nothing } from '../carriers/allotment.ts';
import type { Carrier } from '../carriers/carrier.ts';
import { enter, type SlotHolder } from '../domain/limits/slot-book.ts';
import type { LeaseStore } from '../store/leases.ts';
import { hasEnded } from '../store/process-mark.ts';

export interface SlotKeeperDependencies {
  readonly carrier: Pick<Carrier, 'allot' | 'slots' | 'settings'>;
  readonly leases: LeaseStore;
  /** Id of this run of this process. */
  readonly worker: string;
  readonly mark?: string | undefined;
  /** Told of every change of what is held; 0: this process has nothing to do for this carrier. */
  readonly held: (slots: number) => void;
  /** Told of workers that have died, before their slots are taken. */
  readonly died?: (workers: readonly string[]) => Promise<void>;
  readonly logger: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
  /** For tests; milliseconds. */
  readonly timing?: Partial<typeof usual>;
  /** Milliseconds on a clock that never goes back. */
  readonly now?: () => number;
}

const usual = {
  /** A beat that has stood still for so long belongs to a dead worker. */
  leaseMs: 15_000,
  /** Whose last beat was so long ago stops writing: before anybody may take its slots, with time for the last answers and a second's rest. */
  stopAfterMs: 12_000,
  beatEveryMs: 3_000,
  /** Who waits for slots looks this often; it reads, and writes no more than the others. */
  lookEveryMs: 1_000,
};

/** The book is written by all at their own times; a conflict is rare and the next look finds a free moment. */
const triesPerBeat = 5;

/**
 * Keeps this process's part of a carrier's slots (invariant 8): takes what is free up to its fair part, counts its beat, gives up what others
 * wait for, and stops by its own monotonic clock when it can't.
 *
 * A holder's time runs from *before* its beat was written; who takes over counts from *after* it first read that beat. So whatever the machines'
 * clocks show, the one has stopped before the other begins.
 */
export class SlotKeeper {
  readonly #deps: SlotKeeperDependencies;
  readonly #timing: typeof usual;
  readonly #now: () => number;
  readonly #seen = new Map<string, { beat: number; since: number }>();
  #slots = 0;
  /** Slots of which the book knows that they are ours. */
  #booked = 0;
  #beatAt = Number.NEGATIVE_INFINITY;
  #leaving: Promise<void> | undefined;
  #lapse: NodeJS.Timeout | undefined;

  constructor(deps: SlotKeeperDependencies) {
    this.#deps = deps;
    this.#timing = { ...usual, ...deps.timing };
    this.#now = deps.now ?? (() => performance.now());
  }

  /** Slots that this process uses now. */
  get slots(): number {
    return this.#slots;
  }

  /** Enters itself into the book, and again until it is told to stop; then gives everything back. Resolves when others may have it. */
  async run(signal: AbortSignal): Promise<void> {
    const { carrier, logger } = this.#deps;
    while (!signal.aborted) {
      let waits = true;
      try {
        waits = await this.beat();
      } catch (err) {
        logger.warn({ err, carrier: carrier.settings.id }, 'slots of a carrier could not be kept; trying again');
      }
      const pauseMs = waits ? this.#timing.lookEveryMs : this.#timing.beatEveryMs;
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** One look into the book. @returns whether this process waits for slots */
  async beat(): Promise<boolean> {
    const { carrier, leases, worker, mark } = this.#deps;
    for (let tries = 0; tries < triesPerBeat; tries++) {
      const { holders, rev } = await leases.find(carrier.settings.id);
      const mine = holders.find((holder) => holder.worker === worker);
      // Struck out by others: this process was silent for too long.
      if (!mine && this.#booked > 0) await this.#lose();
      this.#booked = mine?.slots ?? 0;
      const dead = this.#deadAmong(holders);
      const me = { worker, slots: Math.min(this.#booked, carrier.slots), ...(mark && { mark }) };
      const entry = enter(holders, carrier.slots, me, dead);
      if (entry.slots > entry.fair) this.#giveUp(entry.slots, entry.fair);
      // Who has none takes the first one that is free, also beyond a fair part.
      const waits = entry.slots < entry.fair || entry.slots === 0;
      const begun = this.#now();
      const dueAt = this.#beatAt + this.#timing.beatEveryMs;
      if (mine && entry.slots === mine.slots && dead.size === 0 && begun < dueAt - this.#timing.lookEveryMs / 2) {
        return waits;
      }
      const wall = Date.now();
      if (dead.size > 0) await this.#deps.died?.([...dead]);
      if (!(await leases.save(carrier.settings.id, rev, entry.book))) continue;
      this.#beatAt = begun;
      this.#booked = entry.slots;
      this.#hold(entry.slots, begun, wall);
      return waits;
    }
    return true;
  }

  /** Leaves the book, when nothing of the carrier's is used here any more. */
  async leave(): Promise<void> {
    const { carrier, leases, worker } = this.#deps;
    clearTimeout(this.#lapse);
    await this.#set(0, carrier.allot(nothing));
    for (let tries = 0; tries < triesPerBeat; tries++) {
      const { holders, rev } = await leases.find(carrier.settings.id);
      const others = holders.filter((holder) => holder.worker !== worker);
      if (others.length === holders.length || (await leases.save(carrier.settings.id, rev, others))) return;
    }
  }

  /** @param begun when the beat was begun by our monotonic clock and @param wall by the wall clock */
  #hold(slots: number, begun: number, wall: number): void {
    const { carrier } = this.#deps;
    clearTimeout(this.#lapse);
    // What is being given up stands in the book until nobody uses it here any more, and is not used again.
    const used = this.#leaving ? Math.min(slots, this.#slots) : slots;
    if (used === 0) return void this.#set(0, carrier.allot(nothing));
    const until = { monotonic: begun + this.#timing.stopAfterMs, wall: wall + this.#timing.stopAfterMs };
    void this.#set(used, carrier.allot({ slots: used, until }));
    this.#lapse = setTimeout(() => void this.#lose(), Math.max(0, until.monotonic - this.#now()));
  }

  /** Our time is over, or others have taken over: sessions are closed, and nothing is written. */
  async #lose(): Promise<void> {
    const { carrier, logger } = this.#deps;
    clearTimeout(this.#lapse);
    if (this.#slots === 0) return;
    logger.warn({ carrier: carrier.settings.id, slots: this.#slots }, 'slots of a carrier were lost');
    await this.#set(0, carrier.allot(nothing));
  }

  /** Others wait: uses only its fair part from now on, and says so in the book when the rest is free. */
  #giveUp(booked: number, fair: number): void {
    if (this.#leaving || this.#slots === 0) return;
    const { carrier } = this.#deps;
    const until = {
      monotonic: this.#beatAt + this.#timing.stopAfterMs,
      wall: Date.now() + (this.#beatAt + this.#timing.stopAfterMs - this.#now()),
    };
    const free = this.#set(fair, carrier.allot(fair === 0 ? nothing : { slots: fair, until }));
    this.#leaving = free
      .then(() => this.#release(booked - fair))
      .catch((err: unknown) =>
        this.#deps.logger.warn({ err, carrier: carrier.settings.id }, 'slots could not be given back; trying again'),
      )
      .finally(() => {
        this.#leaving = undefined;
      });
  }

  async #release(slots: number): Promise<void> {
    const { carrier, leases, worker } = this.#deps;
    for (let tries = 0; tries < triesPerBeat; tries++) {
      const { holders, rev } = await leases.find(carrier.settings.id);
      const book = holders.map((holder) =>
        holder.worker === worker ? { ...holder, slots: Math.max(0, holder.slots - slots) } : holder,
      );
      if (await leases.save(carrier.settings.id, rev, book)) return;
    }
  }

  async #set(slots: number, allotted: Promise<void>): Promise<void> {
    if (slots !== this.#slots) {
      this.#slots = slots;
      this.#deps.logger.info({ carrier: this.#deps.carrier.settings.id, slots }, 'slots of a carrier are held');
      this.#deps.held(slots);
    }
    await allotted;
  }

  #deadAmong(holders: readonly SlotHolder[]): Set<string> {
    const now = this.#now();
    const dead = new Set<string>();
    for (const { worker, beat, mark } of holders) {
      if (worker === this.#deps.worker) continue;
      const seen = this.#seen.get(worker);
      if (seen?.beat !== beat) this.#seen.set(worker, { beat, since: now });
      else if (now - seen.since >= this.#timing.leaseMs) dead.add(worker);
      if (hasEnded(mark)) dead.add(worker);
    }
    for (const worker of this.#seen.keys()) {
      if (!holders.some((holder) => holder.worker === worker)) this.#seen.delete(worker);
    }
    return dead;
  }
}
