/**
 * Who holds how many of a carrier's slots (invariant 8). One book per carrier, changed only as a whole and conditionally, so that the sum can't
 * exceed the total. Each worker that could submit to the carrier stands in it, also with none: so each knows its fair part.
 */
export interface SlotHolder {
  /** Id of the worker process; of this run of it. */
  readonly worker: string;
  readonly slots: number;
  /** Counted up by its owner. Whose beat stands still for a lease's time is dead: no clocks of two machines are compared. */
  readonly beat: number;
  /** What tells others on the same machine that the process has ended. */
  readonly mark?: string;
}

/** In the order of their arrival. */
export type SlotBook = readonly SlotHolder[];

/** How many slots each worker ought to have: equal parts, the rest to those that came first. */
export function fairParts(total: number, workers: readonly string[]): ReadonlyMap<string, number> {
  const part = Math.floor(total / workers.length);
  const rest = total % workers.length;
  return new Map(workers.map((worker, index) => [worker, part + (index < rest ? 1 : 0)]));
}

export interface BookEntry {
  readonly book: SlotBook;
  /** Slots that this worker has when the book is written so. */
  readonly slots: number;
  /** What it ought to have: below `slots` when others wait for some, which it then has to give up. */
  readonly fair: number;
}

/**
 * How a worker enters itself: its beat counted, the dead struck out, free slots taken up to its fair part.
 * @param total slots of the carrier
 * @param me this worker, with the slots that it still uses
 * @param dead workers whose beat has stood still
 */
export function enter(
  book: SlotBook,
  total: number,
  me: Pick<SlotHolder, 'worker' | 'slots' | 'mark'>,
  dead: ReadonlySet<string>,
): BookEntry {
  const living = book.filter(({ worker }) => worker === me.worker || !dead.has(worker));
  const known = living.find(({ worker }) => worker === me.worker);
  const all = known ? living : [...living, { ...me, beat: 0, slots: 0 }];
  const parts = fairParts(
    total,
    all.map(({ worker }) => worker),
  );
  const part = parts.get(me.worker) ?? 0;
  const others = all.filter(({ worker }) => worker !== me.worker);
  const free = Math.max(0, total - others.reduce((sum, { slots }) => sum + slots, 0) - me.slots);
  const slots = Math.min(total, me.slots < part ? me.slots + Math.min(free, part - me.slots) : me.slots);
  const othersWait = others.some((other) => other.slots < (parts.get(other.worker) ?? 0));
  return {
    book: all.map((holder) => (holder.worker === me.worker ? { ...me, slots, beat: holder.beat + 1 } : holder)),
    slots,
    fair: othersWait ? part : Math.max(part, slots),
  };
}
