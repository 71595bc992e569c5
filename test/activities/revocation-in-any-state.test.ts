import { pino } from 'pino';
import { beforeEach, describe, expect, test } from 'vitest';
import { createAdmissionActivities } from '../../activities/admission.ts';
import { erase } from '../../activities/erasure.ts';
import { createHoldActivities } from '../../activities/hold.ts';
import { createMessageBatchActivities } from '../../activities/message-batch.ts';
import { createRecipients } from '../../activities/recipients.ts';
import { createSubmissionActivities } from '../../activities/submission.ts';
import { createWindowHoldActivities } from '../../activities/window-hold.ts';
import { idOfLine } from '../../domain/batch-line.ts';
import { windowKey } from '../../domain/lifecycle/window-key.ts';
import { createIntake } from '../../intake/intake.ts';
import { honourRevocations } from '../../intake/revocation.ts';
import type { ConsentEntry } from '../../store/consents.ts';
import type { MessageDocument } from '../../store/messages.ts';
import type { Store } from '../../store/store.ts';
import { randomId } from '../../store/vault.ts';
import { RecordedEngine } from '../intake/recorded-engine.ts';
import { ownStore } from '../store/own-store.ts';
import { sampleNumber, sampleText, type TextSample } from '../store/samples.ts';
import { FakeMessaging, fakeCarrier } from './fake-carrier.ts';
import { inWorkflow } from './in-workflow.ts';
import { limitsOf } from './limits-of.ts';

const own = ownStore();
const engine = new RecordedEngine();
let messaging: FakeMessaging;
let count = 0;
let from = '';
let to = '';
let workflow = '';
beforeEach(async () => {
  messaging = new FakeMessaging();
  engine.clear();
  count += 1;
  messaging.idPrefix = `m${count}-`;
  from = `+1202555${2000 + count}`;
  to = `+1202555${4000 + count}`;
  workflow = `messages/${count}`;
  await own.store.numbers.insert(sampleNumber(own.store.vault, from));
  await own.store.subjectKeys.load([key(to)]);
});
const key = (number: string) => own.store.vault.numberKey(number);
const ago = (seconds: number) => new Date(Date.now() - seconds * 1000);

/** A worker with its activities, on this store. */
function worker(store: Store = own.store) {
  const logger = pino({ enabled: false });
  const carriers = new Map([['alpha', fakeCarrier('alpha', { messaging })]]);
  const recipients = createRecipients({ store, portability: { name: 'test', lookUp: async () => undefined }, logger });
  const { limits, breakers } = limitsOf(store, carriers);
  const intake = createIntake({ store, engine, carriers, logger });
  const { admit, review } = createAdmissionActivities({ store, engine, carriers, recipients });
  const { submit } = createSubmissionActivities({ store, intake, carriers, limits, breakers });
  return { admit, review, submit };
}
const admit = (...texts: readonly MessageDocument[]) =>
  inWorkflow(workflow, () => worker().admit({ messageIds: texts.map(({ _id }) => _id), kind: 'transactional' }));
const submit = (store?: Store) => inWorkflow(workflow, () => worker(store).submit({ carrier: 'alpha' }));

async function store(sample: TextSample = {}): Promise<MessageDocument> {
  const { vault, messages } = own.store;
  const text = sampleText(vault, { from, to, text: 'Hello', acceptedAt: ago(60), ...sample });
  const seal = (plain: string) => vault.sealFor(key(to), plain);
  const sealed = { ...text, to: seal(to), text: seal('Hello') };
  await messages.insert([sealed]);
  return sealed;
}

const routed = () => ({
  carrier: 'alpha',
  sender: { key: key(from), version: 1 },
  viaStandby: false,
  proves: false,
  reason: 'settled' as const,
});
/** A text that a workflow has in hand. */
const inHand = (sample: TextSample = {}) =>
  store({ status: 'queued', workflowId: workflow, route: routed(), ...sample });
const held = (holdKey: string, code: string) =>
  store({ status: 'held', workflowId: workflow, hold: { key: holdKey, code, since: ago(30) } });

/** What is released goes to a message workflow. */
async function admitReleased(text: MessageDocument): Promise<void> {
  expect(engine.callsOf('startMessages').flatMap(([ids]) => ids as string[])).toEqual([text._id]);
  await admit(text);
}

interface State {
  /** Brings a text there. */
  readonly arrange: () => Promise<MessageDocument>;
  /** What becomes of it afterwards, until it would be written. */
  readonly goOn: (text: MessageDocument) => Promise<unknown>;
}

const states: Readonly<Record<string, State>> = {
  'accepted, and nobody has it yet': { arrange: () => store(), goOn: admit },
  'admitted, and queued for its carrier': { arrange: () => inHand(), goOn: () => submit() },
  'held until the hours open': {
    arrange: () => held(windowKey(ago(1)), 'quiet-hours'),
    goOn: async (text) => {
      const { releaseWindow } = createWindowHoldActivities({ store: own.store, engine });
      await inWorkflow('window', () => releaseWindow({ key: text.hold?.key ?? '' }));
      await admitReleased(text);
    },
  },
  'held by a cutover that is over': {
    arrange: () => held(key(from), 'sender-uncertain'),
    goOn: async (text) => {
      const { reviewHold } = createHoldActivities({ store: own.store, engine });
      await inWorkflow('hold', () => reviewHold({ numberKey: key(from) }));
      await admitReleased(text);
    },
  },
  'waiting to be tried again': {
    arrange: () =>
      inHand({ status: 'retrying', retryAt: ago(1), failure: { code: 'throttled', class: 'throttled', at: ago(9) } }),
    goOn: async () => {
      await inWorkflow(workflow, () => worker().review());
      await submit();
    },
  },
  'in a bulk that has given it to nobody': {
    arrange: async () => {
      const { messageBatches } = own.store;
      const batchId = randomId('bat');
      await messageBatches.begin(batchId, 't', new Date());
      await messageBatches.addPart({ batchId, n: 0, kind: 'transactional', lines: [[1, 1]], texts: 1 }, new Date());
      const text = await store({ _id: idOfLine(batchId, 1), workflowId: batchId });
      const lines = { lines: 1, accepted: 1, refused: 0, segments: 1, lastLine: 1 };
      await messageBatches.finishUpload(batchId, 't', 'hash', lines, new Date());
      return text;
    },
    goOn: async (text) => {
      const batchId = text.workflowId ?? '';
      const { feedBatch } = createMessageBatchActivities({ store: own.store, engine });
      const feeding = inWorkflow(batchId, () => feedBatch({ batchId }));
      await expect.poll(() => engine.callsOf('startMessages').length).toBe(1);
      await admitReleased(text);
      await feeding;
    },
  },
};

async function revoke(): Promise<ConsentEntry> {
  const { consents, vault } = own.store;
  const revocation: ConsentEntry = {
    _id: randomId('con'),
    type: 'revoked',
    subjectKey: key(to),
    senderKey: key(from),
    basis: 'opt-out',
    source: 'inbound',
    at: new Date(),
    evidence: vault.seal('{}'),
  };
  await consents.append(revocation);
  await honourRevocations([revocation], own.store);
  return revocation;
}
const eraseRecipient = () => erase(key(to), 'key_1', { store: own.store, engine });
/** @returns resolves when the ledger has the no of this test's recipient */
const inLedger = () =>
  expect.poll(async () => (await own.store.consents.recordsOf(key(to))).length, { interval: 5 }).toBeGreaterThan(0);
const now = async ({ _id }: MessageDocument) => {
  const { status, failure, attempts } = (await own.store.messages.find(_id)) ?? {};
  return { status, code: failure?.code, attempts: attempts?.length };
};

const endings = [
  ['opts out', revoke, 'recipient-opted-out'],
  ['is erased', eraseRecipient, 'recipient-erased'],
] as const;
const cases = Object.entries(states).flatMap(([name, state]) =>
  endings.map(([what, act, code]) => ({ name, state, what, act, code })),
);

test.each(cases)('a recipient $what while a text is $name: it is refused, and never written', async (given) => {
  const text = await given.state.arrange();
  await given.act();
  if (given.code === 'recipient-opted-out') await given.state.goOn(text);
  expect(await now(text)).toEqual({ status: 'refused', code: given.code, attempts: text.attempts.length });
  // Whoever comes to it later finds nothing that could be written.
  await admit(text);
  await submit();
  expect(messaging.written).toEqual([]);
});

test.each(Object.entries(states))('without that, a text that is %s is written once', async (_, { arrange, goOn }) => {
  const text = await arrange();
  await goOn(text);
  await submit();
  expect(messaging.written.map((each) => each.text)).toEqual(['Hello']);
});

describe.each(endings)('a recipient %s while a text is claimed', (_, act, code) => {
  test('before the ledger is read: it is refused, and never written', async () => {
    const text = await inHand();
    let acting: Promise<unknown> = Promise.resolve();
    const claim: Store['messages']['claim'] = async (...given) => {
      const won = await own.store.messages.claim(...given);
      acting = act();
      await inLedger();
      return won;
    };
    await submit({ ...own.store, messages: { ...own.store.messages, claim } });
    await acting;
    await submit();
    expect(messaging.written).toEqual([]);
    expect(await now(text)).toMatchObject({ status: 'refused', code });
  });

  test('after the ledger was read: it is answered when all of its segments are written, and nothing follows', async () => {
    const words = 'Hello '.repeat(60);
    const text = await inHand({ segments: 3 });
    const sealed = own.store.vault.sealFor(key(to), words);
    await own.raw.collection<{ _id: string }>('messages').updateOne({ _id: text._id }, { $set: { text: sealed } });
    const next = await inHand();
    messaging.room = 3;
    let answered = false;
    let acting: Promise<unknown> = Promise.resolve();
    messaging.answer = async ({ references }) => {
      // The claim is under way until this is answered.
      acting = act().then(() => {
        answered = true;
      });
      // The next text is claimed when it is in the ledger, and not answered yet.
      messaging.onReserve = inLedger;
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(answered).toBe(false);
      return references.map(() => ({ outcome: 'accepted', carrierMessageId: messaging.nextId() }));
    };
    await submit();
    await acting;
    expect(messaging.written.map(({ text: written, references }) => [written, references.length])).toEqual([
      [words, 3],
    ]);
    expect(await now(text)).toMatchObject({ status: 'submitted', attempts: 1 });
    expect(await now(next)).toMatchObject({ status: 'refused', code });
  });
});
