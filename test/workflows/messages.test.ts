import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Outlook } from '../../activities/interfaces.ts';
import type { MessageKind } from '../../domain/message.ts';
import { failuresSignal, mainTaskQueue, settledSignal, workflowTypes } from '../../workflows/contract.ts';
import { startTimeSkipping, type TimeSkipping } from './time-skipping.ts';

const done: Outlook = { open: 0, carriers: [], reviewDue: false };
const toSubmit = (...carriers: string[]): Outlook => ({ open: 1, carriers, reviewDue: false, nextAt: inHours(4) });
const underWay = (nextAt = inHours(4)): Outlook => ({ open: 1, carriers: [], reviewDue: false, nextAt });

let engine: TimeSkipping;
const inHours = (hours: number) => new Date(now() + hours * 3600_000).toISOString();
let now = () => Date.now();

beforeAll(async () => {
  engine = await startTimeSkipping();
});
afterAll(() => engine.close());

async function start(count = 1, kind: MessageKind = 'otp', atOnce = false) {
  const skippedTo = await engine.env.currentTimeMs();
  now = () => skippedTo;
  const workflowId = `messages/${randomUUID()}`;
  const messageIds = Array.from({ length: count }, (_, index) => `msg_${index}`);
  return engine.env.client.workflow.start(workflowTypes.messages, {
    workflowId,
    taskQueue: mainTaskQueue,
    args: [{ messageIds, kind, ...(atOnce && { atOnce }) }],
  });
}

/** The task queues of a workflow's activities, in their order. */
async function queuesOf(handle: WorkflowHandle): Promise<(string | null | undefined)[]> {
  const { events } = await handle.fetchHistory();
  const activities = events?.flatMap((event) => event.activityTaskScheduledEventAttributes ?? []) ?? [];
  return activities.map(({ taskQueue }) => taskQueue?.name);
}

describe('the message workflow', () => {
  it('carries a lone text at the first try in at most 20 events', async () => {
    let submitted = () => {};
    const answer = new Promise<void>((resolve) => {
      submitted = resolve;
    });
    await engine.withActivities(
      {
        admit: async () => toSubmit('alpha'),
        submit: async () => {
          submitted();
          return underWay();
        },
      },
      async () => {
        const handle = await start();
        await answer;
        await handle.signal(settledSignal);
        await handle.result();
        const { events } = await handle.fetchHistory();
        expect(events?.length).toBeLessThanOrEqual(20);
      },
    );
  });

  it('has texts admitted and submitted in one step, on its own task queue', async () => {
    const asked: unknown[] = [];
    const admitAndSubmit = async (input: unknown) => {
      asked.push(input);
      return done;
    };
    await engine.withActivities({ admitAndSubmit }, async () => {
      const handle = await start(1, 'otp', true);
      await handle.result();
      expect(asked).toEqual([{ messageIds: ['msg_0'], kind: 'otp', atOnce: true }]);
      expect(await queuesOf(handle)).toEqual([mainTaskQueue]);
    });
  });

  it('has it submitted by its carrier’s task queue where the process that admitted it may not (invariant 8)', async () => {
    const activities = { admitAndSubmit: async () => toSubmit('alpha'), submit: async () => done };
    await engine.withActivities(activities, async () => {
      const handle = await start(1, 'otp', true);
      await handle.result();
      expect(await queuesOf(handle)).toEqual([mainTaskQueue, 'urgent-alpha']);
    });
  });

  it('has many recipients looked up in an activity of their own, and goes on without when that fails', async () => {
    const reviews: unknown[] = [];
    let tries = 0;
    await engine.withActivities(
      {
        admit: async () => ({ ...underWay(), reviewDue: true, lookUpsDue: true }),
        verifyRecipients: async () => {
          tries++;
          throw new Error('no database');
        },
        review: async (input) => {
          reviews.push(input);
          return done;
        },
      },
      async () => {
        await (await start(300)).result();
        expect(reviews).toEqual([{ lookedUp: true }]);
        expect(tries).toBe(2);
      },
    );
  });

  it('has texts expire that nobody can submit, because no worker has their carrier any more', async () => {
    let reviews = 0;
    await engine.withActivities(
      {
        // No time is skipped while an activity waits for a worker.
        admit: async () => ({ ...toSubmit('gone'), validUntil: inHours(1 / 3600) }),
        review: async () => {
          reviews += 1;
          return done;
        },
      },
      async () => {
        const handle = await start();
        await handle.result();
        expect(reviews).toBe(1);
      },
    );
  });

  it('goes on as a new run, which adopts what is left, when its texts are tried for days', async () => {
    let admissions = 0;
    await engine.withActivities(
      {
        admit: async () => {
          admissions += 1;
          return admissions === 1 ? toSubmit('alpha') : done;
        },
        submit: async () => toSubmit('alpha'),
      },
      async () => {
        const handle = await start(1, 'marketing');
        await handle.result();
        expect(admissions).toBe(2);
        const { runId } = await engine.env.client.workflow.getHandle(handle.workflowId).describe();
        expect(runId).not.toBe(handle.firstExecutionRunId);
      },
    );
  });

  it('ends when nothing of it is left after admission: all texts were refused or held', async () => {
    await engine.withActivities({ admit: async () => done }, async () => {
      await expect((await start(3)).result()).resolves.toBeUndefined();
    });
  });

  it('ends when its texts are final before the submission has returned', async () => {
    let submitted = 0;
    await engine.withActivities(
      {
        admit: async () => toSubmit('alpha'),
        submit: async () => {
          submitted++;
          return done;
        },
      },
      async () => {
        const handle = await start();
        await handle.signal(settledSignal);
        await handle.result();
        expect(submitted).toBeLessThanOrEqual(1);
      },
    );
  });

  it('submits to several carriers side by side, and then looks once what is left', async () => {
    const asked: string[] = [];
    await engine.withActivities(
      {
        admit: async () => toSubmit('alpha', 'beta'),
        submit: async ({ carrier }) => {
          asked.push(carrier);
          return underWay();
        },
        review: async () => {
          asked.push('review');
          return done;
        },
      },
      async () => {
        await (await start(2)).result();
        expect(asked.slice(0, 2).sort()).toEqual(['alpha', 'beta']);
        expect(asked.slice(2)).toEqual(['review']);
      },
    );
  });

  it('has a carrier asked about texts that are silent, on that carrier’s task queue, and looks again', async () => {
    const asked: string[] = [];
    await engine.withActivities(
      {
        admit: async () => toSubmit('alpha'),
        submit: async () => ({ ...underWay(), inquiries: ['beta'] }),
        inquire: async ({ carrier }) => {
          asked.push(carrier);
          return underWay();
        },
        review: async () => done,
      },
      async () => {
        await (await start()).result();
        expect(asked).toEqual(['beta']);
      },
    );
  });

  it('goes on when nobody can ask', async () => {
    let reviews = 0;
    await engine.withActivities(
      {
        admit: async () => toSubmit('alpha'),
        submit: async () => ({ ...underWay(), inquiries: ['beta'] }),
        inquire: async () => {
          throw new Error('the worker has no session');
        },
        review: async () => {
          reviews += 1;
          return done;
        },
      },
      async () => {
        await (await start()).result();
        expect(reviews).toBe(1);
      },
    );
  });

  it('has texts tried again in time though nobody can ask about others of them', async () => {
    const seen: { what: string; at: number }[] = [];
    const note = async (what: string) => void seen.push({ what, at: await engine.env.currentTimeMs() });
    await engine.withActivities(
      {
        admit: async () => toSubmit('alpha'),
        submit: async () => ({ ...underWay(), inquiries: ['beta'] }),
        inquire: async () => {
          await note('asked');
          throw new Error('the worker has no session');
        },
        review: async () => {
          await note('review');
          const reviews = seen.filter(({ what }) => what === 'review').length;
          if (reviews === 3) return done;
          const nextAt = new Date((await engine.env.currentTimeMs()) + 5_000).toISOString();
          return { ...underWay(nextAt), inquiries: ['beta'] };
        },
      },
      async () => {
        await (await start()).result();
        expect(seen.map(({ what }) => what)).toEqual(['asked', 'asked', 'review', 'review', 'review']);
        const [, , first, second] = seen.map(({ at }) => at);
        expect((second ?? 0) - (first ?? 0)).toBeLessThan(15_000);
      },
    );
  });

  it('waits for a retry by a timer, and for a receipt until its deadline, over hours', async () => {
    const reviewedAt: number[] = [];
    let begun = 0;
    await engine.withActivities(
      {
        admit: async () => toSubmit('alpha'),
        submit: async () => underWay(inHours(1)),
        review: async () => {
          reviewedAt.push((await engine.env.currentTimeMs()) - begun);
          return reviewedAt.length === 1 ? { ...toSubmit('alpha'), nextAt: inHours(2) } : done;
        },
      },
      async () => {
        const handle = await start();
        begun = now();
        await handle.result();
        expect(reviewedAt).toHaveLength(2);
        expect(reviewedAt[0]).toBeGreaterThanOrEqual(3600_000);
      },
    );
  });

  it('has one-time passwords submitted by a queue of their own', async () => {
    for (const kind of ['otp', 'marketing'] as const) {
      await engine.withActivities({ admit: async () => toSubmit('alpha'), submit: async () => done }, async () => {
        const handle = await start(1, kind);
        await handle.result();
        expect(await queuesOf(handle)).toEqual([kind === 'otp' ? 'urgent-alpha' : 'carrier-alpha']);
      });
    }
  });

  it('waits for leave to send, and then decides anew, instead of asking again and again', async () => {
    const asked: string[] = [];
    await engine.withActivities(
      {
        admit: async () => toSubmit('alpha'),
        submit: async () => {
          asked.push('submit');
          return asked.length === 1 ? { ...toSubmit('alpha'), notBefore: inHours(0.5) } : done;
        },
        review: async () => {
          asked.push('review');
          return toSubmit('alpha');
        },
      },
      async () => {
        const handle = await start();
        const begun = now();
        await handle.result();
        expect(asked).toEqual(['submit', 'review', 'submit']);
        expect((await engine.env.currentTimeMs()) - begun).toBeGreaterThanOrEqual(1800_000);
      },
    );
  });

  it('goes on with one carrier while another one gives no leave', async () => {
    const asked: string[] = [];
    await engine.withActivities(
      {
        admit: async () => toSubmit('alpha', 'beta'),
        submit: async ({ carrier }) => {
          asked.push(carrier);
          if (asked.length > 2) return done;
          return carrier === 'alpha' ? { ...toSubmit('alpha'), notBefore: inHours(0.5) } : toSubmit('beta');
        },
        review: async () => toSubmit('alpha', 'beta'),
      },
      async () => {
        await (await start(2)).result();
        expect(asked.slice(0, 2).toSorted()).toEqual(['alpha', 'beta']);
        expect(asked.slice(2)).toEqual(['beta']);
      },
    );
  });

  it('decides at once about failures, without waiting for the timer', async () => {
    let submitted = () => {};
    const answer = new Promise<void>((resolve) => {
      submitted = resolve;
    });
    let reviews = 0;
    await engine.withActivities(
      {
        admit: async () => toSubmit('alpha'),
        submit: async () => {
          submitted();
          return underWay(inHours(1000));
        },
        review: async () => {
          reviews++;
          return done;
        },
      },
      async () => {
        const handle = await start();
        await answer;
        await handle.signal(failuresSignal);
        await handle.result();
        expect(reviews).toBe(1);
      },
    );
  });

  it('has a stale route decided about before it submits again (invariant 5)', async () => {
    const asked: string[] = [];
    await engine.withActivities(
      {
        admit: async () => toSubmit('alpha'),
        submit: async ({ carrier }) => {
          asked.push(carrier);
          // The sender has moved meanwhile: nothing was claimed.
          return carrier === 'alpha' ? { ...toSubmit('alpha'), reviewDue: true } : done;
        },
        review: async () => {
          asked.push('review');
          return toSubmit('beta');
        },
      },
      async () => {
        await (await start()).result();
        expect(asked).toEqual(['alpha', 'review', 'beta']);
      },
    );
  });
});
