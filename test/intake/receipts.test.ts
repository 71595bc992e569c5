import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { PartAnswer, ReceiptEvent } from '../../carriers/carrier.ts';
import { type Attempt, applyAnswers } from '../../domain/message-progress.ts';
import { userMessageReferences } from '../../domain/user-message-reference.ts';
import { createIntake, type IntakeDependencies } from '../../intake/intake.ts';
import { carrierRef } from '../../intake/receipts.ts';
import type { MessageDocument } from '../../store/messages.ts';
import { fakeCarrier } from '../activities/fake-carrier.ts';
import { bytesOf, ownStore } from '../store/own-store.ts';
import { ours, sampleNumber, sampleText, standby, type TextSample, theirs } from '../store/samples.ts';
import { RecordedEngine } from './recorded-engine.ts';

const own = ownStore();
const engine = new RecordedEngine();
const carriers = new Map([
  ['alpha', fakeCarrier('alpha')],
  ['gamma', fakeCarrier('gamma', { settings: { receipts: 'suspect' } })],
  ['telnyx', fakeCarrier('telnyx', { settings: { codes: 'telnyx', partIds: 'one' } })],
]);
/** A process of its own each time: what one keeps in memory the next one does not have. */
const newIntake = (change: Partial<IntakeDependencies> = {}) =>
  createIntake({ store: own.store, engine, carriers, logger: pino({ enabled: false }), ...change });

beforeEach(() => {
  engine.failure = undefined;
  engine.clear();
});

let count = 0;
/** An id, or an event's id, that nobody else uses. */
function unique(prefix: string): string {
  count += 1;
  return `${prefix}-${count}`;
}

const secondsAgo = (seconds: number) => new Date(Date.now() - seconds * 1000);

/** A submission of a text to alpha; unanswered without `ids`. */
function attempt(ids?: readonly (string | undefined)[], rest: Partial<Attempt> = {}): Attempt {
  return {
    carrier: 'alpha',
    token: unique('clm'),
    claimedAt: secondsAgo(1),
    workflowId: 'w',
    runId: 'r',
    ...(ids && {
      answeredAt: new Date(),
      parts: ids.map((id) => (id ? { outcome: 'accepted', carrierMessageId: id } : { outcome: 'ambiguous' })),
    }),
    ...rest,
  };
}

/** Stores a text with these submissions. */
async function storeText(attempts: readonly Attempt[], rest: TextSample = {}): Promise<MessageDocument> {
  const refs = attempts.flatMap(({ carrier, parts }) =>
    (parts ?? []).flatMap(({ carrierMessageId }) => (carrierMessageId ? [carrierRef(carrier, carrierMessageId)] : [])),
  );
  const text = sampleText(own.store.vault, {
    status: attempts.at(-1)?.answeredAt ? 'submitted' : 'claimed',
    workflowId: unique('workflow'),
    attempts,
    carrierRefs: refs,
    ...rest,
  });
  await own.store.messages.insert([text]);
  return text;
}

function receipt(rest: Partial<ReceiptEvent>): ReceiptEvent {
  return {
    type: 'receipt',
    eventId: unique('event'),
    at: new Date().toISOString(),
    raw: '{}',
    from: ours,
    to: theirs,
    state: 'DELIVRD',
    ...rest,
  };
}

/** Brings receipts as one carrier does, and waits until they have been worked on. */
async function bring(events: readonly ReceiptEvent[], carrier = 'alpha', intake = newIntake()): Promise<void> {
  await intake.receive(carrier, events);
  await intake.idle();
}

async function stored(text: MessageDocument): Promise<MessageDocument> {
  const found = await own.store.messages.find(text._id);
  if (!found) throw new Error('The text is not in the store.');
  return found;
}

async function eventState(event: ReceiptEvent, carrier = 'alpha'): Promise<string | undefined> {
  return (await own.store.carrierEvents.findMany([`${carrier}/${event.eventId}`]))[0]?.state;
}

/** Makes what is stored look as if it had come some time ago, so that a sweep takes it up. */
async function letTimePass(): Promise<void> {
  await own.raw
    .collection('carrierEvents')
    .updateMany({ dueAt: { $exists: true } }, { $set: { receivedAt: secondsAgo(20), dueAt: secondsAgo(15) } });
}

describe('a receipt finds its text', () => {
  test('by its id: the text is final, its workflow is told once all of its texts are', async () => {
    const [a, b] = [unique('m'), unique('m')];
    const first = await storeText([attempt([a])]);
    const second = await storeText([attempt([b])], { workflowId: first.workflowId ?? null });
    await bring([receipt({ carrierMessageId: a })]);
    expect(await stored(first)).toMatchObject({ status: 'delivered', rev: 1 });
    expect(engine.told).toEqual([]);
    await bring([receipt({ carrierMessageId: b })]);
    expect((await stored(second)).status).toBe('delivered');
    expect(engine.told).toEqual([['settled', first.workflowId]]);
  });

  test('twice, also in one delivery and under another event id: the second time changes nothing', async () => {
    const id = unique('m');
    const text = await storeText([attempt([id])]);
    const event = receipt({ carrierMessageId: id });
    await bring([event, event, receipt({ carrierMessageId: id })]);
    await bring([event]);
    await bring([receipt({ carrierMessageId: id, state: 'UNDELIV', code: '001' })]);
    expect(await stored(text)).toMatchObject({ status: 'delivered', rev: 1 });
    expect(await eventState(event)).toBe('done');
  });

  test('late, when the text has ended as unknown: it stays so, and what the receipt says is kept beside it', async () => {
    const id = unique('m');
    const text = await storeText([attempt([id], { claimedAt: secondsAgo(9000) })], {
      status: 'unknown',
      finalAt: secondsAgo(60),
    });
    await bring([receipt({ carrierMessageId: id })]);
    const after = await stored(text);
    expect(after).toMatchObject({ status: 'unknown', finalAt: text.finalAt });
    expect(after.attempts[0]?.parts?.[0]?.state).toBe('DELIVRD');
  });

  test('when carriers use an id again: the newest submission under it counts', async () => {
    const id = unique('m');
    const old = await storeText([attempt([id])], { acceptedAt: secondsAgo(7000) });
    const young = await storeText([attempt([unique('m')]), attempt([id])], { acceptedAt: secondsAgo(70) });
    const elsewhere = await storeText([attempt([id], { carrier: 'gamma' })]);
    await bring([receipt({ carrierMessageId: id })]);
    expect((await stored(old)).rev).toBe(0);
    expect((await stored(elsewhere)).rev).toBe(0);
    const after = await stored(young);
    expect(after.status).toBe('delivered');
    expect(after.attempts.map(({ parts }) => parts?.[0]?.state)).toEqual([undefined, 'DELIVRD']);
  });

  test('part by part: a long text is delivered when all of its parts are', async () => {
    const ids = [unique('m'), unique('m'), unique('m')];
    const text = await storeText([attempt(ids)], { segments: 3 });
    await bring([receipt({ carrierMessageId: ids[2] }), receipt({ carrierMessageId: ids[0] })]);
    expect((await stored(text)).status).toBe('submitted');
    await bring([receipt({ carrierMessageId: ids[1] })]);
    expect((await stored(text)).status).toBe('delivered');
  });

  test('part by part: it has failed when one of them has, and is never sent again, since the others are at the handset', async () => {
    const ids = [unique('m'), unique('m')];
    const text = await storeText([attempt(ids)], { segments: 2 });
    await bring([
      receipt({ carrierMessageId: ids[0] }),
      receipt({ carrierMessageId: ids[1], state: 'UNDELIV', code: '006' }),
    ]);
    expect(await stored(text)).toMatchObject({ status: 'failed', failure: { carrierCode: '006' } });
  });

  test('by one id for all parts, where the carrier cuts long texts itself', async () => {
    const id = unique('m');
    const text = await storeText([attempt([id], { carrier: 'telnyx' })], { segments: 4 });
    await bring([receipt({ carrierMessageId: id })], 'telnyx');
    expect((await stored(text)).status).toBe('delivered');
  });
});

describe('a receipt whose text is not known yet', () => {
  test('waits, and finds it when the text is there', async () => {
    const id = unique('m');
    const event = receipt({ carrierMessageId: id });
    await bring([event]);
    expect(await eventState(event)).toBe('unmatched');
    const text = await storeText([attempt([id])]);
    await letTimePass();
    await newIntake().sweep();
    expect((await stored(text)).status).toBe('delivered');
    expect(await eventState(event)).toBe('done');
  });

  test('is not lost behind hundreds that nobody will ever know', async () => {
    const strangers = Array.from({ length: 620 }, () =>
      receipt({ carrierMessageId: unique('stranger'), to: '+12025550100' }),
    );
    const id = unique('m');
    const event = receipt({ carrierMessageId: id });
    await bring([...strangers, event]);
    const text = await storeText([attempt([id])]);
    await letTimePass();
    await newIntake().sweep();
    expect((await stored(text)).status).toBe('delivered');
    await own.raw.collection('carrierEvents').deleteMany({ state: 'unmatched' });
  });

  /** What the sender does with an answer: it is written with the receipts that are here, then others are looked for. */
  async function answerArrives(text: MessageDocument, ids: readonly string[], intake = newIntake()): Promise<void> {
    const answers = ids.map<PartAnswer>((carrierMessageId) => ({ outcome: 'accepted', carrierMessageId }));
    const refs = ids.map((id) => carrierRef('alpha', id));
    const change = (message: MessageDocument) => {
      const context = { vocabulary: 'smpp', at: new Date(), random: 0 } as const;
      const changed = applyAnswers(message, message.attempts[0]?.token ?? '', answers, context);
      return changed && { ...changed, carrierRefs: [...new Set([...(message.carrierRefs ?? []), ...refs])] };
    };
    await intake.answered({ texts: [text], change }, refs);
  }

  test('because it overtook the answer: it is applied when the answer is there (invariant 6)', async () => {
    const id = unique('m');
    const text = await storeText([attempt()]);
    const event = receipt({ carrierMessageId: id });
    await bring([event]);
    expect((await stored(text)).status).toBe('claimed');
    await answerArrives(text, [id]);
    expect((await stored(text)).status).toBe('delivered');
    expect(await eventState(event)).toBe('done');
    expect(engine.callsOf('settled')).toEqual([[text.workflowId]]);
  });

  describe('while its process waits for the answer', () => {
    const to = '+12025550141';

    /** A text that was submitted, and a receipt that could be matched by its reference. */
    async function submitted(): Promise<{ text: MessageDocument; id: string; event: ReceiptEvent }> {
      const text = await storeText([attempt()], { to });
      const [userMessageReference = 0] = userMessageReferences(text._id, 1, 1);
      const id = unique('m');
      return { text, id, event: receipt({ to, carrierMessageId: id, userMessageReference }) };
    }

    test('it is written together with the answer, and whoever submitted sees both', async () => {
      const { text, id, event } = await submitted();
      const intake = newIntake();
      const answersStored = intake.submitting('alpha');
      const received = intake.receive('alpha', [event]);
      await sleep(50);
      await answerArrives(text, [id], intake);
      // The carrier is answered when both are stored (invariant 3).
      await received;
      expect(await stored(text)).toMatchObject({ status: 'delivered', rev: 1, carrierRefs: [`alpha/${id}`] });
      expect(await eventState(event)).toBe('done');
      answersStored();
      await intake.idle();
      expect(engine.told).toEqual([]);
    });

    test('it is kept for later when the answer to its submission is not taken any more', async () => {
      const { text, id } = await submitted();
      const event = receipt({ carrierMessageId: id });
      const intake = newIntake();
      intake.submitting('alpha');
      const received = intake.receive('alpha', [event]);
      await sleep(50);
      await intake.answered({ texts: [text], change: () => undefined }, [`alpha/${id}`]);
      await received;
      await intake.idle();
      expect(await eventState(event)).toBe('unmatched');
    });

    test('only that of its carrier waits, and only until the answers are stored', async () => {
      const [one, other] = [await submitted(), await submitted()];
      const intake = newIntake();
      const answersStored = intake.submitting('telnyx');
      await intake.receive('alpha', [one.event]);
      await vi.waitFor(async () => expect((await stored(one.text)).status).toBe('delivered'));
      answersStored();
      const stillWaits = intake.submitting('alpha');
      const received = intake.receive('alpha', [other.event]);
      expect((await stored(other.text)).status).toBe('claimed');
      stillWaits();
      await received;
      await vi.waitFor(async () => expect((await stored(other.text)).status).toBe('delivered'));
    });

    test('it waits no longer than a second, nor for the end of the process', async () => {
      const [late, last] = [await submitted(), await submitted()];
      const intake = newIntake();
      intake.submitting('alpha');
      await intake.receive('alpha', [late.event]);
      await vi.waitFor(async () => expect((await stored(late.text)).status).toBe('delivered'), 3000);
      const received = intake.receive('alpha', [last.event]);
      await vi.waitFor(async () => {
        await intake.idle();
        expect((await stored(last.text)).status).toBe('delivered');
      });
      await received;
    });
  });

  test('while the answer is being written: whoever looks second sees the first, without a sweep (invariant 6)', async () => {
    const texts = await Promise.all(Array.from({ length: 30 }, () => storeText([attempt()], { segments: 2 })));
    // Sender and receiver are processes of their own.
    const [sender, receiver] = [newIntake(), newIntake()];
    await Promise.all(
      texts.flatMap((text) => {
        const ids = [unique('m'), unique('m')];
        return [
          ...ids.map((carrierMessageId) => bring([receipt({ carrierMessageId })], 'alpha', receiver)),
          answerArrives(text, ids, sender),
        ];
      }),
    );
    const after = await own.store.messages.findMany(texts.map(({ _id }) => _id));
    expect(after.filter(({ status }) => status !== 'delivered')).toEqual([]);
    expect(new Set(engine.callsOf('settled').flat())).toEqual(new Set(texts.map(({ workflowId }) => workflowId)));
  });
});

describe('a receipt for a submission whose answer never came', () => {
  const longAgo = { claimedAt: secondsAgo(20) };

  test('is recognised by the reference that was sent with it, at once and part by part', async () => {
    const to = '+12025550111';
    const text = await storeText([attempt()], { to, text: 'long '.repeat(60), segments: 2 });
    await storeText([attempt()], { to });
    const references = userMessageReferences(text._id, 1, 2);
    const events = references.map((userMessageReference) =>
      receipt({ to, carrierMessageId: unique('m'), userMessageReference }),
    );
    await bring(events.slice(1));
    expect((await stored(text)).status).toBe('claimed');
    await bring(events.slice(0, 1));
    const after = await stored(text);
    expect(after.status).toBe('delivered');
    // A second receipt of the part is found by its id from now on.
    expect(after.carrierRefs).toEqual(expect.arrayContaining(events.map((e) => `alpha/${e.carrierMessageId}`)));
  });

  test('is looked for together with all others of a delivery: they overtake the answers by hundreds', async () => {
    const look = vi.spyOn(own.store.messages, 'findUnanswered');
    const recipients = ['+12025550121', '+12025550122', '+12025550123'];
    const texts = await Promise.all(recipients.map((to) => storeText([attempt()], { to })));
    const events = texts.map((text, index) => {
      const [userMessageReference] = userMessageReferences(text._id, 1, 1);
      const to = recipients[index] ?? '';
      return receipt({ to, carrierMessageId: unique('m'), ...(userMessageReference && { userMessageReference }) });
    });
    await bring(events);
    expect((await Promise.all(texts.map(stored))).map(({ status }) => status)).toEqual(texts.map(() => 'delivered'));
    expect(look).toHaveBeenCalledTimes(1);
    look.mockRestore();
  });

  test('is recognised by addresses and text when exactly one submission fits', async () => {
    const to = '+12025550112';
    const text = await storeText([attempt(undefined, longAgo)], { to, text: 'Your parcel is here' });
    await storeText([attempt(undefined, longAgo)], { to, from: standby, text: 'Your parcel is here' });
    await storeText([attempt(undefined, { ...longAgo, carrier: 'gamma' })], { to, text: 'Your parcel is here' });
    await storeText([attempt(undefined, longAgo)], { to, text: 'Another text' });
    await storeText([attempt([unique('m')], longAgo)], { to, text: 'Your parcel is here' });
    await bring([receipt({ to, carrierMessageId: unique('m'), textStart: 'Your parcel' })]);
    expect((await stored(text)).status).toBe('delivered');
  });

  test('is given to nobody when two submissions fit, however often it is tried', async () => {
    const to = '+12025550113';
    const twins = await Promise.all([1, 2].map(() => storeText([attempt(undefined, longAgo)], { to, text: 'Same' })));
    const event = receipt({ to, carrierMessageId: unique('m'), textStart: 'Same' });
    await bring([event]);
    await letTimePass();
    await newIntake().sweep();
    expect((await Promise.all(twins.map(stored))).map(({ rev }) => rev)).toEqual([0, 0]);
    expect(await eventState(event)).toBe('unmatched');
  });

  test('is given to nobody by addresses alone while the answer may still come', async () => {
    const to = '+12025550114';
    const text = await storeText([attempt(undefined, { claimedAt: secondsAgo(5) })], { to });
    const event = receipt({ to, carrierMessageId: unique('m') });
    await bring([event]);
    expect((await stored(text)).rev).toBe(0);
    await own.raw
      .collection<{ _id: string }>('messages')
      .updateOne({ _id: text._id }, { $set: { 'attempts.0.claimedAt': secondsAgo(20) } });
    await letTimePass();
    await newIntake().sweep();
    expect((await stored(text)).status).toBe('delivered');
  });

  test('is recognised also by the standby sender that it was sent from', async () => {
    const to = '+12025550115';
    const route = {
      carrier: 'alpha',
      sender: { key: own.store.vault.numberKey(standby), version: 1 },
      viaStandby: true,
      proves: false,
      reason: 'standby-sender',
    };
    const text = await storeText([attempt(undefined, longAgo)], { to, route });
    await bring([receipt({ to, from: ours, carrierMessageId: unique('m') })]);
    expect((await stored(text)).rev).toBe(0);
    await bring([receipt({ to, from: standby, carrierMessageId: unique('m') })]);
    expect((await stored(text)).status).toBe('delivered');
  });
});

describe('a failure', () => {
  test('that may pass is left to the workflow, which is told once for a bulk', async () => {
    const ids = [unique('m'), unique('m')];
    const first = await storeText([attempt([ids[0]])]);
    const second = await storeText([attempt([ids[1]])], { workflowId: first.workflowId ?? null });
    await bring(ids.map((carrierMessageId) => receipt({ carrierMessageId, state: 'UNDELIV', code: '006' })));
    for (const text of [first, second])
      expect(await stored(text)).toMatchObject({ status: 'retrying', failure: { carrierCode: '006' } });
    expect(engine.told).toEqual([['failures', first.workflowId]]);
  });

  test('that points at a port asks for a look-up first', async () => {
    const id = unique('m');
    const text = await storeText([attempt([id])]);
    await bring([receipt({ carrierMessageId: id, state: 'UNDELIV', code: '001' })]);
    expect(await stored(text)).toMatchObject({ status: 'retrying', lookUpFirst: true });
  });

  test('that says «opted out» goes to the consent ledger, once', async () => {
    const id = unique('m');
    const to = '+12025550116';
    await storeText([attempt([id], { carrier: 'telnyx' })], { to });
    const event = receipt({ to, carrierMessageId: id, state: 'UNDELIV', code: '40300' });
    await bring([event, receipt({ ...event, eventId: unique('event') })], 'telnyx');
    const key = own.store.vault.numberKey(to);
    const events = (await own.store.consents.ofSubjects([key])).get(key);
    expect(events).toMatchObject([{ type: 'revoked', basis: 'opt-out', source: 'carrier-code' }]);
  });
});

test('an opt-out that a carrier tells is one of the number that the recipient saw', async () => {
  const id = unique('m');
  const to = '+12025550131';
  const sender = { key: own.store.vault.numberKey(standby), version: 1 };
  const route = { carrier: 'telnyx', sender, viaStandby: true, proves: false, reason: 'standby-sender' };
  await storeText([attempt([id], { carrier: 'telnyx' })], { to, route });
  await bring([receipt({ to, from: standby, carrierMessageId: id, state: 'UNDELIV', code: '40300' })], 'telnyx');
  const key = own.store.vault.numberKey(to);
  const events = (await own.store.consents.ofSubjects([key])).get(key);
  expect(events).toMatchObject([{ type: 'revoked', senderKey: sender.key }]);
});

describe('what was stored and not finished', () => {
  test('is on disk before the carrier is answered: a process that dies at once loses nothing (invariant 3)', async () => {
    const id = unique('m');
    const text = await storeText([attempt()], { to: '+12025550142' });
    const event = receipt({ carrierMessageId: id });
    // Nobody knows the text by its id yet. This process ends between storing and working: its store answers nothing any more.
    const dying = newIntake({
      store: { ...own.store, messages: { ...own.store.messages, findUnanswered: () => new Promise(() => undefined) } },
    });
    await dying.receive('alpha', [receipt({ ...event, to: '+12025550142' })]);
    expect(await eventState(event)).toBe('new');
    await own.store.messages.change([text._id], () => ({
      status: 'submitted',
      attempts: [attempt([id])],
      carrierRefs: [`alpha/${id}`],
    }));
    await newIntake().sweep();
    expect((await stored(text)).status, 'not yet: the other process may still have it').toBe('submitted');
    await letTimePass();
    await newIntake().sweep();
    expect((await stored(text)).status).toBe('delivered');
    expect(await eventState(event)).toBe('done');
  });

  test('that is applied and not stored is not answered: sent again, it changes nothing, and its workflow is told (invariant 3)', async () => {
    const id = unique('m');
    const text = await storeText([attempt([id])]);
    const event = receipt({ carrierMessageId: id });
    const carrierEvents = { ...own.store.carrierEvents, store: () => new Promise<void>(() => undefined) };
    const answered = vi.fn();
    void newIntake({ store: { ...own.store, carrierEvents } })
      .receive('alpha', [event])
      .then(answered);
    await vi.waitFor(async () => expect((await stored(text)).status).toBe('delivered'));
    const { rev } = await stored(text);
    expect(answered).not.toHaveBeenCalled();
    engine.clear();
    await newIntake().receive('alpha', [event]);
    expect((await stored(text)).rev).toBe(rev);
    expect(await eventState(event)).toBe('done');
    expect(engine.callsOf('settled')).toEqual([[text.workflowId]]);
  });

  test('is refused to the carrier when it cannot be stored (invariant 3)', async () => {
    const failing = { ...own.store.carrierEvents, store: () => Promise.reject(new Error('disk full')) };
    const intake = newIntake({ store: { ...own.store, carrierEvents: failing } });
    await expect(intake.receive('alpha', [receipt({})])).rejects.toThrow('disk full');
  });

  test('is said to the workflow by the sweep when the engine was away (invariant 3)', async () => {
    const [delivered, failed] = [unique('m'), unique('m')];
    const first = await storeText([attempt([delivered])]);
    const second = await storeText([attempt([failed])]);
    engine.failure = new Error('the engine is away');
    await bring([
      receipt({ carrierMessageId: delivered }),
      receipt({ carrierMessageId: failed, state: 'UNDELIV', code: '006' }),
    ]);
    expect([(await stored(first)).status, (await stored(second)).status]).toEqual(['delivered', 'retrying']);
    engine.failure = undefined;
    await letTimePass();
    await newIntake().sweep();
    expect(engine.callsOf('settled')).toEqual([[first.workflowId]]);
    expect(engine.callsOf('failures')).toEqual([[second.workflowId]]);
  });
});

describe('proof of a cutover', () => {
  const portId = 'port_1';
  let sender = 100;

  /** A number whose texts move to telnyx, and a text that was sent by a carrier since. */
  async function moving(carrier: 'telnyx' | 'alpha' | 'gamma', proves: boolean, claimedAt = new Date()) {
    sender += 1;
    const from = `+1202555${String(1000 + sender)}`;
    const number = sampleNumber(own.store.vault, from, {
      routing: {
        state: 'uncertain',
        portId,
        losing: 'alpha',
        gaining: carrier === 'gamma' ? 'gamma' : 'telnyx',
        since: secondsAgo(30),
        activated: true,
      },
    });
    await own.store.numbers.insert(number);
    const id = unique('m');
    const route = { carrier, sender: { key: number._id, version: 1 }, viaStandby: false, proves, reason: 'canary' };
    await storeText([attempt([id], { carrier, claimedAt })], { from, route });
    await bring([receipt({ from, carrierMessageId: id })], carrier);
    return { number, proof: (await own.store.numbers.find(number._id))?.proof };
  }

  test('is a delivery by the gaining carrier; the cutover is told', async () => {
    const { number, proof } = await moving('telnyx', true);
    expect(proof).toMatchObject({ portId, outboundAt: expect.any(Date) });
    expect(engine.callsOf('cutoverNews')).toEqual([[portId, number._id]]);
  });

  test('is told once, however many texts arrive', async () => {
    const { number } = await moving('telnyx', true);
    const first = (await own.store.numbers.find(number._id))?.proof?.outboundAt;
    const id = unique('m');
    const from = own.store.vault.open(number.number);
    const sender = { key: number._id, version: 1 };
    const route = { carrier: 'telnyx', sender, viaStandby: false, proves: true, reason: 'canary' };
    await storeText([attempt([id], { carrier: 'telnyx', claimedAt: new Date() })], { from, route });
    await sleep(5);
    await bring([receipt({ from, carrierMessageId: id })], 'telnyx');
    expect((await own.store.numbers.find(number._id))?.proof?.outboundAt).toEqual(first);
    expect(engine.callsOf('cutoverNews')).toEqual([[portId, number._id]]);
  });

  test('is told again by the sweep when the engine was away', async () => {
    engine.failure = new Error('the engine is away');
    const { number } = await moving('telnyx', true);
    engine.failure = undefined;
    await letTimePass();
    await newIntake().sweep();
    expect(engine.callsOf('cutoverNews')).toEqual([[portId, number._id]]);
  });

  test('is no delivery by another carrier, nor a receipt that may be made up, nor one of a text from before', async () => {
    expect((await moving('alpha', false)).proof).toBeUndefined();
    expect((await moving('gamma', true)).proof).toBeUndefined();
    expect((await moving('telnyx', true, secondsAgo(60))).proof).toBeUndefined();
    expect(engine.callsOf('cutoverNews')).toEqual([]);
  });
});

test('nothing that came in with a receipt stands in plain in the store, or was told to the engine (invariant 9)', async () => {
  const id = unique('m');
  await storeText([attempt([id])], { text: 'A very private text' });
  await bring([
    receipt({ carrierMessageId: id, textStart: 'A very private', raw: `from:${ours} text:A very private` }),
  ]);
  const bytes = (await bytesOf(own.raw)) + JSON.stringify(engine.told);
  for (const secret of [ours.slice(1), theirs.slice(1), 'private']) expect(bytes).not.toContain(secret);
});
