import type { Fate, Segment } from '../network/segment.ts';
import type { Transit } from '../network/transit.ts';
import type { SmppQuirks } from '../world/networks.ts';
import type { World } from '../world/world.ts';
import type { DeliveryQueue } from './delivery-queue.ts';
import type { MessageIds } from './message-ids.ts';
import { receiptPdu } from './receipt.ts';
import { SentMessages } from './sent-messages.ts';
import type { SubmittedSegment } from './submission.ts';

/** What a submission says about its receipts. */
export type ReceiptWanted = SubmittedSegment['receiptWanted'];

/** The second copy of a receipt comes this much later. */
const SECOND_COPY_MS = 200;

/** Follows what one SMPP carrier has accepted to its end, and reports it. */
export class Reports {
  readonly sent = new SentMessages();
  readonly #world: World;
  readonly #transit: Transit;
  readonly #quirks: SmppQuirks;
  readonly #queue: DeliveryQueue;
  readonly #ids: MessageIds;

  constructor(world: World, transit: Transit, quirks: SmppQuirks, queue: DeliveryQueue, ids: MessageIds) {
    this.#world = world;
    this.#transit = transit;
    this.#quirks = quirks;
    this.#queue = queue;
    this.#ids = ids;
  }

  /** @param reported called once it has ended and its receipt, if it gets one at once, is on its way */
  follow(segment: Segment, wanted: ReceiptWanted, submittedAt: number, reported: () => void): void {
    const message = this.sent.add(segment.carrierMessageId);
    this.#transit.carry(segment, (fate) => {
      const doneAt = Date.now();
      message.end(fate, doneAt);
      this.report(segment, fate, wanted, { submittedAt, doneAt });
      reported();
    });
  }

  /** Sends the receipt of a segment that has ended, unless it is not wanted or, by lot, never comes. */
  report(segment: Segment, fate: Fate, wanted: ReceiptWanted, times: { submittedAt: number; doneAt: number }): void {
    if (wanted !== 1 && wanted !== (fate.state === 'DELIVRD' ? 3 : 2)) return;
    const manner = this.#transit.receiptManner(segment);
    if (manner.never) return;
    const fields = receiptPdu(segment, fate, this.#ids.inReceipt(segment.carrierMessageId), this.#quirks, times);
    const send = () => this.#queue.push({ fields, sent: () => this.#record(segment, fate) });
    if (manner.afterMs === 0 || this.#transit.receiptOvertakesAnswer(segment)) send();
    else setTimeout(send, manner.afterMs);
    if (manner.twice) setTimeout(send, manner.afterMs + SECOND_COPY_MS);
  }

  #record({ carrier, from, to, text, part, carrierMessageId, userMessageReference }: Segment, fate: Fate): void {
    const { state, code } = fate;
    this.#world.ledger.record({
      event: 'receipt-sent',
      carrier,
      from,
      to,
      text,
      carrierMessageId,
      userMessageReference,
      code,
      state,
      part,
    });
  }
}
