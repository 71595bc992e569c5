import type { CarrierOrderState, Concurrence } from '../domain/lifecycle/order.ts';
import type { ReceiptState } from '../domain/message.ts';
import type { Subscriber } from '../domain/port-request.ts';
import type { CarrierClockSettings } from '../domain/porting-clocks.ts';

/** One text on its way to a carrier. Personal data: never logged. */
export interface Submission {
  /** E.164 with `+`, a short code, or an alphanumeric sender. */
  readonly from: string;
  readonly to: string;
  readonly text: string;
  /** Remaining validity in milliseconds: a carrier must not deliver after we have said «expired». */
  readonly validityMs: number;
  /**
   * One 16-bit number per segment, unique among the recent texts to this recipient; sent as `user_message_reference`
   * (SMPP 3.4 §5.3.2.17) where the protocol can, and echoed in the receipt by carriers that do so.
   */
  readonly references: readonly number[];
}

/** What became of one segment when it was written to the carrier. */
export type PartAnswer =
  | { readonly outcome: 'accepted'; readonly carrierMessageId: string }
  /** A definite no. `code` is the carrier's own, raw (`0x58`, `40300`). */
  | { readonly outcome: 'rejected'; readonly code: string; readonly detail?: string; readonly retryAfterMs?: number }
  /** Nothing came back (time-out, connection lost): the carrier may have it. Never submit again. */
  | { readonly outcome: 'ambiguous'; readonly reason: string }
  /** Certainly never written (the connection was down before the write): anybody may submit it again. */
  | { readonly outcome: 'unsent'; readonly reason: string };

/** Room for segments at a carrier, taken before texts are claimed (invariant 5). */
export interface Reservation {
  /** Segments that may be written under this reservation, at least 1. */
  readonly segments: number;
  /** Gives back what was not used. Harmless when called twice. */
  release(): void;
}

export interface MessagingClient {
  /** Segments this text needs at this carrier, by the alphabet and units that this carrier uses. */
  segments(text: string): number;
  /**
   * Waits until the carrier is connected and has rate tokens and window slots.
   * @param wanted segments asked for; fewer may be given, at least 1.
   * @param signal gives up waiting.
   * @param atLeast segments of the longest text that has to be submitted next: its parts are written together or not at all. More
   *   than the whole window are given when it is empty.
   * @throws CarrierUnavailable when there is no connection, or no room, within `timeoutMs`.
   */
  reserve(wanted: number, timeoutMs: number, signal?: AbortSignal, atLeast?: number): Promise<Reservation>;
  /**
   * Writes every text to the carrier before it returns: nothing is awaited between the call and the last write.
   * One promise per text, one answer per segment; the promises never reject. A carrier that cuts long texts itself gives one id,
   * so one answer. A text that the reservation has no room for is `unsent`.
   * The adapter never writes one segment twice, whatever happens.
   */
  submit(texts: readonly Submission[], reservation: Reservation): Promise<readonly PartAnswer[]>[];
}

/** A receipt, an inbound text or news about an order, in our terms; `raw` is stored encrypted, for people. */
export type CarrierEvent = ReceiptEvent | InboundEvent | OrderEvent;

interface EventBase {
  /** Unique within the carrier; derived from the content where the carrier gives none. A repeated event has the same id. */
  readonly eventId: string;
  /** When the carrier says it happened (RFC 3339 UTC), else when it arrived. */
  readonly at: string;
  readonly raw: string;
}

export interface ReceiptEvent extends EventBase {
  readonly type: 'receipt';
  /** Normalised to the form of the submission's answer (`receiptId` setting). */
  readonly carrierMessageId?: string;
  readonly userMessageReference?: number;
  /** The sender and the recipient of the text that this receipt is about. */
  readonly from?: string;
  readonly to?: string;
  readonly state: ReceiptState;
  /** The carrier's own error code, raw; absent on success. */
  readonly code?: string;
  /** The first characters of the text, where the carrier repeats them. */
  readonly textStart?: string;
}

export interface InboundEvent extends EventBase {
  readonly type: 'inbound';
  readonly from: string;
  readonly to: string;
  readonly text: string;
  /** Present when this is one segment of a longer text (3GPP TS 23.040 §9.2.3.24). */
  readonly part?: { readonly reference: number; readonly total: number; readonly sequence: number };
}

/** A hint that an order changed; the order itself is then read from the carrier. */
export interface OrderEvent extends EventBase {
  readonly type: 'order';
  readonly carrierOrderId: string;
  /** The carrier's event name, raw. */
  readonly name: string;
}

/** What a carrier's order says of one number, in our terms. */
export interface OrderedNumber {
  readonly phoneNumber: string;
  readonly voice: 'pending' | 'activating' | 'active' | 'failed' | 'cancelled';
  readonly messaging: 'not-applicable' | 'pending' | 'activating' | 'active' | 'exception' | 'cancelled';
}

export interface OrderSnapshot {
  readonly carrierOrderId: string;
  /** The carrier's own state, raw: shown, never swallowed. */
  readonly carrierState: string;
  readonly state: CarrierOrderState;
  /** RFC 3339 UTC; the agreed date. */
  readonly focAt?: string;
  /** Whether the losing carrier has agreed to the date at the NPAC; absent where there is none, or nothing is said of it. */
  readonly concurrence?: Concurrence;
  readonly numbers: readonly OrderedNumber[];
  readonly rejections: readonly { readonly code: string; readonly message: string }[];
  readonly updatedAt: string;
}

export interface PortabilityCheck {
  readonly phoneNumber: string;
  readonly portable: boolean;
  readonly messagingCapable?: boolean;
  /** The carrier's reason for a no, raw. */
  readonly reason?: string;
}

export interface PortOrderRequest {
  /** Our port id: the order is found again by it, so that creating twice is harmless. */
  readonly reference: string;
  readonly phoneNumbers: readonly string[];
  readonly messagingPlan: 'move' | 'stay' | 'messaging-only';
  readonly portType: 'full' | 'partial';
  readonly subscriber: Subscriber;
  readonly requestedFocAt?: string;
  readonly activation: 'automatic' | 'on-demand';
}

/** Ordering at the gaining carrier. Every call is safe to repeat; network errors throw `CarrierUnavailable`, a no throws `CarrierRefused`. */
export interface PortingClient {
  checkPortability(phoneNumbers: readonly string[]): Promise<PortabilityCheck[]>;
  /** Creates and submits; when an order with this reference exists already, finds it and submits it if it is still a draft. */
  submitOrder(request: PortOrderRequest): Promise<OrderSnapshot>;
  readOrder(carrierOrderId: string): Promise<OrderSnapshot>;
  /** The order that was made under this reference, if there is one. */
  findOrder(reference: string): Promise<OrderSnapshot | undefined>;
  /** Sends corrected data for an order in exception, and submits it again (SUPP). */
  supplementOrder(carrierOrderId: string, request: PortOrderRequest): Promise<OrderSnapshot>;
  /** Asks for another date; an order in exception is submitted again with it. @param requestedFocAt RFC 3339 UTC */
  rescheduleOrder(carrierOrderId: string, requestedFocAt: string): Promise<OrderSnapshot>;
  cancelOrder(carrierOrderId: string): Promise<OrderSnapshot>;
  /** On-demand activation. */
  activateOrder(carrierOrderId: string): Promise<OrderSnapshot>;
  /** Orders changed at or after `since` (RFC 3339): the net under lost webhooks. */
  listChangedOrders(since: string): AsyncIterable<OrderSnapshot>;
}

export interface CarrierSettings {
  readonly id: string;
  readonly adapter: string;
  /** SPIDs that say «this carrier» in a portability database; a set, because a carrier may ride another's. */
  readonly spids: readonly string[];
  /** ISO 3166 alpha-2 of the carrier's home network. */
  readonly country: string;
  /** Who answers STOP: us, or the carrier (which then blocks our answer). */
  readonly optOutReply: 'us' | 'carrier';
  /** What this carrier's receipts are worth. */
  readonly receipts: 'handset' | 'carrier' | 'suspect';
  /** Short codes and alphanumeric senders registered with this carrier. */
  readonly senders: readonly string[];
  /** Which of our delivery-code tables reads this carrier's codes. */
  readonly codes: 'smpp' | 'telnyx';
  /** Whether each segment of a long text gets an id and receipts of its own, or the text has one for all. */
  readonly partIds: 'each' | 'one';
  /** Cut-offs and hours that were agreed with this carrier, instead of what is known of its adapter. */
  readonly clocks?: CarrierClockSettings;
}

export interface WebhookParser {
  /**
   * Verifies the signature over the raw body and reads the events in it.
   * @throws WebhookRejected when the signature, its age or the body is wrong.
   */
  parse(rawBody: Buffer, headers: Readonly<Record<string, string | undefined>>): CarrierEvent[];
}

/** Called with what arrived; when it resolves the events are stored and may be acknowledged, when it rejects the carrier must send again. */
export type EventSink = (events: readonly CarrierEvent[]) => Promise<void>;

export interface Carrier {
  readonly settings: CarrierSettings;
  readonly messaging: MessagingClient;
  readonly porting?: PortingClient;
  readonly webhook?: WebhookParser;
  /** Opens sessions where the protocol has any and delivers what arrives on them to `sink`. Resolves at once; reconnects by itself. */
  connect(sink: EventSink): void;
  /** True when a text could be submitted now. */
  isConnected(): boolean;
  /** Stops taking new texts, waits for open answers (at most `graceMs`), closes. */
  close(graceMs: number): Promise<void>;
}
