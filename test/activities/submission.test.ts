import { ApplicationFailure } from '@temporalio/common';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Outlook } from '../../activities/interfaces.ts';
import { createSubmissionActivities } from '../../activities/submission.ts';
import type { Carrier, PartAnswer, ReceiptEvent } from '../../carriers/carrier.ts';
import { limitsShape } from '../../carriers/limits.ts';
import { userMessageReferences } from '../../domain/user-message-reference.ts';
import { createIntake } from '../../intake/intake.ts';
import { honourRevocations } from '../../intake/revocation.ts';
import type { MessageDocument } from '../../store/messages.ts';
import type { Store } from '../../store/store.ts';
import { placeWhereItIs } from '../domain/jurisdictions/zone-by-hour.ts';
import { RecordedEngine } from '../intake/recorded-engine.ts';
import { bytesOf, ownStore } from '../store/own-store.ts';
import { sampleNumber, sampleText, type TextSample } from '../store/samples.ts';
import { FakeMessaging, fakeCarrier } from './fake-carrier.ts';
import { inWorkflow } from './in-workflow.ts';
import { limitsOf } from './limits-of.ts';

const own = ownStore();
let messaging: FakeMessaging;
let carriers: Map<string, Carrier>;

/** The activities and the intake of one process. */
function process(store: Store = own.store) {
  const logger = pino({ enabled: false });
  const intake = createIntake({ store, engine: new RecordedEngine(), carriers, logger });
  const { limits, breakers } = limitsOf(store, carriers);
  return { intake, limits, breakers, ...createSubmissionActivities({ store, intake, carriers, limits, breakers }) };
}

let count = 0;
let from = '';
let to = '';
let workflow = '';
beforeEach(async () => {
  messaging = new FakeMessaging();
  // The ids of different tests' carriers are not the same.
  count += 1;
  messaging.idPrefix = `m${count}-`;
  carriers = new Map([
    ['alpha', fakeCarrier('alpha', { messaging })],
    ['telnyx', fakeCarrier('telnyx', { messaging, settings: { codes: 'telnyx', partIds: 'one' } })],
  ]);
  from = `+1202555${2000 + count}`;
  to = `+1202555${4000 + count}`;
  workflow = `messages/${count}`;
  await own.store.numbers.insert(sampleNumber(own.store.vault, from));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await own.raw.collection('carrierBreakers').deleteMany({});
});
const key = (number: string) => own.store.vault.numberKey(number);
const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1000);

/** The recipient has agreed to marketing, in time for what is sent now. */
const consentToMarketing = () =>
  own.store.consents.append({
    _id: `con_marketing_${count}`,
    type: 'granted',
    subjectKey: key(to),
    basis: 'express-written',
    source: 'api',
    at: inSeconds(-60),
    evidence: own.store.vault.seal('{}'),
  });

/** Stores texts as admission leaves them. */
async function storeQueued(texts: readonly TextSample[], carrier = 'alpha'): Promise<MessageDocument[]> {
  const queued = texts.map((text) =>
    sampleText(own.store.vault, {
      from,
      to,
      status: 'queued',
      workflowId: workflow,
      route: {
        carrier,
        sender: { key: key(text.from ?? from), version: 1 },
        viaStandby: false,
        proves: false,
        reason: 'settled',
      },
      ...text,
    }),
  );
  await own.store.messages.insert(queued);
  return queued;
}

const submit = (store?: Store, carrier = 'alpha'): Promise<Outlook> =>
  inWorkflow(workflow, () => process(store).submit({ carrier }));

async function stored(texts: readonly MessageDocument[]): Promise<MessageDocument[]> {
  const found = new Map(
    (await own.store.messages.findMany(texts.map(({ _id }) => _id))).map((each) => [each._id, each]),
  );
  return texts.map(({ _id }) => {
    const message = found.get(_id);
    if (!message) throw new Error('A text is not in the store.');
    return message;
  });
}
const statuses = async (texts: readonly MessageDocument[]) => (await stored(texts)).map(({ status }) => status);
const written = () => messaging.written.map(({ text }) => text);
/** A text that is sealed under its recipient's own key, as the API stores it. */
async function sealedFor(recipient: string, words: string): Promise<Pick<MessageDocument, 'to' | 'toKey' | 'text'>> {
  await own.store.subjectKeys.load([key(recipient)]);
  const seal = (plain: string) => own.store.vault.sealFor(key(recipient), plain);
  return { toKey: key(recipient), to: seal(recipient), text: seal(words) };
}
/** A store whose one call breaks, as when the process ends there. */
const dead = () => Promise.reject(new Error('the process has ended'));

const candidate = (carrier: string, excluded?: 'failed-before') => ({
  carrier,
  delivery: 0.9,
  weight: 10,
  ...(excluded && { excluded }),
});
/** How the route by alpha was chosen among these. */
const chosenOf = (...candidates: ReturnType<typeof candidate>[]) => ({
  decisions: [
    { at: new Date(), carrier: 'alpha', reason: 'cheapest-good-enough', candidates, network: 'US', lot: 0.5 } as const,
  ],
});

describe('a submission', () => {
  test('writes every text once, the oldest first, with what remains of its validity', async () => {
    const texts = await storeQueued([
      { text: 'second', acceptedAt: inSeconds(-5) },
      { text: 'third', expiresAt: inSeconds(60) },
      { text: 'first', acceptedAt: inSeconds(-9), segments: 1 },
    ]);
    expect(await submit()).toMatchObject({ open: 3, carriers: [], reviewDue: false });
    expect(written()).toEqual(['first', 'second', 'third']);
    const [second, third] = await stored(texts);
    expect(messaging.written[2]).toMatchObject({ from, to, references: userMessageReferences(third?._id ?? '', 1, 1) });
    const validity = messaging.written[2]?.validityMs ?? 0;
    expect(validity).toBeGreaterThan(55_000);
    expect(validity).toBeLessThanOrEqual(60_000);
    expect(second).toMatchObject({
      status: 'submitted',
      carrierRefs: ['alpha/m1-2'],
      attempts: [
        { carrier: 'alpha', workflowId: workflow, parts: [{ outcome: 'accepted', carrierMessageId: 'm1-2' }] },
      ],
    });
    // Run again, as after a lost answer to the engine.
    await submit();
    expect(messaging.written).toHaveLength(3);
  });

  test('made by two workers at once writes every text once (invariant 5)', async () => {
    const texts = await storeQueued(Array.from({ length: 60 }, (_, i) => ({ text: `text ${i}` })));
    messaging.room = 7;
    await Promise.all([submit(), submit(), submit()]);
    expect(written().toSorted()).toEqual(texts.map((_, i) => `text ${i}`).toSorted());
    expect(new Set(await statuses(texts))).toEqual(new Set(['submitted']));
  });

  test('takes only texts of its own carrier, and none that is over', async () => {
    const [other] = await storeQueued([{ text: 'by telnyx' }], 'telnyx');
    const [over] = await storeQueued([{ text: 'over', expiresAt: inSeconds(-1) }]);
    const [mine] = await storeQueued([{ text: 'mine' }]);
    if (!other || !over || !mine) throw new Error('three texts');
    expect(await submit()).toMatchObject({ carriers: ['telnyx'], reviewDue: true });
    expect(written()).toEqual(['mine']);
    expect(await statuses([other, over])).toEqual(['queued', 'queued']);
  });

  test('writes nothing under a route whose time is over: the number was to move then', async () => {
    const route = { carrier: 'alpha', sender: { key: key(from), version: 1 }, viaStandby: false, proves: false };
    const [over] = await storeQueued([{ route: { ...route, reason: 'settled', until: inSeconds(-1) } }]);
    if (!over) throw new Error('a text');
    expect(await submit()).toMatchObject({ open: 1, reviewDue: true });
    expect(await statuses([over])).toEqual(['queued']);
    // The time may come between the look and the claim.
    const [soon] = await storeQueued([{ to: `${to}1`, route: { ...route, reason: 'settled', until: inSeconds(0.3) } }]);
    if (!soon) throw new Error('a text');
    await own.store.messages.change([over._id], () => ({ status: 'expired' }));
    messaging.onReserve = () => new Promise((resolve) => setTimeout(resolve, 400));
    await submit();
    expect(await statuses([soon])).toEqual(['queued']);
    expect(messaging.written).toEqual([]);
  });

  test('goes from the standby sender where that was decided', async () => {
    const standby = `${from}9`;
    await own.store.numbers.insert(sampleNumber(own.store.vault, standby, { version: 4 }));
    const sender = { key: key(standby), version: 4 };
    await storeQueued([
      { route: { carrier: 'alpha', sender, viaStandby: true, proves: false, reason: 'standby-sender' } },
    ]);
    await submit();
    expect(messaging.written).toMatchObject([{ from: standby, to }]);
  });

  test('does not go from a standby sender that its recipient has opted out of', async () => {
    const standby = `${from}9`;
    await own.store.numbers.insert(sampleNumber(own.store.vault, standby, { version: 4 }));
    await own.store.consents.append({
      _id: `con_standby_${count}`,
      type: 'revoked',
      subjectKey: key(to),
      senderKey: key(standby),
      basis: 'opt-out',
      source: 'inbound',
      at: inSeconds(-60),
      evidence: own.store.vault.seal('{}'),
    });
    const sender = { key: key(standby), version: 4 };
    const texts = await storeQueued([
      { route: { carrier: 'alpha', sender, viaStandby: true, proves: false, reason: 'standby-sender' } },
    ]);
    await submit();
    expect(messaging.written).toEqual([]);
    expect(await stored(texts)).toMatchObject([{ status: 'refused', failure: { code: 'recipient-opted-out' } }]);
  });

  test('runs for two seconds at most, and leaves to others what it has not claimed (invariant 8)', async () => {
    const texts = await storeQueued(Array.from({ length: 12 }, (_, i) => ({ text: `text ${i}` })));
    messaging.room = 1;
    messaging.onReserve = () => new Promise((resolve) => setTimeout(resolve, 400));
    const outlook = await submit();
    expect(outlook.carriers).toEqual(['alpha']);
    expect(messaging.written.length).toBeGreaterThanOrEqual(2);
    expect(messaging.written.length).toBeLessThan(8);
    expect((await statuses(texts)).filter((status) => status === 'queued')).toHaveLength(12 - messaging.written.length);
  });

  test('to a carrier that is away fails in a way that is repeated, and claims nothing', async () => {
    const texts = await storeQueued([{}]);
    messaging.away = true;
    const failure = await submit().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ApplicationFailure);
    expect(failure).toMatchObject({ type: 'carrier-unavailable', nonRetryable: false });
    expect(await stored(texts)).toMatchObject([{ status: 'queued', attempts: [], rev: 0 }]);
  });
});

describe('limits', () => {
  const withLimits = (limits: unknown) => {
    const settings = { limits: limitsShape.parse(limits) };
    carriers.set('alpha', fakeCarrier('alpha', { messaging, settings }));
  };

  test('per second of a sender let other senders pass; the bulk comes back when a token is there', async () => {
    withLimits({ senders: { [from]: { segmentsPerSecond: 0.3 } } });
    const other = `${from}7`;
    await own.store.numbers.insert(sampleNumber(own.store.vault, other));
    await storeQueued([{ text: 'a' }, { text: 'b' }, { text: 'c', from: other }, { text: 'd', from: other }]);
    const outlook = await submit();
    expect(written()).toEqual(['a', 'c', 'd']);
    expect(outlook).toMatchObject({ open: 4, carriers: ['alpha'], sender: key(from) });
    const waitMs = Date.parse(outlook.notBefore ?? '') - Date.now();
    expect(waitMs).toBeGreaterThan(2500);
    expect(waitMs).toBeLessThanOrEqual(3400);
  });

  test('per second are waited for within the run, when the next token comes soon', async () => {
    withLimits({ eachSender: { segmentsPerSecond: 4 } });
    await storeQueued([{ text: 'a' }, { text: 'b' }, { text: 'c' }]);
    expect(await submit()).toMatchObject({ carriers: [] });
    expect(written()).toEqual(['a', 'b', 'c']);
  });

  test('per day put off what is valid tomorrow, and refuse at once what is not: what will expire is not kept', async () => {
    // Another limit for each run: its day's counter stays.
    withLimits({ senders: { [from]: { segmentsPerDay: 1 } } });
    const inTwoDays = inSeconds(2 * 24 * 3600);
    const texts = await storeQueued([
      { text: 'a', acceptedAt: inSeconds(-9) },
      { text: 'b', expiresAt: inTwoDays },
      { text: 'c', expiresAt: inSeconds(1.5) },
    ]);
    await submit();
    expect(written()).toEqual(['a']);
    const [, tomorrow, refused] = await stored(texts);
    const midnight = new Date(Math.floor(Date.now() / 86_400_000 + 1) * 86_400_000);
    expect(tomorrow).toMatchObject({ status: 'retrying', retryAt: midnight, failure: { code: 'daily-limit-reached' } });
    expect(refused).toMatchObject({ status: 'refused', failure: { code: 'daily-limit-reached' }, attempts: [] });
  });

  test('per day put off no text that another carrier may send, unless its route was chosen with that in mind', async () => {
    withLimits({ senders: { [from]: { segmentsPerDay: 1 } } });
    const inTwoDays = inSeconds(2 * 24 * 3600);
    const texts = await storeQueued([
      { text: 'a', acceptedAt: inSeconds(-9) },
      { text: 'b', expiresAt: inTwoDays, ...chosenOf(candidate('alpha'), candidate('telnyx')) },
      { text: 'c', expiresAt: inTwoDays, ...chosenOf(candidate('alpha'), candidate('telnyx', 'failed-before')) },
    ]);
    const worker = process();
    const run = () => inWorkflow(workflow, () => worker.submit({ carrier: 'alpha' }));
    expect(await run()).toMatchObject({ carriers: ['alpha'], reviewDue: true });
    const [sent, moved, waits] = await stored(texts);
    expect([sent?.status, moved?.status, waits?.status]).toEqual(['submitted', 'queued', 'retrying']);
    // Chosen anew, and alpha again: nobody else can have it after all.
    const { until, ...route } = moved?.route ?? {};
    expect(until).toEqual(expect.any(Date));
    const chosen = { route, ...chosenOf(candidate('alpha'), candidate('telnyx')) } as Partial<MessageDocument>;
    await own.store.messages.change([moved?._id ?? ''], () => chosen);
    await run();
    expect(await statuses(texts)).toEqual(['submitted', 'retrying', 'retrying']);
  });

  test('per day are not used up by a text that did not go out, because its carrier could not be reached', async () => {
    withLimits({ eachSender: { segmentsPerDay: 1 } });
    const [text] = await storeQueued([{ text: 'a', expiresAt: inSeconds(2 * 24 * 3600) }]);
    const worker = process();
    const run = () => inWorkflow(workflow, () => worker.submit({ carrier: 'alpha' }));
    const { answer } = messaging;
    messaging.answer = () => [{ outcome: 'unsent', reason: 'connection refused' }];
    await run();
    messaging.answer = answer;
    await run();
    expect(await statuses([text as MessageDocument])).toEqual(['submitted']);
  });

  test('are not used up by a text that somebody else has claimed', async () => {
    withLimits({ eachSender: { segmentsPerSecond: 1 } });
    await storeQueued([{ text: 'a' }]);
    const once = process();
    const claim = vi.spyOn(own.store.messages, 'claim').mockResolvedValueOnce([]);
    await inWorkflow(workflow, () => once.submit({ carrier: 'alpha' }));
    claim.mockRestore();
    await inWorkflow(workflow, () => once.submit({ carrier: 'alpha' }));
    expect(written()).toEqual(['a']);
  });
});

describe('a text that would expire on its way', () => {
  test('is not written: a carrier counts its validity in whole seconds', async () => {
    const texts = await storeQueued([{ expiresAt: inSeconds(0.9) }, { text: 'valid', expiresAt: inSeconds(30) }]);
    expect(await submit()).toMatchObject({ open: 2, carriers: [] });
    expect(written()).toEqual(['valid']);
    expect(await statuses(texts)).toEqual(['queued', 'submitted']);
  });
});

describe('a carrier that is out of order', () => {
  test('gets nothing more, then five probes, then everything again', async () => {
    await storeQueued(Array.from({ length: 30 }, (_, i) => ({ text: `text ${i}`, to: `${to}${i}` })));
    messaging.room = 20;
    messaging.answer = () => [{ outcome: 'rejected', code: '0x08' }];
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      const worker = process();
      const run = () => inWorkflow(workflow, () => worker.submit({ carrier: 'alpha' }));
      messaging.onReserve = async () => {
        // The second portion is asked for when the answers to the first are known.
        if (messaging.written.length > 0)
          await vi.waitFor(() => expect(worker.breakers.isOpen('alpha', new Date())).toBe(true));
      };
      await run();
      messaging.onReserve = async () => undefined;
      const before = messaging.written.length;
      await storeQueued(Array.from({ length: 9 }, (_, i) => ({ text: `later ${i}`, to: `${to}5${i}` })));
      const stopped = await run();
      expect(messaging.written).toHaveLength(before);
      expect(Date.parse(stopped.notBefore ?? '') - Date.now()).toBeGreaterThan(25_000);
      vi.setSystemTime(Date.now() + 31_000);
      messaging.answer = () => [{ outcome: 'accepted', carrierMessageId: messaging.nextId() }];
      await run();
      expect(messaging.written.length).toBeGreaterThanOrEqual(before + 5);
      await run();
      expect(written().filter((text) => text.startsWith('later'))).toHaveLength(9);
      expect(worker.breakers.allow('alpha', 300, new Date())).toEqual({ texts: 300 });
    } finally {
      vi.useRealTimers();
    }
  });

  test('because nobody is connected to it keeps no text that another carrier may send', async () => {
    const texts = await storeQueued([chosenOf(candidate('alpha'), candidate('telnyx')), chosenOf(candidate('alpha'))]);
    messaging.away = true;
    const worker = process();
    expect(await inWorkflow(workflow, () => worker.submit({ carrier: 'alpha' }))).toMatchObject({ reviewDue: true });
    expect(worker.breakers.isOpen('alpha', new Date())).toBe(true);
    expect((await stored(texts)).map(({ status, route }) => [status, route?.until !== undefined])).toEqual([
      ['queued', true],
      ['queued', false],
    ]);
  });

  test('because nobody is connected to it lets a text without another route go as soon as somebody is', async () => {
    const [text] = await storeQueued([chosenOf(candidate('alpha'))]);
    messaging.away = true;
    const worker = process();
    const run = () => inWorkflow(workflow, () => worker.submit({ carrier: 'alpha' }));
    await expect(run()).rejects.toMatchObject({ type: 'carrier-unavailable' });
    messaging.away = false;
    await run();
    expect(await statuses([text as MessageDocument])).toEqual(['submitted']);
  });

  test('keeps no text that another carrier may send: that one is admitted anew, the others wait', async () => {
    const texts = await storeQueued([
      chosenOf(candidate('alpha'), candidate('telnyx')),
      chosenOf(candidate('alpha'), candidate('telnyx', 'failed-before')),
      chosenOf(candidate('alpha')),
    ]);
    const worker = process();
    const failing = Array.from({ length: 20 }, () => ({ failed: true, ms: 5 }));
    await worker.breakers.seen('alpha', failing, new Date());
    const run = () => inWorkflow(workflow, () => worker.submit({ carrier: 'alpha' }));
    expect(await run()).toMatchObject({ open: 3, carriers: ['alpha'], reviewDue: true });
    expect(messaging.written).toEqual([]);
    expect((await stored(texts)).map(({ status, route }) => [status, route?.until !== undefined])).toEqual([
      ['queued', true],
      ['queued', false],
      ['queued', false],
    ]);
  });
});

describe('a process that ends (invariant 5)', () => {
  const again = () => inWorkflow(workflow, () => process().submit({ carrier: 'alpha' }), 2);

  test('between claim and write: the next run finds that nothing was written, and writes it', async () => {
    const texts = await storeQueued([{ text: 'a' }, { text: 'b' }]);
    const [elsewhere] = await storeQueued([{ text: 'c' }], 'telnyx');
    const dying = { ...own.store, consents: { ...own.store.consents, ofSubjects: dead } };
    await expect(submit(dying)).rejects.toThrow();
    await expect(submit(dying, 'telnyx')).rejects.toThrow();
    expect(await statuses(texts)).toEqual(['claimed', 'claimed']);
    // Not a run that has nothing to take up after another one.
    expect(await submit()).toMatchObject({ open: 3, carriers: [], reviewDue: false });
    expect(messaging.written).toEqual([]);
    await again();
    expect(written().toSorted()).toEqual(['a', 'b']);
    expect((await stored(texts)).map(({ status, attempts }) => [status, attempts.length])).toEqual([
      ['submitted', 1],
      ['submitted', 1],
    ]);
    // Another carrier's is its own run's.
    expect(await statuses([elsewhere as MessageDocument])).toEqual(['claimed']);
  });

  test('or is only slow, between claim and write: who says first that it writes, or that it is over, is right', async () => {
    const texts = await storeQueued([{ text: 'a' }]);
    const consents = {
      ...own.store.consents,
      ofSubjects: async (keys: readonly string[]) => {
        // Meanwhile it counts as dead.
        if (messaging.written.length === 0) await again();
        return own.store.consents.ofSubjects(keys);
      },
    };
    await submit({ ...own.store, consents });
    expect(written()).toEqual(['a']);
    expect((await stored(texts)).map(({ status, attempts }) => [status, attempts.length])).toEqual([['submitted', 1]]);
  });

  test('just before it writes, having said that it does: the text may be with its carrier, and is never written again', async () => {
    const texts = await storeQueued([{ text: 'a' }]);
    const write = async (token: string) => {
      await own.store.claims.write(token);
      return dead();
    };
    await expect(submit({ ...own.store, claims: { ...own.store.claims, write } })).rejects.toThrow();
    await again();
    expect(messaging.written).toEqual([]);
    expect(await statuses(texts)).toEqual(['claimed']);
  });

  test('between write and answer: the text was written, and is never written again', async () => {
    const texts = await storeQueued([{ text: 'a' }, { text: 'b' }]);
    await expect(submit({ ...own.store, messages: { ...own.store.messages, change: dead } })).rejects.toThrow();
    expect(await statuses(texts)).toEqual(['claimed', 'claimed']);
    await again();
    expect(written().toSorted()).toEqual(['a', 'b']);
    // Its receipt is recognised by the reference that was sent with it.
    const [first] = texts;
    const [userMessageReference = 0] = userMessageReferences(first?._id ?? '', 1, 1);
    const { intake } = process();
    await intake.receive('alpha', [receiptFor('m-late', { userMessageReference })]);
    await intake.idle();
    expect((await statuses(texts)).toSorted()).toEqual(['claimed', 'delivered']);
  });

  test('before the claim: anybody may take the text', async () => {
    await storeQueued([{ text: 'a' }]);
    await expect(submit({ ...own.store, messages: { ...own.store.messages, claim: dead } })).rejects.toThrow();
    await submit();
    expect(written()).toEqual(['a']);
  });

  test('is not needed for it: a process that was frozen between claim and write for more than 5 s does not write', async () => {
    const texts = await storeQueued([{ text: 'a' }]);
    const clock = performance.now.bind(performance);
    let frozenMs = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => clock() + frozenMs);
    const consents = {
      ...own.store.consents,
      ofSubjects: (keys: readonly string[]) => {
        frozenMs = 5001;
        return own.store.consents.ofSubjects(keys);
      },
    };
    await submit({ ...own.store, consents });
    expect(messaging.written).toEqual([]);
    expect(await stored(texts)).toMatchObject([{ status: 'queued', attempts: [{ parts: [{ outcome: 'unsent' }] }] }]);
    await submit();
    expect(written()).toEqual(['a']);
  });
});

function receiptFor(carrierMessageId: string, rest: Partial<ReceiptEvent> = {}): ReceiptEvent {
  return {
    type: 'receipt',
    eventId: `receipt-${carrierMessageId}`,
    at: new Date().toISOString(),
    raw: '{}',
    from,
    to,
    carrierMessageId,
    state: 'DELIVRD',
    ...rest,
  };
}

describe('between admission and submission', () => {
  test('a recipient opts out: the text is never written, and that is no attempt', async () => {
    const texts = await storeQueued([{}, { to: `${to}1`, text: 'to somebody else' }]);
    await own.store.consents.append({
      _id: `con_${count}`,
      type: 'revoked',
      subjectKey: key(to),
      senderKey: key(from),
      basis: 'opt-out',
      source: 'inbound',
      at: new Date(),
      evidence: own.store.vault.seal('{}'),
    });
    await submit();
    expect(written()).toEqual(['to somebody else']);
    expect((await stored(texts))[0]).toMatchObject({
      status: 'refused',
      failure: { code: 'recipient-opted-out' },
      attempts: [],
    });
  });

  test('marketing whose hours have ended since it was admitted is not written, and is decided about anew', async () => {
    await consentToMarketing();
    const [night, day] = await storeQueued([
      { kind: 'marketing', places: placeWhereItIs(22), expiresAt: inSeconds(20 * 3600) },
      { kind: 'marketing', places: placeWhereItIs(12) },
    ]);
    const outlook = await submit();
    expect(messaging.written).toHaveLength(1);
    expect(outlook).toMatchObject({ open: 2 });
    const [waiting, sent] = await stored([night, day] as MessageDocument[]);
    expect(waiting).toMatchObject({
      status: 'queued',
      attempts: [],
      permission: { decision: 'wait', code: 'quiet-hours' },
    });
    expect(waiting?.route?.until?.getTime()).toBeLessThanOrEqual(Date.now());
    expect(sent?.status).toBe('submitted');
    // The next look finds the stale route, and asks for an admission.
    expect(await submit()).toMatchObject({ reviewDue: true });
  });

  test('marketing is to be delivered before its hours end, those of now: its carrier may have been away since yesterday', async () => {
    await consentToMarketing();
    await storeQueued([
      {
        kind: 'marketing',
        places: placeWhereItIs(12),
        expiresAt: inSeconds(20 * 3600),
        permission: { at: inSeconds(-20 * 3600), decision: 'send', deliverBy: inSeconds(-15 * 3600), weighed: [] },
      },
    ]);
    await submit();
    const [written] = messaging.written;
    expect(written?.validityMs).toBeLessThanOrEqual(9 * 3600_000);
    expect(written?.validityMs).toBeGreaterThan(6 * 3600_000);
  });

  test('the number begins to move: nothing is written, and the workflow decides anew', async () => {
    const texts = await storeQueued([{}]);
    await own.store.numbers.change(key(from), 1, { routing: { state: 'gone' } });
    expect(await submit()).toMatchObject({ open: 1, reviewDue: true });
    expect(messaging.written).toEqual([]);
    expect(await statuses(texts)).toEqual(['queued']);
  });

  test('the number begins to move while the sender waits for room: the claim finds out (invariant 5)', async () => {
    const texts = await storeQueued([{}]);
    messaging.onReserve = async () => {
      await own.store.numbers.change(key(from), 1, { routing: { state: 'gone' } });
    };
    await submit();
    expect(messaging.written).toEqual([]);
    expect(await stored(texts)).toMatchObject([{ status: 'queued', attempts: [] }]);
  });

  test('the text runs out of time while the sender waits for room: it is not claimed', async () => {
    const texts = await storeQueued([{ expiresAt: inSeconds(0.4) }]);
    messaging.onReserve = () => new Promise((resolve) => setTimeout(resolve, 500));
    await submit();
    expect(messaging.written).toEqual([]);
    expect(await statuses(texts)).toEqual(['queued']);
  });
});

describe('what the carrier answers', () => {
  const answering = (...answers: PartAnswer[]) => {
    messaging.answer = () => answers;
  };

  test('nothing was written: the text is queued again and written by the next submission', async () => {
    const texts = await storeQueued([{ text: 'a' }]);
    answering({ outcome: 'unsent', reason: 'the session was lost' });
    expect(await submit()).toMatchObject({ open: 1, carriers: ['alpha'] });
    expect(await statuses(texts)).toEqual(['queued']);
    messaging.answer = () => [{ outcome: 'accepted', carrierMessageId: 'm-again' }];
    await submit();
    expect(await statuses(texts)).toEqual(['submitted']);
    // A second submission bears references of its own.
    const [first, second] = messaging.written.map(({ references }) => references[0]);
    expect(first).not.toBe(second);
  });

  test('no answer: the text stays claimed, and is not written again', async () => {
    const texts = await storeQueued([{}]);
    answering({ outcome: 'ambiguous', reason: 'the connection was lost' });
    expect(await submit()).toMatchObject({ open: 1, carriers: [], reviewDue: false });
    await submit();
    expect(messaging.written).toHaveLength(1);
    expect(await statuses(texts)).toEqual(['claimed']);
  });

  test('for some parts of a long text only: it has failed, since the others may be at the handset', async () => {
    const texts = await storeQueued([{ segments: 2 }]);
    answering({ outcome: 'accepted', carrierMessageId: 'm-part' }, { outcome: 'rejected', code: '0x58' });
    await submit();
    expect(await stored(texts)).toMatchObject([
      { status: 'failed', failure: { code: 'partly-accepted', carrierCode: '0x58' } },
    ]);
  });

  test('too fast: it is tried again after as long as the carrier says', async () => {
    const texts = await storeQueued([{}]);
    answering({ outcome: 'rejected', code: '0x58', retryAfterMs: 30_000 });
    const outlook = await submit();
    const [text] = await stored(texts);
    expect(text).toMatchObject({ status: 'retrying', failure: { class: 'throttled', carrierCode: '0x58' } });
    expect(text?.retryAt?.getTime()).toBeGreaterThan(Date.now() + 29_000);
    expect(outlook).toMatchObject({ open: 1, carriers: [], nextAt: text?.retryAt?.toISOString() });
  });

  test('a definite no: the recipient is looked up once before it is believed; the sender is not', async () => {
    const [recipient] = await storeQueued([{}]);
    answering({ outcome: 'rejected', code: '0xb' });
    await submit();
    expect((await stored([recipient as MessageDocument]))[0]).toMatchObject({ status: 'retrying', lookUpFirst: true });
    const [sender] = await storeQueued([{}]);
    answering({ outcome: 'rejected', code: '0xa' });
    await submit();
    expect((await stored([sender as MessageDocument]))[0]).toMatchObject({ status: 'failed' });
  });

  test('opted out: the revocation goes to the ledger, and nothing more to the recipient', async () => {
    const texts = await storeQueued([{ text: 'a' }], 'telnyx');
    answering({ outcome: 'rejected', code: '40300' });
    await submit(undefined, 'telnyx');
    expect(await stored(texts)).toMatchObject([{ status: 'failed', failure: { class: 'opt-out' } }]);
    const next = await storeQueued([{ text: 'b' }], 'telnyx');
    await submit(undefined, 'telnyx');
    expect(written()).toEqual(['a']);
    expect(await statuses(next)).toEqual(['refused']);
  });

  test('later than the receipt: the text is delivered, whichever came first (invariant 6)', async () => {
    const texts = await storeQueued(Array.from({ length: 12 }, (_, i) => ({ text: `text ${i}` })));
    const receiver = process();
    messaging.answer = async () => {
      const carrierMessageId = messaging.nextId();
      const brought = receiver.intake.receive('alpha', [receiptFor(carrierMessageId)]);
      // Every other answer comes after its receipt has been worked on, in vain.
      if (messaging.written.length % 2) await brought.then(() => receiver.intake.idle());
      return [{ outcome: 'accepted', carrierMessageId }];
    };
    messaging.room = 3;
    expect(await submit()).toMatchObject({ open: 0 });
    await receiver.intake.idle();
    expect(new Set(await statuses(texts))).toEqual(new Set(['delivered']));
    expect(messaging.written).toHaveLength(12);
  });

  test('late, after a receipt that was recognised by its reference: the text stays delivered', async () => {
    const [text] = await storeQueued([{}]);
    if (!text) throw new Error('no text');
    const [userMessageReference = 0] = userMessageReferences(text._id, 1, 1);
    const receiver = process();
    messaging.answer = async () => {
      await receiver.intake.receive('alpha', [receiptFor('m-known', { userMessageReference })]);
      await receiver.intake.idle();
      return [{ outcome: 'accepted', carrierMessageId: 'm-known' }];
    };
    await submit();
    const [after] = await stored([text]);
    expect(after).toMatchObject({ status: 'delivered', carrierRefs: ['alpha/m-known'] });
    expect(after?.attempts[0]).toMatchObject({ parts: [{ outcome: 'accepted', state: 'DELIVRD' }] });
    expect(after?.attempts[0]?.answeredAt).toBeInstanceOf(Date);
  });
});

test('no number and no text stands in plain after a submission (invariant 9)', async () => {
  await storeQueued([{ text: 'Something private' }]);
  const outlook = await submit();
  const bytes = (await bytesOf(own.raw)) + JSON.stringify(outlook);
  for (const secret of [from.slice(1), to.slice(1), 'private']) expect(bytes).not.toContain(secret);
});

test('texts to a person who has been erased are refused, not written, and keep none of the others from going', async () => {
  const person = `+1202556${4000 + count}`;
  const [text] = await storeQueued([{ text: 'to the other' }]);
  if (!text) throw new Error('not stored');
  const before = { ...text, ...(await sealedFor(person, 'to the erased')), _id: `${text._id}-2` };
  const meanwhile = { ...text, ...(await sealedFor(`${person.slice(0, -1)}9`, 'meanwhile')), _id: `${text._id}-3` };
  await own.store.messages.insert([before, meanwhile]);
  await own.store.subjectKeys.destroy(key(person), new Date());
  // One is erased between the reading and the claim.
  const { ofSubjects } = own.store.consents;
  const store = {
    ...own.store,
    consents: {
      ...own.store.consents,
      ofSubjects: async (keys: readonly string[]) => {
        await own.store.subjectKeys.destroy(meanwhile.toKey, new Date());
        return ofSubjects(keys);
      },
    },
  };
  await submit(store);
  expect(written()).toEqual(['to the other']);
  expect(await statuses([text, before, meanwhile])).toEqual(['submitted', 'refused', 'refused']);
  expect((await stored([meanwhile]))[0]).toMatchObject({ failure: { code: 'recipient-erased' }, attempts: [] });
});

test('a process that still holds the key of somebody whom another one has erased writes nothing to them (invariant 6)', async () => {
  const person = `+1202556${5000 + count}`;
  const [text] = await storeQueued([{ text: 'to the other' }]);
  if (!text) throw new Error('not stored');
  const before = { ...text, ...(await sealedFor(person, 'before')), _id: `${text._id}-2` };
  // By another process: this one does not know that the key is gone.
  await own.store.consents.append({
    _id: `con_erasure_${count}`,
    type: 'revoked',
    subjectKey: key(person),
    kinds: ['marketing'],
    basis: 'opt-out',
    source: 'erasure',
    at: new Date(),
    evidence: own.store.vault.seal('{}'),
  });
  const after = { ...before, ...(await sealedFor(person, 'after')), _id: `${text._id}-3`, acceptedAt: inSeconds(1) };
  await own.store.messages.insert([before, after]);
  await submit();
  expect(written()).toEqual(['to the other', 'after']);
  expect((await stored([before]))[0]).toMatchObject({ status: 'refused', failure: { code: 'recipient-erased' } });
});

describe('a revocation while 1,000 texts to the recipient are queued', () => {
  test('is answered when what was claimed before is written; after that none is (invariants 5 and 6)', async () => {
    const texts = await storeQueued(Array.from({ length: 1000 }, (_, i) => ({ text: `text ${i}` })));
    messaging.room = 40;
    messaging.answer = async (text) => {
      await new Promise((resolve) => setTimeout(resolve, 30));
      return text.references.map(() => ({ outcome: 'accepted', carrierMessageId: messaging.nextId() }));
    };
    let begun = () => {};
    const underWay = new Promise<void>((resolve) => {
      begun = resolve;
    });
    messaging.onReserve = async () => {
      if (messaging.written.length >= 80) begun();
    };
    const submitting = Promise.all([submit(), submit()]);
    await underWay;
    const revocation = {
      _id: `con_revocation_${count}`,
      type: 'revoked' as const,
      subjectKey: key(to),
      basis: 'opt-out' as const,
      source: 'api' as const,
      at: new Date(),
      evidence: own.store.vault.seal('{}'),
    };
    await own.store.consents.append(revocation);
    await honourRevocations([revocation], own.store);
    const whenAnswered = messaging.written.length;
    await submitting;
    expect(messaging.written).toHaveLength(whenAnswered);
    expect(whenAnswered).toBeLessThan(1000);
    await submit();
    expect(messaging.written).toHaveLength(whenAnswered);
    const counted = await statuses(texts);
    expect(counted.filter((status) => status === 'submitted')).toHaveLength(whenAnswered);
    expect(counted.filter((status) => status === 'claimed')).toEqual([]);
  });
});
