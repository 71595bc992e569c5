import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { EngineInTest } from './engine-in-test.ts';
import { PortAtCarrier, second } from './port-at-carrier.ts';
import { startInRealTime } from './time-skipping.ts';

/** In real time: the server that skips it does not survive so many signals at once every time. */
let engine: EngineInTest;
let port: PortAtCarrier;
beforeAll(async () => {
  engine = await startInRealTime();
});
afterAll(async () => {
  await port.abandon();
  await engine.close();
});

/** Enough to tell what each number costs. */
const numberKeys = Array.from({ length: 60 }, (_, index) => `num_${String(index).padStart(16, '0')}`);

it('a port costs under nine events for each of its numbers, so 500 stay under 5,000; each cutover has under 80 of its own', async () => {
  port = new PortAtCarrier(engine, { numberKeys });
  await engine.withActivities(port.activities(), async () => {
    const handle = await port.start();
    await port.reaches('submitted');
    const focAt = await port.agrees(3 * second);
    await sleep(4 * second);
    // Carriers say it bit by bit: voice is activating, voice has moved, some texts have, all texts have.
    const says = async (voice: 'activating' | 'active', withTexts: number) => {
      const numbers = numberKeys.map((numberKey, index) => ({
        numberKey,
        voice,
        messaging: index < withTexts ? ('active' as const) : ('pending' as const),
      }));
      const reads = port.count('readOrder');
      await port.news(port.says(voice === 'active' ? 'ported' : 'foc-confirmed', { focAt, numbers }));
      await expect.poll(() => port.count('readOrder'), { timeout: 20_000 }).toBeGreaterThan(reads);
    };
    await says('activating', 0);
    await says('active', 0);
    await says('active', 30);
    port.findings = { databaseNamesGaining: true, outboundProven: true, inboundProven: true };
    await says('active', 60);
    await port.reaches('completed');
    expect(port.count('settleNumber')).toBe(numberKeys.length);
    // What it costs without any number is some 150.
    expect(((await handle.fetchHistory()).events?.length ?? 0) - 150).toBeLessThan(9 * numberKeys.length);
    expect((await port.cutover(numberKeys[7]).fetchHistory()).events?.length).toBeLessThan(80);
    // The order is read for news, not for each of the reports.
    expect(port.count('readOrder')).toBeLessThan(12);
  });
});
