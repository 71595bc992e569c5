import { ApplicationFailure } from '@temporalio/common';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { correspondenceSignal, mainTaskQueue, workflowIds, workflowTypes } from '../../workflows/contract.ts';
import { startTimeSkipping, type TimeSkipping } from './time-skipping.ts';

let engine: TimeSkipping;
beforeEach(async () => {
  engine = await startTimeSkipping();
});
afterEach(() => engine.close());

const start = () =>
  engine.env.client.workflow.signalWithStart(workflowTypes.correspondence, {
    workflowId: workflowIds.correspondence('port_1'),
    taskQueue: mainTaskQueue,
    args: [{ portId: 'port_1' }],
    signal: correspondenceSignal,
  });

describe('the correspondence of a port', () => {
  it('exchanges comments and papers, and ends when nothing is left', async () => {
    const done: string[] = [];
    const exchangeComments = async () => {
      done.push('comments');
      return {};
    };
    const handOverDocuments = async () => {
      done.push('papers');
      return { handedOver: 0 };
    };
    await engine.withActivities({ exchangeComments, handOverDocuments }, async () => {
      await (await start()).result();
      expect(done).toEqual(['comments', 'papers']);
    });
  });

  it('sleeps until the next attempt', async () => {
    const dueAt = (await engine.env.currentTimeMs()) + 6 * 3600_000;
    const looked: number[] = [];
    const exchangeComments = async () => {
      looked.push(await engine.env.currentTimeMs());
      return looked.length === 1 ? { nextAt: new Date(dueAt).toISOString() } : {};
    };
    const handOverDocuments = async () => ({ handedOver: 0 });
    await engine.withActivities({ exchangeComments, handOverDocuments }, async () => {
      await (await start()).result();
      expect(looked).toHaveLength(2);
      expect(looked[1]).toBeGreaterThanOrEqual(dueAt);
    });
  });

  it('looks again when it is told while it works: nothing is left lying', async () => {
    let exchanges = 0;
    let papers = 0;
    const exchangeComments = async () => {
      exchanges += 1;
      return {};
    };
    const handOverDocuments = async () => {
      if (papers++ === 0) await start();
      return { handedOver: 0 };
    };
    await engine.withActivities({ exchangeComments, handOverDocuments }, async () => {
      await (await start()).result();
      expect(exchanges).toBe(2);
    });
  });

  it('survives a carrier that is away for hours', async () => {
    let tries = 0;
    const exchangeComments = async () => ({});
    const handOverDocuments = async () => {
      tries += 1;
      if (tries < 30) throw ApplicationFailure.retryable('No connection.', 'carrier-unavailable');
      return { handedOver: 1 };
    };
    await engine.withActivities({ exchangeComments, handOverDocuments }, async () => {
      await (await start()).result();
      expect(tries).toBe(30);
    });
  });
});
