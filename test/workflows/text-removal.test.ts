import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Step, TextRemovalActivities } from '../../activities/interfaces.ts';
import type { RemovalState } from '../../domain/lifecycle/text-removal.ts';
import {
  cancelRemovalUpdate,
  mainTaskQueue,
  removalStateQuery,
  type TextRemovalInput,
  workflowIds,
  workflowTypes,
} from '../../workflows/contract.ts';
import { day, hour, PortAtCarrier } from './port-at-carrier.ts';
import { startTimeSkipping, type TimeSkipping } from './time-skipping.ts';

let engine: TimeSkipping;
beforeEach(async () => {
  engine = await startTimeSkipping();
});
afterEach(() => engine.close());

/** A removal with everything around it that is not the workflow. */
class Removal {
  readonly cutovers: PortAtCarrier;
  readonly input: TextRemovalInput;
  problems: RemovalState['problems'] = [];
  /** What the carrier answers each time that it is asked; the last one for ever. */
  answers: Awaited<ReturnType<TextRemovalActivities['removeTexts']>>[] = [{ left: [] }];
  readonly calls: string[] = [];
  readonly projections: { counter: number; removal: RemovalState; waiting?: unknown }[] = [];
  readonly steps: Step[] = [];
  readonly ended: string[] = [];

  constructor(nextCarrier?: string) {
    this.cutovers = new PortAtCarrier(engine);
    this.input = {
      removalId: `txr_${randomUUID()}`,
      carrier: 'telnyx',
      ...(nextCarrier && { nextCarrier }),
      numberKeys: [`num_${randomUUID()}`, `num_${randomUUID()}`],
      proofDeadlineMs: day,
    };
  }

  activities() {
    const removal: TextRemovalActivities = {
      checkTextRemoval: async () => {
        this.calls.push('check');
        return { problems: this.problems };
      },
      holdTexts: async () => void this.calls.push('hold'),
      removeTexts: async () => {
        this.calls.push('remove');
        return (this.answers.length > 1 ? this.answers.shift() : this.answers[0]) ?? { left: [] };
      },
      endTexts: async ({ left }) => {
        this.calls.push('end');
        this.ended.push(...this.input.numberKeys.filter((key) => !left.includes(key)));
      },
      projectTextRemoval: async ({ counter, removal: state, waiting, steps }) => {
        this.projections.push({ counter, removal: state, waiting });
        this.steps.push(...steps);
      },
      releaseRemovedNumbers: async () => void this.calls.push('release'),
    };
    return { ...this.cutovers.activities(), ...removal };
  }

  start() {
    return engine.env.client.workflow.start(workflowTypes.textRemoval, {
      workflowId: workflowIds.textRemoval(this.input.removalId),
      taskQueue: mainTaskQueue,
      args: [this.input],
    });
  }

  get last() {
    return this.projections.at(-1)?.removal;
  }
}

const refused = { code: 'carrier-said-no', message: 'The carrier said no.' };

describe('a removal of texts', () => {
  it('holds the texts, asks until the carrier has let them go, then says that nobody carries them', async () => {
    const removal = new Removal();
    const [first = '', second = ''] = removal.input.numberKeys;
    removal.answers = [{ left: [first, second] }, { left: [second] }, { left: [] }];
    await engine.withActivities(removal.activities(), async () => {
      await (await removal.start()).result();
      expect(removal.calls).toEqual(['check', 'hold', 'remove', 'remove', 'remove', 'end', 'release']);
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
    const removal = new Removal('alpha');
    removal.cutovers.findings = { databaseNamesGaining: true, outboundProven: false, inboundProven: false };
    await engine.withActivities(removal.activities(), async () => {
      const handle = await removal.start();
      await expect.poll(() => removal.last?.status, { timeout: 15_000 }).toBe('activating');
      await engine.env.sleep(day + hour);
      expect(removal.last?.status, 'the database proves nothing').toBe('activating');
      expect(removal.cutovers.stepsOf('number.proof-overdue')).toHaveLength(2);
      removal.cutovers.findings = { databaseNamesGaining: false, outboundProven: true, inboundProven: true };
      await handle.result();
      expect(removal.calls).toEqual(['check', 'remove', 'release']);
      expect(removal.last).toMatchObject({ status: 'completed', problems: [] });
      expect(removal.cutovers.count('beginUncertainty')).toBe(2);
      for (const key of removal.input.numberKeys) {
        expect(removal.cutovers.cutovers.get(key)).toMatchObject({ outcome: 'ported', messaging: 'gaining' });
      }
    });
  });

  it('leaves with the carrier what it does not let go, and takes away what it has let go', async () => {
    for (const next of [undefined, 'alpha']) {
      const removal = new Removal(next);
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
    const removal = new Removal();
    removal.problems = [{ code: 'texts-not-hosted', message: 'Not hosted.' }];
    await engine.withActivities(removal.activities(), async () => {
      await (await removal.start()).result();
      expect(removal.calls).toEqual(['check', 'release']);
      expect(removal.last).toMatchObject({ status: 'failed', problems: removal.problems });
    });
  });

  it('says once that the carrier is slow, goes on asking, and can no longer be cancelled', async () => {
    const removal = new Removal();
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
