import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { consentConfirmedSignal, mainTaskQueue, workflowTypes } from '../../workflows/contract.ts';
import { startTimeSkipping, type TimeSkipping } from './time-skipping.ts';

let engine: TimeSkipping;
beforeAll(async () => {
  engine = await startTimeSkipping();
});
afterAll(() => engine.close());

const start = (type: string, input: object) =>
  engine.env.client.workflow.start(type, { workflowId: randomUUID(), taskQueue: mainTaskQueue, args: [input] });
const consent = { consentId: 'con_1' };
const hour = 3600_000;

describe('the processes of the consent ledger', () => {
  it('a revocation is confirmed when it holds, not before', async () => {
    const steps: string[] = [];
    const activities = {
      honourRevocation: async () => void steps.push('honoured'),
      confirmRevocation: async () => void steps.push('confirmed'),
    };
    await engine.withActivities(activities, async () => {
      await (await start(workflowTypes.revocation, consent)).result();
      expect(steps).toEqual(['honoured', 'confirmed']);
    });
  });

  it('words that nobody has read in time count as an opt-out, not an hour earlier', async () => {
    const dueAt = (await engine.env.currentTimeMs()) + 14 * 24 * hour;
    let closedAt = 0;
    const activities = {
      readReview: async () => ({ dueAt: new Date(dueAt).toISOString() }),
      closeReview: async () => {
        closedAt = await engine.env.currentTimeMs();
      },
    };
    await engine.withActivities(activities, async () => {
      await (await start(workflowTypes.optOutReview, consent)).result();
      expect(closedAt).toBeGreaterThanOrEqual(dueAt);
      expect(closedAt - dueAt).toBeLessThan(hour);
    });
  });

  it('a person who is asked has so long to say yes; a yes ends it at once', async () => {
    const began = await engine.env.currentTimeMs();
    let asked = () => {};
    const closed: number[] = [];
    const activities = {
      askForConsent: async () => {
        asked();
        return { until: new Date(began + 72 * hour).toISOString() };
      },
      closeRequest: async () => void closed.push(await engine.env.currentTimeMs()),
    };
    await engine.withActivities(activities, async () => {
      const wasAsked = new Promise<void>((resolve) => {
        asked = resolve;
      });
      const answered = await start(workflowTypes.doubleOptIn, consent);
      await wasAsked;
      await answered.signal(consentConfirmedSignal);
      await answered.result();
      expect((closed[0] ?? 0) - began).toBeLessThan(hour);
      await (await start(workflowTypes.doubleOptIn, consent)).result();
      expect((closed[1] ?? 0) - began).toBeGreaterThanOrEqual(72 * hour);
    });
  });

  it('opt-outs are taken over until none is left, also when they could not be read before the date', async () => {
    const left = [2, 1, 0];
    let looks = 0;
    const activities = {
      exportOptOuts: async () => {
        throw new Error('the carrier is away');
      },
      takeOverOptOuts: async () => {
        looks++;
        return { left: left.shift() ?? 0 };
      },
    };
    await engine.withActivities(activities, async () => {
      await (await start(workflowTypes.optOutMove, { portId: 'port_1' })).result();
      expect(looks).toBe(3);
    });
  });
});
