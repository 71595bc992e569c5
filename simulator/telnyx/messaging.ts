import { drawLots, type Lots, maySendFrom } from '../network/admission.ts';
import type { InboundDelivery, InboundPiece, InboundText } from '../network/inbound.ts';
import { RateLimit } from '../network/rate-limit.ts';
import { attemptOf, type Fate, type Segment, segmentOf } from '../network/segment.ts';
import type { Transit } from '../network/transit.ts';
import type { Unfinished } from '../network/unfinished.ts';
import { encodeText } from '../text/segments.ts';
import type { World } from '../world/world.ts';
import { codeOf, refusal } from './codes.ts';
import { TelnyxFailure } from './errors.ts';
import { type Message, messageView, newMessage } from './message.ts';
import { AUTO_REPLIES, keywordOf, type OptOuts } from './opt-outs.ts';
import type { SenderVerifications } from './toll-free-verifications.ts';
import type { Webhooks } from './webhooks.ts';

const REMEMBERED = 50_000;
const E164 = /^\+[1-9]\d{6,14}$/;
/** How long an answer waits for the receipt that is to overtake it. */
const OVERTAKEN_MS = 1000;
const SECOND_COPY_MS = 200;

export interface Sending {
  readonly from: string;
  readonly to: string;
  readonly text: string;
  readonly webhookUrl?: string | null;
}

/** What the HTTP side does about an accepted text. */
export interface Acceptance {
  readonly message: Message;
  readonly lots: Lots;
  /** Resolves when the answer may be written. */
  readonly ready: Promise<void>;
}

/** Texts at the REST carrier: taken by HTTP, reported by webhook. */
export class Messaging implements InboundDelivery {
  readonly takesSegments = false;
  readonly #world: World;
  readonly #transit: Transit;
  readonly #webhooks: Webhooks;
  /** Says whether an order is on its way to bring a number's texts in. */
  readonly #orders: { incoming(phoneNumber: string): unknown };
  readonly #optOuts: OptOuts;
  readonly #verifications: Pick<SenderVerifications, 'blocks'>;
  readonly #rate = new RateLimit();
  readonly #messages = new Map<string, Message>();

  constructor(
    world: World,
    transit: Transit,
    webhooks: Webhooks,
    orders: { incoming(phoneNumber: string): unknown },
    optOuts: OptOuts,
    verifications: Pick<SenderVerifications, 'blocks'>,
  ) {
    this.#world = world;
    this.#transit = transit;
    this.#webhooks = webhooks;
    this.#orders = orders;
    this.#optOuts = optOuts;
    this.#verifications = verifications;
  }

  get(id: string): Message | undefined {
    return this.#messages.get(id);
  }

  /**
   * Takes one text.
   * @returns undefined when the connection is to be cut before it is taken in
   * @throws TelnyxFailure when it is refused
   */
  send(sending: Sending): Acceptance | undefined {
    const { from, to, text } = sending;
    const { ledger } = this.#world;
    ledger.record({ event: 'submitted', carrier: 'telnyx', from, to, text });
    const lots = drawLots(this.#world, 'telnyx', from, to, text);
    try {
      this.#check(sending, lots);
    } catch (error) {
      const code = error instanceof TelnyxFailure ? error.errors[0]?.code : undefined;
      ledger.record({ event: 'refused', carrier: 'telnyx', from, to, text, code });
      throw error;
    }
    if (lots.loss === 'untaken') return undefined;
    const message = newMessage('outbound', sending);
    this.#remember(message);
    const { identity } = lots;
    const segment: Segment = { carrier: 'telnyx', from, to, text, carrierMessageId: message.id, identity };
    const attempt = attemptOf(identity);
    this.#world.recordWhole('accepted', { ...entryOf(message), event: 'accepted', attempt });
    return { message, lots, ready: this.#carry(message, segment, lots.answerMs) };
  }

  /** Takes up what an earlier process had accepted and not brought to its end. */
  resume({ entry, fate }: Unfinished): void {
    const segment = segmentOf(entry);
    const message = { ...newMessage('outbound', segment), id: segment.carrierMessageId, receivedAt: entry.at };
    this.#remember(message);
    if (fate) this.#report(message, segment, fate);
    else void this.#carry(message, segment, 0);
  }

  /** An inbound text: STOP, START and HELP are answered here, everything goes out as a webhook until it is taken. */
  deliver(text: InboundText, piece: InboundPiece, acknowledged: () => void): void {
    const message = newMessage('inbound', { from: text.from, to: text.to, text: piece.text });
    message.status = 'delivered';
    const keyword = keywordOf(piece.text);
    if (keyword) {
      message.autoresponse = keyword;
      if (keyword === 'STOP') this.#optOuts.add(text.to, text.from, piece.text.trim().toUpperCase());
      if (keyword === 'START') this.#optOuts.remove(text.to, text.from);
      const reply = AUTO_REPLIES[keyword];
      this.#world.ledger.record({ event: 'auto-reply', carrier: 'telnyx', from: text.to, to: text.from, text: reply });
    }
    this.#remember(message);
    const identity = `${text.from}\u0000${text.to}\u0000${piece.text}`;
    void this.#webhooks
      .send({ type: 'message.received', payload: messageView(message), identity, mustArrive: true })
      .then((taken) => {
        if (taken) acknowledged();
      });
  }

  #check({ from, to, text }: Sending, lots: Lots): void {
    const { retryAfterMs, throttleAbove } = this.#world.behaviour('telnyx');
    if (this.#world.outages.isDown('telnyx') || lots.busy === 'system-error') throw unavailable();
    if (!this.#rate.take(throttleAbove, encodeText(text).segments.length) || lots.busy === 'throttled') {
      const seconds = String(Math.max(Math.ceil(retryAfterMs / 1000), 1));
      throw refusal('40011', 'You have exceeded the rate of messages.', { 'retry-after': seconds });
    }
    if (lots.busy === 'queue-full') throw refusal('40318', 'The outbound message queue is full.');
    if (!E164.test(to) && !/^\d{3,8}$/.test(to)) throw refusal('40310', "The 'to' address is invalid.");
    if (!maySendFrom(this.#world, 'telnyx', from, to)) {
      if (this.#orders.incoming(from)) throw refusal('40151', 'The number is pending with another messaging provider.');
      throw refusal('40305', "The 'from' address is not associated with this account.");
    }
    if (this.#verifications.blocks(from)) {
      throw refusal('40329', 'The toll-free number is not verified.');
    }
    if (this.#optOuts.has(from, to)) {
      throw refusal('40300', 'Messages cannot be sent to this destination due to an existing block rule.');
    }
    const rule = lots.refusal;
    if (rule) throw refusal(rule.code ?? '40012', 'The scenario refuses texts to this destination.');
  }

  /** @returns when the answer is due */
  #carry(message: Message, segment: Segment, answerMs: number): Promise<void> {
    const overtaken = this.#transit.receiptOvertakesAnswer(segment);
    return new Promise((resolve) => {
      if (!overtaken) setTimeout(resolve, answerMs);
      setTimeout(() => {
        message.status = 'sent';
        message.sentAt = new Date().toISOString();
        void this.#notify('message.sent', message, segment, false);
      }, answerMs);
      this.#transit.carry(segment, (fate) => {
        if (overtaken) setTimeout(resolve, OVERTAKEN_MS);
        this.#report(message, segment, fate, overtaken ? resolve : undefined);
      });
    });
  }

  /** @param overtaking the receipt goes first: called when it is taken */
  #report(message: Message, segment: Segment, fate: Fate, overtaking?: () => void): void {
    const manner = this.#transit.receiptManner(segment);
    const finish = () => {
      end(message, fate);
      if (manner.never) return;
      const { state, code } = fate;
      this.#world.ledger.record({ ...entryOf(message), event: 'receipt-sent', state, code });
      void this.#notify('message.finalized', message, segment, overtaking !== undefined).then(overtaking);
      if (manner.twice) setTimeout(() => this.#notify('message.finalized', message, segment, false), SECOND_COPY_MS);
    };
    if (overtaking) finish();
    else setTimeout(finish, manner.afterMs);
  }

  #notify(type: string, message: Message, { identity }: Segment, urgent: boolean): Promise<boolean> {
    return this.#webhooks.send({ type, payload: messageView(message), url: message.webhookUrl, identity, urgent });
  }

  #remember(message: Message): void {
    this.#messages.set(message.id, message);
    if (this.#messages.size <= REMEMBERED) return;
    for (const oldest of this.#messages.keys()) {
      this.#messages.delete(oldest);
      break;
    }
  }
}

function entryOf({ from, to, text, id }: Message) {
  return { carrier: 'telnyx', from, to, text, carrierMessageId: id };
}

function end(message: Message, fate: Fate): void {
  message.completedAt = new Date().toISOString();
  if (fate.state === 'DELIVRD') {
    message.status = 'delivered';
    return;
  }
  const { code, title, status } = codeOf(fate.code ?? '40008');
  message.status = status;
  message.errors = [{ code, title }];
}

function unavailable(): TelnyxFailure {
  return new TelnyxFailure(503, [
    { code: '10007', title: 'Unexpected error', detail: 'The service is unavailable for the moment.' },
  ]);
}
