import { pino } from 'pino';
import { beforeEach, describe, expect, test } from 'vitest';
import { createAdmissionActivities } from '../../activities/admission.ts';
import { createDirectSubmission } from '../../activities/direct-submission.ts';
import type { Carrier } from '../../carriers/carrier.ts';
import { CarrierUnavailable } from '../../carriers/errors.ts';
import { createIntake } from '../../intake/intake.ts';
import type { MessageDocument } from '../../store/messages.ts';
import type { Store } from '../../store/store.ts';
import { RecordedEngine } from '../intake/recorded-engine.ts';
import { ownStore } from '../store/own-store.ts';
import { sampleNumber, sampleText, type TextSample } from '../store/samples.ts';
import { FakeMessaging, fakeCarrier } from './fake-carrier.ts';
import { inWorkflow } from './in-workflow.ts';
import { limitsOf } from './limits-of.ts';
import { unverifiedRecipients } from './unverified-recipients.ts';

const own = ownStore();
let messaging: FakeMessaging;
let carriers: Map<string, Carrier>;
let free: boolean;
let inHand: number;
let count = 0;
let from = '';
let to = '';
let workflow = '';
beforeEach(async () => {
  messaging = new FakeMessaging();
  free = true;
  inHand = 0;
  count += 1;
  messaging.idPrefix = `d${count}-`;
  carriers = new Map([['alpha', fakeCarrier('alpha', { messaging })]]);
  from = `+1202555${6000 + count}`;
  to = `+1202555${7000 + count}`;
  workflow = `messages/direct-${count}`;
  await own.store.numbers.insert(sampleNumber(own.store.vault, from));
});
const key = (number: string) => own.store.vault.numberKey(number);

/** What one process does; it may submit as long as `free` says so. */
function admitAndSubmit(texts: readonly MessageDocument[], store: Store = own.store, attempt = 1) {
  const engine = new RecordedEngine();
  const intake = createIntake({ store, engine, carriers, logger: pino({ enabled: false }) });
  const desk = {
    isFree: (carrier: string) => free && carrier === 'alpha',
    take: () => {
      inHand += 1;
      return () => {
        inHand -= 1;
      };
    },
  };
  const direct = createDirectSubmission({ store, intake, carriers, desk, ...limitsOf(store, carriers) });
  const recipients = unverifiedRecipients(store);
  const activities = createAdmissionActivities({ store, engine, carriers, recipients, direct });
  const messageIds = texts.map(({ _id }) => _id);
  return inWorkflow(workflow, () => activities.admitAndSubmit({ messageIds, kind: 'transactional' }), attempt);
}

async function storeTexts(texts: number, rest: TextSample = {}): Promise<MessageDocument[]> {
  const documents = Array.from({ length: texts }, (_, index) =>
    sampleText(own.store.vault, { from, to, acceptedAt: new Date(Date.now() - 1000 + index), ...rest }),
  );
  await own.store.messages.insert(documents);
  return documents;
}

async function stored(texts: readonly MessageDocument[]): Promise<MessageDocument[]> {
  const found = new Map(
    (await own.store.messages.findMany(texts.map(({ _id }) => _id))).map((each) => [each._id, each]),
  );
  return texts.flatMap(({ _id }) => found.get(_id) ?? []);
}

/** A store in which something happens right after the first decisions are written. */
function meddlesome(meddle: () => Promise<unknown>): Store {
  let done = false;
  const { messages } = own.store;
  const change: typeof messages.change = async (...args) => {
    const changed = await messages.change(...args);
    if (!done) await meddle();
    done = true;
    return changed;
  };
  return { ...own.store, messages: { ...messages, change } };
}

describe('texts that are admitted and submitted in one step', () => {
  test('are claimed by the write that admits them, and written once (invariant 5)', async () => {
    const texts = await storeTexts(3);
    expect(await admitAndSubmit(texts)).toMatchObject({ open: 3, carriers: [], reviewDue: false });
    expect(messaging.written).toHaveLength(3);
    const after = await stored(texts);
    // Stored with revision 0; admitted and claimed; answered.
    expect(after.map(({ status, rev, workflowId }) => [status, rev - (texts[0]?.rev ?? 0), workflowId])).toEqual(
      texts.map(() => ['submitted', 2, workflow]),
    );
    for (const { attempts, decisions, permission } of after) {
      expect(attempts).toMatchObject([{ carrier: 'alpha', workflowId: workflow, parts: [{ outcome: 'accepted' }] }]);
      expect(decisions).toHaveLength(1);
      expect(permission).toMatchObject({ decision: 'send' });
    }
    expect(inHand).toBe(0);
  });

  test('are left to their carrier’s task queue where this process holds none of its sessions, or has enough in hand (invariant 8)', async () => {
    free = false;
    const texts = await storeTexts(2);
    expect(await admitAndSubmit(texts)).toMatchObject({ open: 2, carriers: ['alpha'] });
    expect(messaging.written).toEqual([]);
    expect((await stored(texts)).map(({ status }) => status)).toEqual(['queued', 'queued']);
  });

  test('go as far as the carrier has room, the oldest first; the rest is left to the queue', async () => {
    messaging.room = 2;
    const texts = await storeTexts(5);
    expect(await admitAndSubmit(texts.toReversed())).toMatchObject({ open: 5, carriers: ['alpha'] });
    expect((await stored(texts)).map(({ status }) => status)).toEqual([
      'submitted',
      'submitted',
      'queued',
      'queued',
      'queued',
    ]);
  });

  test('are admitted all the same when the carrier has no room', async () => {
    messaging.onReserve = () => Promise.reject(new CarrierUnavailable('No room.'));
    const texts = await storeTexts(2);
    expect(await admitAndSubmit(texts)).toMatchObject({ open: 2, carriers: ['alpha'] });
    expect((await stored(texts)).map(({ status, attempts }) => [status, attempts.length])).toEqual([
      ['queued', 0],
      ['queued', 0],
    ]);
    expect(inHand).toBe(0);
  });

  test('are not written when their recipient has opted out since it was decided', async () => {
    const texts = await storeTexts(2);
    const optsOut = meddlesome(() =>
      own.store.consents.append({
        _id: `con_direct_${count}`,
        type: 'revoked',
        subjectKey: key(to),
        basis: 'opt-out',
        source: 'api',
        at: new Date(),
        evidence: own.store.vault.seal('{}'),
      }),
    );
    expect(await admitAndSubmit(texts, optsOut)).toMatchObject({ open: 0 });
    expect(messaging.written).toEqual([]);
    expect(await stored(texts)).toMatchObject(
      texts.map(() => ({ status: 'refused', attempts: [], failure: { code: 'recipient-opted-out' } })),
    );
  });

  test('are not written when the routing of their sender has changed since: they are decided about anew (invariant 5)', async () => {
    const texts = await storeTexts(2);
    const moves = meddlesome(() =>
      own.raw.collection<{ _id: string }>('numbers').updateOne({ _id: key(from) }, { $inc: { version: 1 } }),
    );
    expect(await admitAndSubmit(texts, moves)).toMatchObject({ open: 2, carriers: ['alpha'] });
    expect(messaging.written).toEqual([]);
    expect((await stored(texts)).map(({ status, attempts }) => [status, attempts.length])).toEqual([
      ['queued', 0],
      ['queued', 0],
    ]);
  });

  test('are decided about anew when somebody has changed them since they were read', async () => {
    const [changed, other] = await storeTexts(2);
    if (!changed || !other) throw new Error('Two texts were to be stored.');
    messaging.onReserve = async () => {
      await own.store.messages.change([changed._id], (message) => ({
        status: 'refused',
        failure: { code: 'batch-cancelled', class: 'refused', at: message.acceptedAt },
        finalAt: new Date(),
      }));
    };
    expect(await admitAndSubmit([changed, other])).toMatchObject({ open: 1, carriers: [] });
    expect(messaging.written).toHaveLength(1);
    expect((await stored([changed, other])).map(({ status }) => status)).toEqual(['refused', 'submitted']);
  });

  test('that a run which was cut off had claimed and not begun to write are submitted by the next one; what it may have written is not (invariant 5)', async () => {
    const claimed = ['clm_direct_unwritten', 'clm_direct_written'].map((token) => ({
      ...sampleText(own.store.vault, { from, to }),
      status: 'claimed' as const,
      workflowId: workflow,
      claimToken: token,
      attempts: [{ carrier: 'alpha', token, claimedAt: new Date(), workflowId: workflow, runId: 'run' }],
    }));
    await own.store.messages.insert(claimed);
    await own.store.claims.write('clm_direct_written');
    await admitAndSubmit(claimed, own.store, 2);
    expect((await stored(claimed)).map(({ status, attempts }) => [status, attempts.length])).toEqual([
      ['submitted', 1],
      ['claimed', 1],
    ]);
    expect(messaging.written).toHaveLength(1);
  });
});
