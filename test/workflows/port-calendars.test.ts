import { afterEach, beforeEach, expect, it } from 'vitest';
import { createClockReader } from '../../activities/order-clocks.ts';
import { minute, PortAtCarrier } from './port-at-carrier.ts';
import { startTimeSkipping, type TimeSkipping } from './time-skipping.ts';

let engine: TimeSkipping;
beforeEach(async () => {
  engine = await startTimeSkipping();
});
afterEach(() => engine.close());

/** The clocks as the product reads them, of a port of one number. */
function readerOf(phoneNumber: string, region: string | undefined) {
  const port = {
    messagingPlan: 'move',
    portType: 'partial',
    activation: 'automatic',
    gainingCarrier: 'beta',
    numbers: [{ number: phoneNumber, numberKey: 'num_0123456789abcdef' }],
    request: JSON.stringify({ subscriber: { serviceAddress: { ...(region && { region }) } } }),
  };
  const store = {
    ports: { findOrder: async () => port },
    numbers: { findMany: async () => new Map() },
    vault: { open: (sealed: unknown) => sealed },
  };
  return createClockReader({ store: store as never, carriers: new Map() }).readClocks;
}

const [chicago, toronto, montreal, london, paris, mumbai] = [
  ['+13125550143', 'IL'],
  ['+14165550143', 'ON'],
  ['+15145550143', 'QC'],
  ['+447400123456', 'ENG'],
  ['+33612345678', undefined],
  ['+918123456789', 'MH'],
] as const;

it.each([
  ['US over Thanksgiving', chicago, '2030-11-27T20:00:00Z', '2030-11-29T20:00:00Z'],
  ['US when clocks are set forward', chicago, '2031-03-07T20:00:00Z', '2031-03-10T19:00:00Z'],
  ['CA over Canada Day', toronto, '2031-06-30T18:00:00Z', '2031-07-02T18:00:00Z'],
  ['CA over a holiday of Quebec alone', montreal, '2031-06-23T15:00:00Z', '2031-06-25T15:00:00Z'],
  ['CA when clocks are set back', toronto, '2031-10-31T18:00:00Z', '2031-11-03T19:00:00Z'],
  ['GB over Christmas', london, '2030-12-24T10:00:00Z', '2030-12-27T10:00:00Z'],
  ['GB when clocks are set forward', london, '2031-03-28T10:00:00Z', '2031-03-31T09:00:00Z'],
  ['FR over its national day', paris, '2031-07-11T10:00:00Z', '2031-07-15T10:00:00Z'],
  ['FR when clocks are set back', paris, '2031-10-24T10:00:00Z', '2031-10-27T11:00:00Z'],
  // Saturdays work, clocks stay.
  ['IN over Republic Day', mumbai, '2031-01-24T06:00:00Z', '2031-01-28T06:00:00Z'],
])('a losing carrier is late when its country says so: %s', async (_what, [phoneNumber, region], submitted, late) => {
  const port = new PortAtCarrier(engine, { numberKeys: ['num_0123456789abcdef'] });
  const activities = { ...port.activities(), readClocks: readerOf(phoneNumber, region) };
  await engine.withActivities(activities, async () => {
    await engine.env.sleep(Date.parse(submitted) - (await engine.env.currentTimeMs()));
    await port.start();
    await port.reaches('submitted');
    await engine.env.sleep(Date.parse(late) - Date.parse(submitted) - minute);
    expect(port.stepsOf('order.escalated')).toEqual([]);
    await engine.env.sleep(2 * minute);
    await expect.poll(() => port.stepsOf('order.escalated')).toHaveLength(1);
    const at = port.steps.find(({ type }) => type === 'order.escalated')?.at ?? '';
    expect(Math.abs(Date.parse(at) - Date.parse(late))).toBeLessThan(minute);
    expect(port.projected()?.escalation?.code).toBe('answer-overdue');
    await port.abandon();
  });
});
