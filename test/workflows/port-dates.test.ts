import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newCutover, nextCutover } from '../../domain/lifecycle/cutover.ts';
import { cutoverEndedSignal, cutoverReturnedSignal, type PortInput } from '../../workflows/contract.ts';
import { day, hour, minute, PortAtCarrier, refusal, turnedDown } from './port-at-carrier.ts';
import { startTimeSkipping, type TimeSkipping } from './time-skipping.ts';

let engine: TimeSkipping;
beforeEach(async () => {
  engine = await startTimeSkipping();
});
afterEach(() => engine.close());

const newPort = (input?: Partial<PortInput>) => new PortAtCarrier(engine, input);

describe('a date that moves', () => {
  it('later, before its margin: texts go on as before until the new one', async () => {
    const port = newPort();
    await engine.withActivities(port.activities(), async () => {
      const handle = await port.start();
      await port.reaches('submitted');
      await port.agrees(5 * day);
      await engine.env.sleep(4 * day);
      await port.agrees(10 * day);
      await engine.env.sleep(9 * day);
      expect(port.count('beginUncertainty')).toBe(0);
      await engine.env.sleep(day + minute);
      expect(port.count('beginUncertainty')).toBe(2);
      await port.moves();
      await handle.result();
      expect(port.stepsOf('number.returned')).toEqual([]);
    });
  });

  it('earlier: texts wait from the new margin on', async () => {
    const port = newPort();
    await engine.withActivities(port.activities(), async () => {
      const handle = await port.start();
      await port.reaches('submitted');
      await port.agrees(20 * day);
      await engine.env.sleep(day);
      await port.agrees(2 * day);
      await engine.env.sleep(2 * day - 10 * minute);
      expect(port.count('beginUncertainty')).toBe(2);
      await engine.env.sleep(10 * minute);
      await port.moves();
      await handle.result();
    });
  });

  it('later, when texts wait already: they go on by the losing carrier until the margin of the new one', async () => {
    const port = newPort();
    await engine.withActivities(port.activities(), async () => {
      const handle = await port.start();
      await port.reaches('submitted');
      await port.agrees(day);
      await engine.env.sleep(day - 10 * minute);
      expect(port.count('beginUncertainty')).toBe(2);
      await port.agrees(10 * day);
      await expect.poll(() => port.count('settleNumber')).toBe(2);
      expect(port.stepsOf('number.returned')).toHaveLength(2);
      await engine.env.sleep(9 * day);
      expect(port.count('beginUncertainty')).toBe(2);
      await engine.env.sleep(day + minute);
      expect(port.count('beginUncertainty')).toBe(4);
      await port.moves();
      await handle.result();
      expect(port.projections.at(-1)?.order.status).toBe('completed');
    });
  });
});

describe('a date that is withdrawn', () => {
  it('undoes the cutovers; a new one begins them again', async () => {
    const port = newPort();
    await engine.withActivities(port.activities(), async () => {
      const handle = await port.start();
      await port.reaches('submitted');
      await port.agrees(day);
      await engine.env.sleep(day - 5 * minute);
      await port.news(port.says('submitted'));
      await port.reaches('submitted');
      await expect.poll(() => port.count('settleNumber')).toBe(2);
      expect((await port.state()).order.focAt).toBeUndefined();
      await engine.env.sleep(3 * day);
      await port.agrees(2 * day);
      await engine.env.sleep(2 * day + minute);
      expect(port.count('beginUncertainty')).toBe(4);
      await port.moves();
      await handle.result();
      expect(port.projections.at(-1)?.order.status).toBe('completed');
      for (const numberKey of port.input.numberKeys) {
        expect(port.cutovers.get(numberKey)?.outcome).toBe('ported');
      }
    });
  });

  it('by an exception: the same, and the port waits for a supplement', async () => {
    const port = newPort();
    await engine.withActivities(port.activities(), async () => {
      await port.start();
      await port.reaches('submitted');
      await port.agrees(day);
      await port.news(port.says('exception'));
      await port.reaches('exception');
      await expect.poll(() => port.stepsOf('number.returned')).toHaveLength(2);
      await engine.env.sleep(2 * day);
      expect(port.count('beginUncertainty')).toBe(0);
    });
  });

  it('does not undo a number that has moved and is proven', async () => {
    const port = newPort();
    const [first = '', second = ''] = port.input.numberKeys;
    await engine.withActivities(port.activities(), async () => {
      const handle = await port.start();
      await port.reaches('submitted');
      await port.agrees(hour);
      port.findingsOf.set(first, { databaseNamesGaining: true, outboundProven: true, inboundProven: false });
      await engine.env.sleep(hour + minute);
      await expect.poll(() => port.cutovers.get(first)?.outcome).toBe('ported');
      await port.news(port.says('submitted'));
      await expect.poll(() => port.cutovers.get(second)?.outcome).toBe('returned');
      await port.agrees(hour);
      await engine.env.sleep(hour + minute);
      await port.moves();
      await handle.result();
      expect(port.count('beginUncertainty', first)).toBe(1);
      expect(port.count('beginUncertainty', second)).toBe(2);
      expect(port.projections.at(-1)?.order.status).toBe('completed');
    });
  });

  it('waits for an undone cutover to close before it begins another of the same number', async () => {
    const port = newPort();
    const [numberKey = ''] = port.input.numberKeys;
    await engine.withActivities(port.activities(), async () => {
      const handle = await port.start();
      await port.reaches('submitted');
      await port.agrees(day);
      await expect
        .poll(() =>
          port
            .cutover()
            .describe()
            .catch(() => undefined),
        )
        .toBeDefined();
      const settling = port.hold('settleNumber');
      await port.news(port.says('submitted'));
      await settling.begun;
      // The report arrives while the workflow that sent it is still open.
      const state = nextCutover(newCutover('move'), { type: 'returned' }, new Date().toISOString());
      for (const key of port.input.numberKeys) await handle.signal(cutoverEndedSignal, { numberKey: key, state });
      const focAt = new Date((await engine.env.currentTimeMs()) + hour).toISOString();
      await port.news(port.says('foc-confirmed', { focAt }));
      await port.reaches('foc-confirmed');
      settling.release();
      await engine.env.sleep(hour + minute);
      await port.moves();
      await handle.result();
      expect(port.cutovers.get(numberKey)?.outcome).toBe('ported');
    });
  });
});

describe('a number that snaps back after the order was ported', () => {
  it('ends the port as failed, and is not cut over again', async () => {
    const port = newPort();
    const [first = '', second = ''] = port.input.numberKeys;
    await engine.withActivities(port.activities(), async () => {
      const handle = await port.start();
      await port.reaches('submitted');
      await port.agrees(hour);
      await engine.env.sleep(hour + minute);
      port.findingsOf.set(first, { databaseNamesGaining: true, outboundProven: true, inboundProven: false });
      await port.news(port.says('ported'));
      await expect.poll(() => port.cutovers.get(first)?.outcome).toBe('ported');
      await port.cutover(second).signal(cutoverReturnedSignal, { reason: 'snap-back' });
      await handle.result();
      expect(port.projections.at(-1)?.order).toMatchObject({
        status: 'failed',
        problems: [{ code: 'numbers-failed' }],
      });
      expect(port.count('beginUncertainty', second)).toBe(1);
    });
  });
});

it('a cutover that somebody has terminated does not break the port, nor the other cutovers', async () => {
  const port = newPort();
  const [first = '', second = ''] = port.input.numberKeys;
  await engine.withActivities(port.activities(), async () => {
    await port.start();
    await port.reaches('submitted');
    await port.agrees(hour);
    await engine.env.sleep(hour + minute);
    await port.cutover(first).terminate('by hand');
    await port.moves();
    await expect.poll(() => port.cutovers.get(second)?.outcome).toBe('ported');
    expect((await port.state()).order.status).toBe('activating');
  });
});

describe('numbers that move without a date that we knew', () => {
  it('earlier than agreed: their texts wait as soon as the carrier says that voice moves', async () => {
    const port = newPort();
    await engine.withActivities(port.activities(), async () => {
      const handle = await port.start();
      await port.reaches('submitted');
      const focAt = await port.agrees(10 * day);
      await port.news(port.says('foc-confirmed', { focAt }, 'activating'));
      await expect.poll(() => port.count('beginUncertainty')).toBe(2);
      // And they are looked at without waiting for the date.
      await engine.env.sleep(hour);
      expect(port.count('assess')).toBeGreaterThan(10);
      port.findings = { databaseNamesGaining: true, outboundProven: true, inboundProven: false };
      port.reading = port.says('ported', { focAt });
      const before = await engine.env.currentTimeMs();
      await handle.result();
      expect(port.projections.at(-1)?.order.status).toBe('completed');
      // The order is read every hour, and the date is more than a week away.
      expect(Date.parse(port.steps.at(-1)?.at ?? '') - before).toBeLessThan(2 * hour);
    });
  });

  it('straight from «submitted», all webhooks lost: the cutovers begin then, and hear that voice is active', async () => {
    const port = newPort();
    await engine.withActivities(port.activities(), async () => {
      const handle = await port.start();
      await port.reaches('submitted');
      await port.news(port.says('ported'));
      await expect.poll(() => port.count('beginUncertainty')).toBe(2);
      await expect.poll(() => port.stepsOf('number.voice-active')).toHaveLength(2);
      await port.moves();
      await handle.result();
    });
  });
});

describe('a date that a person asks for', () => {
  it('sooner than such ports usually take is for the carriers to decide, and the timeline says that it is soon', async () => {
    const port = newPort();
    const now = await engine.env.currentTimeMs();
    const at = (ms: number) => new Date(now + ms).toISOString();
    port.clocks = () => ({ earliestFocAt: at(3 * day), latestFocAt: at(30 * day) });
    port.answers.rescheduleOrder = () => port.says('foc-confirmed', { focAt: at(hour) });
    await engine.withActivities(port.activities(), async () => {
      await port.start();
      await port.reaches('submitted');
      expect(await turnedDown(port.reschedule(at(-hour)))).toBe('requested-date-past');
      expect(await turnedDown(port.reschedule(at(31 * day)))).toBe('requested-date-too-far');
      await port.reschedule(at(hour));
      await port.reaches('foc-confirmed');
      expect((await port.state()).order.focAt).toBe(at(hour));
      await expect
        .poll(() => port.steps.find(({ type }) => type === 'order.reschedule-requested')?.detail)
        .toContain(at(3 * day));
      await port.abandon();
    });
  });

  it('while another one is on its way is asked for after it', async () => {
    const port = newPort();
    port.problems = [{ code: 'field-missing', message: 'The PIN is missing.' }];
    await engine.withActivities(port.activities(), async () => {
      await port.start();
      await port.reaches('action-required');
      const now = await engine.env.currentTimeMs();
      const first = port.hold('rescheduleOrder');
      await port.reschedule(new Date(now + day).toISOString());
      await first.begun;
      await port.reschedule(new Date(now + 2 * day).toISOString());
      first.release();
      await expect.poll(() => port.count('rescheduleOrder')).toBe(2);
      await port.abandon();
    });
  });
});

describe('on-demand activation', () => {
  it('by a person moves the numbers at once, whatever the date', async () => {
    const port = newPort({ activation: 'on-demand' });
    await engine.withActivities(port.activities(), async () => {
      const handle = await port.start();
      await port.reaches('submitted');
      const focAt = await port.agrees(2 * day);
      await engine.env.sleep(day);
      expect(port.count('beginUncertainty')).toBe(0);
      await port.activate();
      await port.reaches('activating');
      expect(port.count('activateOrder')).toBe(1);
      await expect.poll(() => port.count('beginUncertainty')).toBe(2);
      // The date is a day away, and the database is asked now.
      await engine.env.sleep(hour);
      expect(port.count('assess')).toBeGreaterThan(10);
      port.reading = port.says('ported', { focAt });
      port.findings = { databaseNamesGaining: true, outboundProven: true, inboundProven: false };
      await handle.result();
      expect(port.projections.at(-1)?.order.status).toBe('completed');
    });
  });

  it('that nobody asks for: texts go on as before until the carrier has moved the numbers by itself', async () => {
    const port = newPort({ activation: 'on-demand' });
    await engine.withActivities(port.activities(), async () => {
      const handle = await port.start();
      await port.reaches('submitted');
      await port.agrees(day);
      await engine.env.sleep(day - minute);
      expect(port.count('beginUncertainty')).toBe(0);
      port.reading = port.says('ported');
      port.findings = { databaseNamesGaining: true, outboundProven: true, inboundProven: false };
      await handle.result();
      expect(port.projections.at(-1)?.order.status).toBe('completed');
    });
  });

  it('that the carrier does not do for these numbers: they move at the date, and their texts wait from its margin on', async () => {
    const port = newPort({ activation: 'on-demand' });
    await engine.withActivities(port.activities(), async () => {
      const handle = await port.start();
      await port.reaches('submitted');
      const focAt = new Date((await engine.env.currentTimeMs()) + day).toISOString();
      await port.news(port.says('foc-confirmed', { focAt, onDemand: false }));
      await port.reaches('foc-confirmed');
      expect(port.projections.at(-1)?.waiting).toMatchObject({ what: 'the agreed date', until: focAt });
      expect(port.stepsOf('order.not-on-demand')).toHaveLength(1);
      expect(await turnedDown(port.activate())).toBe('order-not-activatable');
      await engine.env.sleep(day - 20 * minute);
      expect(port.count('beginUncertainty')).toBe(0);
      await engine.env.sleep(10 * minute);
      expect(port.count('beginUncertainty')).toBe(2);
      await port.moves();
      await handle.result();
      expect(port.projections.at(-1)?.order.status).toBe('completed');
      expect(port.count('activateOrder')).toBe(0);
    });
  });

  it('that the carrier refuses gives the texts back, and can be asked for again', async () => {
    const port = newPort({ activation: 'on-demand' });
    port.answers.activateOrder = () => refusal('http-422');
    await engine.withActivities(port.activities(), async () => {
      const handle = await port.start();
      await port.reaches('submitted');
      await port.agrees(day);
      await port.activate();
      await expect.poll(() => port.stepsOf('number.returned'), { timeout: 10_000 }).toHaveLength(2);
      expect((await port.state()).order.status).toBe('foc-confirmed');
      port.answers = {};
      await port.activate();
      await port.reaches('activating');
      await port.moves();
      await handle.result();
      expect(port.projections.at(-1)?.order.status).toBe('completed');
    });
  });
});
