import { afterEach, beforeEach, expect, it } from 'vitest';
import type { OrderReading } from '../../activities/interfaces.ts';
import { day, hour, minute, PortAtCarrier } from './port-at-carrier.ts';
import { startTimeSkipping, type TimeSkipping } from './time-skipping.ts';

let engine: TimeSkipping;
beforeEach(async () => {
  engine = await startTimeSkipping();
});
afterEach(() => engine.close());

/** How the carrier's webhooks arrive: each change of the order is told so many times, at once or a change late. */
const deliveries = {
  'in order': [1, 0],
  'not at all': [0, 0],
  'three times each': [3, 0],
  'after the next one': [0, 2],
} as const;

it.each(Object.entries(deliveries))('an order ends the same when its webhooks arrive %s', async (_how, [now, late]) => {
  const port = new PortAtCarrier(engine);
  port.clocks = ({ submittedAt }) =>
    submittedAt ? { answerDueAt: new Date(Date.parse(submittedAt) + day).toISOString() } : {};
  const tell = async (times: number) => {
    for (let time = 0; time < times; time += 1) await port.news(port.reading);
  };
  const change = async (reading: OrderReading) => {
    await tell(late);
    port.reading = reading;
    await tell(now);
  };
  await engine.withActivities(port.activities(), async () => {
    const handle = await port.start();
    await port.reaches('submitted');
    const focAt = new Date((await engine.env.currentTimeMs()) + 5 * day).toISOString();
    await engine.env.sleep(hour);
    await change(port.says('exception', { rejections: [{ code: 'LOCATION_MISMATCH', message: 'The address.' }] }));
    await engine.env.sleep(2 * day);
    await port.reaches('exception');
    await port.supplement();
    await expect.poll(() => port.count('supplementOrder')).toBe(1);
    await change(port.says('foc-confirmed', { focAt }));
    await engine.env.sleep(2 * day);
    await port.reaches('foc-confirmed');
    port.findings = { databaseNamesGaining: true, outboundProven: true, inboundProven: true };
    await engine.env.sleep(day + minute);
    await change(port.says('ported', { focAt }));
    await handle.result();
    expect(port.projections.at(-1)?.order).toMatchObject({ status: 'completed', ported: true, focAt, problems: [] });
    // Also without a word of the carrier the move is seen within minutes, and not only when it is overdue.
    expect(port.escalations.map(({ reason }) => reason)).not.toContain('move-overdue');
    expect([...port.cutovers.values()].map(({ outcome }) => outcome)).toEqual(['ported', 'ported']);
    expect(port.stepsOf('order.completed')).toHaveLength(1);
    expect(port.stepsOf('order.exception')).toHaveLength(1);
  });
});
