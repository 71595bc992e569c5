import { beforeEach, describe, expect, test } from 'vitest';
import type { Outlook } from '../../activities/interfaces.ts';
import { createLoneTextActivities } from '../../activities/lone-text.ts';
import { ownStore } from '../store/own-store.ts';
import { sampleText } from '../store/samples.ts';
import { inWorkflow } from './in-workflow.ts';

const own = ownStore();
const toSubmit: Outlook = { open: 1, carriers: ['alpha'], reviewDue: false };
const underWay: Outlook = { open: 1, carriers: [], reviewDue: false };
let admitted: Outlook;
let free: boolean;
let submitted: string[];
beforeEach(() => {
  admitted = toSubmit;
  free = true;
  submitted = [];
});

const admitAndSubmit = (workflow: string, attempt = 1) =>
  inWorkflow(
    workflow,
    () =>
      createLoneTextActivities({
        store: own.store,
        admission: { admit: async () => admitted },
        submission: {
          submit: async ({ carrier }) => {
            submitted.push(carrier);
            return underWay;
          },
        },
        desk: { isFree: (carrier) => free && carrier === 'alpha' },
      }).admitAndSubmit({ messageIds: ['msg_1'], kind: 'otp' }),
    attempt,
  );

describe('a lone text', () => {
  test('is submitted as soon as it is admitted', async () => {
    expect(await admitAndSubmit('messages/lone')).toEqual(underWay);
    expect(submitted).toEqual(['alpha']);
  });

  test('is left to its carrier’s task queue where this process holds none of its sessions, or has enough in hand (invariant 8)', async () => {
    free = false;
    expect(await admitAndSubmit('messages/lone')).toEqual(toSubmit);
    expect(submitted).toEqual([]);
  });

  test('is not submitted when it was held or refused, or something else has to be decided first', async () => {
    const decided: Outlook[] = [
      { open: 0, carriers: [], reviewDue: false },
      { ...toSubmit, reviewDue: true },
    ];
    for (admitted of decided) expect(await admitAndSubmit('messages/lone')).toEqual(admitted);
    expect(submitted).toEqual([]);
  });

  test('that a run which was cut off had claimed and not begun to write goes back into the queue, whoever goes on (invariant 5)', async () => {
    free = false;
    const claim = (token: string) => ({ carrier: 'alpha', token, claimedAt: new Date(), workflowId: 'messages/cut' });
    const texts = ['clm_unwritten', 'clm_written'].map((token) => ({
      ...sampleText(own.store.vault),
      status: 'claimed' as const,
      workflowId: 'messages/cut',
      claimToken: token,
      attempts: [{ ...claim(token), runId: 'run' }],
    }));
    await own.store.messages.insert(texts);
    await own.store.claims.write('clm_written');
    await admitAndSubmit('messages/cut', 2);
    const stored = await own.store.messages.findMany(texts.map(({ _id }) => _id));
    expect(stored.map(({ status, attempts }) => [status, attempts.length]).toSorted()).toEqual([
      ['claimed', 1],
      ['queued', 0],
    ]);
  });
});
