import { randomUUID } from 'node:crypto';
import type { World } from '../world/world.ts';

/** A request to verify toll-free senders, as the carrier keeps it. */
export interface Verification {
  readonly id: string;
  readonly numbers: readonly string[];
  /** The rest of what was sent. */
  readonly about: Record<string, unknown>;
  readonly createdAt: string;
  /** Milliseconds since 1970: when it is decided. */
  readonly decidedAt: number;
}

/** A number whose `rejections` hold this is never verified. */
const REFUSED = 'toll_free_rejected';

/** Which toll-free senders the carrier has verified for our account. */
export class SenderVerifications {
  readonly #world: World;
  readonly #requests: Verification[];

  constructor(world: World) {
    this.#world = world;
    this.#requests = world.state.keep('tollFreeVerifications', () => this.#requests) ?? [];
  }

  /** Newest first. */
  all(): Verification[] {
    return [...this.#requests].reverse();
  }

  ask(numbers: readonly string[], about: Record<string, unknown>): Verification {
    const { verificationMs } = this.#world.scenario.tollFree;
    const now = Date.now();
    const createdAt = new Date(now).toISOString();
    const verification = { id: randomUUID(), numbers, about, createdAt, decidedAt: now + verificationMs };
    this.#requests.push(verification);
    this.#world.state.save();
    return verification;
  }

  statusOf({ numbers, decidedAt }: Verification): 'In Progress' | 'Verified' | 'Rejected' {
    if (decidedAt > Date.now()) return 'In Progress';
    const refused = numbers.some((each) => this.#world.numbers.get(each)?.rejections.includes(REFUSED));
    return refused ? 'Rejected' : 'Verified';
  }

  /** Whether texts of this number are blocked. */
  blocks(phoneNumber: string): boolean {
    if (this.#world.numbers.get(phoneNumber)?.type !== 'toll_free') return false;
    return !this.#requests.some((each) => each.numbers.includes(phoneNumber) && this.statusOf(each) === 'Verified');
  }
}
