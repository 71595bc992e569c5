import { correspondenceSignal, mainTaskQueue, workflowIds, workflowTypes } from '../../../workflows/contract.ts';
import type { EngineInTest } from '../../workflows/engine-in-test.ts';
import { type Story, waits } from './story.ts';

const start = (engine: EngineInTest) =>
  engine.env.client.workflow.signalWithStart(workflowTypes.correspondence, {
    workflowId: workflowIds.correspondence('port_1'),
    taskQueue: mainTaskQueue,
    args: [{ portId: 'port_1' }],
    signal: correspondenceSignal,
  });

const exchanged: Story = (engine) =>
  engine.withActivities(
    { exchangeComments: async () => ({}), handOverDocuments: async () => ({ handedOver: 1 }) },
    async () => {
      const handle = await start(engine);
      await handle.result();
      return { 'correspondence-exchanged': handle };
    },
  );

/** A comment that can't be sent before the carrier's desk opens. */
const waiting: Story = async (engine) => {
  const nextAt = new Date((await engine.env.currentTimeMs()) + 6 * 3600_000).toISOString();
  return engine.withActivities(
    { exchangeComments: async () => ({ nextAt }), handOverDocuments: async () => ({ handedOver: 0 }) },
    async () => {
      const handle = await start(engine);
      await waits(handle);
      return { 'correspondence-waiting': handle };
    },
  );
};

export const correspondenceStories: readonly Story[] = [exchanged, waiting];
