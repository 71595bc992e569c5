import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { day, hour, minute, PortAtCarrier, refusal, second } from './port-at-carrier.ts';
import { startTimeSkipping, type TimeSkipping } from './time-skipping.ts';

let engine: TimeSkipping;
beforeEach(async () => {
  engine = await startTimeSkipping();
});
afterEach(() => engine.close());

const newPort = () => new PortAtCarrier(engine);

const wrongPin = { code: 'PASSCODE_PIN_INVALID', message: 'The PIN is wrong.', field: 'subscriber.pin' };

describe('the port workflow', () => {
  it('goes from the checks to the proof of every number, over weeks', async () => {
    const port = newPort();
    await engine.withActivities(port.activities(), async () => {
      const handle = await port.start();
      await port.reaches('submitted');
      await engine.env.sleep(5 * day);
      const focAt = await port.agrees(14 * day);
      await engine.env.sleep(14 * day - 16 * minute);
      expect(port.count('beginUncertainty')).toBe(0);
      await engine.env.sleep(2 * minute);
      expect(port.count('beginUncertainty')).toBe(2);
      await engine.env.sleep(15 * minute);
      await port.moves();
      await handle.result();

      expect(port.stepsOf('order.')).toEqual([
        'order.submitted',
        'order.news',
        'order.foc-confirmed',
        'order.news',
        'order.activating',
        'order.completed',
      ]);
      expect(port.projections.at(-1)).toMatchObject({ order: { status: 'completed', ported: true, focAt } });
      for (const numberKey of port.input.numberKeys) {
        expect(port.cutovers.get(numberKey)).toMatchObject({ outcome: 'ported', messaging: 'gaining' });
        expect(port.cutovers.get(numberKey)?.uncertainMs).toBeLessThan(20 * minute);
      }
      expect(port.calls.at(-1)?.name).toBe('releaseNumbers');
    });
  });

  it('numbers its projections, so that an older one never overwrites a newer (invariant 1)', async () => {
    const port = newPort();
    await engine.withActivities(port.activities(), async () => {
      const handle = await port.start();
      await port.reaches('submitted');
      await port.moves();
      await handle.result();
      const counters = port.projections.map(({ counter }) => counter);
      expect(counters).toEqual(counters.map((_, index) => index + 1));
    });
  });

  it('waits for the problems that the checks find to be mended', async () => {
    const port = newPort();
    port.problems = [wrongPin];
    await engine.withActivities(port.activities(), async () => {
      await port.start();
      await port.reaches('action-required');
      await expect.poll(() => port.projections.at(-1)?.order.problems).toEqual([wrongPin]);
      await engine.env.sleep(hour);
      expect(port.count('submitOrder')).toBe(0);
      port.problems = [];
      await port.supplement();
      await port.reaches('submitted');
      expect(port.count('checkPort')).toBe(2);
    });
  });

  it('treats a refusal at submission like a problem that the checks have found', async () => {
    const port = newPort();
    port.answers.submitOrder = () => refusal('PORT_TYPE_INCORRECT');
    await engine.withActivities(port.activities(), async () => {
      await port.start();
      await port.reaches('action-required');
      expect((await port.state()).order.problems).toMatchObject([{ code: 'PORT_TYPE_INCORRECT' }]);
      port.answers = {};
      await port.supplement();
      await port.reaches('submitted');
      expect(port.count('submitOrder')).toBe(2);
    });
  });

  it('gives up after 30 days in which nobody mends the problems', async () => {
    const port = newPort();
    port.problems = [wrongPin];
    await engine.withActivities(port.activities(), async () => {
      const handle = await port.start();
      const begun = await engine.env.currentTimeMs();
      await handle.result();
      expect(port.projections.at(-1)?.order).toMatchObject({ status: 'failed', problems: [{ code: 'not-mended' }] });
      expect(Date.parse(port.steps.at(-1)?.at ?? '') - begun).toBeGreaterThan(30 * day - minute);
      expect(port.count('cancelOrder')).toBe(0);
      expect(port.count('releaseNumbers')).toBe(1);
    });
  });

  it('submits once what the carrier has, by whatever name it calls that', async () => {
    const port = newPort();
    port.reading = port.says('unknown');
    await engine.withActivities(port.activities(), async () => {
      await port.start();
      await port.reaches('submitted');
      expect(port.count('submitOrder')).toBe(1);
    });
  });

  it('ends when the carrier has cancelled the order by the time it is read', async () => {
    const port = newPort();
    port.reading = port.says('cancelled');
    await engine.withActivities(port.activities(), async () => {
      await (await port.start()).result();
      expect(port.projections.at(-1)?.order.status).toBe('cancelled');
      expect(port.count('submitOrder')).toBe(1);
    });
  });
});

describe('an exception of the losing carrier', () => {
  it('is answered by a supplement (SUPP), as often as it takes', async () => {
    const port = newPort();
    await engine.withActivities(port.activities(), async () => {
      await port.start();
      await port.reaches('submitted');
      for (const round of [1, 2]) {
        await port.news(port.says('exception', { rejections: [wrongPin] }));
        await port.reaches('exception');
        expect((await port.state()).order.problems).toEqual([wrongPin]);
        await engine.env.sleep(3 * day);
        port.reading = port.says('submitted');
        await port.supplement(round);
        await port.reaches('submitted');
        await expect.poll(() => port.count('supplementOrder')).toBe(round);
      }
      expect(port.stepsOf('order.supplemented')).toHaveLength(2);
    });
  });

  it('waits on when the carrier refuses the supplement', async () => {
    const port = newPort();
    port.reading = port.says('exception', { rejections: [wrongPin] });
    port.answers.supplementOrder = () => refusal('LSR_PENDING');
    await engine.withActivities(port.activities(), async () => {
      await port.start();
      await port.reaches('exception');
      await port.supplement();
      await expect.poll(() => port.stepsOf('order.refused')).toHaveLength(1);
      expect((await port.state()).order).toMatchObject({ status: 'exception', problems: [wrongPin] });
      port.answers = {};
      port.reading = port.says('submitted');
      await port.supplement();
      await port.reaches('submitted');
    });
  });

  it('that nobody answers for 30 days ends the port, and the order at the carrier', async () => {
    const port = newPort();
    port.reading = port.says('exception', { rejections: [wrongPin] });
    await engine.withActivities(port.activities(), async () => {
      const handle = await port.start();
      await port.reaches('exception');
      await engine.env.sleep(29 * day);
      expect((await port.state()).order.status).toBe('exception');
      await handle.result();
      expect(port.projections.at(-1)?.order.status).toBe('failed');
      expect(port.count('cancelOrder')).toBe(1);
      expect(port.calls.at(-1)?.name).toBe('releaseNumbers');
    });
  });
});

describe('while it waits', () => {
  it('schedules nothing but its timer: no event in a week, then the deadline, with growing pauses', async () => {
    const port = newPort();
    await engine.withActivities(port.activities(), async () => {
      await port.start();
      await port.reaches('submitted');
      const idle = await port.events();
      await engine.env.sleep(7 * day - hour);
      expect(await port.events()).toBe(idle);
      await engine.env.sleep(2 * hour);
      expect(port.count('readOrder')).toBe(1);
      expect(port.stepsOf('order.escalated')).toHaveLength(1);
      expect((await port.state()).order.escalation).toMatchObject({ code: 'answer-overdue', count: 1 });
      // After 1, 2, 4, 8, 16 and 28 days.
      await engine.env.sleep(90 * day);
      expect(port.escalations.map(({ level }) => level)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
      expect(await port.events()).toBeLessThan(idle + 8 * 25);
    });
  });

  it('schedules nothing until the margin before the agreed date', async () => {
    const port = newPort();
    await engine.withActivities(port.activities(), async () => {
      await port.start();
      await port.reaches('submitted');
      await port.agrees(30 * day);
      await expect.poll(() => port.projections.at(-1)?.waiting?.what).toBe('the agreed date');
      await expect.poll(async () => (await port.cutover().fetchHistory()).events?.length).toBe(5);
      const idle = await port.events();
      await engine.env.sleep(30 * day - 20 * minute);
      expect(await port.events()).toBe(idle);
      expect((await port.cutover().fetchHistory()).events).toHaveLength(5);
    });
  });

  it('reads the order when the agreed date passes without news: a lost webhook costs moments', async () => {
    const port = newPort();
    await engine.withActivities(port.activities(), async () => {
      const handle = await port.start();
      await port.reaches('submitted');
      const focAt = await port.agrees(10 * day);
      const reads = port.count('readOrder');
      // From now on no webhook arrives.
      port.reading = port.says('ported', { focAt });
      port.findings = { databaseNamesGaining: true, outboundProven: true, inboundProven: false };
      await handle.result();
      const first = port.calls.filter(({ name }) => name === 'readOrder')[reads]?.at ?? 0;
      expect(first - Date.parse(focAt)).toBeGreaterThanOrEqual(0);
      expect(first - Date.parse(focAt)).toBeLessThan(10 * second);
      expect(port.projections.at(-1)?.order.status).toBe('completed');
    });
  });

  it('reads the order ever more rarely while the date has passed and nothing has moved, and has the carrier asked why', async () => {
    const port = newPort();
    await engine.withActivities(port.activities(), async () => {
      await port.start();
      await port.reaches('submitted');
      await port.agrees(hour);
      const reads = port.count('readOrder');
      await engine.env.sleep(hour + 10 * hour + minute);
      const more = port.count('readOrder') - reads;
      expect(more).toBeGreaterThanOrEqual(10);
      expect(more).toBeLessThanOrEqual(20);
      expect(port.escalations).toMatchObject([{ reason: 'move-overdue' }]);
    });
  });
});
