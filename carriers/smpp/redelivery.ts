import { createHash, randomBytes } from 'node:crypto';
import type { DeliveryPdu } from './delivery-pdu.ts';

/** A text that we refused, or that was open when a connection broke, certainly comes again; carriers try for long. */
const certainlyResentMs = 30 * 60_000;
/** A text whose answer may have been lost or too late only perhaps comes again; a person may well send the same meanwhile. */
const perhapsResentMs = 2 * 60_000;
/** When we take so long to answer, a carrier may have given up waiting and send again under a new sequence number. */
const slowAnswerMs = 3_000;
/** More than a carrier ever has open; a bound on memory, not a rule. */
const remembered = 10_000;

interface Delivery {
  readonly id: string;
  readonly content: string;
  readonly arrivedAt: number;
}

interface Acknowledged extends Delivery {
  /** The sequence number of our last request before the acknowledgement: an answer to a later one proves that it has arrived. */
  readonly afterRequest: number;
}

interface Expected {
  readonly id: string;
  readonly until: number;
}

/**
 * Names inbound texts. SMPP gives them no id, and a person may answer "1" twice in a second, so the content alone is none. Within a
 * session the sequence number tells a repeated PDU from a new text. When a carrier sends again what we refused, what we were slow to
 * answer, or what was open when a connection broke (perhaps under a new sequence number, on a new session), the content is what there
 * is: as many equal texts as are outstanding take over the ids of the outstanding ones. So equal texts may swap ids, but their number
 * comes out right. The memory is this process's; what other processes had stored and not seen settled is known where it is stored
 * (intake/redeliveries.ts).
 */
export class RedeliveryMemory {
  readonly #expected = new Map<string, Expected[]>();
  #size = 0;
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Keeps what the carrier will, or may, send again in the next `forMs`. */
  expect({ id, content }: Pick<Delivery, 'id' | 'content'>, forMs: number): void {
    if (this.#size >= remembered) this.#forgetOldest();
    const same = this.#expected.get(content) ?? [];
    if (same.some((each) => each.id === id)) return;
    this.#expected.set(content, [...same, { id, until: this.#now() + forMs }]);
    this.#size++;
  }

  /** @returns the id under which this content is outstanding, which then is taken. */
  claim(content: string): string | undefined {
    const same = this.#expected.get(content);
    if (!same) return undefined;
    const now = this.#now();
    const [first, ...rest] = same.filter((each) => each.until >= now);
    if (rest.length > 0) this.#expected.set(content, rest);
    else this.#expected.delete(content);
    this.#size -= same.length - rest.length;
    return first?.id;
  }

  #forgetOldest(): void {
    const [content, same] = this.#expected.entries().next().value ?? [];
    if (content === undefined || !same) return;
    this.#expected.delete(content);
    this.#size -= same.length;
  }
}

/** The inbound texts of one session: which sequence number is which text, and what is outstanding when it ends. */
export class SessionDeliveries {
  readonly #memory: RedeliveryMemory;
  readonly #now: () => number;
  /** Unpredictable, so that nobody can guess numbers or texts from an id (invariant 9). */
  readonly #salt = randomBytes(16).toString('base64url');
  /** In the order of arrival. */
  readonly #open = new Map<number, Delivery>();
  /** Not known to have arrived at the carrier, in the order of acknowledgement. */
  readonly #acknowledged = new Map<number, Acknowledged>();

  constructor(memory: RedeliveryMemory, now: () => number = Date.now) {
    this.#memory = memory;
    this.#now = now;
  }

  /** @returns the event id of an inbound text. */
  name(pdu: DeliveryPdu): string {
    const content = contentOf(pdu);
    const known = this.#open.get(pdu.sequence) ?? this.#acknowledged.get(pdu.sequence);
    const repeated = known?.content === content;
    const id = repeated ? known.id : (this.#takeOver(content) ?? this.#newId(pdu.sequence, content));
    if (!(repeated && this.#open.has(pdu.sequence))) {
      this.#open.set(pdu.sequence, { id, content, arrivedAt: this.#now() });
    }
    return id;
  }

  /**
   * The carrier was told that we have it.
   * @param afterRequest sequence number of the last request that was written before that
   * @returns true when an answer to a later request is needed as proof that this has arrived
   */
  acknowledged(sequence: number, afterRequest: number): boolean {
    const delivery = this.#open.get(sequence);
    if (!delivery) return false;
    this.#open.delete(sequence);
    if (delivery.arrivedAt < this.#now() - slowAnswerMs) {
      this.#memory.expect(delivery, perhapsResentMs);
      return false;
    }
    this.#acknowledged.delete(sequence);
    this.#acknowledged.set(sequence, { ...delivery, afterRequest });
    return true;
  }

  /**
   * The carrier has answered this request of ours, so it has read everything that was written before.
   * @returns the ids of what it now knows that we have
   */
  answered(request: number): string[] {
    const settled: string[] = [];
    for (const [sequence, { id, afterRequest }] of this.#acknowledged) {
      if (afterRequest >= request) break;
      this.#acknowledged.delete(sequence);
      settled.push(id);
    }
    return settled;
  }

  /** It was stored before, under this id, by another process. */
  knownAs(sequence: number, id: string): void {
    const delivery = this.#open.get(sequence);
    if (delivery) this.#open.set(sequence, { ...delivery, id });
  }

  /** The carrier was told to send it again. */
  refused(sequence: number): void {
    const delivery = this.#open.get(sequence);
    if (!delivery) return;
    this.#open.delete(sequence);
    this.#memory.expect(delivery, certainlyResentMs);
  }

  /** The session has ended: what the carrier may not know we have, it sends again. */
  ended(): void {
    for (const delivery of this.#open.values()) this.#memory.expect(delivery, certainlyResentMs);
    for (const delivery of this.#acknowledged.values()) this.#memory.expect(delivery, perhapsResentMs);
    this.#open.clear();
    this.#acknowledged.clear();
  }

  /** The id of an equal text that this one is a repetition of. */
  #takeOver(content: string): string | undefined {
    const expected = this.#memory.claim(content);
    if (expected) return expected;
    const slow = this.#now() - slowAnswerMs;
    for (const [sequence, delivery] of this.#open) {
      if (delivery.arrivedAt > slow) return undefined;
      if (delivery.content !== content) continue;
      this.#open.delete(sequence);
      return delivery.id;
    }
    return undefined;
  }

  /** The same for a PDU that is repeated long after it was acknowledged. */
  #newId(sequence: number, content: string): string {
    return createHash('sha256').update(`${this.#salt} ${sequence} ${content}`).digest('base64url').slice(0, 27);
  }
}

/** Everything of a PDU that a repetition has in common with it: personal data. */
export function contentOf(pdu: DeliveryPdu): string {
  const { source, destination, esmClass, dataCoding, octets, sar, userMessageReference } = pdu;
  return JSON.stringify([
    source,
    destination,
    esmClass,
    dataCoding,
    octets.toString('base64'),
    sar,
    userMessageReference,
  ]);
}
