import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cancelRemovalUpdate, removalStateQuery } from '../../workflows/contract.ts';
import { day, hour } from './port-at-carrier.ts';
import { RemovalAtCarrier } from './removal-at-carrier.ts';
import { startTimeSkipping, type TimeSkipping } from './time-skipping.ts';

let engine: TimeSkipping;
beforeEach(async () => {
  engine = await startTimeSkipping();
});
afterEach(() => engine.close());

const refused = { code: 'carrier-said-no', message: 'The carrier said no.' };

describe('a removal of texts', () => {
  it('holds the texts, asks until the carrier has let them go, then says that nobody carries them', async () => {
    const removal = new RemovalAtCarrier(engine);
    const [first = '', second = ''] = removal.input.numberKeys;
    removal.answers = [{ left: [first, second] }, { left: [second] }, { left: [] }];
    await engine.withActivities(removal.activities(), async () => {
      await (await removal.start()).result();
      expect(removal.calls).toEqual(['check', 'export', 'hold', 'remove', 'remove', 'remove', 'end', 'release']);
      expect(removal.ended).toEqual([first, second]);
      expect(removal.projections.map((each) => [each.counter, each.removal.status])).toEqual([
        [1, 'submitted'],
        [2, 'activating'],
        [3, 'completed'],
      ]);
      expect(removal.projections[0]?.waiting).toMatchObject({ what: expect.stringContaining('they wait') });
    });
  });

  it('cuts the texts over to the next carrier, proven by a text each way', async () => {
    const removal = new RemovalAtCarrier(engine, 'alpha');
    removal.cutovers.findings = { databaseNamesGaining: true, outboundProven: false, inboundProven: false };
    await engine.withActivities(removal.activities(), async () => {
      const handle = await removal.start();
      await expect.poll(() => removal.last?.status, { timeout: 15_000 }).toBe('activating');
      await engine.env.sleep(day + hour);
      expect(removal.last?.status, 'the database proves nothing').toBe('activating');
      expect(removal.cutovers.stepsOf('number.proof-overdue')).toHaveLength(2);
      removal.cutovers.findings = { databaseNamesGaining: false, outboundProven: true, inboundProven: true };
      await handle.result();
      expect(removal.calls).toEqual(['check', 'export', 'remove', 'release']);
      expect(removal.last).toMatchObject({ status: 'completed', problems: [] });
      expect(removal.cutovers.count('beginUncertainty')).toBe(2);
      for (const key of removal.input.numberKeys) {
        expect(removal.cutovers.cutovers.get(key)).toMatchObject({ outcome: 'ported', messaging: 'gaining' });
      }
    });
  });

  it('leaves with the carrier what it does not let go, and takes away what it has let go', async () => {
    for (const next of [undefined, 'alpha']) {
      const removal = new RemovalAtCarrier(engine, next);
      const [first = '', second = ''] = removal.input.numberKeys;
      removal.answers = [{ left: [second], refused }];
      removal.cutovers.findings = { databaseNamesGaining: false, outboundProven: true, inboundProven: true };
      removal.cutovers.findingsOf.set(second, {
        databaseNamesGaining: false,
        outboundProven: false,
        inboundProven: false,
      });
      await engine.withActivities(removal.activities(), async () => {
        await (await removal.start()).result();
        expect(removal.last).toMatchObject({ status: 'failed', problems: [refused, { code: 'numbers-failed' }] });
        if (!next) expect(removal.ended).toEqual([first]);
        else expect(removal.cutovers.cutovers.get(second)).toMatchObject({ outcome: 'returned' });
      });
    }
  });

  it('asks nothing of the carrier when something speaks against it', async () => {
    const removal = new RemovalAtCarrier(engine);
    removal.problems = [{ code: 'texts-not-hosted', message: 'Not hosted.' }];
    await engine.withActivities(removal.activities(), async () => {
      await (await removal.start()).result();
      expect(removal.calls).toEqual(['check', 'release']);
      expect(removal.last).toMatchObject({ status: 'failed', problems: removal.problems });
    });
  });

  it('goes on when the carrier’s opt-outs can’t be read: their verification tells', async () => {
    const removal = new RemovalAtCarrier(engine);
    removal.listIsUnreadable = true;
    await engine.withActivities(removal.activities(), async () => {
      await (await removal.start()).result();
      expect(removal.calls.filter((call) => call === 'export')).toHaveLength(8);
      expect(removal.calls.slice(-4)).toEqual(['hold', 'remove', 'end', 'release']);
      expect(removal.last?.status).toBe('completed');
    });
  });

  it('says once that the carrier is slow, goes on asking, and can no longer be cancelled', async () => {
    const removal = new RemovalAtCarrier(engine);
    removal.answers = [{ left: removal.input.numberKeys }];
    await engine.withActivities(removal.activities(), async () => {
      const handle = await removal.start();
      await expect.poll(() => removal.last?.status, { timeout: 15_000 }).toBe('submitted');
      await engine.env.sleep(3 * day);
      expect(removal.steps.filter(({ type }) => type === 'order.overdue')).toHaveLength(1);
      await expect(handle.executeUpdate(cancelRemovalUpdate)).rejects.toMatchObject({
        cause: { type: 'order-not-cancellable' },
      });
      expect((await handle.query(removalStateQuery)).status).toBe('submitted');
      removal.answers = [{ left: [] }];
      await handle.result();
      expect(removal.last?.status).toBe('completed');
      // Ever more rarely: 5 s doubled to an hour.
      expect(removal.calls.filter((call) => call === 'remove').length).toBeLessThan(90);
    });
  });
});
