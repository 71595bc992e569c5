import type { OrderedNumber } from '../carriers/carrier.ts';
import type { CutoverState } from '../domain/lifecycle/cutover.ts';
import type { CarrierView, OrderProblem, OrderState } from '../domain/lifecycle/order.ts';
import type { OrderClocks } from '../domain/lifecycle/order-clocks.ts';
import type { Waiting } from '../domain/lifecycle/waiting.ts';
import type { MessageKind } from '../domain/message.ts';
import type { TimelineEntry } from '../store/timeline.ts';
import type { CutoverInput } from '../workflows/contract.ts';

/** The activities as the workflows see them. Their inputs and results stand in histories: ids and states only (invariant 9). */

/** What is left to do for a workflow's texts. */
export interface Outlook {
  /** Texts that are still with the workflow. */
  readonly open: number;
  /** Carriers that have admitted texts to be submitted now. */
  readonly carriers: readonly string[];
  /** Something has to be decided now: a retry is due, a route is stale. */
  readonly reviewDue: boolean;
  /** RFC 3339 UTC; when something has to be decided at the latest. */
  readonly nextAt?: string;
}

export interface AdmissionActivities {
  /** Takes the texts for this workflow, and decides about each: send by which carrier, hold, refuse. */
  admit(input: { messageIds: readonly string[]; kind: MessageKind }): Promise<Outlook>;
  /** Decides anew about what is due: retries, expiry, routes that have become stale. */
  review(): Promise<Outlook>;
}

export interface SubmissionActivities {
  /** Submits this workflow's admitted texts to one carrier; runs on that carrier's task queue. */
  submit(input: { carrier: string }): Promise<Outlook>;
}

export interface HoldActivities {
  /** Expires what is due, and releases a portion when the number's routing allows it. */
  reviewHold(input: { numberKey: string }): Promise<{
    readonly left: boolean;
    /** Texts went and more may follow at once. */
    readonly moreToRelease: boolean;
    readonly nextExpiryAt?: string;
  }>;
}

/** What the carrier says of one number: of its texts only as a reason to look for proof. */
export interface OrderedNumberReading {
  readonly numberKey: string;
  readonly voice: CutoverState['voice'];
  readonly messaging: OrderedNumber['messaging'];
}

/** An order as the carrier says it stands, without the numbers themselves. */
export interface OrderReading extends CarrierView {
  readonly carrierOrderId: string;
  readonly numbers: readonly OrderedNumberReading[];
}

/** One step of a port for the timeline. */
export type Step = TimelineEntry;

/** Which order at which carrier; without its id it is found by the port's. */
export interface OrderReference {
  readonly portId: string;
  readonly carrierOrderId?: string;
}

export interface PortActivities {
  /** Claims the numbers (invariant 7), looks everything up, and says what stands against submission. */
  checkPort(input: { portId: string }): Promise<{ readonly problems: readonly OrderProblem[] }>;
  /** Fails with type `carrier-refused` when the carrier won't take the order; the details are its problems. */
  submitOrder(input: { portId: string }): Promise<OrderReading>;
  readOrder(input: OrderReference): Promise<OrderReading>;
  supplementOrder(input: OrderReference): Promise<OrderReading>;
  /** Puts the date on record and asks the carrier for it. Before submission there is nobody to ask, and no answer. */
  rescheduleOrder(input: OrderReference & { requestedFocAt: string }): Promise<OrderReading | undefined>;
  /** No answer where the carrier has no such order. */
  cancelOrder(input: OrderReference): Promise<OrderReading | undefined>;
  activateOrder(input: OrderReference): Promise<OrderReading>;
  /** By when what should have happened: calendars, zones and facts stay out of workflows. */
  readClocks(input: {
    portId: string;
    submittedAt?: string;
    focAt?: string;
    activatedAt?: string;
    conflictSince?: string;
  }): Promise<OrderClocks>;
  /** Writes where the port stands and appends to its timeline. */
  projectPort(input: {
    portId: string;
    counter: number;
    order: OrderState;
    carrierOrderId?: string;
    waiting?: Waiting;
    firstStep: number;
    steps: readonly Step[];
  }): Promise<void>;
  /** Gives the numbers free; at a final state only. */
  releaseNumbers(input: { portId: string }): Promise<void>;
}

export interface CarrierTalkActivities {
  /** Tells the carrier that an order is stuck. @param input.reason a code of domain/lifecycle/escalation.ts */
  escalateOrder(input: OrderReference & { reason: string; level?: number }): Promise<unknown>;
  /** Gives the gaining carrier the documents of a port that it has not got yet. */
  handOverDocuments(input: OrderReference): Promise<unknown>;
  /**
   * Asks the carriers to undo a port, and takes the numbers again, so that no other port has them meanwhile.
   * Fails with type `carrier-refused` when another port has them already.
   */
  requestSnapBack(input: OrderReference): Promise<unknown>;
}

/** What is known about a number's move. */
export interface Findings {
  readonly databaseNamesGaining: boolean;
  readonly outboundProven: boolean;
  readonly inboundProven: boolean;
}

export interface CutoverActivities {
  /** From now on the number's texts wait. */
  beginUncertainty(input: CutoverInput): Promise<void>;
  /** Asks the database, reads the proof so far, and sends a canary when there is reason to. */
  assess(input: { portId: string; numberKey: string; gainingCarrier: string; voiceActive: boolean }): Promise<Findings>;
  /** Makes the outcome the number's routing and lets its held texts go. */
  settleNumber(input: {
    portId: string;
    numberKey: string;
    outcome: 'ported' | 'returned';
    carrier?: string;
  }): Promise<void>;
  projectCutover(input: {
    portId: string;
    numberKey: string;
    cutover: CutoverState;
    /** The steps' chain in the timeline (store/timeline.ts). */
    chain: string;
    firstStep: number;
    steps: readonly Step[];
  }): Promise<void>;
}

export interface CarrierSyncActivities {
  /** Lists what changed at a carrier since the last pass and tells the ports concerned. @returns how many were told. */
  syncCarrier(input: { carrier: string }): Promise<number>;
}

export type Activities = AdmissionActivities &
  SubmissionActivities &
  HoldActivities &
  PortActivities &
  CutoverActivities &
  CarrierSyncActivities &
  CarrierTalkActivities;
