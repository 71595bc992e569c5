import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { newCutover, nextCutover } from '../../domain/lifecycle/cutover.ts';
import { newOrder, nextOrder } from '../../domain/lifecycle/order.ts';
import { cutoverEndedSignal, mainTaskQueue, workflowIds, workflowTypes } from '../../workflows/contract.ts';
import type { EngineInTest } from './engine-in-test.ts';
import { day, PortAtCarrier } from './port-at-carrier.ts';
import { startInRealTime } from './time-skipping.ts';

/** In real time: a signal that meets the end of a run is what the server that skips time may not survive. */
let engine: EngineInTest;
let port: PortAtCarrier;
beforeAll(async () => {
  engine = await startInRealTime();
});
afterEach(() => port.abandon());
afterAll(() => engine.close());

it('a port that hears much continues as new, and loses nothing by it', async () => {
  port = new PortAtCarrier(engine);
  await engine.withActivities(port.activities(), async () => {
    await port.start();
    await port.reaches('submitted');
    const asked = new Date((await engine.env.currentTimeMs()) + 30 * day).toISOString();
    await port.reschedule(asked, 'asked once');
    await expect.poll(() => port.count('rescheduleOrder')).toBe(1);
    const focAt = await port.agrees(30 * day);
    const firstRun = (await port.handle.describe()).runId;
    const run = async () => (await port.handle.describe()).runId;
    for (let round = 0; round < 60 && (await run()) === firstRun; round += 1) {
      const reads = port.count('readOrder');
      await Promise.all(Array.from({ length: 100 }, () => port.news(port.reading)));
      await expect.poll(() => port.count('readOrder'), { interval: 5, timeout: 15_000 }).toBeGreaterThan(reads);
      // Signals that come without a pause keep a run from ending.
      await sleep(150);
    }
    expect(await run()).not.toBe(firstRun);
    expect((await port.state()).order).toMatchObject({ status: 'foc-confirmed', focAt });
    // A task that meets a signal while it ends is done again, with its projections; none is missing, none goes back (invariant 1).
    const counters = port.projections.map(({ counter }) => counter);
    expect(counters.toSorted((a, b) => a - b)).toEqual(counters);
    expect([...new Set(counters)]).toEqual(Array.from({ length: counters.at(-1) ?? 0 }, (_, index) => index + 1));
    // An update of the first run is known to the next one (invariant 4).
    const steps = port.stepsOf('order.reschedule-requested').length;
    await port.reschedule(asked, 'asked once');
    expect(port.stepsOf('order.reschedule-requested')).toHaveLength(steps);
    // The cutovers that the first run has begun report to this one.
    await port.moves();
    await port.reaches('completed');
    expect(port.count('beginUncertainty')).toBe(2);
  });
});

it('a cutover that reports while its port continues as new is heard by the next run', async () => {
  port = new PortAtCarrier(engine, { numberKeys: ['num_that_reports'] });
  const at = new Date(await engine.env.currentTimeMs()).toISOString();
  const moved = nextOrder(
    newOrder(at),
    { type: 'carrier', view: { state: 'ported', carrierState: 'ported', rejections: [] } },
    at,
  );
  const carried = {
    order: moved,
    carrierOrderId: port.carrierOrderId,
    counter: 7,
    stepsWritten: 7,
    handledUpdates: [],
    cutovers: {
      begunFor: at,
      states: {},
      begun: { num_that_reports: 1 },
      running: ['num_that_reports'],
      undone: [],
      told: {},
    },
  };
  const proven = [{ type: 'database-names-gaining' }, { type: 'outbound-proven' }] as const;
  const state = proven.reduce((cutover, event) => nextCutover(cutover, event, at), newCutover('move'));
  port.reading = port.says('ported');
  await engine.withActivities(port.activities(), async () => {
    // The report lies there before the new run has done anything.
    await engine.env.client.workflow.signalWithStart(workflowTypes.port, {
      workflowId: workflowIds.port(port.portId),
      taskQueue: mainTaskQueue,
      args: [{ ...port.input, carried }],
      signal: cutoverEndedSignal,
      signalArgs: [{ numberKey: 'num_that_reports', state, begun: 1 }],
    });
    await port.reaches('completed');
  });
});
