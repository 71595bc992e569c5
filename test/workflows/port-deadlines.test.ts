import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PortInput } from '../../workflows/contract.ts';
import { day, hour, minute, PortAtCarrier, turnedDown } from './port-at-carrier.ts';
import { startTimeSkipping, type TimeSkipping } from './time-skipping.ts';

let engine: TimeSkipping;
beforeEach(async () => {
  engine = await startTimeSkipping();
});
afterEach(() => engine.close());

const newPort = (input?: Partial<PortInput>) => new PortAtCarrier(engine, input);
const plus = (at: string | undefined, ms: number) => at && new Date(Date.parse(at) + ms).toISOString();

describe('a deadline that passes', () => {
  it('is told to the carrier and shown as a problem, until what was late has come', async () => {
    const port = newPort();
    port.clocks = ({ submittedAt }) => ({ answerDueAt: plus(submittedAt, day) });
    await engine.withActivities(port.activities(), async () => {
      await port.start();
      await port.reaches('submitted');
      await engine.env.sleep(day + minute);
      expect(port.escalations).toMatchObject([{ reason: 'answer-overdue', level: 0 }]);
      expect(port.stepsOf('order.escalated')).toHaveLength(1);
      expect(port.projections.at(-1)).toMatchObject({
        order: { status: 'submitted', escalation: { code: 'answer-overdue' } },
        waiting: { next: 'it is raised again' },
      });
      // It was read by then, too: an answer whose webhook was lost is found.
      expect(port.count('readOrder')).toBe(1);
      await port.agrees(5 * day);
      await expect.poll(() => port.projections.at(-1)?.order.escalation).toBeUndefined();
    });
  });

  it('while the carrier is away comes all the same; who cancels then is not kept waiting', async () => {
    const port = newPort();
    let attempts = 0;
    const activities = {
      ...port.activities(),
      checkPort: async () => {
        attempts += 1;
        throw new Error('The carrier is away.');
      },
    };
    await engine.withActivities(activities, async () => {
      const handle = await port.start();
      await engine.env.sleep(2 * hour);
      expect(port.projections.at(-1)?.order).toMatchObject({
        status: 'checking',
        escalation: { code: 'checks-overdue' },
      });
      // Nobody at the carrier can be asked about an order that it hasn't got.
      expect(port.escalations).toEqual([]);
      const before = attempts;
      expect((await port.cancel()).status).toBe('cancelled');
      await handle.result();
      expect(attempts - before).toBeLessThanOrEqual(1);
      expect(port.calls.map(({ name }) => name)).toEqual(['releaseNumbers']);
    });
  });

  it('puts a state that no table has before a person at once, until a known one comes', async () => {
    const port = newPort();
    await engine.withActivities(port.activities(), async () => {
      await port.start();
      await port.reaches('submitted');
      await port.news({ ...port.says('unknown'), carrierState: 'limbo' });
      await expect
        .poll(() => port.escalations, { timeout: 10_000 })
        .toMatchObject([{ reason: 'unknown-carrier-state' }]);
      await expect
        .poll(() => port.projections.at(-1)?.order)
        .toMatchObject({ carrierState: 'limbo', status: 'submitted' });
      await port.news(port.says('submitted'));
      await expect.poll(() => port.projections.at(-1)?.order.escalation).toBeUndefined();
      expect(port.stepsOf('order.unknown')).toHaveLength(1);
    });
  });

  it('of a cancellation that nobody confirms asks for it again', async () => {
    const port = newPort();
    await engine.withActivities(port.activities(), async () => {
      await port.start();
      await port.reaches('submitted');
      port.reading = port.says('cancel-pending');
      await port.cancel();
      await engine.env.sleep(4 * day);
      expect(port.escalations.map(({ reason }) => reason)).toEqual([
        'cancellation-unanswered',
        'cancellation-unanswered',
      ]);
      expect((await port.state()).order.status).toBe('cancel-pending');
    });
  });

  it('of a cutover that somebody has terminated reaches a person', async () => {
    const port = newPort();
    const [first = ''] = port.input.numberKeys;
    await engine.withActivities(port.activities(), async () => {
      await port.start();
      await port.reaches('submitted');
      await port.agrees(hour);
      await engine.env.sleep(hour + minute);
      await port.cutover(first).terminate('by hand');
      await port.moves();
      await engine.env.sleep(port.input.proofDeadlineMs + hour);
      expect(port.projections.at(-1)?.order).toMatchObject({
        status: 'activating',
        escalation: { code: 'proof-overdue' },
      });
    });
  });
});

it('a port that is cancelled ends, and frees its numbers, though a cutover of it was terminated', async () => {
  const port = newPort();
  await engine.withActivities(port.activities(), async () => {
    const handle = await port.start();
    await port.reaches('submitted');
    await port.agrees(hour);
    await engine.env.sleep(minute);
    await port.cutover().terminate('by hand');
    await port.news(port.says('cancelled'));
    await handle.result();
    expect(port.stepsOf('order.cutover-lost')).toHaveLength(1);
    expect(port.calls.at(-1)?.name).toBe('releaseNumbers');
  });
});

describe('the hours and cut-offs of a carrier', () => {
  it('stop what comes too late, and change nothing', async () => {
    const port = newPort();
    port.clocks = ({ focAt }) => ({ cancelUntil: plus(focAt, -2 * day), supplementUntil: plus(focAt, -day) });
    await engine.withActivities(port.activities(), async () => {
      await port.start();
      await port.reaches('submitted');
      const focAt = await port.agrees(10 * day);
      await expect.poll(async () => (await port.state()).order.clocks?.cancelUntil).toBe(plus(focAt, -2 * day));
      await engine.env.sleep(7 * day);
      expect((await port.supplement(2)).status).toBe('foc-confirmed');
      await expect.poll(() => port.count('supplementOrder')).toBe(1);
      await engine.env.sleep(day + minute);
      expect(await turnedDown(port.cancel())).toBe('cancel-too-late');
      expect(await turnedDown(port.reschedule(plus(focAt, -minute) ?? ''))).toBeUndefined();
      await engine.env.sleep(day);
      expect(await turnedDown(port.supplement(3))).toBe('supplement-too-late');
      expect(await turnedDown(port.reschedule(plus(focAt, day) ?? ''))).toBe('reschedule-too-late');
      expect((await port.state()).order).toMatchObject({ status: 'foc-confirmed', focAt });
      expect(port.count('cancelOrder')).toBe(0);
    });
  });

  it('say when an order can be activated: a window that was missed is followed by the next', async () => {
    const port = newPort({ activation: 'on-demand' });
    let opens = '';
    port.clocks = ({ focAt }) => {
      opens = opens ? (plus(opens, day) ?? '') : (focAt ?? '');
      return focAt ? { activationOpensAt: opens, activationClosesAt: plus(opens, 8 * hour) } : {};
    };
    await engine.withActivities(port.activities(), async () => {
      await port.start();
      await port.reaches('submitted');
      await port.agrees(day);
      await expect.poll(async () => (await port.state()).order.clocks?.activationOpensAt).toBeDefined();
      expect(await turnedDown(port.activate())).toBe('outside-activation-hours');
      await engine.env.sleep(day + 9 * hour);
      expect(port.stepsOf('order.escalated')).toHaveLength(1);
      // The owner is late, not the carrier.
      expect(port.escalations).toEqual([]);
      expect(await turnedDown(port.activate())).toBe('outside-activation-hours');
      await engine.env.sleep(16 * hour);
      expect(await turnedDown(port.activate())).toBeUndefined();
      await port.reaches('activating');
      expect(port.count('activateOrder')).toBe(1);
    });
  });
});
