import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HoldActivities } from '../../activities/interfaces.ts';
import { heldSignal, mainTaskQueue, routingChangedSignal, workflowTypes } from '../../workflows/contract.ts';
import { startTimeSkipping, type TimeSkipping } from './time-skipping.ts';
import { toldUntilNewRun } from './told-often.ts';

let engine: TimeSkipping;
beforeAll(async () => {
  engine = await startTimeSkipping();
});
afterAll(() => engine.close());

type View = Awaited<ReturnType<HoldActivities['reviewHold']>>;

async function hold() {
  const numberKey = `num_${randomUUID()}`;
  return engine.env.client.workflow.start(workflowTypes.hold, {
    workflowId: `hold/${numberKey}`,
    taskQueue: mainTaskQueue,
    args: [{ numberKey }],
  });
}

const inMinutes = async (minutes: number) =>
  new Date((await engine.env.currentTimeMs()) + minutes * 60_000).toISOString();

describe('the hold workflow', () => {
  it('looks once at its start, and ends when there is nothing: the number was settled meanwhile (invariant 6)', async () => {
    let looks = 0;
    const reviewHold = async (): Promise<View> => {
      looks++;
      return { left: false, moreToRelease: false };
    };
    await engine.withActivities({ reviewHold }, async () => {
      await (await hold()).result();
      expect(looks).toBe(1);
    });
  });

  it('sleeps until the routing has changed, then drains until it is empty', async () => {
    let proven = false;
    const portions: number[] = [];
    let held = 700;
    let looked = () => {};
    const firstLook = new Promise<void>((resolve) => {
      looked = resolve;
    });
    const expiry = await inMinutes(600);
    const reviewHold = async (): Promise<View> => {
      looked();
      const released = proven ? Math.min(300, held) : 0;
      held -= released;
      portions.push(released);
      return { left: held > 0, moreToRelease: released > 0 && held > 0, ...(held > 0 && { nextExpiryAt: expiry }) };
    };
    await engine.withActivities({ reviewHold }, async () => {
      const handle = await hold();
      await firstLook;
      proven = true;
      await handle.signal(routingChangedSignal);
      await handle.result();
      expect(portions.filter((released) => released > 0)).toEqual([300, 300, 100]);
      expect(held).toBe(0);
    });
  });

  it('wakes for the expiry of a text that came later and expires earlier', async () => {
    const begun = await engine.env.currentTimeMs();
    const late = await inMinutes(600);
    const early = await inMinutes(5);
    const looks: number[] = [];
    let looked = () => {};
    const firstLook = new Promise<void>((resolve) => {
      looked = resolve;
    });
    const reviewHold = async (): Promise<View> => {
      looks.push((await engine.env.currentTimeMs()) - begun);
      looked();
      return looks.length === 1
        ? { left: true, moreToRelease: false, nextExpiryAt: late }
        : { left: false, moreToRelease: false };
    };
    await engine.withActivities({ reviewHold }, async () => {
      const handle = await hold();
      await firstLook;
      await handle.signal(heldSignal, early);
      await handle.result();
      expect(looks).toHaveLength(2);
      expect(looks[1]).toBeGreaterThanOrEqual(5 * 60_000);
      expect(looks[1]).toBeLessThan(60 * 60_000);
    });
  });

  it('does not look at tens of thousands for every text that expires, but at once when the routing has changed', async () => {
    const begun = await engine.env.currentTimeMs();
    const soon = await inMinutes(0.5);
    const looks: number[] = [];
    let looked = () => {};
    const thirdLook = new Promise<void>((resolve) => {
      looked = resolve;
    });
    const reviewHold = async (): Promise<View> => {
      looks.push((await engine.env.currentTimeMs()) - begun);
      if (looks.length === 3) looked();
      return looks.length < 4
        ? { left: true, moreToRelease: false, restMs: 60_000, nextExpiryAt: soon }
        : { left: false, moreToRelease: false };
    };
    await engine.withActivities({ reviewHold }, async () => {
      const handle = await hold();
      await engine.env.sleep('150 seconds');
      await thirdLook;
      await handle.signal(routingChangedSignal);
      await handle.result();
      expect(looks).toHaveLength(4);
      expect(looks[1]).toBeGreaterThanOrEqual(60_000);
      expect(looks[2]).toBeGreaterThanOrEqual(120_000);
      expect(looks[3]).toBeLessThan(175_000);
    });
  });

  it('looks again when a text was held while it was looking (invariant 6)', async () => {
    let looks = 0;
    const expiry = await inMinutes(10);
    let handle: Awaited<ReturnType<typeof hold>> | undefined;
    let started = () => {};
    const hasStarted = new Promise<void>((resolve) => {
      started = resolve;
    });
    const reviewHold = async (): Promise<View> => {
      looks++;
      if (looks === 1) {
        await hasStarted;
        // Stored after this look had read the store, and announced before the workflow ends.
        await handle?.signal(heldSignal, expiry);
      }
      return { left: false, moreToRelease: false };
    };
    await engine.withActivities({ reviewHold }, async () => {
      handle = await hold();
      started();
      await handle.result();
      expect(looks).toBe(2);
    });
  });

  it('goes on as a new run while it waits and is told of many texts: the engine bears 10,000 signals', async () => {
    let proven = false;
    const expiry = await inMinutes(6000);
    const reviewHold = async (): Promise<View> =>
      proven ? { left: false, moreToRelease: false } : { left: true, moreToRelease: false, nextExpiryAt: expiry };
    await engine.withActivities({ reviewHold }, async () => {
      const handle = engine.env.client.workflow.getHandle((await hold()).workflowId);
      await toldUntilNewRun(handle, () => handle.signal(heldSignal, expiry));
      proven = true;
      await handle.signal(routingChangedSignal);
      await handle.result();
    });
  });

  it('goes on as a new run before its history grows too long, and forgets no expiry', async () => {
    let looks = 0;
    const reviewHold = async (): Promise<View> => {
      looks++;
      return { left: looks < 1500, moreToRelease: looks < 1500 };
    };
    await engine.withActivities({ reviewHold }, async () => {
      const handle = await hold();
      await handle.result();
      expect(looks).toBe(1500);
      const last = await engine.env.client.workflow.getHandle(handle.workflowId).describe();
      expect(last.runId).not.toBe(handle.firstExecutionRunId);
      expect(last.historyLength).toBeLessThan(10_000);
    });
  });
});
