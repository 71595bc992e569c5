import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { cancelUpdate } from '../../workflows/contract.ts';
import type { EngineInTest } from './engine-in-test.ts';
import { day, PortAtCarrier, turnedDown } from './port-at-carrier.ts';
import { startInRealTime } from './time-skipping.ts';

/** In real time: the server that skips it writes a task for every update, also for one that is turned down. */
let engine: EngineInTest;
beforeAll(async () => {
  engine = await startInRealTime();
});
afterAll(() => engine.close());

let port: PortAtCarrier;
afterEach(() => port.abandon());

const refused = {
  supplement: 'order-not-supplementable',
  cancel: 'order-not-cancellable',
  activate: 'order-not-activatable',
};

describe('what people may do to a port', () => {
  it('depends on where it is; what is turned down leaves no event', async () => {
    port = new PortAtCarrier(engine);
    await engine.withActivities(port.activities(), async () => {
      await port.start();
      await port.reaches('submitted');
      const before = await port.events();
      expect(await turnedDown(port.supplement())).toBe(refused.supplement);
      expect(await turnedDown(port.activate())).toBe(refused.activate);
      expect(await port.events()).toBe(before);

      await port.agrees(day);
      // Automatic: its date activates it, no person does.
      expect(await turnedDown(port.activate())).toBe(refused.activate);
      await port.news(port.says('ported'));
      await port.reaches('activating');
      const moved = await port.events();
      expect(await turnedDown(port.cancel())).toBe(refused.cancel);
      expect(await turnedDown(port.supplement())).toBe(refused.supplement);
      expect(await port.events()).toBe(moved);
    });
  });

  it('on demand, activation is possible from the agreed date on until the numbers have moved', async () => {
    port = new PortAtCarrier(engine, { activation: 'on-demand' });
    await engine.withActivities(port.activities(), async () => {
      await port.start();
      await port.reaches('submitted');
      expect(await turnedDown(port.activate())).toBe(refused.activate);
      port.reading = port.says('foc-confirmed', { focAt: await port.agrees(day) });
      expect((await port.activate()).status).toBe('foc-confirmed');
      await port.reaches('activating');
      await port.news(port.says('ported'));
      await expect.poll(async () => (await port.state()).order.ported).toBe(true);
      expect(await turnedDown(port.activate())).toBe(refused.activate);
    });
  });

  it('a supplement that is under way is not followed by another', async () => {
    port = new PortAtCarrier(engine);
    port.reading = port.says('exception');
    await engine.withActivities(port.activities(), async () => {
      await port.start();
      await port.reaches('exception');
      const reading = port.hold('readOrder');
      await port.news(port.reading);
      await reading.begun;
      await port.supplement(1);
      expect(await turnedDown(port.supplement(2))).toBe(refused.supplement);
      reading.release();
      await expect.poll(() => port.count('supplementOrder')).toBe(1);
    });
  });

  it('a cancellation that is under way is not followed by another', async () => {
    port = new PortAtCarrier(engine);
    await engine.withActivities(port.activities(), async () => {
      await port.start();
      await port.reaches('submitted');
      expect((await port.cancel()).status).toBe('cancel-pending');
      expect(await turnedDown(port.cancel())).toBe(refused.cancel);
    });
  });

  it('is noted with the API key that it was done with, which is told by the update’s name', async () => {
    port = new PortAtCarrier(engine);
    await engine.withActivities(port.activities(), async () => {
      await port.start();
      await port.reaches('submitted');
      await port.handle.executeUpdate(cancelUpdate, { args: [{}], updateId: 'upd_0123456789abcdef_1' });
      const asked = () => port.steps.find(({ type }) => type === 'order.cancel-requested');
      await expect.poll(asked).toMatchObject({ actor: 'caller', by: { apiKeyId: '0123456789abcdef' } });
    });
  });
});
