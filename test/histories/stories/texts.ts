import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import type { Activities, HoldActivities, Outlook } from '../../../activities/interfaces.ts';
import {
  failuresSignal,
  heldSignal,
  type MessagesInput,
  mainTaskQueue,
  routingChangedSignal,
  settledSignal,
  workflowIds,
  workflowTypes,
} from '../../../workflows/contract.ts';
import { day, hour } from '../../workflows/port-at-carrier.ts';
import { type Story, waits } from './story.ts';

const inMs = (ms: number) => new Date(Date.now() + ms).toISOString();
const done: Outlook = { open: 0, carriers: [], reviewDue: false };
const toSubmit = (...carriers: string[]): Outlook => ({ open: 1, carriers, reviewDue: false, nextAt: inMs(day) });
const underWay = (): Outlook => ({ open: 1, carriers: [], reviewDue: false, nextAt: inMs(day) });

/** One text on its way. @param input how its workflow is begun, besides */
function ofText(
  name: string,
  activities: Partial<Activities>,
  act: (handle: WorkflowHandle) => Promise<unknown>,
  input: Pick<MessagesInput, 'atOnce'> = {},
): Story {
  return (engine) =>
    engine.withActivities(activities, async () => {
      const messageId = `msg_${randomUUID()}`;
      const handle = await engine.env.client.workflow.start(workflowTypes.messages, {
        workflowId: workflowIds.messages(messageId, 'start'),
        taskQueue: mainTaskQueue,
        args: [{ messageIds: [messageId], kind: 'otp', ...input } satisfies MessagesInput],
      });
      await act(handle);
      return { [name]: handle };
    });
}

const untilItEnds = (handle: WorkflowHandle) => handle.result();
const submits = { admit: async () => toSubmit('alpha'), submit: async () => underWay() };

const untilItIsSettled = async (handle: WorkflowHandle) => {
  await waits(handle);
  await handle.signal(settledSignal);
  await handle.result();
};

const firstTry = ofText('messages-first-try', submits, untilItIsSettled);
const submitsAtOnce = { admitAndSubmit: async () => underWay() };
const atOnce = ofText('messages-at-once', submitsAtOnce, untilItIsSettled, { atOnce: true });
const waiting = ofText('messages-waiting-for-receipts', submits, waits);
const refused = ofText('messages-refused', { admit: async () => done }, untilItEnds);
const toBoth = ofText(
  'messages-to-two-carriers',
  {
    admit: async () => toSubmit('alpha', 'beta'),
    submit: async () => ({ ...underWay(), reviewDue: true }),
    review: async () => done,
  },
  untilItEnds,
);
/** It fails, is tried again a day later, and then by the other carrier. */
const decisions = [underWay(), toSubmit('beta'), done];
const retried = ofText(
  'messages-retried',
  { ...submits, review: async () => decisions.shift() ?? done },
  async (handle) => {
    await waits(handle);
    await handle.signal(failuresSignal);
    await handle.result();
  },
);

/** The held texts of one number; `views` is what each look at them finds. */
function ofHeldTexts(
  name: string,
  views: Awaited<ReturnType<HoldActivities['reviewHold']>>[],
  act: (handle: WorkflowHandle) => Promise<unknown>,
): Story {
  const reviewHold = async () => views.shift() ?? { left: false, moreToRelease: false };
  return (engine) =>
    engine.withActivities({ reviewHold }, async () => {
      const numberKey = `num_${randomUUID()}`;
      const handle = await engine.env.client.workflow.start(workflowTypes.hold, {
        workflowId: workflowIds.hold(numberKey),
        taskQueue: mainTaskQueue,
        args: [{ numberKey }],
      });
      await act(handle);
      return { [name]: handle };
    });
}

const kept = () => ({ left: true, moreToRelease: false, nextExpiryAt: inMs(day) });
const released = ofHeldTexts('hold-released', [kept(), { ...kept(), moreToRelease: true }], async (handle) => {
  await waits(handle);
  await handle.signal(heldSignal, inMs(hour));
  await handle.signal(routingChangedSignal);
  await handle.result();
});
const expired = ofHeldTexts('hold-expired', [kept()], untilItEnds);
const keeping = ofHeldTexts('hold-keeping', [kept()], waits);

/** Texts that wait for the hours of their recipients; the first look leaves some. */
function ofWindow(name: string, opensInMs: number, act: (handle: WorkflowHandle) => Promise<unknown>): Story {
  const views = [{ left: true }];
  const releaseWindow = async () => views.shift() ?? { left: false };
  return (engine) =>
    engine.withActivities({ releaseWindow }, async () => {
      const opensAt = inMs(opensInMs);
      const key = `window/${opensAt}`;
      const handle = await engine.env.client.workflow.start(workflowTypes.windowHold, {
        workflowId: workflowIds.windowHold(opensAt),
        taskQueue: mainTaskQueue,
        args: [{ key, opensAt }],
      });
      await act(handle);
      return { [name]: handle };
    });
}

const opened = ofWindow('window-opened', 12 * hour, untilItEnds);
const closed = ofWindow('window-closed', 12 * hour, async (handle) => {
  await waits(handle);
  await handle.signal(heldSignal, inMs(day));
});

export const textStories: readonly Story[] = [
  firstTry,
  atOnce,
  waiting,
  refused,
  toBoth,
  retried,
  released,
  expired,
  keeping,
  opened,
  closed,
];
