import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PortInput } from '../../workflows/contract.ts';
import { mainTaskQueue, workflowIds, workflowTypes } from '../../workflows/contract.ts';
import { day, hour, PortAtCarrier } from './port-at-carrier.ts';
import { startTimeSkipping, type TimeSkipping } from './time-skipping.ts';

let engine: TimeSkipping;
let port: PortAtCarrier;
beforeEach(async () => {
  engine = await startTimeSkipping();
});
afterEach(async () => {
  await port.abandon();
  await engine.close();
});

/** Far from what the engine bears, and not far above from where on a port continues as new. */
const bound = 2000;

/** Waits until the port goes on as a new run. @returns how long the history of the last one has become */
async function newRun(): Promise<number> {
  const { runId } = await port.handle.describe();
  const first = engine.env.client.workflow.getHandle(workflowIds.port(port.portId), runId);
  await expect
    .poll(
      async () => {
        const { status, historyLength } = await first.describe();
        return status.name === 'CONTINUED_AS_NEW' || historyLength > bound;
      },
      { timeout: 30_000, interval: 100 },
    )
    .toBe(true);
  const { status, historyLength } = await first.describe();
  expect(status.name).toBe('CONTINUED_AS_NEW');
  return historyLength;
}

describe('a carrier that says something new all the time', () => {
  it('does not let the history of a port grow without bound', async () => {
    port = new PortAtCarrier(engine);
    await engine.withActivities(port.activities(), async () => {
      await port.start();
      await port.reaches('submitted');
      // Each answer of the carrier is overtaken by its next news: there is always something left to do.
      port.answers.readOrder = async () => {
        await port.news(port.reading);
        return port.reading;
      };
      const focAt = await port.agrees(30 * day);
      expect(await newRun()).toBeLessThan(bound);
      port.answers = {};
      expect((await port.state()).order).toMatchObject({ status: 'foc-confirmed', focAt });
      await port.moves();
      await port.reaches('completed');
      // Projections and steps go on without a gap (invariant 1).
      const counters = [...new Set(port.projections.map(({ counter }) => counter))];
      expect(counters).toEqual(Array.from({ length: counters.at(-1) ?? 0 }, (_, index) => index + 1));
    });
  });

  it('nor while a completed port may be asked back: its numbers stay held', async () => {
    port = new PortAtCarrier(engine);
    port.clocks = ({ activatedAt }) =>
      activatedAt ? { snapBackUntil: new Date(Date.parse(activatedAt) + day).toISOString() } : {};
    const activities = port.activities();
    let goesOn = false;
    const projectPort: typeof activities.projectPort = async (input) => {
      await activities.projectPort(input);
      if (goesOn) setTimeout(() => void port.news(port.reading).catch(() => undefined));
    };
    await engine.withActivities({ ...activities, projectPort }, async () => {
      await port.start();
      await port.reaches('submitted');
      await port.agrees(hour);
      await engine.env.sleep(2 * hour);
      await port.moves();
      await port.reaches('completed');
      await expect.poll(() => port.count('releaseNumbers')).toBe(1);
      goesOn = true;
      await port.snapBack();
      expect(await newRun()).toBeLessThan(bound);
      goesOn = false;
      await port.answerSnapBack('accepted');
      await port.handle.result();
      // At its end and after the snap-back: the next run knows that the port has ended.
      expect(port.count('releaseNumbers')).toBe(2);
      expect([...port.cutovers.values()].map(({ outcome }) => outcome)).toEqual(['returned', 'returned']);
    });
  });
});

it('what was asked for when a run ended is done by the next one', async () => {
  const plan: Partial<PortInput> = { planId: 'plan_that_listens' };
  port = new PortAtCarrier(engine, plan);
  await engine.withActivities(port.activities(), async () => {
    const at = new Date(await engine.env.currentTimeMs()).toISOString();
    const requested = new Date(Date.parse(at) + 30 * day).toISOString();
    const carried = {
      order: { status: 'submitted', since: at, problems: [], ported: false, atCarrier: true, submittedAt: at },
      carrierOrderId: port.carrierOrderId,
      counter: 7,
      stepsWritten: 7,
      handledUpdates: [],
      cutovers: { states: {}, begun: {}, running: [], undone: [], told: {} },
      asked: { reschedule: requested },
      steps: [{ at, actor: 'caller', type: 'order.reschedule-requested', detail: 'Asked for.' }],
    };
    await engine.env.client.workflow.start(workflowTypes.port, {
      workflowId: workflowIds.port(port.portId),
      taskQueue: mainTaskQueue,
      args: [{ ...port.input, carried }],
    });
    await expect.poll(() => port.count('rescheduleOrder')).toBe(1);
    await expect.poll(() => port.stepsOf('order.reschedule-requested')).toHaveLength(1);
  });
});
