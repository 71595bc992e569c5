import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { CutoverState, MessagingPlan } from '../domain/lifecycle/cutover.ts';
import type { OrderState } from '../domain/lifecycle/order.ts';
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

export const workflowIds = {
  port: (portId: string) => portId,
  cutover: (portId: string, numberKey: string) => `cutover/${portId}/${numberKey}`,
  hold: (key: string) => `hold/${key}`,
  /** A workflow that carries texts is named after the first of them and a token that tells its start apart. */
  messages: (firstMessageId: string, token: string) => `messages/${firstMessageId}/${token}`,
  carrierSync: (carrier: string) => `carrier-sync/${carrier}`,
  archive: 'archive',
} as const;

// ------------------------------------------------------------------------------------------------ texts

export interface MessagesInput {
  /** Of one kind: priorities don't mix. */
  readonly messageIds: readonly string[];
  readonly kind: MessageKind;
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
/** The number's routing has changed: look whether its texts may go. */
export const routingChangedSignal = defineSignal('routing-changed');

// ------------------------------------------------------------------------------------------------ ports

export interface PortInput {
  readonly portId: string;
  readonly gainingCarrier: string;
  readonly losingCarrier?: string;
  readonly messagingPlan: MessagingPlan;
  readonly activation: 'automatic' | 'on-demand';
  readonly numberKeys: readonly string[];
  /** Texts wait from this long before the agreed date on, in milliseconds. */
  readonly marginMs: number;
  /** Without proof for this long after the agreed date, a person is asked; milliseconds. */
  readonly proofDeadlineMs: number;
}

/** A carrier's webhook, or its schedule, says that the order changed: a hint, the order is then read. */
export const carrierNewsSignal = defineSignal<[{ readonly eventId?: string }]>('carrier-news');
/** A cutover child reports its end. */
export const cutoverEndedSignal =
  defineSignal<[{ readonly numberKey: string; readonly state: CutoverState }]>('cutover-ended');

export interface PortView {
  readonly order: OrderState;
  readonly cutovers: Readonly<Record<string, CutoverState>>;
}

export const portStateQuery = defineQuery<PortView>('state');

/** Rejected with type `order-not-supplementable` when the order is not waiting for data. The data is in the store. */
export const supplementUpdate = defineUpdate<OrderState, [{ readonly revision: number }]>('supplement');
/** Rejected with type `order-not-cancellable` when the numbers have moved or the order has ended. */
export const cancelUpdate = defineUpdate<OrderState, [{ readonly reason?: string }]>('cancel');
/** Rejected with type `order-not-activatable` unless the order is on-demand and its date is confirmed. */
export const activateUpdate = defineUpdate<OrderState, []>('activate');

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
  /** Carried through continue-as-new. */
  readonly state?: CutoverState;
  readonly steps?: { readonly chain: string; readonly written: number };
}

/** Something was learnt about this number (a receipt, an inbound text, the carrier's order): look for proof now. */
export const cutoverNewsSignal = defineSignal<[{ readonly voice?: CutoverState['voice'] }]>('news');
/** The move is undone: snap-back, cancellation or failure. */
export const cutoverReturnedSignal = defineSignal<[{ readonly reason: string }]>('returned');
/** The agreed date moved. */
export const cutoverRescheduledSignal =
  defineSignal<[{ readonly uncertainFrom: string; readonly focAt: string }]>('rescheduled');
export const cutoverStateQuery = defineQuery<CutoverState>('state');

// ------------------------------------------------------------------------------------------------ the net under lost webhooks

export interface CarrierSyncInput {
  readonly carrier: string;
}

/** Names of the workflow functions in workflows/index.ts, for clients that don't import them. */
export const workflowTypes = {
  port: 'portWorkflow',
  cutover: 'cutoverWorkflow',
  messages: 'messagesWorkflow',
  hold: 'holdWorkflow',
  carrierSync: 'carrierSyncWorkflow',
  archive: 'archiveWorkflow',
} as const;

/** Search attributes, Keyword each: a person finds a port by its id, state and carrier. */
export const searchAttributeNames = { portId: 'PortId', status: 'PortStatus', carrier: 'Carrier' } as const;
