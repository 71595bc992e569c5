import type { Client } from '@temporalio/client';
import type { UpdateDefinition } from '@temporalio/common';
import { counted } from '../domain/counted.ts';
import type { OrderState } from '../domain/lifecycle/order.ts';
import type { SnapBackReason } from '../domain/lifecycle/snap-back.ts';
import {
  activateUpdate,
  cancelUpdate,
  type OrderedNumbers,
  type PortInput,
  rescheduleUpdate,
  snapBackAnsweredUpdate,
  snapBackUpdate,
  submitUpdate,
  supplementUpdate,
  workflowIds,
  workflowTypes,
} from '../workflows/contract.ts';
import { startOnce, updateProcess } from './durable-process.ts';
import type { ProblemCode } from './problem-codes.ts';

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
  const update = <Args extends [] | [unknown]>(
    definition: UpdateDefinition<OrderState, Args>,
    portId: string,
    args: Args,
    updateId: string,
    whenEnded: ProblemCode,
  ) => updateProcess(client, workflowIds.port(portId), definition, args, updateId, whenEnded, 'port');

  return {
    start(input) {
      return startOnce(client, workflowTypes.port, 'port', {
        workflowId: workflowIds.port(input.portId),
        input,
        summary: `${counted(input.numberKeys.length, 'number')} from ${input.losingCarrier ?? 'another carrier'} to ${input.gainingCarrier}, texts: ${input.messagingPlan}`,
        findable: {
          portId: input.portId,
          status: input.draft ? 'draft' : 'checking',
          carrier: input.gainingCarrier,
        },
      });
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
