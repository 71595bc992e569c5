import { type Client, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import { defineSearchAttributeKey, TypedSearchAttributes } from '@temporalio/common';
import { openingOf } from '../domain/lifecycle/window-key.ts';
import { type MessageKind, priorityOfKind } from '../domain/message.ts';
import { gather } from '../store/gathering.ts';
import {
  carrierNewsSignal,
  consentConfirmedSignal,
  correspondenceSignal,
  cutoverNewsSignal,
  failuresSignal,
  heldSignal,
  mainTaskQueue,
  optOutNewsSignal,
  portOutNewsSignal,
  routingChangedSignal,
  searchAttributeNames,
  settledSignal,
  workflowIds,
  workflowTypes,
} from '../workflows/contract.ts';

/** What the rest of the product tells the workflows. Telling one that has ended is harmless. */
export interface Engine {
  /** Starts a workflow for texts of one kind; `token` tells this start apart, starting twice under it is harmless. */
  startMessages(messageIds: readonly string[], kind: MessageKind, token: string): Promise<void>;
  /** All texts of a workflow are final or held. */
  settled(workflowId: string): Promise<void>;
  /** Some texts of a workflow have failed and wait for a decision. */
  failures(workflowId: string): Promise<void>;
  /** Texts were stored as held under this key, a number's or that of a moment; the earliest of them expires then. */
  held(holdKey: string, expiresAt: Date): Promise<void>;
  /** A number's routing has changed. */
  routingChanged(numberKey: string): Promise<void>;
  /** Something was learnt about a number's move. */
  cutoverNews(portId: string, numberKey: string): Promise<void>;
  /** An order may have changed at its carrier. */
  carrierNews(portId: string, eventId?: string): Promise<void>;
  /** Papers or comments of a port are to be exchanged with its carriers. */
  correspondence(portId: string): Promise<void>;
  /** Another carrier asks for numbers, or such a request may have changed; its process is started where there is none. */
  portOutNews(portOut: PortOutReference, eventId?: string): Promise<void>;
  /** A revocation by text is on record: its process makes it hold and confirms it. */
  revoked(consentId: string): Promise<void>;
  /** The opt-outs of a port's numbers are to move, or one of its numbers has moved. */
  optOutsMove(portId: string): Promise<void>;
  /** Words that may mean an opt-out wait for a person: its process keeps the law's clock. */
  optOutReview(consentId: string): Promise<void>;
  /** A consent waits for the person's own yes (double opt-in). */
  consentRequested(consentId: string): Promise<void>;
  /** The person has said yes. */
  consentConfirmed(consentId: string): Promise<void>;
}

const mostPortsToldAtOnce = 500;
/** A start that takes longer has failed; it may be repeated. */
const startDeadlineMs = 10_000;
/** A task that a killed worker had in hand is given to another one after this time, not after the engine's own 10 s. */
const workflowTaskTimeout = '5 seconds';

/** Names a port-out at the carrier that is asked. */
export interface PortOutReference {
  readonly portOutId: string;
  readonly carrier: string;
  readonly carrierPortOutId: string;
}

const attribute = {
  portId: defineSearchAttributeKey(searchAttributeNames.portId, 'KEYWORD'),
  status: defineSearchAttributeKey(searchAttributeNames.status, 'KEYWORD'),
  carrier: defineSearchAttributeKey(searchAttributeNames.carrier, 'KEYWORD'),
};

export function createEngine(client: Client): Engine {
  const workflow = client.workflow;

  /** Numbers of a port arrive by tens at a moment: what is said of a port while it is being told is said once. */
  const optOutsMove = gather<string, void>(async (portIds) => {
    await Promise.all([...new Set(portIds)].map(signalOptOutMove));
    return portIds.map(() => undefined);
  }, mostPortsToldAtOnce);

  async function signalOptOutMove(portId: string): Promise<void> {
    await workflow.signalWithStart(workflowTypes.optOutMove, {
      workflowId: workflowIds.optOutMove(portId),
      taskQueue: mainTaskQueue,
      args: [{ portId }],
      signal: optOutNewsSignal,
      signalArgs: [],
      staticSummary: "opt-outs that move with a port's numbers",
    });
  }

  async function heldUntil(key: string, opensAt: string, expiresAt: Date): Promise<void> {
    await workflow.signalWithStart(workflowTypes.windowHold, {
      workflowId: workflowIds.windowHold(opensAt),
      taskQueue: mainTaskQueue,
      workflowTaskTimeout,
      args: [{ key, opensAt }],
      signal: heldSignal,
      signalArgs: [expiresAt.toISOString()],
      staticSummary: `texts that may leave from ${opensAt} on`,
    });
  }

  /** Starts the process of an event of the consent ledger; one that was ever started is left as it is. */
  async function startOfConsent(type: string, workflowId: string, consentId: string, summary: string): Promise<void> {
    try {
      await client.withDeadline(Date.now() + startDeadlineMs, () =>
        workflow.start(type, {
          workflowId,
          taskQueue: mainTaskQueue,
          workflowTaskTimeout,
          args: [{ consentId }],
          workflowIdConflictPolicy: 'USE_EXISTING',
          workflowIdReusePolicy: 'REJECT_DUPLICATE',
          staticSummary: summary,
        }),
      );
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
  }

  return {
    async startMessages(messageIds, kind, token) {
      const first = messageIds[0];
      if (first === undefined) return;
      await client.withDeadline(Date.now() + startDeadlineMs, () =>
        workflow.start(workflowTypes.messages, {
          workflowId: workflowIds.messages(first, token),
          taskQueue: mainTaskQueue,
          workflowTaskTimeout,
          args: [{ messageIds, kind, atOnce: true }],
          priority: { priorityKey: priorityOfKind[kind] },
          workflowIdConflictPolicy: 'USE_EXISTING',
          workflowIdReusePolicy: 'ALLOW_DUPLICATE',
          staticSummary: `${kind}: ${messageIds.length} ${messageIds.length === 1 ? 'text' : 'texts'}`,
        }),
      );
    },
    settled: (workflowId) => toOpen(workflow.getHandle(workflowId).signal(settledSignal)),
    failures: (workflowId) => toOpen(workflow.getHandle(workflowId).signal(failuresSignal)),
    async held(holdKey, expiresAt) {
      const opensAt = openingOf(holdKey);
      if (opensAt !== undefined) return heldUntil(holdKey, opensAt, expiresAt);
      const numberKey = holdKey;
      await workflow.signalWithStart(workflowTypes.hold, {
        workflowId: workflowIds.hold(numberKey),
        taskQueue: mainTaskQueue,
        workflowTaskTimeout,
        args: [{ numberKey }],
        signal: heldSignal,
        signalArgs: [expiresAt.toISOString()],
        staticSummary: 'texts that wait for a number',
      });
    },
    routingChanged: (numberKey) => toOpen(workflow.getHandle(workflowIds.hold(numberKey)).signal(routingChangedSignal)),
    cutoverNews: (portId, numberKey) =>
      toOpen(workflow.getHandle(workflowIds.cutover(portId, numberKey)).signal(cutoverNewsSignal, {})),
    carrierNews: (portId, eventId) =>
      toOpen(workflow.getHandle(workflowIds.port(portId)).signal(carrierNewsSignal, eventId ? { eventId } : {})),
    async correspondence(portId) {
      await client.withDeadline(Date.now() + startDeadlineMs, () =>
        workflow.signalWithStart(workflowTypes.correspondence, {
          workflowId: workflowIds.correspondence(portId),
          taskQueue: mainTaskQueue,
          args: [{ portId }],
          signal: correspondenceSignal,
          signalArgs: [],
          staticSummary: 'papers and comments of a port',
        }),
      );
    },
    async portOutNews({ portOutId, carrier, carrierPortOutId }, eventId) {
      try {
        await workflow.signalWithStart(workflowTypes.portOut, {
          workflowId: workflowIds.portOut(portOutId),
          taskQueue: mainTaskQueue,
          args: [{ portOutId, carrier, carrierPortOutId }],
          signal: portOutNewsSignal,
          signalArgs: [eventId ? { eventId } : {}],
          workflowIdReusePolicy: 'REJECT_DUPLICATE',
          typedSearchAttributes: new TypedSearchAttributes([
            { key: attribute.portId, value: portOutId },
            { key: attribute.status, value: 'checking' },
            { key: attribute.carrier, value: carrier },
          ]),
          staticSummary: `another carrier asks ${carrier} for numbers`,
        });
      } catch (error) {
        // It has ended: a final state never changes.
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      }
    },
    revoked: (consentId) =>
      startOfConsent(workflowTypes.revocation, workflowIds.revocation(consentId), consentId, 'a revocation by text'),
    optOutsMove,
    optOutReview: (consentId) =>
      startOfConsent(
        workflowTypes.optOutReview,
        workflowIds.optOutReview(consentId),
        consentId,
        'words that may mean an opt-out',
      ),
    consentRequested: (consentId) =>
      startOfConsent(
        workflowTypes.doubleOptIn,
        workflowIds.doubleOptIn(consentId),
        consentId,
        'a consent that waits for its confirmation',
      ),
    consentConfirmed: (consentId) =>
      toOpen(workflow.getHandle(workflowIds.doubleOptIn(consentId)).signal(consentConfirmedSignal)),
  };
}

/** A workflow that has ended needs no news. */
async function toOpen(signal: Promise<void>): Promise<void> {
  try {
    await signal;
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}
