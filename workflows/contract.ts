import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { Step } from '../activities/interfaces.ts';
import type { Activation } from '../domain/lifecycle/activation.ts';
import type { CutoverState, MessagingPlan } from '../domain/lifecycle/cutover.ts';
import type { BatchState } from '../domain/lifecycle/message-batch.ts';
import type { OrderState, OrderStatus } from '../domain/lifecycle/order.ts';
import type { PlanState } from '../domain/lifecycle/plan.ts';
import type { PortOutState } from '../domain/lifecycle/port-out.ts';
import type { SnapBackReason } from '../domain/lifecycle/snap-back.ts';
import type { RemovalState } from '../domain/lifecycle/text-removal.ts';
import type { MessageKind } from '../domain/message.ts';

/**
 * What crosses the border of the workflows: names, ids, inputs, signals, updates and queries. Ids only, never personal data
 * (invariant 9).
 */

/** The task queue of all workflows and of the activities that call no carrier's messaging. */
export const mainTaskQueue = 'portsms';

/** The task queue of a carrier's submissions: only workers that hold its sessions poll it. */
export function carrierTaskQueue(carrier: string): string {
  return `carrier-${carrier}`;
}

/**
 * The task queue of a carrier's one-time passwords, and of answers to STOP and HELP: they never stand behind a bulk. The prefix keeps it apart
 * from every carrier's own, whatever that is called.
 */
export function urgentTaskQueue(carrier: string): string {
  return `urgent-${carrier}`;
}

export const workflowIds = {
  port: (portId: string) => portId,
  cutover: (portId: string, numberKey: string) => `cutover/${portId}/${numberKey}`,
  hold: (key: string) => `hold/${key}`,
  /** A workflow that carries texts is named after the first of them and a token that tells its start apart. */
  messages: (firstMessageId: string, token: string) => `messages/${firstMessageId}/${token}`,
  carrierSync: (carrier: string) => `carrier-sync/${carrier}`,
  correspondence: (portId: string) => `correspondence/${portId}`,
  /** Derived from the carrier and its id of the port-out, so that whoever hears of it first starts it. */
  portOut: (portOutId: string) => portOutId,
  routingSync: () => 'routing-sync',
  plan: (planId: string) => planId,
  textRemoval: (removalId: string) => removalId,
  archive: () => 'archive',
  retention: () => 'retention',
  windowHold: (opensAt: string) => `window-hold/${opensAt}`,
  revocation: (consentId: string) => `revocation/${consentId}`,
  optOutReview: (consentId: string) => `opt-out-review/${consentId}`,
  optOutMove: (portId: string) => `opt-outs/${portId}`,
  doubleOptIn: (consentId: string) => `double-opt-in/${consentId}`,
  consentExpiry: () => 'consent-expiry',
  ledgerVerification: () => 'ledger-verification',
  messageBatch: (batchId: string) => batchId,
  learning: () => 'learning',
} as const;

// ------------------------------------------------------------------------------------------------ texts

export interface MessagesInput {
  /** Of one kind: priorities don't mix. */
  readonly messageIds: readonly string[];
  readonly kind: MessageKind;
  /**
   * They are to be admitted and submitted in one step, as far as that can be. Workflows that were begun without this admit first, as they
   * began (docs/architecture.md, Changing a workflow).
   */
  readonly atOnce?: boolean;
}

/** All texts of the workflow are final or held: looked up, never counted down (invariant 6). */
export const settledSignal = defineSignal('settled');
/** Some texts failed in a way that asks for a decision. */
export const failuresSignal = defineSignal('failures');

// ------------------------------------------------------------------------------------------------ held texts

export interface HoldInput {
  /** What the texts wait for: the number whose routing is uncertain. */
  readonly numberKey: string;
  /** Carried through continue-as-new. */
  readonly nextExpiryAt?: string;
}

/** A text was held; RFC 3339 UTC of its expiry. */
export const heldSignal = defineSignal<[string]>('held');
/** Texts that may leave from one moment on. */
export interface WindowHoldInput {
  /** As the texts bear it (domain/lifecycle/window-key.ts). */
  readonly key: string;
  /** RFC 3339 UTC. */
  readonly opensAt: string;
}

/** The number's routing has changed: look whether its texts may go. */
export const routingChangedSignal = defineSignal('routing-changed');

// ------------------------------------------------------------------------------------------------ ports

/** What is ordered of whom: known when a port begins, of a draft when it is submitted. */
export interface OrderedNumbers {
  readonly gainingCarrier: string;
  readonly losingCarrier?: string;
  readonly messagingPlan: MessagingPlan;
  readonly activation: Activation;
  /** Empty for an order of a plan, which asks for them itself: a plan's history holds no numbers. */
  readonly numberKeys: readonly string[];
}

export interface PortInput extends OrderedNumbers {
  readonly portId: string;
  /** Texts wait from this long before the agreed date on, in milliseconds. */
  readonly marginMs: number;
  /** Without proof for this long after the agreed date, a person is asked; milliseconds. */
  readonly proofDeadlineMs: number;
  /** It begins as a draft, and waits to be submitted. */
  readonly draft?: boolean;
  /** The plan that it is an order of; told of each change of status. */
  readonly planId?: string;
  /** Carried through continue-as-new. */
  readonly carried?: PortCarried;
}

/** What has been asked of a port and not been done yet. */
export interface Asked {
  news: boolean;
  supplement: boolean;
  cancel: boolean;
  activate: boolean;
  /** RFC 3339 UTC. */
  reschedule: string | undefined;
  snapBack: boolean;
}

/** What the next run of a port has to know of the earlier ones. */
export interface PortCarried {
  readonly order: OrderState;
  readonly carrierOrderId?: string;
  readonly counter: number;
  readonly stepsWritten: number;
  /** The moments for which the order's clocks were asked. */
  readonly clocksFor?: string;
  /** Ids of updates: a repeated one is not done twice (invariant 4). */
  readonly handledUpdates: readonly string[];
  readonly cutovers: CutoversCarried;
  /** Left to be done: a port that is told something all the time would else never continue as new. */
  readonly asked?: Partial<Asked>;
  /** Steps that are not in the timeline yet, and the status that the plan knows. */
  readonly steps?: readonly Step[];
  readonly reported?: OrderStatus;
  /** Its end has been seen to: it only waits for a snap-back. */
  readonly ended?: true;
}

/** Where the cutovers of a port's numbers stand; carried through continue-as-new. */
export interface CutoversCarried {
  /** What those that have ended for good reported. */
  readonly states: Readonly<Record<string, CutoverState>>;
  /** How often each number's cutover has been begun. */
  readonly begun: Readonly<Record<string, number>>;
  readonly running: readonly string[];
  /** Told to return; they may be begun again afterwards. */
  readonly undone: readonly string[];
  /** What each was told last that its carrier says of it. */
  readonly told: Readonly<Record<string, string>>;
  readonly begunFor?: string;
}

/** A carrier's webhook, or its schedule, says that the order changed: a hint, the order is then read. */
export const carrierNewsSignal = defineSignal<[{ readonly eventId?: string }]>('carrier-news');
/** A cutover child reports its end. */
export interface CutoverReport {
  readonly numberKey: string;
  readonly state: CutoverState;
  /** As in its input: a late report of an earlier cutover of the number says nothing of the present one. */
  readonly begun?: number;
}
export const cutoverEndedSignal = defineSignal<[CutoverReport]>('cutover-ended');

export interface PortView {
  readonly order: OrderState;
  readonly cutovers: Readonly<Record<string, CutoverState>>;
}

export const portStateQuery = defineQuery<PortView>('state');

// What people do. Each is rejected with a type of domain/lifecycle/order-actions.ts when it is not possible now.

/** A draft is complete. */
export const submitUpdate = defineUpdate<OrderState, [OrderedNumbers]>('submit');
/** The data is in the store. */
export const supplementUpdate = defineUpdate<OrderState, [{ readonly revision: number }]>('supplement');
/** RFC 3339 UTC. */
export const rescheduleUpdate = defineUpdate<OrderState, [{ readonly requestedFocAt: string }]>('reschedule');
export const cancelUpdate = defineUpdate<OrderState, [{ readonly reason?: string }]>('cancel');
export const activateUpdate = defineUpdate<OrderState, []>('activate');
export const snapBackUpdate = defineUpdate<OrderState, [{ readonly reason: SnapBackReason }]>('snap-back');
/** What both carriers said to it, as a person has learnt. */
export const snapBackAnsweredUpdate = defineUpdate<OrderState, [{ readonly answer: 'accepted' | 'refused' }]>(
  'snap-back-answered',
);

// ------------------------------------------------------------------------------------------------ cutover of one number

export interface CutoverInput {
  readonly portId: string;
  readonly numberKey: string;
  readonly plan: MessagingPlan;
  readonly gainingCarrier: string;
  readonly losingCarrier?: string;
  /** RFC 3339 UTC; texts wait from here on. */
  readonly uncertainFrom: string;
  readonly focAt: string;
  readonly proofDeadlineMs: number;
  /** Why the number, which has moved, is to go back: its cutover is taken up for that alone. */
  readonly returned?: string;
  /** Which cutover of this number in its port it is, counted from 1. */
  readonly begun?: number;
  /** Carried through continue-as-new. */
  readonly state?: CutoverState;
  readonly steps?: { readonly chain: string; readonly written: number };
  readonly textsMoved?: boolean;
  /** Something was learnt that has not been looked at yet. */
  readonly news?: boolean;
}

/** Something was learnt about this number (a receipt, an inbound text, the carrier's order): look for proof now. */
export const cutoverNewsSignal =
  defineSignal<
    [
      {
        readonly voice?: CutoverState['voice'];
        /** The carrier says that it routes the texts now. No proof, but a reason to look; of texts alone, to send a canary. */
        readonly textsMoved?: boolean;
      },
    ]
  >('news');
/** The move is undone: snap-back, cancellation or failure. */
export const cutoverReturnedSignal = defineSignal<[{ readonly reason: string }]>('returned');
/** The agreed date moved. */
export const cutoverRescheduledSignal =
  defineSignal<[{ readonly uncertainFrom: string; readonly focAt: string }]>('rescheduled');
export const cutoverStateQuery = defineQuery<CutoverState>('state');

// ------------------------------------------------------------------------------------------------ removal of hosted texts

export interface TextRemovalInput {
  readonly removalId: string;
  /** The carrier that hosts the texts. */
  readonly carrier: string;
  /** Who carries them then; absent: nobody, they are refused. */
  readonly nextCarrier?: string;
  readonly numberKeys: readonly string[];
  readonly proofDeadlineMs: number;
}

export const removalStateQuery = defineQuery<RemovalState>('removal-state');
/** Rejected with type `order-not-cancellable` once the carrier has been asked. */
export const cancelRemovalUpdate = defineUpdate<RemovalState, []>('cancel-removal');

// ------------------------------------------------------------------------------------------------ the net under lost webhooks

export interface CarrierSyncInput {
  readonly carrier: string;
}

// ------------------------------------------------------------------------------------------------ papers and comments of a port

export interface CorrespondenceInput {
  readonly portId: string;
}

/** There is something to send to a carrier, or something new of it to read. */
export const correspondenceSignal = defineSignal('correspondence');

// ------------------------------------------------------------------------------------------------ port-outs

export interface PortOutInput {
  readonly portOutId: string;
  /** The carrier that is asked for the numbers. */
  readonly carrier: string;
  readonly carrierPortOutId: string;
  /** Carried through continue-as-new. */
  readonly state?: PortOutState;
  readonly record?: { readonly counter: number; readonly written: number };
}

/** Another carrier asks for numbers, or such a request changed: a hint, the port-out is then read. */
export const portOutNewsSignal = defineSignal<[{ readonly eventId?: string }]>('port-out-news');
/** Undefined until the port-out has been read for the first time. */
export const portOutStateQuery = defineQuery<PortOutState | undefined>('state');
/** Rejected with type `port-out-not-authorizable` unless it waits for a decision. */
export const authorizePortOutUpdate = defineUpdate<PortOutState, []>('authorize');
/** Rejected with type `port-out-not-rejectable` unless it waits for a decision, `rejection-not-eligible` for another code. */
export const rejectPortOutUpdate = defineUpdate<PortOutState, [{ readonly code: string }]>('reject');

// ------------------------------------------------------------------------------------------------ plans: many numbers, several orders

export interface PlanInput {
  readonly planId: string;
  readonly gainingCarrier: string;
  /** As `PortInput` has them; passed on to each order. */
  readonly marginMs: number;
  readonly proofDeadlineMs: number;
  /** A run continues as new once its history is this long; 2,000 unless told. */
  readonly eventsPerRun?: number;
  /** Carried through continue-as-new. */
  readonly carried?: PlanPosition;
}

/** Where a plan stands: as small for 20,000 numbers as for two. */
export interface PlanPosition {
  readonly state: PlanState;
  readonly begun: number;
  readonly counter: number;
  readonly stepsWritten: number;
}

/** An order of the plan has another status now: what that means for the whole is looked up. */
export const planNewsSignal = defineSignal<[{ readonly portId: string; readonly status: OrderStatus }]>('plan-news');
export const planStateQuery = defineQuery<PlanState>('state');
/** Rejected with type `order-not-cancellable` when the plan has ended or is being cancelled. */
export const cancelPlanUpdate = defineUpdate<PlanState, [{ readonly reason?: string }]>('cancel');

// ------------------------------------------------------------------------------------------------ consents

export interface ConsentInput {
  /** Of an event of the consent ledger. */
  readonly consentId: string;
}

export interface OptOutMoveInput {
  readonly portId: string;
  /** Carried through continue-as-new. */
  readonly exported?: boolean;
}

/** A number of the port has moved, or is about to. */
export const optOutNewsSignal = defineSignal('opt-out-news');
/** The person has said yes to a consent that waits for it. */
export const consentConfirmedSignal = defineSignal('consent-confirmed');

// ------------------------------------------------------------------------------------------------ bulks of texts

export interface MessageBatchInput {
  readonly batchId: string;
  /** Carried through continue-as-new. */
  readonly carried?: { readonly state: BatchState; readonly counter: number };
}

export const batchStateQuery = defineQuery<BatchState>('state');
// Each is rejected with a type of domain/lifecycle/message-batch.ts when it is not possible now.
export const pauseBatchUpdate = defineUpdate<BatchState, []>('pause');
export const resumeBatchUpdate = defineUpdate<BatchState, []>('resume');
export const cancelBatchUpdate = defineUpdate<BatchState, []>('cancel');

/** Names of the workflow functions in workflows/index.ts, for clients that don't import them. */
export const workflowTypes = {
  port: 'portWorkflow',
  cutover: 'cutoverWorkflow',
  messages: 'messagesWorkflow',
  hold: 'holdWorkflow',
  carrierSync: 'carrierSyncWorkflow',
  correspondence: 'correspondenceWorkflow',
  portOut: 'portOutWorkflow',
  routingSync: 'routingSyncWorkflow',
  plan: 'planWorkflow',
  textRemoval: 'textRemovalWorkflow',
  archive: 'archiveWorkflow',
  retention: 'retentionWorkflow',
  windowHold: 'windowHoldWorkflow',
  revocation: 'revocationWorkflow',
  optOutReview: 'optOutReviewWorkflow',
  optOutMove: 'optOutMoveWorkflow',
  doubleOptIn: 'doubleOptInWorkflow',
  consentExpiry: 'consentExpiryWorkflow',
  ledgerVerification: 'ledgerVerificationWorkflow',
  messageBatch: 'messageBatchWorkflow',
  learning: 'learningWorkflow',
} as const;

/** Search attributes, Keyword each: a person finds a port by its id, state and carrier. */
export const searchAttributeNames = { portId: 'PortId', status: 'PortStatus', carrier: 'Carrier' } as const;
