import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CutoverActivities, OrderReading } from '../../activities/interfaces.ts';
import { day, hour, minute, PortAtCarrier } from './port-at-carrier.ts';
import { startTimeSkipping, type TimeSkipping } from './time-skipping.ts';

let engine: TimeSkipping;
beforeEach(async () => {
  engine = await startTimeSkipping();
});
afterEach(() => engine.close());

const missing = { code: 'LOA_MISSING', message: 'The letter is missing.' };

/** A port of texts alone, and what was asked about each number's move. */
function newTextOrder() {
  const port = new PortAtCarrier(engine, { messagingPlan: 'messaging-only' });
  const assessed: { moved: boolean; plan: string }[] = [];
  const { assess, ...rest } = port.activities();
  const asked: CutoverActivities['assess'] = (input) => {
    assessed.push({ moved: input.moved, plan: input.plan });
    return assess(input);
  };
  const says = (state: OrderReading['state'], ...messaging: OrderReading['numbers'][number]['messaging'][]) =>
    port.says(state, {
      numbers: port.input.numberKeys.map((numberKey, index) => ({
        numberKey,
        voice: 'pending',
        messaging: messaging[index % messaging.length] ?? 'pending',
      })),
    });
  return { port, assessed, says, activities: { ...rest, assess: asked } };
}

describe('a port of texts alone', () => {
  it('ends completed after a text each way, with no date and no word of the database', async () => {
    const { port, assessed, says, activities } = newTextOrder();
    await engine.withActivities(activities, async () => {
      const handle = await port.start();
      await port.reaches('submitted');
      await engine.env.sleep(2 * day);
      expect(port.count('beginUncertainty')).toBe(0);

      await port.news(says('provisioning', 'activating'));
      await port.reaches('activating');
      await expect.poll(() => port.count('beginUncertainty')).toBe(2);
      await engine.env.sleep(10 * minute);
      expect(assessed.length).toBeGreaterThan(0);
      expect(assessed.every((each) => each.plan === 'messaging-only' && !each.moved)).toBe(true);

      await port.news(says('ported', 'active'));
      await expect.poll(() => assessed.filter((each) => each.moved).length).toBeGreaterThan(1);
      port.findings = { databaseNamesGaining: true, outboundProven: true, inboundProven: false };
      await engine.env.sleep(hour);
      expect((await port.state()).order.status, 'a text out is not enough').toBe('activating');
      port.findings = { databaseNamesGaining: false, outboundProven: true, inboundProven: true };
      await handle.result();

      expect(port.projections.at(-1)?.order).toMatchObject({ status: 'completed', ported: true });
      for (const numberKey of port.input.numberKeys) {
        expect(port.cutovers.get(numberKey)).toMatchObject({ outcome: 'ported', messaging: 'gaining' });
      }
      expect(port.calls.at(-1)?.name).toBe('releaseNumbers');
      expect(port.stepsOf('port.losing-account'), 'calls stay with that account').toEqual([]);
    });
  });

  it('lets the texts of a number that the carrier has given up go on where they were', async () => {
    const { port, says, activities } = newTextOrder();
    await engine.withActivities(activities, async () => {
      const handle = await port.start();
      await port.reaches('submitted');
      await port.news(says('provisioning', 'activating'));
      await expect.poll(() => port.count('beginUncertainty')).toBe(2);
      port.findings = { databaseNamesGaining: false, outboundProven: true, inboundProven: true };
      const [first = '', second = ''] = port.input.numberKeys;
      port.findingsOf.set(second, { databaseNamesGaining: false, outboundProven: false, inboundProven: false });
      await port.news(says('ported', 'active', 'exception'));
      await handle.result();
      expect(port.cutovers.get(first)).toMatchObject({ outcome: 'ported' });
      expect(port.cutovers.get(second)).toMatchObject({ outcome: 'returned', messaging: 'losing' });
      expect(port.projections.at(-1)?.order).toMatchObject({
        status: 'failed',
        problems: [{ code: 'numbers-failed' }],
      });
    });
  });

  it('begins again when the carrier stops and goes on: texts go on by the losing carrier meanwhile', async () => {
    const { port, says, activities } = newTextOrder();
    await engine.withActivities(activities, async () => {
      const handle = await port.start();
      await port.reaches('submitted');
      await port.news(says('provisioning', 'activating'));
      await expect.poll(() => port.count('beginUncertainty')).toBe(2);
      await port.news(port.says('exception', { rejections: [missing] }));
      await port.reaches('exception');
      await expect.poll(() => port.count('settleNumber')).toBe(2);
      port.findings = { databaseNamesGaining: false, outboundProven: true, inboundProven: true };
      await port.news(says('ported', 'active'));
      await handle.result();
      expect(port.count('beginUncertainty')).toBe(4);
      expect(port.projections.at(-1)?.order.status).toBe('completed');
    });
  });

  it('waits for a missing paper at the carrier, and hands it in when it is there', async () => {
    const { port, activities } = newTextOrder();
    port.answers.submitOrder = () => port.says('draft', { rejections: [missing] });
    await engine.withActivities(activities, async () => {
      await port.start();
      await port.reaches('action-required');
      await expect.poll(() => port.projections.at(-1)?.order.problems).toEqual([missing]);
      port.answers = {};
      await port.supplement();
      await port.reaches('submitted');
      expect(port.count('submitOrder')).toBe(2);
    });
  });

  it('goes on when the carrier does, because the paper was handed over by itself', async () => {
    const { port, activities } = newTextOrder();
    port.answers.submitOrder = () => port.says('draft', { rejections: [missing] });
    await engine.withActivities(activities, async () => {
      await port.start();
      await port.reaches('action-required');
      await expect.poll(() => port.projections.at(-1)?.order.problems).toEqual([missing]);
      // As the carrier itself says it: it does not know that it waits for a paper.
      await port.news(port.says('submitted', { carrierState: 'raw-draft' }));
      await expect.poll(() => port.count('readOrder')).toBe(1);
      expect((await port.state()).order.status).toBe('action-required');
      await port.news(port.says('submitted'));
      await port.reaches('submitted');
      expect(port.count('submitOrder')).toBe(1);
      await port.abandon();
    });
  });

  it('takes the order back at the carrier when it is cancelled while a paper is missing', async () => {
    const { port, activities } = newTextOrder();
    port.answers.submitOrder = () => port.says('draft', { rejections: [missing] });
    port.answers.cancelOrder = () => port.says('cancelled');
    await engine.withActivities(activities, async () => {
      const handle = await port.start();
      await port.reaches('action-required');
      await port.cancel();
      await handle.result();
      expect(port.count('cancelOrder')).toBe(1);
      expect(port.projections.at(-1)?.order.status).toBe('cancelled');
    });
  });
});
