import { afterAll, beforeAll, expect, it } from 'vitest';
import { day, hour, minute, PortAtCarrier } from './port-at-carrier.ts';
import { startTimeSkipping, type TimeSkipping } from './time-skipping.ts';

let engine: TimeSkipping;
beforeAll(async () => {
  engine = await startTimeSkipping();
});
afterAll(() => engine.close());

const numberKeys = Array.from({ length: 500 }, (_, index) => `num_${String(index).padStart(16, '0')}`);

it('a port of 500 numbers stays under 5,000 events, and each of its cutovers under 80', {
  timeout: 180_000,
}, async () => {
  const port = new PortAtCarrier(engine, { numberKeys });
  await engine.withActivities(port.activities(), async () => {
    const handle = await port.start();
    await port.reaches('submitted');
    await port.agrees(10 * day);
    await expect.poll(async () => port.cutover(numberKeys.at(-1)).query('state'), { timeout: 60_000 }).toBeDefined();
    await engine.env.sleep(10 * day + minute);
    // Carriers say it bit by bit: voice is activating, voice has moved, some texts have, all texts have.
    const says = (voice: 'activating' | 'active', textsOf: number) =>
      port.news(
        port.says(voice === 'active' ? 'ported' : 'foc-confirmed', {
          ...(voice === 'activating' && { focAt: port.projections.at(-1)?.order.focAt }),
          numbers: numberKeys.map((numberKey, index) => ({
            numberKey,
            voice,
            messaging: index < textsOf ? 'active' : 'pending',
          })),
        }),
      );
    await says('activating', 0);
    await engine.env.sleep(minute);
    await says('active', 0);
    await engine.env.sleep(minute);
    await says('active', 250);
    await engine.env.sleep(minute);
    port.findings = { databaseNamesGaining: true, outboundProven: true, inboundProven: true };
    await says('active', 500);
    await engine.env.sleep(hour);
    await handle.result();
    expect(port.projections.at(-1)?.order.status).toBe('completed');
    expect(port.count('settleNumber')).toBe(500);
    expect((await handle.fetchHistory()).events?.length).toBeLessThan(5000);
    expect((await port.cutover(numberKeys[7]).fetchHistory()).events?.length).toBeLessThan(80);
    // Every look at the order is for news, not for each of the reports.
    expect(port.count('readOrder')).toBeLessThan(12);
  });
});
