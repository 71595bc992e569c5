import type Telnyx from 'telnyx';
import { segmentText } from '../../domain/segments.ts';
import type { MessagingClient, PartAnswer, Reservation, RoomRequest, Submission } from '../carrier.ts';
import { LaneReservation, type Room } from '../room.ts';
import type { TelnyxConfig } from './config.ts';
import { type Failure, readFailure } from './failure.ts';
import { RequestLane } from './request-lane.ts';

/**
 * Sends texts by POST /messages. The carrier cuts a long text itself and gives it one id, so an answer has one part. It takes no
 * validity and echoes no reference: an ambiguous text is matched by addresses, date and text.
 */
export class TelnyxMessaging implements MessagingClient {
  readonly #config: TelnyxConfig;
  readonly #client: Telnyx;
  readonly #room: Room<RequestLane>;
  readonly #abandoned: AbortSignal;

  /** @param abandoned gives up the requests that are open, when the process ends */
  constructor(config: TelnyxConfig, client: Telnyx, room: Room<RequestLane>, abandoned: AbortSignal) {
    this.#config = config;
    this.#client = client;
    this.#room = room;
    this.#abandoned = abandoned;
  }

  segments(text: string): number {
    return segmentText(text).parts.length;
  }

  reserve(request: RoomRequest): Promise<Reservation> {
    return this.#room.reserve(request);
  }

  submit(texts: readonly Submission[], reservation: Reservation): Promise<readonly PartAnswer[]>[] {
    return texts.map(async (text) => [await this.#submitOne(text, reservation)]);
  }

  #submitOne(submission: Submission, reservation: Reservation): Promise<PartAnswer> {
    const { alphabet, parts } = segmentText(submission.text);
    if (!(reservation instanceof LaneReservation) || !(reservation.lane instanceof RequestLane)) {
      return Promise.resolve({ outcome: 'unsent', reason: 'the reservation is of another carrier' });
    }
    if (!reservation.spend(parts.length)) {
      return Promise.resolve({
        outcome: 'unsent',
        reason: 'more segments than were reserved, or none may be written any more',
      });
    }
    return this.#post(submission, alphabet, reservation.lane, parts.length);
  }

  async #post(
    submission: Submission,
    encoding: 'gsm7' | 'ucs2',
    lane: RequestLane,
    segments: number,
  ): Promise<PartAnswer> {
    lane.started(segments);
    try {
      const { data } = await this.#client.messages.send(
        {
          from: submission.from,
          to: submission.to,
          text: submission.text,
          type: 'SMS',
          // Said outright, or the carrier replaces letters to save segments.
          encoding,
          messaging_profile_id: this.#config.messagingProfileId,
        },
        { signal: this.#abandoned },
      );
      lane.answered(segments);
      if (data?.id) return { outcome: 'accepted', carrierMessageId: data.id };
      return { outcome: 'ambiguous', reason: 'accepted by the carrier without an id' };
    } catch (error) {
      const failure = readFailure(error);
      if (failure.kind === 'unreachable') lane.unreachable(segments);
      else lane.answered(segments);
      return this.#answerOf(failure);
    }
  }

  #answerOf(failure: Failure): PartAnswer {
    switch (failure.kind) {
      case 'unreachable':
        return { outcome: 'unsent', reason: failure.reason };
      case 'uncertain':
        return { outcome: 'ambiguous', reason: failure.reason };
      case 'refused': {
        const { code, title: detail, retryAfterMs } = failure;
        if (retryAfterMs !== undefined) this.#room.pause(retryAfterMs);
        return {
          outcome: 'rejected',
          code,
          ...(detail && { detail }),
          ...(retryAfterMs !== undefined && { retryAfterMs }),
        };
      }
    }
  }
}
