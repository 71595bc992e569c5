import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PortInput } from '../../workflows/contract.ts';
import { day, PortAtCarrier, turnedDown } from './port-at-carrier.ts';
import { startTimeSkipping, type TimeSkipping } from './time-skipping.ts';

let engine: TimeSkipping;
beforeEach(async () => {
  engine = await startTimeSkipping();
});
afterEach(() => engine.close());

const newPort = (input?: Partial<PortInput>) => new PortAtCarrier(engine, input);

describe('a draft', () => {
  it('orders nothing until it is submitted; then it is a port like any other', async () => {
    const port = newPort({ draft: true });
    await engine.withActivities(port.activities(), async () => {
      await port.start();
      await port.reaches('draft');
      expect(await turnedDown(port.reschedule('2099-01-01T00:00:00.000Z'))).toBe('order-not-reschedulable');
      await engine.env.sleep(13 * day);
      await port.supplement(2);
      // Kept from its last change on.
      await engine.env.sleep(13 * day);
      expect(port.calls).toEqual([]);
      expect((await port.submit()).status).toBe('checking');
      await port.reaches('submitted');
      expect(await turnedDown(port.submit())).toBe('order-not-a-draft');
      expect(port.calls.map(({ name }) => name)).toEqual(['checkPort', 'submitOrder']);
    });
  });

  it('that nobody comes back to expires', async () => {
    const port = newPort({ draft: true });
    await engine.withActivities(port.activities(), async () => {
      const handle = await port.start();
      await handle.result();
      expect(port.projections.at(-1)?.order).toMatchObject({
        status: 'cancelled',
        problems: [{ code: 'draft-expired' }],
      });
      expect(port.steps.at(-1)?.type).toBe('order.cancelled');
      expect(port.calls.map(({ name }) => name)).toEqual(['releaseNumbers']);
    });
  });
});
