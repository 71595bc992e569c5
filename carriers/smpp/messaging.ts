import type { PDU } from 'smpp';
import type { MessagingClient, PartAnswer, Reservation, RoomRequest, Submission } from '../carrier.ts';
import { CarrierUnavailable } from '../errors.ts';
import { LaneReservation, type Room } from '../room.ts';
import type { SmppConfig } from './config.ts';
import { Link } from './link.ts';
import { countParts } from './parts.ts';
import { untilAllTaken } from './refused-parts.ts';
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

  reserve(request: RoomRequest): Promise<Reservation> {
    return this.#room.reserve(request);
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
    const { lane } = reservation;
    if (!lane.isOpen) return forAll({ outcome: 'unsent', reason: 'the session was lost before the write' });
    if (!reservation.spend(pdus.length)) {
      return forAll({ outcome: 'unsent', reason: 'more segments than were reserved, or none may be written any more' });
    }
    const writtenAt = performance.now();
    const answers = Promise.all(pdus.map((pdu) => lane.write(pdu)));
    if (pdus.length === 1) return answers;
    return answers.then((first) =>
      untilAllTaken(first, submission.validityMs, (positions, timeoutMs) => {
        const validityMs = submission.validityMs - (performance.now() - writtenAt);
        // Made anew: a PDU that was sent keeps its sequence number.
        const again = toSubmitPdus({ ...submission, validityMs }, this.#config);
        return this.#writeAgain(
          positions.flatMap((position) => again[position] ?? []),
          lane,
          timeoutMs,
        );
      }),
    );
  }

  /** All parts of a text go through one session. @returns undefined when that has no room in time, or is gone */
  async #writeAgain(pdus: readonly PDU[], lane: Link, timeoutMs: number): Promise<readonly PartAnswer[] | undefined> {
    let reservation: LaneReservation<Link>;
    try {
      // The rest of a text that is on its way comes before all others.
      reservation = await this.#room.reserve({
        wanted: pdus.length,
        timeoutMs,
        atLeast: pdus.length,
        priority: 0,
        on: lane,
      });
    } catch (error) {
      if (error instanceof CarrierUnavailable) return undefined;
      throw error;
    }
    try {
      if (!reservation.spend(pdus.length)) return undefined;
      return await Promise.all(pdus.map((pdu) => lane.write(pdu)));
    } finally {
      reservation.release();
    }
  }
}
