import type { CampaignAnswer, OrderedNumber } from '../carriers/carrier.ts';
import type { CampaignState, CutoverState, MessagingPlan, ProofTerms } from '../domain/lifecycle/cutover.ts';
import type { BatchState } from '../domain/lifecycle/message-batch.ts';
import type { CarrierView, OrderProblem, OrderState } from '../domain/lifecycle/order.ts';
import type { OrderClocks } from '../domain/lifecycle/order-clocks.ts';
import type { PlanRollUp, PlanState } from '../domain/lifecycle/plan.ts';
import type {
  PortOutAnswer,
  PortOutClocks,
  PortOutProposal,
  PortOutState,
  PortOutView,
} from '../domain/lifecycle/port-out.ts';
import type { RemovalState } from '../domain/lifecycle/text-removal.ts';
import type { Waiting } from '../domain/lifecycle/waiting.ts';
import type { MessageKind } from '../domain/message.ts';
import type { CommentChannel } from '../store/comments.ts';
import type { TimelineEntry } from '../store/timeline.ts';
import type { CutoverInput, PortInput } from '../workflows/contract.ts';

/** The activities as the workflows see them. Their inputs and results stand in histories: ids and states only (invariant 9). */

/** What is left to do for a workflow's texts. */
export interface Outlook {
  /** Texts that are still with the workflow. */
  readonly open: number;
  /** Carriers that have admitted texts to be submitted now. */
  readonly carriers: readonly string[];
  /** Something has to be decided now: a retry is due, a route is stale. */
  readonly reviewDue: boolean;
  /** Carriers that are to be asked now what became of texts whose receipts never came. */
  readonly inquiries?: readonly string[];
  /** RFC 3339 UTC; when something has to be decided at the latest. */
  readonly nextAt?: string;
  /** Recipients of undecided texts have to be looked up first, and are too many for admission itself. */
  readonly lookUpsDue?: boolean;
  /** RFC 3339 UTC; none of the admitted texts can go before: a limit of their senders is used up for now, or the carrier is out of order. */
  readonly notBefore?: string;
  /** RFC 3339 UTC; when the last of the admitted texts expires: whoever is to submit them need not begin later. */
  readonly validUntil?: string;
  /** The key of the sender of most of the texts: senders share a carrier's queue fairly. */
  readonly sender?: string;
}

export interface AdmissionActivities {
  /** Takes the texts for this workflow, and decides about each: send by which carrier, hold, refuse. */
  admit(input: { messageIds: readonly string[]; kind: MessageKind }): Promise<Outlook>;
  /**
   * The same, and submits what may go where this process would get it from its carrier's task queue at once; the rest is left to do, as what `admit`
   * says.
   */
  admitAndSubmit(input: { messageIds: readonly string[]; kind: MessageKind }): Promise<Outlook>;
  /**
   * Decides anew about what is due: retries, expiry, routes that have become stale.
   * @param input.lookedUp recipients have been looked up, as far as the database answers
   */
  review(input?: { lookedUp?: boolean }): Promise<Outlook>;
  /** Looks up the recipients of undecided texts in a bulk, each number once; takes some 2 s at most. */
  verifyRecipients(): Promise<void>;
}

export interface SubmissionActivities {
  /** Submits this workflow's admitted texts to one carrier; runs on that carrier's task queue. */
  submit(input: { carrier: string }): Promise<Outlook>;
  /**
   * Asks a carrier what became of this workflow's texts that are silent; runs on that carrier's task queue, because the sessions are there.
   * What it says is taken like a receipt. Nothing is submitted.
   */
  inquire(input: { carrier: string }): Promise<Outlook>;
}

export interface HoldActivities {
  /** Expires what is due, and releases what may go for as long as the carrier takes it. Beats; takes 10 s or so at most. */
  reviewHold(input: { numberKey: string }): Promise<{
    readonly left: boolean;
    /** Texts may go and are held still. */
    readonly moreToRelease: boolean;
    /** There is nothing to look for before so many milliseconds have passed, unless the routing changes. */
    readonly restMs?: number;
    readonly nextExpiryAt?: string;
  }>;
}

export interface WindowHoldActivities {
  /** Gives texts that waited for a moment back to message workflows, at the pace at which carriers take them. */
  releaseWindow(input: { key: string }): Promise<{ readonly left: boolean }>;
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
    onDemand?: boolean;
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
  /** Takes the numbers again (invariant 7) before their port is undone. Fails with type `carrier-refused` when another port has them. */
  holdNumbers(input: { portId: string }): Promise<void>;
  /** Gives the numbers free; at a final state only. */
  releaseNumbers(input: { portId: string }): Promise<void>;
}

/** What is known about a number's move. */
export interface Findings {
  /** What will be proof, as facts and configuration are now; left out when it is as before. */
  readonly terms?: ProofTerms;
  readonly databaseNamesGaining: boolean;
  readonly outboundProven: boolean;
  readonly inboundProven: boolean;
  /** When the first text came in from each network, RFC 3339 UTC. */
  readonly inboundByNetwork?: Readonly<Record<string, string>>;
  /** What the carrier said when the number was to be attached to its campaign. */
  readonly campaign?: CampaignAnswer;
  /** When the next probe is due: there is no reason to look before. Milliseconds from now. */
  readonly nextProbeMs?: number;
}

export interface CutoverActivities {
  /** The margin has begun: tells the owner, once per port and date, what is still open of the checklist. The date stands all the same. */
  tellChecklist(input: { portId: string; focAt: string }): Promise<void>;
  /** From now on the number's texts wait. */
  beginUncertainty(input: CutoverInput): Promise<void>;
  /** Asks the database, reads the proof so far, attaches the campaign, and sends a probe or a canary when there is reason to. */
  assess(input: {
    portId: string;
    numberKey: string;
    plan: MessagingPlan;
    gainingCarrier: string;
    /** The number, or of hosted texts those, has moved by the carrier's word. */
    moved: boolean;
    /** It has named the gaining carrier before: it need not be asked again. */
    databaseNamedGaining: boolean;
    campaign: CampaignState;
  }): Promise<Findings>;
  /** Makes the outcome the number's routing and lets its held texts go. */
  settleNumber(input: {
    portId: string;
    numberKey: string;
    outcome: 'ported' | 'returned';
    plan: MessagingPlan;
    gainingCarrier: string;
    losingCarrier?: string;
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

/** What became of an escalation. */
export interface Escalation {
  /** How the carrier is told; `by-hand`: a person has to, there is no other way. */
  readonly channels: readonly CommentChannel[];
  /** RFC 3339 UTC; when it goes, if not at once: the contact's hours begin then. */
  readonly sendAt?: string;
  /** RFC 3339 UTC; when the next contact of the carrier may be called upon, if there is one. */
  readonly nextLevelAt?: string;
}

export interface PapersActivities {
  /**
   * Gives the gaining carrier the documents of a port that it has not got yet, and takes in what it says of the others.
   * Without a carrier's order, or at a carrier that takes no documents, nothing is done.
   * @param input.carrierOrderId where the store doesn't know it yet: before the first projection
   * @returns how many it got now; with its code when it wants none now
   */
  handOverDocuments(input: {
    portId: string;
    carrierOrderId?: string;
  }): Promise<{ readonly handedOver: number; readonly refused?: string }>;
  /** Takes in what the carrier has said, and sends what is due. @returns when the next is due. */
  exchangeComments(input: { portId: string }): Promise<{ readonly nextAt?: string }>;
  /**
   * Tells the carrier that an order is stuck: by a comment, or by mail to its contact within its hours. Once per port, reason, level and
   * occasion.
   * @param input.reason a code of domain/facts/escalation-texts.json; another one is named as it is
   * @param input.level 0: its support; then one contact of its settings after the other
   * @param input.occasion tells one time that it is stuck for this reason from another one, e.g. since when
   * @param input.to the losing one, e.g. for a snap-back, only if it is one of ours: else there is no channel
   */
  escalateOrder(input: {
    portId: string;
    carrierOrderId?: string;
    reason: string;
    level?: number;
    occasion?: string;
    to?: 'gaining' | 'losing';
  }): Promise<Escalation>;
}

/** Names a port-out at its carrier. */
export interface PortOutReference {
  readonly portOutId: string;
  readonly carrier: string;
  readonly carrierPortOutId: string;
}

/** A port-out as the carrier says it stands, without numbers, names and PINs. */
export interface PortOutReading extends PortOutView {
  readonly clocks: PortOutClocks;
  readonly numbers: number;
}

export interface PortOutActivities {
  /** Reads it at the carrier; what is seen for the first time is stored. */
  readPortOut(input: PortOutReference): Promise<PortOutReading>;
  /** Compares the request with what the owner registered, and asks the carrier which rejections it takes. */
  checkPortOut(input: PortOutReference): Promise<{
    readonly findings: readonly string[];
    readonly eligible: readonly string[];
    readonly proposal: PortOutProposal;
  }>;
  /** Answers, unless it is answered already. Fails with type `carrier-refused` when the carrier won't have the answer. */
  answerPortOut(
    input: PortOutReference & { answer: PortOutAnswer; by: 'rules' | 'caller' | 'deadline' },
  ): Promise<PortOutReading>;
  /** Tells the carrier's porting desk that a person is asked. @returns false when the carrier has no way to be told. */
  announceReview(input: PortOutReference): Promise<boolean>;
  /**
   * Makes the state of the port-out that of its numbers: a date is noted, from the date on their routing is uncertain, in the end they
   * are gone or stay. @returns how many numbers changed.
   */
  followNumbers(
    input: PortOutReference & { stage: 'stays' | 'dated' | 'leaving' | 'gone'; focAt?: string },
  ): Promise<number>;
  /** Writes where the port-out stands and appends to its timeline. */
  projectPortOut(input: {
    portOutId: string;
    counter: number;
    state: PortOutState;
    waiting?: Waiting;
    firstStep: number;
    steps: readonly Step[];
  }): Promise<void>;
}

export interface RoutingSyncActivities {
  /** Compares a chunk of the numbers that are due with the database and their carriers. @returns whether more are due now */
  syncRouting(): Promise<{ readonly checked: number; readonly drifting: number; readonly more: boolean }>;
}

/** The steps of a plan. Numbers and orders are in the store: nothing here grows with them but what an activity does. */
export interface PlanActivities {
  /** Looks every number up, in portions, and notes what kind of order it belongs to, or why to none. Beats once per portion. */
  checkPlan(input: { planId: string }): Promise<void>;
  /** Splits the numbers into orders. The same numbers always give the same orders. */
  splitPlan(input: { planId: string }): Promise<{ readonly orders: number; readonly problems: number }>;
  /**
   * Puts an order's numbers, the consent for each, and its port on record.
   * @param input.order counts from 0
   * @returns what its process is started with, without the numbers
   */
  recordPlanOrder(input: {
    planId: string;
    order: number;
    marginMs: number;
    proofDeadlineMs: number;
  }): Promise<PortInput>;
  /** The numbers of a port whose input does not name them. */
  numberKeysOf(input: { portId: string }): Promise<readonly string[]>;
  rollUpPlan(input: { planId: string }): Promise<PlanRollUp>;
  /**
   * Cancels every open order of the plan, by name; one that can't be cancelled any more goes on, and its timeline says why.
   * @returns how many those are
   */
  cancelPlanOrders(input: { planId: string; reason?: string }): Promise<{ readonly tooLate: number }>;
  projectPlan(input: {
    planId: string;
    counter: number;
    state: PlanState;
    firstStep: number;
    steps: readonly Step[];
  }): Promise<void>;
}

export interface TextRemovalActivities {
  /** Claims the numbers (invariant 7) and says what stands against their texts' removal. */
  checkTextRemoval(input: { removalId: string }): Promise<{ readonly problems: readonly OrderProblem[] }>;
  /** From now on the texts of the numbers wait. */
  holdTexts(input: { removalId: string }): Promise<void>;
  /** Asks the carrier to let the texts go. @returns the numbers that it still hosts, and why it won't let them go */
  removeTexts(input: {
    removalId: string;
  }): Promise<{ readonly left: readonly string[]; readonly refused?: OrderProblem }>;
  /** Nobody carries the texts any more, but of the numbers that are left. */
  endTexts(input: { removalId: string; left: readonly string[] }): Promise<void>;
  projectTextRemoval(input: {
    removalId: string;
    counter: number;
    removal: RemovalState;
    waiting?: Waiting;
    firstStep: number;
    steps: readonly Step[];
  }): Promise<void>;
  /** Gives the numbers free; at a final state only. */
  releaseRemovedNumbers(input: { removalId: string }): Promise<void>;
}

export interface ArchiveActivities {
  /** Copies runs of processes that were closed since the last pass into the store. @returns how many were new. */
  archiveClosedRuns(): Promise<number>;
}

/** How much was forgotten in one pass. */
export interface Forgotten {
  /** Texts whose words are gone. */
  readonly words: number;
  /** Records of texts. */
  readonly records: number;
  readonly lookUps: number;
  /** Consent ledgers of people. */
  readonly ledgers: number;
}

export interface RetentionActivities {
  forgetWhatIsOver(): Promise<Forgotten>;
}

/** What follows from a revocation that came as a text. */
export interface OptOutActivities {
  /** Resolves when what was claimed before it has been written: from then on it holds. */
  honourRevocation(input: { consentId: string }): Promise<void>;
  /** One text that confirms it, where the carrier doesn't, within five minutes or not at all. */
  confirmRevocation(input: { consentId: string }): Promise<void>;
  /** By when a person has to have read the words; without it they have been read. RFC 3339 UTC. */
  readReview(input: { consentId: string }): Promise<{ readonly dueAt?: string }>;
  /** Nobody has read them in time: they count as an opt-out. */
  closeReview(input: { consentId: string }): Promise<void>;
}

/** Opt-outs that move with their numbers. */
export interface OptOutMoveActivities {
  /** Joins the opt-outs at the losing carrier into the ledger, or rebuilds them where the carrier has no list. */
  exportOptOuts(input: { portId: string }): Promise<void>;
  /** Enters them at the gaining carrier and verifies them, for the numbers that have moved. @returns for how many that is still to be done */
  takeOverOptOuts(input: { portId: string }): Promise<{ readonly left: number }>;
}

/** A consent that waits for the person's own yes. */
export interface DoubleOptInActivities {
  /** Asks the person, once. @returns by when the answer has to come; without it there is nothing to wait for. RFC 3339 UTC. */
  askForConsent(input: { consentId: string }): Promise<{ readonly until?: string }>;
  /** The time is over: without an answer the request has lapsed. */
  closeRequest(input: { consentId: string }): Promise<void>;
}

export interface ConsentLedgerActivities {
  /** Notes in the ledger which consents have run out since the last pass. @returns how many */
  noteExpired(): Promise<number>;
  /** Proves that the ledger is as it was written. What is not is logged as an error. */
  verifyLedger(): Promise<{ readonly subjects: number; readonly events: number; readonly broken: number }>;
}

export interface MessageBatchActivities {
  /**
   * Gives a bulk's texts to message workflows, as fast as they are submitted, for some seconds at a time. Stops when the bulk is not
   * `sending` any more.
   * @returns whether all have been given, and whether some were
   */
  feedBatch(input: { batchId: string }): Promise<{ readonly all: boolean; readonly some: boolean }>;
  /** Keeps every text of a bulk that nobody has submitted from being sent. */
  stopBatchTexts(input: { batchId: string }): Promise<void>;
  /** Counts what has become of the texts. @returns how many of those that were given away are not final */
  countBatch(input: { batchId: string }): Promise<{ readonly open: number }>;
  /** Writes where the bulk stands; with its account once it has ended. */
  projectBatch(input: { batchId: string; counter: number; state: BatchState }): Promise<void>;
}

export interface LearningActivities {
  /** Learns about routes from the texts that have ended since the last pass. @returns how many there were, and what was changed by them */
  learnRoutes(): Promise<{ readonly texts: number; readonly changes: number }>;
}

export type Activities = AdmissionActivities &
  SubmissionActivities &
  HoldActivities &
  PortActivities &
  CutoverActivities &
  CarrierSyncActivities &
  PapersActivities &
  PortOutActivities &
  RoutingSyncActivities &
  PlanActivities &
  TextRemovalActivities &
  ArchiveActivities &
  RetentionActivities &
  WindowHoldActivities &
  OptOutActivities &
  OptOutMoveActivities &
  DoubleOptInActivities &
  ConsentLedgerActivities &
  MessageBatchActivities &
  LearningActivities;
