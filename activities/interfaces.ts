import type { OrderedNumber } from '../carriers/carrier.ts';
import type { CutoverState } from '../domain/lifecycle/cutover.ts';
import type { CarrierView, OrderProblem, OrderState } from '../domain/lifecycle/order.ts';
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

export interface PortActivities {
  /** Claims the numbers (invariant 7), looks everything up, and says what stands against submission. */
  checkPort(input: { portId: string }): Promise<{ readonly problems: readonly OrderProblem[] }>;
  /** Fails with type `carrier-refused` when the carrier won't take the order; the details are its problems. */
  submitOrder(input: { portId: string }): Promise<OrderReading>;
  readOrder(input: { portId: string; carrierOrderId: string }): Promise<OrderReading>;
  supplementOrder(input: { portId: string; carrierOrderId: string }): Promise<OrderReading>;
  cancelOrder(input: { portId: string; carrierOrderId: string }): Promise<OrderReading>;
  activateOrder(input: { portId: string; carrierOrderId: string }): Promise<OrderReading>;
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

export interface ArchiveActivities {
  /** Copies runs of processes that were closed since the last pass into the store. @returns how many were new. */
  archiveClosedRuns(): Promise<number>;
}

export type Activities = AdmissionActivities &
  SubmissionActivities &
  HoldActivities &
  PortActivities &
  CutoverActivities &
  CarrierSyncActivities &
  ArchiveActivities;
