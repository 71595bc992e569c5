import { ApplicationFailure, type SignalDefinition } from '@temporalio/workflow';

/** Signals another workflow; one that has ended needs no news. */
export async function tell<T>(
  workflow: { signal(definition: SignalDefinition<[T]>, value: T): Promise<void> },
  definition: SignalDefinition<[T]>,
  value: T,
): Promise<void> {
  try {
    await workflow.signal(definition, value);
  } catch (error) {
    if (!(error instanceof ApplicationFailure) || error.type !== 'ExternalWorkflowExecutionNotFound') throw error;
  }
}
