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
import { mainTaskQueue, searchAttributeNames } from '../workflows/contract.ts';
import { Problem, turnedDown } from './problem.ts';
import { isProblemCode, type ProblemCode } from './problem-codes.ts';

/** A start that takes longer has failed; it may be repeated. */
const startDeadlineMs = 10_000;
/** What people do to a process is answered within this time, or with 503 (design: ways through it). */
const updateDeadlineMs = 5_000;

const attribute = {
  portId: defineSearchAttributeKey(searchAttributeNames.portId, 'KEYWORD'),
  status: defineSearchAttributeKey(searchAttributeNames.status, 'KEYWORD'),
  carrier: defineSearchAttributeKey(searchAttributeNames.carrier, 'KEYWORD'),
};

/** By what a process is found in the Web UI. */
export interface Findable {
  readonly portId: string;
  readonly status: string;
  readonly carrier: string;
}

/**
 * Starts a process; one that was ever started is left as it is.
 * @param type a name of `workflowTypes`
 * @param what is on record meanwhile, for the message: `port`
 * @throws Problem `engine-unavailable`
 */
export async function startOnce(
  client: Client,
  type: string,
  what: string,
  process: {
    readonly workflowId: string;
    readonly input: unknown;
    readonly summary: string;
    readonly findable?: Findable;
    /** 1 comes first, 3 is usual, 5 comes last; its children and activities have the same. */
    readonly priorityKey?: number;
  },
): Promise<void> {
  const { workflowId, input, summary, findable, priorityKey } = process;
  try {
    await client.withDeadline(Date.now() + startDeadlineMs, () =>
      client.workflow.start(type, {
        workflowId,
        taskQueue: mainTaskQueue,
        args: [input],
        workflowIdConflictPolicy: 'USE_EXISTING',
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        ...(findable && {
          typedSearchAttributes: new TypedSearchAttributes([
            { key: attribute.portId, value: findable.portId },
            { key: attribute.status, value: findable.status },
            { key: attribute.carrier, value: findable.carrier },
          ]),
        }),
        ...(priorityKey !== undefined && { priority: { priorityKey } }),
        staticSummary: summary,
      }),
    );
  } catch (error) {
    // It was started before and has ended since: what was asked for has been done.
    if (error instanceof WorkflowExecutionAlreadyStartedError) return;
    throw new Problem(
      'engine-unavailable',
      `The ${what} is on record and begins when the engine is back; repeat it with the same Idempotency-Key to be sure.`,
      { cause: error },
    );
  }
}

/**
 * Does to a process what a person asks. The same `updateId` gives the first result again.
 * @param whenEnded the code of the problem when the process is no more
 * @param what it is the process of, for the message
 * @throws Problem with the code that the process gives, else `engine-timeout` or `engine-unavailable`
 */
export async function updateProcess<Result, Args extends [] | [unknown]>(
  client: Client,
  workflowId: string,
  definition: UpdateDefinition<Result, Args>,
  args: Args,
  updateId: string,
  whenEnded: ProblemCode,
  what: string,
): Promise<Result> {
  try {
    return await client.withDeadline(Date.now() + updateDeadlineMs, () =>
      client.workflow
        .getHandle(workflowId)
        .executeUpdate<Result, [unknown]>(definition as UpdateDefinition<Result, [unknown]>, {
          args: args as [unknown],
          updateId,
        }),
    );
  } catch (error) {
    throw asUpdateProblem(error, whenEnded, what);
  }
}

function asUpdateProblem(error: unknown, whenEnded: ProblemCode, what: string): Problem {
  if (error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure) {
    const { type, message, details } = error.cause;
    if (type && isProblemCode(type)) {
      const { advice } = (details?.[0] ?? {}) as { readonly advice?: string };
      return turnedDown({ code: type, message, ...(advice && { advice }) }, what);
    }
  }
  if (error instanceof WorkflowNotFoundError) {
    return new Problem(whenEnded, `The process of this ${what} has ended, or never began.`);
  }
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError || isGrpcDeadlineError(error)) {
    return new Problem(
      'engine-timeout',
      'It may still happen: repeat it with the same Idempotency-Key to learn what became of it.',
      { cause: error },
    );
  }
  return new Problem('engine-unavailable', 'Repeat it with the same Idempotency-Key.', { cause: error });
}
