import type { DocumentKind, DocumentState } from '../domain/document-rules.ts';
import type { Activation } from '../domain/lifecycle/activation.ts';
import type { CarrierOrderState, Concurrence } from '../domain/lifecycle/order.ts';
import type { CarrierPortOutState } from '../domain/lifecycle/port-out.ts';
import type { CarrierLimits } from '../domain/limits/carrier-limits.ts';
import type { ReceiptState } from '../domain/message.ts';
import type { PortOutAccount, PortOutAccountField } from '../domain/port-out-account.ts';
import type { EligibleRejection } from '../domain/port-out-check.ts';
import type { Subscriber } from '../domain/port-request.ts';
import type { CarrierClockSettings } from '../domain/porting-clocks.ts';
import type { Allotment } from './allotment.ts';
import type { MessageInquiry } from './message-inquiry.ts';
import type { OptOutClient } from './opt-outs.ts';
import type { OrderPapers } from './order-papers.ts';
import type { SenderVerificationClient } from './sender-verification.ts';
import type { Support } from './support.ts';
import type { TextHostingClient } from './text-hosting.ts';

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
  | {
      readonly outcome: 'accepted';
      readonly carrierMessageId: string;
      /** The id as the carrier wrote it, where its receipts write it in another form: what it has to be asked by. */
      readonly givenId?: string;
    }
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

/** How room is asked for. */
export interface RoomRequest {
  /** Segments asked for; fewer may be given, at least 1. */
  readonly wanted: number;
  /** How long to wait for them at most. */
  readonly timeoutMs: number;
  /**
   * Segments of the longest text that has to be submitted next: its parts are written together or not at all. More than the whole window
   * are given when it is empty. 1 if not given.
   */
  readonly atLeast?: number;
  /** Who is served first: 1 before 2, as Temporal's priority keys; 3 if not given. */
  readonly priority?: number;
}

export interface MessagingClient {
  /** Segments this text needs at this carrier, by the alphabet and units that this carrier uses. */
  segments(text: string): number;
  /**
   * Waits until the carrier is connected and has rate tokens and window slots.
   * @throws CarrierUnavailable when there is no connection, or no room, within `timeoutMs`.
   */
  reserve(request: RoomRequest): Promise<Reservation>;
  /**
   * Writes every text to the carrier before it returns: nothing is awaited between the call and the last write.
   * One promise per text, one answer per segment; the promises never reject. A carrier that cuts long texts itself gives one id,
   * so one answer. A text that the reservation has no room for is `unsent`.
   * The adapter never writes a segment again that the carrier may have, whatever happens; one that was definitely refused for now it may.
   */
  submit(texts: readonly Submission[], reservation: Reservation): Promise<readonly PartAnswer[]>[];
}

/** A receipt, an inbound text or news about an order, in our terms; `raw` is stored encrypted, for people. */
export type CarrierEvent = ReceiptEvent | InboundEvent | OrderEvent | PortOutEvent;

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
  /**
   * Where the carrier gives no id, so that `eventId` is known to this process alone: all that the text has in common with a repetition of it.
   * What carries this is `settled` when the carrier knows that we have it.
   */
  readonly content?: string;
}

/** A hint that an order changed; the order itself is then read from the carrier. */
export interface OrderEvent extends EventBase {
  readonly type: 'order';
  readonly carrierOrderId: string;
  /** The carrier's event name, raw. */
  readonly name: string;
  /** `comments`: somebody wrote one, the order itself is as it was. */
  readonly about?: 'comments';
}

/** A hint that another carrier asks for numbers, or that such a request changed; the port-out itself is then read. */
export interface PortOutEvent extends EventBase {
  readonly type: 'port-out';
  readonly carrierPortOutId: string;
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
  /** Whether it waits within its window for a person to activate it; absent where the carrier says nothing of it. */
  readonly onDemand?: boolean;
  readonly numbers: readonly OrderedNumber[];
  readonly rejections: readonly { readonly code: string; readonly message: string }[];
  readonly updatedAt: string;
}

export interface PortabilityCheck {
  readonly phoneNumber: string;
  readonly portable: boolean;
  readonly messagingCapable?: boolean;
  /** The carrier can activate it on demand; it may split orders by that. */
  readonly onDemand?: boolean;
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
  readonly activation: Activation;
  /** Fetches the papers that are stored for the order; called only where the carrier wants them. */
  readonly papers?: () => Promise<OrderPapers>;
}

/** A document on its way to a carrier. Personal data: never logged. */
export interface OrderDocument {
  /** Our id of it: it is found again by it, so that uploading twice is harmless. */
  readonly reference: string;
  readonly kind: DocumentKind;
  readonly contentType: string;
  /** Says nothing of what stands in it. */
  readonly fileName: string;
  /** The carrier's id, when it has been handed over before. */
  readonly carrierDocumentId?: string;
  /** Read only when it has to be uploaded. */
  content(): Promise<Buffer>;
}

/** What a carrier says of a document that it has. */
export interface HandedDocument {
  readonly carrierDocumentId: string;
  readonly state: Exclude<DocumentState, 'stored'>;
}

/** Papers of an order. */
export interface OrderDocuments {
  /**
   * Uploads what the carrier hasn't got and attaches all to the order; a newer document takes the place of an older one of its kind where
   * the order has one place for it.
   * @param documents all that the order is to have, oldest first
   * @returns by our reference
   */
  attach(carrierOrderId: string, documents: readonly OrderDocument[]): Promise<ReadonlyMap<string, HandedDocument>>;
  /** What the carrier thinks of these documents now; one that it doesn't know any more is left out. */
  review(carrierDocumentIds: readonly string[]): Promise<readonly HandedDocument[]>;
}

/** One comment on an order. Personal data: people name people. */
export interface CarrierComment {
  /** The carrier's. */
  readonly id: string;
  readonly text: string;
  /** RFC 3339 UTC. */
  readonly at: string;
  readonly from: 'us' | 'carrier';
}

/** What we and the carrier write on an order. */
export interface OrderComments {
  /** Oldest first. */
  list(carrierOrderId: string): Promise<readonly CarrierComment[]>;
  /** Not safe to repeat after `CarrierUnavailable`: look into the list first. */
  add(carrierOrderId: string, text: string): Promise<CarrierComment>;
  /** Orders that got comments at or after `since` (RFC 3339): the net under lost webhooks. */
  listCommentedOrders(since: string): Promise<readonly string[]>;
}

/** Ordering at the gaining carrier. Every call is safe to repeat; network errors throw `CarrierUnavailable`, a no throws `CarrierRefused`. */
export interface PortingClient {
  checkPortability(phoneNumbers: readonly string[]): Promise<PortabilityCheck[]>;
  /**
   * Creates and submits; when an order with this reference exists already, finds it and submits it if it is still a draft.
   * @param withDraft done with the order before it is submitted, e.g. attaching its documents; may be done again
   */
  submitOrder(
    request: PortOrderRequest,
    withDraft?: (carrierOrderId: string) => Promise<unknown>,
  ): Promise<OrderSnapshot>;
  readOrder(carrierOrderId: string): Promise<OrderSnapshot>;
  /** The order that was made under this reference, or where orders bear none, for these numbers; if there is one. */
  findOrder(reference: string, phoneNumbers: readonly string[]): Promise<OrderSnapshot | undefined>;
  /** Sends corrected data for an order in exception, and submits it again (SUPP). */
  supplementOrder(carrierOrderId: string, request: PortOrderRequest): Promise<OrderSnapshot>;
  /** Asks for another date; an order in exception is submitted again with it. @param requestedFocAt RFC 3339 UTC */
  rescheduleOrder(carrierOrderId: string, requestedFocAt: string): Promise<OrderSnapshot>;
  cancelOrder(carrierOrderId: string): Promise<OrderSnapshot>;
  /** On-demand activation. */
  activateOrder(carrierOrderId: string): Promise<OrderSnapshot>;
  /** Orders changed at or after `since` (RFC 3339): the net under lost webhooks. */
  listChangedOrders(since: string): AsyncIterable<OrderSnapshot>;
  /** Absent where the carrier takes papers in another way than by its interface. */
  readonly documents?: OrderDocuments;
  /** Absent where the carrier is written to in another way (`CarrierSettings.support`). */
  readonly comments?: OrderComments;
}

/** A request of another carrier to take numbers away, as our carrier has it. */
export interface PortOutSnapshot {
  readonly carrierPortOutId: string;
  /** The carrier's own state, raw: shown, never swallowed. */
  readonly carrierState: string;
  readonly state: CarrierPortOutState;
  readonly phoneNumbers: readonly string[];
  /** By what the request proves itself. */
  readonly given: PortOutAccount;
  readonly subscriberName?: string;
  readonly gaining: { readonly name?: string; readonly spid?: string };
  /** The gaining carrier's own order number (PON), and the name under which our carrier's porting desk knows it. */
  readonly orderNumber?: string;
  readonly supportKey?: string;
  /** RFC 3339 UTC, each. */
  readonly requestedAt: string;
  readonly requestedFocAt?: string;
  readonly focAt?: string;
  readonly updatedAt: string;
  /** Only voice leaves: texts stay with our carrier. */
  readonly textsStay: boolean;
}

/** A rejection code that the carrier takes for one port-out, in its own words. */
export interface PortOutRejection extends EligibleRejection {
  readonly description: string;
  /** It has to be explained in words. */
  readonly reasonRequired: boolean;
}

/** Requests to take numbers away from us. Every call is safe to repeat; network errors throw `CarrierUnavailable`, a no throws `CarrierRefused`. */
export interface PortOutClient {
  /** What this carrier tells of what a request proves itself by; the rest it checks by itself, or not at all. */
  readonly tells: readonly PortOutAccountField[];
  /** Hours in which it wants an answer, when its contract says otherwise than the table (domain/facts/port-out-deadlines.json). */
  readonly answerHours?: number;
  /** Port-outs that are unanswered, or changed at or after `since` (RFC 3339): the net under lost webhooks. */
  listChangedPortOuts(since: string): AsyncIterable<PortOutSnapshot>;
  readPortOut(carrierPortOutId: string): Promise<PortOutSnapshot>;
  /** The codes by which this port-out may be rejected; other ones are refused. */
  listRejections(carrierPortOutId: string): Promise<PortOutRejection[]>;
  authorizePortOut(carrierPortOutId: string): Promise<PortOutSnapshot>;
  /** @param code one of `listRejections` @param reason in words, for the carrier's porting desk */
  rejectPortOut(carrierPortOutId: string, code: string, reason: string): Promise<PortOutSnapshot>;
  /** Writes to the carrier's porting desk; where the carrier has no such thing, it is absent. Not safe to repeat: it would say it twice. */
  commentPortOut?(carrierPortOutId: string, words: string): Promise<void>;
}

/** Where a carrier stands with the attachment of a number to a campaign. */
export type CampaignAnswer = 'attached' | 'pending' | 'refused';

export interface CampaignClient {
  /**
   * Attaches a number of this carrier to one of its campaigns (10DLC), or tells how far that has got. Safe to repeat.
   * @throws CarrierUnavailable
   */
  attach(phoneNumber: string, campaignId: string): Promise<CampaignAnswer>;
}

/** What a carrier says of a number: it has it, the number is on its way to or from it, or it has gone. */
export type Possession = 'has' | 'moving' | 'gone';

export interface InventoryClient {
  /** @returns for each number what the carrier says. @throws CarrierUnavailable */
  possession(phoneNumbers: readonly string[]): Promise<ReadonlyMap<string, Possession>>;
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
  /** By which name recipients know who sends, and where they get help, from senders whose own record does not say it. */
  readonly brand?: string;
  readonly contact?: string;
  /** The network that its texts originate from: its id, unless it shares one with another of our carriers. */
  readonly network: string;
  /** Numbers of ours with this carrier (E.164) that write to a number in its cutover, and are written to, to prove who routes it. */
  readonly probes: readonly string[];
  /** The 10DLC campaign that numbers are attached to which move to this carrier, unless the port names another one. */
  readonly campaignId?: string | undefined;
  /** Limits within its rate: of the day, of senders, of campaigns. */
  readonly limits?: CarrierLimits;
  /** Which of our delivery-code tables reads this carrier's codes. */
  readonly codes: 'smpp' | 'telnyx';
  /** Whether each segment of a long text gets an id and receipts of its own, or the text has one for all. */
  readonly partIds: 'each' | 'one';
  /** What its porting desk does at other times than its adapter usually does. */
  readonly clocks?: CarrierClockSettings;
  /** As it is called in letters; its id where this is absent. */
  readonly name?: string;
  /** Whom to write to when an order is stuck. */
  readonly support?: Support;
}

export interface WebhookParser {
  /**
   * Verifies the signature over the raw body and reads the events in it.
   * @throws WebhookRejected when the signature, its age or the body is wrong.
   */
  parse(rawBody: Buffer, headers: Readonly<Record<string, string | undefined>>): CarrierEvent[];
}

/** Where what arrives goes to. */
export interface EventSink {
  /**
   * Takes what arrived: when it resolves the events are stored and may be acknowledged, when it rejects the carrier must send again.
   * @returns of texts that another process had stored before: the ids that they have, by those that they came with
   */
  receive(events: readonly CarrierEvent[]): Promise<ReadonlyMap<string, string>>;
  /** The carrier knows that we have these texts, and will not send them again. */
  settled(eventIds: readonly string[]): Promise<void>;
}

export interface Carrier {
  readonly settings: CarrierSettings;
  readonly messaging: MessagingClient;
  /** Absent where the carrier can't be asked what became of a text. */
  readonly inquiry?: MessageInquiry;
  readonly porting?: PortingClient;
  readonly portOuts?: PortOutClient;
  readonly campaigns?: CampaignClient;
  readonly inventory?: InventoryClient;
  /** Orders for texts alone; absent where the carrier hosts none. */
  readonly hosting?: TextHostingClient;
  /** Absent where the carrier has no list of opt-outs that can be read. */
  readonly optOuts?: OptOutClient;
  /** Absent where senders need no verification, or it can't be asked. */
  readonly senderVerification?: SenderVerificationClient;
  readonly webhook?: WebhookParser;
  /** Into how many slots its limits are divided among processes: its sessions, or parts of a window of requests. */
  readonly slots: number;
  /** The part of its limits that this process has now, from 0 to 1: all, until `allot` says otherwise. */
  readonly share: number;
  /**
   * Says which part of its limits this process may use from now on (invariant 8). Nothing is written beyond it as soon as this has been
   * called.
   * @returns resolves when what is not held any more is given up, so that others may use it: its sessions are closed, after their answers
   *   have come or too much time has passed, and nothing was written for a second, over which carriers count
   */
  allot(allotment: Allotment): Promise<void>;
  /** Opens sessions where the protocol has any and delivers what arrives on them to `sink`. Resolves at once; reconnects by itself. */
  connect(sink: EventSink): void;
  /** True when a text could be submitted now. */
  isConnected(): boolean;
  /** Stops taking new texts, waits for open answers (at most `graceMs`), closes. */
  close(graceMs: number): Promise<void>;
}
