import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PortInput } from '../../workflows/contract.ts';
import { day, hour, minute, PortAtCarrier, refusal, turnedDown } from './port-at-carrier.ts';
import { startTimeSkipping, type TimeSkipping } from './time-skipping.ts';

let engine: TimeSkipping;
beforeEach(async () => {
  engine = await startTimeSkipping();
});
afterEach(() => engine.close());

const newPort = (input?: Partial<PortInput>) => new PortAtCarrier(engine, input);
const plus = (at: string | undefined, ms: number) => at && new Date(Date.parse(at) + ms).toISOString();

/** A port whose numbers have moved a moment ago; a snap-back is possible for a day. */
async function moved(act: (port: PortAtCarrier) => Promise<void>): Promise<void> {
  const port = newPort();
  port.clocks = ({ activatedAt }) => ({ snapBackUntil: plus(activatedAt, day) });
  await engine.withActivities(port.activities(), async () => {
    await port.start();
    await port.reaches('submitted');
    await port.agrees(hour);
    await engine.env.sleep(hour + minute);
    await act(port);
  });
}

const completed = (act: (port: PortAtCarrier) => Promise<void>) =>
  moved(async (port) => {
    await port.moves();
    await port.reaches('completed');
    await act(port);
  });

describe('a port that is asked back', () => {
  it('after it was completed stays so; its numbers go back when both carriers agree', async () => {
    await completed(async (port) => {
      await engine.env.sleep(hour);
      expect((await port.snapBack()).snapBack).toMatchObject({ state: 'requested', reason: 'texts-do-not-arrive' });
      await expect
        .poll(() => port.escalations.map(({ reason, to = 'gaining' }) => [reason, to]).sort())
        .toEqual([
          ['snap-back', 'gaining'],
          ['snap-back', 'losing'],
        ]);
      // So that no other port begins with the numbers meanwhile (invariant 7).
      expect(port.count('holdNumbers')).toBe(1);
      await expect.poll(() => port.projections.at(-1)?.waiting?.what).toContain('snap-back');
      expect(await turnedDown(port.snapBack())).toBe('snap-back-not-possible');
      await port.answerSnapBack('accepted');
      await port.handle.result();
      expect(port.projections.at(-1)?.order).toMatchObject({ status: 'completed', snapBack: { state: 'accepted' } });
      for (const numberKey of port.input.numberKeys) {
        expect(port.cutovers.get(numberKey)).toMatchObject({
          outcome: 'returned',
          messaging: 'losing',
          voice: 'unknown',
          databaseNamesGaining: false,
        });
      }
      expect(port.calls.at(-1)?.name).toBe('releaseNumbers');
    });
  });

  it('and refused leaves everything as it is; later it is an ordinary port', async () => {
    await completed(async (port) => {
      await port.snapBack();
      expect((await port.answerSnapBack('refused')).snapBack?.state).toBe('refused');
      expect(await turnedDown(port.answerSnapBack('accepted'))).toBe('snap-back-not-possible');
      await port.handle.result();
      expect(await engine.env.currentTimeMs()).toBeGreaterThan(Date.parse(port.steps.at(-1)?.at ?? '') + 22 * hour);
      expect(port.projections.at(-1)?.order).toMatchObject({ status: 'completed', snapBack: { state: 'refused' } });
      expect(port.stepsOf('number.returned')).toEqual([]);
    });
  });

  it('and accepted while the carriers are still being asked goes back at once', async () => {
    await completed(async (port) => {
      await engine.env.sleep(hour);
      const asking = port.hold('escalateOrder');
      await port.snapBack();
      await asking.begun;
      await port.answerSnapBack('accepted');
      const answeredAt = await engine.env.currentTimeMs();
      asking.release();
      await port.handle.result();
      const returned = port.steps.filter(({ type }) => type === 'number.returned');
      expect(returned).toHaveLength(port.input.numberKeys.length);
      for (const { at } of returned) expect(Date.parse(at) - answeredAt).toBeLessThan(hour);
    });
  });

  it('once more after a refusal asks both carriers once more', async () => {
    await completed(async (port) => {
      await port.snapBack();
      await expect.poll(() => port.escalations).toHaveLength(2);
      await port.answerSnapBack('refused');
      await engine.env.sleep(hour);
      await port.snapBack();
      await expect.poll(() => port.escalations).toHaveLength(4);
      // A comment is sent once for each occasion.
      expect(new Set(port.occasions).size).toBe(2);
      expect(port.occasions).not.toContain(undefined);
      await port.answerSnapBack('accepted');
      await port.handle.result();
    });
  });

  it('and not answered by the deadline is taken for refused', async () => {
    await completed(async (port) => {
      await port.snapBack();
      await port.handle.result();
      expect(port.stepsOf('order.snap-back')).toEqual(['order.snap-back-requested', 'order.snap-back-expired']);
    });
  });

  it('whose numbers have begun another port meanwhile is refused at once', async () => {
    await completed(async (port) => {
      port.answers.holdNumbers = () => refusal('number-has-open-port');
      await port.snapBack();
      await expect.poll(() => port.projections.at(-1)?.order.snapBack?.state).toBe('refused');
    });
  });

  it('before every number was proven ends as failed, all numbers with the losing carrier', async () => {
    await moved(async (port) => {
      const [first = ''] = port.input.numberKeys;
      port.findingsOf.set(first, { databaseNamesGaining: true, outboundProven: true, inboundProven: true });
      await port.news(port.says('ported'));
      await expect.poll(() => port.cutovers.get(first)?.outcome).toBe('ported');
      await expect.poll(async () => (await port.state()).order.clocks?.snapBackUntil).toBeDefined();
      await port.snapBack();
      await port.answerSnapBack('accepted');
      await port.handle.result();
      expect(port.projections.at(-1)?.order).toMatchObject({ status: 'failed', problems: [{ code: 'snapped-back' }] });
      expect([...port.cutovers.values()].map(({ outcome }) => outcome)).toEqual(['returned', 'returned']);
    });
  });
});
