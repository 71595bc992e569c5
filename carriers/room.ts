import { type Allotment, forever, holdsNow } from './allotment.ts';
import type { Reservation, RoomRequest } from './carrier.ts';
import { CarrierUnavailable } from './errors.ts';
import { Pace } from './pace.ts';

/** A window through which segments go to a carrier: one SMPP session, or the requests to a REST carrier. */
export interface Lane {
  /** Most segments that may be unanswered at once. */
  readonly capacity: number;
  /** Segments written and not answered yet. */
  readonly unanswered: number;
  /** True when segments can be written now. */
  readonly isOpen: boolean;
}

interface Waiter<L extends Lane> {
  readonly wanted: number;
  readonly atLeast: number;
  readonly on: L | undefined;
  readonly priority: number;
  readonly since: number;
  grant(reservation: LaneReservation<L>): void;
  fail(error: unknown): void;
}

/** A reservation of slots on one lane, because all parts of a text go through one session. */
export class LaneReservation<L extends Lane> implements Reservation {
  readonly segments: number;
  readonly lane: L;
  #left: number;
  readonly #giveBack: (segments: number) => void;
  readonly #spend: (segments: number) => boolean;

  constructor(lane: L, segments: number, spend: (segments: number) => boolean, giveBack: (segments: number) => void) {
    this.lane = lane;
    this.segments = segments;
    this.#left = segments;
    this.#spend = spend;
    this.#giveBack = giveBack;
  }

  /** Turns reserved slots into written segments. @returns false, and takes none, when fewer are left or this process holds no slots any more. */
  spend(segments: number): boolean {
    if (segments > this.#left || !this.#spend(segments)) return false;
    this.#left -= segments;
    return true;
  }

  release(): void {
    const unused = this.#left;
    this.#left = 0;
    if (unused > 0) this.#giveBack(unused);
  }
}

/** How long a bulk waits for more room than the little there is, so that it is not claimed and written one by one. */
const lingerMs = 50;

/** Who asks for room without saying how urgent it is; in the order of Temporal's priority keys. */
const usualPriority = 3;

/**
 * Room at a carrier: slots in the windows of all lanes and tokens of its rate, as far as this process holds them. Given out by priority and
 * then in the order of asking; a text that needs more slots than a window has waits until a window is empty and then exceeds it once.
 */
export class Room<L extends Lane> {
  readonly #carrier: string;
  readonly #lanes: () => readonly L[];
  readonly #pace: Pace;
  readonly #segmentsPerSecond: number;
  readonly #reserved = new Map<L, number>();
  /** The most urgent first. */
  readonly #waiters: Waiter<L>[] = [];
  #chunk = 1;
  #until = forever;
  #spentAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(carrier: string, segmentsPerSecond: number, lanes: () => readonly L[]) {
    this.#carrier = carrier;
    this.#lanes = lanes;
    this.#segmentsPerSecond = segmentsPerSecond;
    this.#pace = new Pace(segmentsPerSecond);
    this.#setChunk(segmentsPerSecond);
  }

  /** When a segment was written last, on the clock of `performance.now()`. */
  get spentAt(): number {
    return this.#spentAt;
  }

  /**
   * Divides the rate.
   * @param share of the carrier's rate that this process has from now on
   * @param until when it ends, unless it is told anew
   */
  allot(share: number, until: Allotment['until']): void {
    this.#until = until;
    this.#pace.setRate(this.#segmentsPerSecond * share);
    this.#setChunk(this.#segmentsPerSecond * share);
    this.changed();
  }

  /** True when nothing on a lane is reserved or unanswered. */
  isIdle(lane: L): boolean {
    return lane.unanswered === 0 && !this.#reserved.has(lane);
  }

  /**
   * @param request `on` is the only lane that will do; the one with most room, if not given
   * @throws CarrierUnavailable when there is no connection or no room within `timeoutMs`, or the carrier is being closed
   */
  reserve(request: RoomRequest & { readonly on?: L }): Promise<LaneReservation<L>> {
    const { wanted, timeoutMs, atLeast = 1, priority = usualPriority, on } = request;
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(this.#closing());
      const leave = () => {
        const place = this.#waiters.indexOf(waiter);
        if (place >= 0) this.#waiters.splice(place, 1);
        clearTimeout(timer);
      };
      const waiter: Waiter<L> = {
        wanted: Math.max(wanted, atLeast, 1),
        atLeast: Math.max(atLeast, 1),
        on,
        priority,
        since: performance.now(),
        grant: (reservation) => {
          leave();
          resolve(reservation);
        },
        fail: (error) => {
          leave();
          reject(error);
          this.changed();
        },
      };
      const timer = setTimeout(() => waiter.fail(this.#timedOut(timeoutMs)), timeoutMs);
      const behind = this.#waiters.findIndex((other) => other.priority > priority);
      this.#waiters.splice(behind < 0 ? this.#waiters.length : behind, 0, waiter);
      this.changed();
    });
  }

  /** To be called when a slot became free or a lane opened or closed. */
  changed(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#closed || !holdsNow(this.#until)) return;
    let wakeInMs = Number.POSITIVE_INFINITY;
    for (const waiter of [...this.#waiters]) {
      const lane = waiter.on ?? this.#roomiest();
      if (!lane) break;
      if (!lane.isOpen) continue;
      const slots = this.#free(lane);
      const empty = slots >= lane.capacity;
      if (slots < waiter.atLeast && !empty) break;
      // A text larger than the burst is written on credit; the pace then pays it back.
      const waitMs = this.#pace.msUntil(waiter.atLeast);
      if (waitMs > 0) {
        wakeInMs = Math.min(wakeInMs, waitMs);
        break;
      }
      const tokens = this.#pace.available();
      const given = Math.max(waiter.atLeast, Math.min(waiter.wanted, slots, tokens));
      const enough = Math.min(waiter.wanted, this.#chunk, Math.ceil(lane.capacity / 4));
      const lingered = performance.now() - waiter.since;
      if (given < enough && lingered < lingerMs) {
        wakeInMs = Math.min(wakeInMs, lingerMs - lingered);
        continue;
      }
      this.#grant(waiter, lane, given);
    }
    if (wakeInMs < Number.POSITIVE_INFINITY && this.#waiters.length > 0) {
      this.#timer = setTimeout(() => this.changed(), Math.max(1, Math.ceil(wakeInMs)));
    }
  }

  /** Gives no room for so long, because the carrier said that it is too much. */
  pause(ms: number): void {
    this.#pace.pause(ms);
  }

  /** Turns away all who wait, and everyone from now on. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    for (const waiter of [...this.#waiters]) waiter.fail(this.#closing());
  }

  #grant(waiter: Waiter<L>, lane: L, segments: number): void {
    this.#pace.take(segments);
    this.#hold(lane, segments);
    waiter.grant(
      new LaneReservation(
        lane,
        segments,
        (spent) => this.#spend(lane, spent),
        (unused) => {
          this.#hold(lane, -unused);
          this.#pace.giveBack(unused);
          this.changed();
        },
      ),
    );
  }

  /** The last look before the write: a process that was frozen meanwhile may hold nothing any more (invariant 8). */
  #spend(lane: L, segments: number): boolean {
    if (!holdsNow(this.#until)) return false;
    this.#hold(lane, -segments);
    this.#pace.spend(segments);
    this.#spentAt = performance.now();
    return true;
  }

  #setChunk(segmentsPerSecond: number): void {
    this.#chunk = Math.max(1, Math.floor(segmentsPerSecond / 20));
  }

  #roomiest(): L | undefined {
    let best: L | undefined;
    for (const lane of this.#lanes()) {
      if (lane.isOpen && (!best || this.#free(lane) > this.#free(best))) best = lane;
    }
    return best;
  }

  #free(lane: L): number {
    return lane.capacity - lane.unanswered - (this.#reserved.get(lane) ?? 0);
  }

  #hold(lane: L, segments: number): void {
    const reserved = (this.#reserved.get(lane) ?? 0) + segments;
    if (reserved === 0) this.#reserved.delete(lane);
    else this.#reserved.set(lane, reserved);
  }

  #timedOut(timeoutMs: number): CarrierUnavailable {
    const held = holdsNow(this.#until);
    const notConnected = held && !this.#lanes().some((lane) => lane.isOpen);
    const problem = notConnected
      ? 'was not connected'
      : held
        ? 'had no room in its window or rate'
        : 'was with other workers, which hold its slots,';
    return new CarrierUnavailable(`Carrier ${this.#carrier} ${problem} for ${timeoutMs} ms; try again later.`, {
      notConnected,
    });
  }

  #closing(): CarrierUnavailable {
    return new CarrierUnavailable(
      `Carrier ${this.#carrier} is being closed in this process; another worker takes over.`,
    );
  }
}
