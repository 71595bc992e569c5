import {
  type Client,
  isGrpcDeadlineError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import {
  ApplicationFailure,
  defineSearchAttributeKey,
  TypedSearchAttributes,
  type UpdateDefinition,
} from '@temporalio/common';
import type { OrderState } from '../domain/lifecycle/order.ts';
import type { SnapBackReason } from '../domain/lifecycle/snap-back.ts';
import {
  activateUpdate,
  cancelUpdate,
  mainTaskQueue,
  type OrderedNumbers,
  type PortInput,
  rescheduleUpdate,
  searchAttributeNames,
  snapBackAnsweredUpdate,
  snapBackUpdate,
  submitUpdate,
  supplementUpdate,
  workflowIds,
  workflowTypes,
} from '../workflows/contract.ts';
import { Problem } from './problem.ts';
import { isProblemCode, type ProblemCode } from './problem-codes.ts';

/** A start that takes longer has failed; it may be repeated. */
export const startDeadlineMs = 10_000;
/** What people do to a port is answered within this time, or with 503 (design: ways through it). */
export const updateDeadlineMs = 5_000;

const attribute = {
  portId: defineSearchAttributeKey(searchAttributeNames.portId, 'KEYWORD'),
  status: defineSearchAttributeKey(searchAttributeNames.status, 'KEYWORD'),
  carrier: defineSearchAttributeKey(searchAttributeNames.carrier, 'KEYWORD'),
};

/**
 * The process of a port, as the API starts it and people act on it. Every call is safe to repeat: the same `updateId` gives the first
 * result again. What is not possible now throws a Problem with a code of domain/lifecycle/order-actions.ts, else `engine-timeout` or
 * `engine-unavailable`.
 */
export interface PortProcess {
  /** Starts the process; one that was ever started is left as it is. @throws Problem `engine-unavailable` */
  start(input: PortInput): Promise<void>;
  submit(portId: string, ordered: OrderedNumbers, updateId: string): Promise<OrderState>;
  supplement(portId: string, revision: number, updateId: string): Promise<OrderState>;
  /** @param requestedFocAt RFC 3339 UTC */
  reschedule(portId: string, requestedFocAt: string, updateId: string): Promise<OrderState>;
  cancel(portId: string, reason: string | undefined, updateId: string): Promise<OrderState>;
  activate(portId: string, updateId: string): Promise<OrderState>;
  /** @param whenEnded its code when the process of the port has ended */
  snapBack(portId: string, reason: SnapBackReason, updateId: string, whenEnded: ProblemCode): Promise<OrderState>;
  answerSnapBack(portId: string, answer: 'accepted' | 'refused', updateId: string): Promise<OrderState>;
}

/** The process of a port behind a Temporal client. */
export function createPortProcess(client: Client): PortProcess {
  async function update<Args extends [] | [unknown]>(
    definition: UpdateDefinition<OrderState, Args>,
    portId: string,
    args: Args,
    updateId: string,
    whenEnded: ProblemCode,
  ): Promise<OrderState> {
    try {
      return await client.withDeadline(Date.now() + updateDeadlineMs, () =>
        client.workflow
          .getHandle(workflowIds.port(portId))
          .executeUpdate<OrderState, [unknown]>(definition as UpdateDefinition<OrderState, [unknown]>, {
            args: args as [unknown],
            updateId,
          }),
      );
    } catch (error) {
      throw asUpdateProblem(error, whenEnded);
    }
  }

  return {
    async start(input) {
      const numbers = input.numberKeys.length === 1 ? '1 number' : `${input.numberKeys.length} numbers`;
      try {
        await client.withDeadline(Date.now() + startDeadlineMs, () =>
          client.workflow.start(workflowTypes.port, {
            workflowId: workflowIds.port(input.portId),
            taskQueue: mainTaskQueue,
            args: [input],
            workflowIdConflictPolicy: 'USE_EXISTING',
            workflowIdReusePolicy: 'REJECT_DUPLICATE',
            typedSearchAttributes: new TypedSearchAttributes([
              { key: attribute.portId, value: input.portId },
              { key: attribute.status, value: input.draft ? 'draft' : 'checking' },
              { key: attribute.carrier, value: input.gainingCarrier },
            ]),
            staticSummary: `${numbers} from ${input.losingCarrier ?? 'another carrier'} to ${input.gainingCarrier}, texts: ${input.messagingPlan}`,
          }),
        );
      } catch (error) {
        // It was started before and has ended since: what was asked for has been done.
        if (error instanceof WorkflowExecutionAlreadyStartedError) return;
        throw new Problem(
          'engine-unavailable',
          'The port is on record and begins when the engine is back; repeat it with the same Idempotency-Key to be sure.',
          {
            cause: error,
          },
        );
      }
    },
    submit: (portId, ordered, updateId) => update(submitUpdate, portId, [ordered], updateId, 'order-not-a-draft'),
    supplement: (portId, revision, updateId) =>
      update(supplementUpdate, portId, [{ revision }], updateId, 'order-not-supplementable'),
    reschedule: (portId, requestedFocAt, updateId) =>
      update(rescheduleUpdate, portId, [{ requestedFocAt }], updateId, 'order-not-reschedulable'),
    cancel: (portId, reason, updateId) =>
      update(cancelUpdate, portId, [reason === undefined ? {} : { reason }], updateId, 'order-not-cancellable'),
    activate: (portId, updateId) => update(activateUpdate, portId, [], updateId, 'order-not-activatable'),
    snapBack: (portId, reason, updateId, whenEnded) =>
      update(snapBackUpdate, portId, [{ reason }], updateId, whenEnded),
    answerSnapBack: (portId, answer, updateId) =>
      update(snapBackAnsweredUpdate, portId, [{ answer }], updateId, 'snap-back-not-possible'),
  };
}

/** Why an update of a process failed, as a problem. @param whenEnded of a process that is no more */
export function asUpdateProblem(error: unknown, whenEnded: ProblemCode): Problem {
  if (error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure) {
    const { type, message } = error.cause;
    if (type && isProblemCode(type)) return new Problem(type, `${message} Read the port to see what it waits for.`);
  }
  if (error instanceof WorkflowNotFoundError) {
    return new Problem(whenEnded, 'The process of this port has ended, or never began.');
  }
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError || isGrpcDeadlineError(error)) {
    return new Problem(
      'engine-timeout',
      'It may still happen: repeat it with the same Idempotency-Key to learn what became of it.',
      {
        cause: error,
      },
    );
  }
  return new Problem('engine-unavailable', 'Repeat it with the same Idempotency-Key.', { cause: error });
}
