import { ApplicationFailure } from '@temporalio/common';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mainTaskQueue, workflowIds, workflowTypes } from '../../workflows/contract.ts';
import { startTimeSkipping, type TimeSkipping } from './time-skipping.ts';

let engine: TimeSkipping;
beforeEach(async () => {
  engine = await startTimeSkipping();
});
afterEach(() => engine.close());

const start = () =>
  engine.env.client.workflow.start(workflowTypes.carrierSync, {
    workflowId: workflowIds.carrierSync('beta'),
    taskQueue: mainTaskQueue,
    args: [{ carrier: 'beta' }],
  });

describe('a pass over what changed at a carrier', () => {
  it('says how many ports were told', async () => {
    const asked: string[] = [];
    const syncCarrier = async ({ carrier }: { carrier: string }) => asked.push(carrier) + 6;
    await engine.withActivities({ syncCarrier }, async () => {
      expect(await (await start()).result()).toBe(7);
      expect(asked).toEqual(['beta']);
    });
  });

  it('survives a carrier that is away for a moment', async () => {
    let tries = 0;
    const syncCarrier = async () => {
      tries++;
      if (tries < 3) throw ApplicationFailure.retryable('No connection.', 'carrier-unavailable');
      return 0;
    };
    await engine.withActivities({ syncCarrier }, async () => {
      expect(await (await start()).result()).toBe(0);
      expect(tries).toBe(3);
    });
  });

  it('gives up after three tries: the schedule comes round again', async () => {
    let tries = 0;
    const syncCarrier = async () => {
      tries++;
      throw ApplicationFailure.retryable('No connection.', 'carrier-unavailable');
    };
    await engine.withActivities({ syncCarrier }, async () => {
      await expect((await start()).result()).rejects.toThrow('Workflow execution failed');
      expect(tries).toBe(3);
    });
  });
});
