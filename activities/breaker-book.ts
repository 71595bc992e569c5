import {
  type BreakerSample,
  type BreakerState,
  BreakerWindow,
  closedBreaker,
  foundUnreachable,
  opened,
  probesAtATime,
} from '../domain/breaker.ts';
import type { Logger } from '../intake/logger.ts';
import type { BreakerStore } from '../store/breakers.ts';

/** What may be written to a carrier now. */
export interface Allowance {
  /** Texts; unlimited while the carrier is in order. */
  readonly texts: number;
  /** When to ask again, where it is none. */
  readonly askAgainAt?: Date;
}

/** A probe whose answer doesn't come any more counts as failed. */
const probePatienceMs = 15_000;
/** Probes are under way: their answers are looked for soon. */
const probedAgainMs = 1_000;

interface Watched {
  state: BreakerState;
  readonly window: BreakerWindow;
  /** Probes under way, and those that came through since it may be probed. */
  probing: number;
  passed: number;
  probedAt: number;
}

/**
 * Which carriers are out of order. What is seen of a carrier's answers stays in the process that sees it; only that a breaker opens or closes
 * is written down, and read by all every second. So it costs a text nothing.
 *
 * Open, it lets nothing through until its pause is over; then some probes, ordinary texts: when all of them come through it closes, when one
 * fails it opens for twice as long. That of a carrier that nobody is connected to keeps no text that has no other route: it waits for the
 * connection, and the breaker closes with it.
 */
export class BreakerBook {
  readonly #store: BreakerStore;
  readonly #logger: Logger;
  readonly #isConnected: (carrier: string) => boolean;
  readonly #watched: ReadonlyMap<string, Watched>;

  constructor(
    carriers: readonly string[],
    deps: {
      readonly breakers: BreakerStore;
      readonly logger: Logger;
      /** Whether this process has a connection to a carrier. */
      readonly isConnected: (carrier: string) => boolean;
    },
  ) {
    this.#store = deps.breakers;
    this.#logger = deps.logger;
    this.#isConnected = deps.isConnected;
    this.#watched = new Map(
      carriers.map((carrier) => [
        carrier,
        { state: closedBreaker, window: new BreakerWindow(), probing: 0, passed: 0, probedAt: 0 },
      ]),
    );
  }

  /** Whether no text is to be routed to a carrier: one whose pause is over may have some, they are its probes. */
  isOpen(carrier: string, now: Date): boolean {
    const state = this.#watched.get(carrier)?.state;
    return state?.open === true && state.until !== undefined && state.until > now;
  }

  /** Reads what other processes have found. To be called every second. */
  async refresh(): Promise<void> {
    const known = new Map((await this.#store.findMany([...this.#watched.keys()])).map((each) => [each._id, each]));
    for (const [carrier, watched] of this.#watched) {
      this.#take(watched, known.get(carrier) ?? closedBreaker);
      if (!isUnreachable(watched.state) || !this.#isConnected(carrier)) continue;
      this.#logger.info({ carrier }, 'a carrier is connected again');
      await this.#change(carrier, watched, new Date(), (state) => (isUnreachable(state) ? closedBreaker : undefined));
    }
  }

  /** A text has waited in vain for a connection to a carrier whose slots this process holds. */
  async unreachable(carrier: string, now: Date): Promise<void> {
    const watched = this.#watched.get(carrier);
    if (!watched || foundUnreachable(watched.state, now) === undefined) return;
    this.#logger.warn({ carrier }, 'a carrier is not connected: texts that others may send go by them');
    await this.#change(carrier, watched, now, (state) => foundUnreachable(state, now));
  }

  /** How many texts may be written to a carrier; while it is probed they are counted until `seen` or `unwritten`. @param wanted at most */
  allow(carrier: string, wanted: number, now: Date): Allowance {
    const watched = this.#watched.get(carrier);
    if (!watched?.state.open || isUnreachable(watched.state)) return { texts: wanted };
    const { until } = watched.state;
    if (until && until > now) return { texts: 0, askAgainAt: until };
    if (watched.probing > 0 && now.getTime() - watched.probedAt > probePatienceMs) watched.probing = 0;
    const texts = Math.min(wanted, Math.max(0, probesAtATime - watched.passed - watched.probing));
    if (texts === 0) return { texts, askAgainAt: new Date(now.getTime() + probedAgainMs) };
    watched.probing += texts;
    watched.probedAt = now.getTime();
    return { texts };
  }

  /** Texts that were allowed and then not written: they prove nothing. */
  unwritten(carrier: string, texts: number): void {
    const watched = this.#watched.get(carrier);
    if (watched) watched.probing = Math.max(0, watched.probing - texts);
  }

  /** What texts that were written say of their carrier. @returns resolves when a change of its state is written down */
  async seen(carrier: string, samples: readonly BreakerSample[], now: Date): Promise<void> {
    const watched = this.#watched.get(carrier);
    if (!watched || samples.length === 0) return;
    if (watched.state.open && !isUnreachable(watched.state)) return this.#probed(carrier, watched, samples, now);
    for (const sample of samples) watched.window.add(sample, now.getTime());
    const reason = watched.window.verdict(now.getTime());
    if (reason === undefined) return;
    this.#logger.warn({ carrier, reason }, 'a carrier is out of order: nothing but probes is sent to it');
    await this.#change(carrier, watched, now, (state) => (state.open ? undefined : opened(state, reason, now)));
  }

  async #probed(carrier: string, watched: Watched, samples: readonly BreakerSample[], now: Date): Promise<void> {
    watched.probing = Math.max(0, watched.probing - samples.length);
    const { until } = watched.state;
    // What was written before it opened says nothing new.
    if (until && until > now) return;
    if (samples.some(({ failed }) => failed)) {
      this.#logger.warn({ carrier }, 'a carrier is still out of order: its probes failed');
      await this.#change(carrier, watched, now, (state) =>
        state.open && state.until && state.until <= now ? opened(state, 'probe-failed', now) : undefined,
      );
      return;
    }
    watched.passed += samples.length;
    if (watched.passed < probesAtATime) return;
    // When that can't be written down now, others are probed; else nothing would be seen of the carrier any more.
    watched.passed = 0;
    this.#logger.info({ carrier }, 'a carrier is in order again');
    await this.#change(carrier, watched, now, (state) => (state.open ? closedBreaker : undefined));
  }

  async #change(
    carrier: string,
    watched: Watched,
    now: Date,
    decide: (state: BreakerState) => BreakerState | undefined,
  ): Promise<void> {
    this.#take(watched, await this.#store.change(carrier, now, decide));
  }

  #take(watched: Watched, state: BreakerState): void {
    const isNew = state.open !== watched.state.open || state.openings !== watched.state.openings;
    watched.state = state;
    if (!isNew) return;
    watched.window.clear();
    watched.probing = 0;
    watched.passed = 0;
  }
}

function isUnreachable({ open, reason }: BreakerState): boolean {
  return open && reason === 'unreachable';
}
