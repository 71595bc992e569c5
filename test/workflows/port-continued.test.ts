import { afterEach, beforeEach, expect, it } from 'vitest';
import { day, minute, PortAtCarrier } from './port-at-carrier.ts';
import { startTimeSkipping, type TimeSkipping } from './time-skipping.ts';

let engine: TimeSkipping;
beforeEach(async () => {
  engine = await startTimeSkipping();
});
afterEach(() => engine.close());

it('a port that hears much continues as new, and loses nothing by it', async () => {
  const port = new PortAtCarrier(engine);
  await engine.withActivities(port.activities(), async () => {
    const handle = await port.start();
    await port.reaches('submitted');
    const asked = new Date((await engine.env.currentTimeMs()) + 30 * day).toISOString();
    await port.reschedule(asked, 'asked once');
    await expect.poll(() => port.count('rescheduleOrder')).toBe(1);
    const focAt = await port.agrees(30 * day);
    const firstRun = (await port.handle.describe()).runId;
    const run = async () => (await port.handle.describe()).runId;
    for (let news = 0; news < 400 && (await run()) === firstRun; news += 1) {
      const reads = port.count('readOrder');
      await port.news(port.reading);
      await expect.poll(() => port.count('readOrder'), { interval: 5, timeout: 15_000 }).toBeGreaterThan(reads);
    }
    expect(await run()).not.toBe(firstRun);
    expect((await port.state()).order).toMatchObject({ status: 'foc-confirmed', focAt });
    const counters = port.projections.map(({ counter }) => counter);
    expect(counters).toEqual(counters.map((_, index) => index + 1));
    // An update of the first run is known to the next one (invariant 4).
    const steps = port.stepsOf('order.reschedule-requested').length;
    await port.reschedule(asked, 'asked once');
    await engine.env.sleep(30 * day + minute);
    expect(port.stepsOf('order.reschedule-requested')).toHaveLength(steps);
    // The cutovers that the first run has begun report to this one.
    await port.moves();
    await handle.result();
    expect(port.projections.at(-1)?.order.status).toBe('completed');
    expect(port.count('beginUncertainty')).toBe(2);
  });
});
