import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PortInput } from '../../workflows/contract.ts';
import { day, hour, minute, PortAtCarrier, refusal } from './port-at-carrier.ts';
import { startTimeSkipping, type TimeSkipping } from './time-skipping.ts';

let engine: TimeSkipping;
beforeEach(async () => {
  engine = await startTimeSkipping();
});
afterEach(() => engine.close());

const newPort = (input?: Partial<PortInput>) => new PortAtCarrier(engine, input);

describe('a port that is cancelled', () => {
  it('before its submission ends at once, and nothing was asked of the carrier', async () => {
    const port = newPort();
    port.problems = [{ code: 'field-missing', message: 'The PIN is missing.' }];
    await engine.withActivities(port.activities(), async () => {
      const handle = await port.start();
      await port.reaches('action-required');
      expect((await port.cancel()).status).toBe('cancelled');
      await handle.result();
      expect(port.calls.map(({ name }) => name)).toEqual(['checkPort', 'releaseNumbers']);
      expect(port.projections.at(-1)?.order.status).toBe('cancelled');
    });
  });

  it('while it is being checked is not submitted', async () => {
    const port = newPort();
    const checks = port.hold('checkPort');
    await engine.withActivities(port.activities(), async () => {
      const handle = await port.start();
      await checks.begun;
      await port.cancel();
      checks.release();
      await handle.result();
      expect(port.calls.map(({ name }) => name)).toEqual(['checkPort', 'releaseNumbers']);
    });
  });

  it('while it is being submitted is cancelled at the carrier as well', async () => {
    const port = newPort();
    const submission = port.hold('submitOrder');
    port.answers.cancelOrder = () => port.says('cancelled');
    await engine.withActivities(port.activities(), async () => {
      const handle = await port.start();
      await submission.begun;
      // The carrier may have it already: only its word ends the order.
      expect((await port.cancel()).status).toBe('cancel-pending');
      submission.release();
      await handle.result();
      expect(port.calls.map(({ name }) => name)).toEqual(['checkPort', 'submitOrder', 'cancelOrder', 'releaseNumbers']);
    });
  });

  it('while a submission is under way that the carrier then refuses, has nothing to cancel there', async () => {
    const port = newPort();
    const submission = port.hold('submitOrder');
    port.answers.submitOrder = () => refusal('PORT_TYPE_INCORRECT');
    await engine.withActivities(port.activities(), async () => {
      const handle = await port.start();
      await submission.begun;
      await port.cancel();
      submission.release();
      await handle.result();
      expect(port.count('cancelOrder')).toBe(0);
      expect(port.projections.at(-1)?.order.status).toBe('cancelled');
    });
  });

  it('before the agreed date leaves the texts where they are', async () => {
    const port = newPort();
    port.answers.cancelOrder = () => port.says('cancel-pending');
    await engine.withActivities(port.activities(), async () => {
      const handle = await port.start();
      await port.reaches('submitted');
      await port.agrees(10 * day);
      await engine.env.sleep(2 * day);
      expect((await port.cancel()).status).toBe('cancel-pending');
      await expect.poll(() => port.count('cancelOrder')).toBe(1);
      await engine.env.sleep(day);
      await port.news(port.says('cancelled'));
      await handle.result();
      for (const numberKey of port.input.numberKeys) {
        expect(port.cutovers.get(numberKey)).toMatchObject({ outcome: 'returned', uncertainMs: 0 });
        expect(port.count('beginUncertainty', numberKey)).toBe(0);
      }
      // The numbers are free once their texts are certain again (invariant 7).
      expect(port.calls.map(({ name }) => name).slice(-3)).toEqual(['settleNumber', 'settleNumber', 'releaseNumbers']);
    });
  });

  it('in the margin before the date gives the texts back to the losing carrier', async () => {
    const port = newPort();
    port.answers.cancelOrder = () => port.says('cancelled');
    await engine.withActivities(port.activities(), async () => {
      const handle = await port.start();
      await port.reaches('submitted');
      await port.agrees(day);
      await engine.env.sleep(day - 10 * minute);
      expect(port.count('beginUncertainty')).toBe(2);
      await port.cancel();
      await handle.result();
      for (const numberKey of port.input.numberKeys) {
        const cutover = port.cutovers.get(numberKey);
        expect(cutover).toMatchObject({ outcome: 'returned', messaging: 'losing' });
        expect(cutover?.uncertainMs).toBeGreaterThan(4 * minute);
      }
    });
  });

  it('too late is completed: the numbers have moved', async () => {
    const port = newPort();
    await engine.withActivities(port.activities(), async () => {
      const handle = await port.start();
      await port.reaches('submitted');
      const focAt = await port.agrees(hour);
      await engine.env.sleep(hour - minute);
      port.answers.cancelOrder = () => port.says('ported', { focAt });
      await port.cancel();
      await port.reaches('activating');
      await port.moves();
      await handle.result();
      expect(port.projections.at(-1)?.order.status).toBe('completed');
      expect(port.stepsOf('number.returned')).toEqual([]);
    });
  });

  it('without a date begins no cutover while the carrier thinks about it', async () => {
    const port = newPort();
    port.answers.cancelOrder = () => port.says('cancel-pending', { focAt: new Date(0).toISOString() });
    await engine.withActivities(port.activities(), async () => {
      await port.start();
      await port.reaches('submitted');
      await port.cancel();
      await expect.poll(() => port.projections.at(-1)?.order.carrierState).toBe('raw-cancel-pending');
      await engine.env.sleep(hour);
      expect(port.count('beginUncertainty')).toBe(0);
      expect((await port.state()).order.status).toBe('cancel-pending');
    });
  });
});

describe('a cancellation that the carrier refuses', () => {
  it('leaves the port with its date', async () => {
    const port = newPort();
    await engine.withActivities(port.activities(), async () => {
      const handle = await port.start();
      await port.reaches('submitted');
      const focAt = await port.agrees(10 * day);
      port.answers.cancelOrder = () => refusal('http-422');
      await port.cancel();
      await port.reaches('foc-confirmed');
      expect((await port.state()).order.focAt).toBe(focAt);
      await engine.env.sleep(10 * day + minute);
      await port.moves();
      await handle.result();
      expect(port.projections.at(-1)?.order.status).toBe('completed');
      expect(port.stepsOf('number.returned')).toEqual([]);
      expect(port.steps.find(({ type }) => type === 'order.refused')?.detail).toBe(
        'The carrier refused the cancellation (http-422): The carrier said no.',
      );
    });
  });

  it('leaves the port where the carrier has it, which is asked at once', async () => {
    const port = newPort();
    port.reading = port.says('exception');
    port.answers.cancelOrder = () => refusal('http-422');
    await engine.withActivities(port.activities(), async () => {
      await port.start();
      await port.reaches('exception');
      await port.cancel();
      await expect.poll(() => port.count('readOrder')).toBe(1);
      await port.reaches('exception');
    });
  });

  it('is not taken for refused because something else was', async () => {
    const port = newPort();
    port.reading = port.says('exception');
    port.answers.cancelOrder = () => port.says('cancel-pending');
    await engine.withActivities(port.activities(), async () => {
      const handle = await port.start();
      await port.reaches('exception');
      const reading = port.hold('readOrder');
      await port.news(port.reading);
      await reading.begun;
      // A person supplements, thinks better of it and cancels, before either has got to the carrier.
      port.answers.supplementOrder = () => refusal('order-cancelled');
      port.answers.readOrder = () => refusal('http-404');
      await port.supplement();
      await port.cancel();
      reading.release();
      await expect.poll(() => port.count('cancelOrder')).toBe(1);
      await port.news(port.says('cancel-pending'));
      await expect.poll(() => port.count('readOrder')).toBe(2);
      expect((await port.state()).order.status).toBe('cancel-pending');
      expect(port.count('supplementOrder')).toBe(0);
      port.answers = {};
      await port.news(port.says('cancelled'));
      await handle.result();
      expect(port.projections.at(-1)?.order.status).toBe('cancelled');
    });
  });
});
