import type { MessagingClient, PartAnswer, Reservation, Submission } from '../carrier.ts';
import { LaneReservation, type Room } from '../room.ts';
import type { SmppConfig } from './config.ts';
import { Link } from './link.ts';
import { countParts } from './parts.ts';
import { toSubmitPdus } from './submission.ts';

/** The total in a concatenation header is one octet. */
const mostParts = 255;

/** Submits texts over the sessions of one carrier. */
export class SmppMessaging implements MessagingClient {
  readonly #config: SmppConfig;
  readonly #room: Room<Link>;

  constructor(config: SmppConfig, room: Room<Link>) {
    this.#config = config;
    this.#room = room;
  }

  segments(text: string): number {
    return countParts(text, this.#config);
  }

  reserve(wanted: number, timeoutMs: number, signal?: AbortSignal, atLeast?: number): Promise<Reservation> {
    return this.#room.reserve(wanted, timeoutMs, signal, atLeast);
  }

  submit(texts: readonly Submission[], reservation: Reservation): Promise<readonly PartAnswer[]>[] {
    return texts.map((text) => this.#submitOne(text, reservation));
  }

  #submitOne(submission: Submission, reservation: Reservation): Promise<readonly PartAnswer[]> {
    const pdus = toSubmitPdus(submission, this.#config);
    const forAll = (answer: PartAnswer) => Promise.resolve(pdus.map(() => answer));
    if (pdus.length > mostParts) {
      return forAll({ outcome: 'rejected', code: '0x01', detail: `more than ${mostParts} parts` });
    }
    if (!(reservation instanceof LaneReservation) || !(reservation.lane instanceof Link)) {
      return forAll({ outcome: 'unsent', reason: 'the reservation is of another carrier' });
    }
    if (!reservation.lane.isOpen) return forAll({ outcome: 'unsent', reason: 'the session was lost before the write' });
    if (!reservation.spend(pdus.length)) {
      return forAll({ outcome: 'unsent', reason: 'more segments than were reserved' });
    }
    return Promise.all(pdus.map((pdu) => reservation.lane.write(pdu)));
  }
}
