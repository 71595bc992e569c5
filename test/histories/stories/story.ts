import type { WorkflowHandle } from '@temporalio/client';
import type { PortInput } from '../../../workflows/contract.ts';
import { until } from '../../simulator/until.ts';
import type { EngineInTest } from '../../workflows/engine-in-test.ts';
import { PortAtCarrier } from '../../workflows/port-at-carrier.ts';

/** Workflows as they go in life, by the names of their histories; some have ended, some are left open. */
export type Story = (engine: EngineInTest) => Promise<Record<string, WorkflowHandle>>;

/** The story of a port, and of its cutovers. */
export function ofPort(
  tell: (port: PortAtCarrier, engine: EngineInTest) => Promise<Record<string, WorkflowHandle>>,
  input: Partial<PortInput> = {},
): Story {
  return (engine) => {
    const port = new PortAtCarrier(engine, input);
    return engine.withActivities(port.activities(), () => tell(port, engine));
  };
}

/** Resolves when the workflow has set a timer. */
export async function waits(handle: WorkflowHandle): Promise<void> {
  await until(
    async () => (await handle.fetchHistory()).events?.some((event) => event.timerStartedEventAttributes),
    45_000,
  );
}
