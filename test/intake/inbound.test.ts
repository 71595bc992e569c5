import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { beforeEach, describe, expect, test } from 'vitest';
import { createDoubleOptInActivities } from '../../activities/double-opt-in.ts';
import { decideReview } from '../../activities/opt-out-review.ts';
import { createOptOutActivities } from '../../activities/opt-outs.ts';
import type { InboundEvent } from '../../carriers/carrier.ts';
import { standingOptOut } from '../../domain/consent.ts';
import { createIntake, type IntakeDependencies } from '../../intake/intake.ts';
import type { InboundTextDocument } from '../../store/inbound-texts.ts';
import { fakeCarrier } from '../activities/fake-carrier.ts';
import { bytesOf, ownStore } from '../store/own-store.ts';
import { sampleNumber } from '../store/samples.ts';
import { RecordedEngine } from './recorded-engine.ts';

const own = ownStore();
const engine = new RecordedEngine();
const carriers = new Map([
  ['alpha', fakeCarrier('alpha')],
  ['beta', fakeCarrier('beta')],
  ['telnyx', fakeCarrier('telnyx', { settings: { optOutReply: 'carrier' } })],
]);
/** A process of its own each time: what one keeps in memory the next one does not have. */
const newIntake = (change: Partial<IntakeDependencies> = {}) =>
  createIntake({ store: own.store, engine, carriers, logger: pino({ enabled: false }), ...change });

let count = 0;
let from = '';
let to = '';
beforeEach(() => {
  engine.failure = undefined;
  engine.clear();
  // Two parties that no other test knows.
  count += 1;
  from = `+1202555${2000 + count}`;
  to = `+1202555${4000 + count}`;
});

function unique(prefix: string): string {
  count += 1;
  return `${prefix}-${count}`;
}

/** A text to `to`, an event of its own each time. */
function inbound(text: string, rest: Partial<InboundEvent> = {}): InboundEvent {
  return {
    type: 'inbound',
    eventId: unique('event'),
    at: new Date().toISOString(),
    raw: '{}',
    from,
    to,
    text,
    ...rest,
  };
}

/** The same text in parts. */
function parts(texts: readonly string[], reference = 7): InboundEvent[] {
  return texts.map((text, i) => inbound(text, { part: { reference, total: texts.length, sequence: i + 1 } }));
}

async function bring(carrier: string, events: readonly InboundEvent[], intake = newIntake()): Promise<void> {
  await intake.receive(carrier, events);
  await intake.idle();
}

/** What is stored for `to`, oldest first, as [carrier, text, is a copy]. */
async function received(): Promise<InboundTextDocument[]> {
  return (await own.store.inboundTexts.list({ toKey: own.store.vault.numberKey(to) }, 100)).reverse();
}
const textOf = (document: InboundTextDocument) => own.store.vault.open(document.text);
/** The texts that are forwarded: all but copies. */
const forwarded = async () => (await received()).filter(({ copyOf }) => copyOf === undefined).map(textOf);

async function letTimePass(seconds: number): Promise<void> {
  const earlier = (date: Date) => new Date(date.getTime() - seconds * 1000);
  for (const [collection, fields] of [
    ['carrierEvents', ['receivedAt', 'dueAt']],
    ['inboundParts', ['receivedAt']],
  ] as const) {
    for (const document of await own.raw.collection(collection).find().toArray()) {
      const set = Object.fromEntries(
        fields.filter((field) => document[field]).map((field) => [field, earlier(document[field])]),
      );
      if (Object.keys(set).length > 0)
        await own.raw.collection(collection).updateOne({ _id: document._id }, { $set: set });
    }
  }
}

describe('copies', () => {
  test('both carriers deliver a text in the overlap: both are stored, one is forwarded', async () => {
    await bring('alpha', [inbound('Are you open?')]);
    await bring('beta', [inbound('Are you open?')]);
    expect((await received()).map(({ carrier }) => carrier)).toEqual(['alpha', 'beta']);
    expect(await forwarded()).toEqual(['Are you open?']);
    const [first, copy] = await received();
    expect(copy?.copyOf).toBe(first?._id);
  });

  test('both at the same moment, in processes of their own: one is forwarded (invariant 6)', async () => {
    const words = Array.from({ length: 25 }, (_, i) => `text ${i}`);
    const [one, other] = [newIntake(), newIntake()];
    await Promise.all(
      words.flatMap((word) => [bring('alpha', [inbound(word)], one), bring('beta', [inbound(word)], other)]),
    );
    expect(await received()).toHaveLength(50);
    expect((await forwarded()).toSorted()).toEqual(words.toSorted());
  });

  test('the same words from the same carrier are a new text', async () => {
    await bring('alpha', [inbound('1'), inbound('1')]);
    await bring('beta', [inbound('1')]);
    expect(await forwarded()).toEqual(['1', '1']);
    await bring('beta', [inbound('1')]);
    expect(await forwarded()).toEqual(['1', '1']);
    await bring('beta', [inbound('1')]);
    expect(await forwarded()).toEqual(['1', '1', '1']);
  });

  test('the same event again is the same text, also in another process and after days', async () => {
    const event = inbound('Once only');
    await bring('alpha', [event, event]);
    await bring('alpha', [event]);
    await own.raw.collection('inboundArrivals').deleteMany({});
    await bring('alpha', [event]);
    expect(await received()).toHaveLength(1);
  });

  test('a copy stays a copy when its carrier repeats it after the window', async () => {
    const copy = inbound('STOP');
    await bring('alpha', [inbound('STOP')]);
    await bring('beta', [copy]);
    await own.raw.collection('inboundArrivals').deleteMany({});
    await bring('beta', [copy]);
    expect(await forwarded()).toEqual(['STOP']);
    expect(engine.callsOf('revoked')).toHaveLength(1);
  });
});

describe('texts in parts', () => {
  const long = ['It began ', 'in the middle ', 'and had an end.'];
  const whole = long.join('');

  test('are put together, in whatever order they come', async () => {
    for (const order of [
      [0, 1, 2],
      [2, 0, 1],
      [1, 2, 0],
    ]) {
      const all = parts(long, unique('r').length + (order[0] ?? 0) * 10);
      for (const i of order) await bring('alpha', [all[i] as InboundEvent]);
    }
    expect(await forwarded()).toEqual([whole, whole, whole]);
  });

  test('that come by one carrier each are put together', async () => {
    const [first, second, third] = parts(long);
    if (!first || !second || !third) throw new Error('three parts');
    await bring('alpha', [first, third]);
    await bring('beta', [second]);
    expect(await forwarded()).toEqual([whole]);
    expect(await received()).toHaveLength(1);
  });

  test('that come all by both carriers, mixed, are forwarded once', async () => {
    const [byAlpha, byBeta] = [parts(long), parts(long)];
    const [a, b] = [newIntake(), newIntake()];
    await Promise.all([
      ...byAlpha.map((part) => bring('alpha', [part], a)),
      ...byBeta.toReversed().map((part) => bring('beta', [part], b)),
    ]);
    await letTimePass(700);
    await newIntake().sweep();
    expect(await forwarded()).toEqual([whole]);
  });

  test('and a copy in one piece are forwarded once', async () => {
    await bring('alpha', parts(long));
    await bring('telnyx', [inbound(whole)]);
    expect(await forwarded()).toEqual([whole]);
    expect(await received()).toHaveLength(2);
  });

  test('that are repeated change nothing', async () => {
    const all = parts(long);
    await bring('alpha', all);
    await bring('alpha', all);
    await letTimePass(700);
    await newIntake().sweep();
    expect(await received()).toHaveLength(1);
  });

  test('of which one is missing are released after ten minutes, and marked', async () => {
    const [first, , third] = parts(long);
    if (!first || !third) throw new Error('three parts');
    await bring('alpha', [first, third]);
    await newIntake().sweep();
    expect(await received()).toEqual([]);
    await letTimePass(601);
    await newIntake().sweep();
    await newIntake().sweep();
    expect(await forwarded()).toEqual(['It began and had an end.']);
    expect((await received())[0]).toMatchObject({ incomplete: true });
  });

  test('whose copies come late, after the text was released, are copies', async () => {
    await bring('alpha', parts(long));
    const late = parts(long);
    for (const part of late) await bring('beta', [part]);
    await letTimePass(700);
    await newIntake().sweep();
    expect(await forwarded()).toEqual([whole]);
  });
});

describe('keywords', () => {
  const consentsOf = async () => {
    const key = own.store.vault.numberKey(from);
    return (await own.store.consents.ofSubjects([key])).get(key) ?? [];
  };
  /** Answers to the person, as they wait for their workflow. */
  const answers = () =>
    own.store.messages.list({ toKey: own.store.vault.numberKey(from), fromKey: own.store.vault.numberKey(to) }, 10);

  /** The processes of the revocations that the engine was told of. */
  async function runRevocations(): Promise<void> {
    const activities = createOptOutActivities({ store: own.store, engine, carriers });
    for (const [consentId] of engine.callsOf('revoked') as [string][]) {
      await activities.honourRevocation({ consentId });
      await activities.confirmRevocation({ consentId });
    }
  }

  test('STOP is a revocation for this sender and exactly one confirmation, where we answer', async () => {
    await bring('alpha', [inbound('Stop.')]);
    const [revocation] = await consentsOf();
    expect(revocation).toMatchObject({
      type: 'revoked',
      basis: 'opt-out',
      source: 'inbound',
      senderKey: own.store.vault.numberKey(to),
      jurisdiction: 'US',
      honourBy: expect.any(Date),
    });
    expect(engine.callsOf('revoked')).toEqual([[revocation?._id]]);
    expect(await answers()).toEqual([]);
    await runRevocations();
    await runRevocations();
    const [answer, ...more] = await answers();
    expect(more).toEqual([]);
    if (!answer) throw new Error('no confirmation');
    expect(answer).toMatchObject({ status: 'accepted', confirmsRevocation: revocation?._id });
    expect(own.store.vault.open(answer.from)).toBe(to);
    expect(own.store.vault.open(answer.to)).toBe(from);
    // 47 CFR 64.1200(a)(12): within five minutes.
    expect(answer.expiresAt.getTime() - Date.now()).toBeLessThanOrEqual(300_000);
    expect(engine.callsOf('startMessages')).toEqual([[[answer._id], 'otp', 'keyword-answer']]);
    expect((await received())[0]?.keyword).toBe('opt-out');
    const history = await own.store.consents.historyOf(own.store.vault.numberKey(from));
    expect(history.map(({ type, about }) => [type, about])).toEqual([
      ['revoked', undefined],
      ['honoured', revocation?._id],
    ]);
  });

  test('STOP is a revocation and no answer of ours, where the carrier answers; what the carrier misses we answer', async () => {
    await bring('telnyx', [inbound('STOP')]);
    await runRevocations();
    expect(await consentsOf()).toHaveLength(1);
    expect(await answers()).toEqual([]);
    await bring('telnyx', [inbound('bitte keine SMS mehr')]);
    await runRevocations();
    const [answer, ...more] = await answers();
    expect(more).toEqual([]);
    expect(answer && own.store.vault.open(answer.text)).toMatch(/^Sie sind abgemeldet/);
  });

  test('STOP that both carriers deliver, each twice, is confirmed once', async () => {
    const [byAlpha, byBeta] = [inbound('STOP'), inbound('STOP')];
    const [a, b] = [newIntake(), newIntake()];
    await Promise.all([
      bring('alpha', [byAlpha], a),
      bring('beta', [byBeta], b),
      bring('alpha', [byAlpha], b),
      bring('beta', [byBeta], a),
    ]);
    await runRevocations();
    expect(await answers()).toHaveLength(1);
    expect(await consentsOf()).toHaveLength(1);
  });

  test('STOP in a process that dies at any point is obeyed and confirmed once by the sweep (invariant 3)', async () => {
    const { store } = own;
    const dead = () => Promise.reject(new Error('the process has ended'));
    const deaths: IntakeDependencies['store'][] = [
      { ...store, inboundTexts: { ...store.inboundTexts, arrive: dead } },
      { ...store, inboundTexts: { ...store.inboundTexts, insert: dead } },
      { ...store, consents: { ...store.consents, append: dead } },
      { ...store, numbers: { ...store.numbers, find: dead } },
      { ...store, carrierEvents: { ...store.carrierEvents, finish: dead } },
    ];
    const event = inbound('STOP');
    for (const dying of deaths) {
      await bring('alpha', [event], newIntake({ store: dying }));
      expect((await store.carrierEvents.findMany([`alpha/${event.eventId}`]))[0]?.state).toBe('new');
    }
    await letTimePass(10);
    await newIntake().sweep();
    expect((await store.carrierEvents.findMany([`alpha/${event.eventId}`]))[0]?.state).toBe('done');
    expect(await forwarded()).toEqual(['STOP']);
    expect(await consentsOf()).toHaveLength(1);
    await runRevocations();
    expect(await answers()).toHaveLength(1);
  });

  test('a START that was written before a STOP and is worked on after it lifts nothing', async () => {
    const { store } = own;
    const dead = () => Promise.reject(new Error('the process has ended'));
    const dying = { ...store, inboundTexts: { ...store.inboundTexts, arrive: dead } };
    const start = inbound('START');
    await bring('alpha', [start], newIntake({ store: dying }));
    await letTimePass(10);
    await bring('alpha', [inbound('STOP')]);
    await newIntake().sweep();
    expect((await store.carrierEvents.findMany([`alpha/${start.eventId}`]))[0]?.state).toBe('done');
    const [fromKey, senderKey] = [store.vault.numberKey(from), store.vault.numberKey(to)];
    const events = (await store.consents.ofSubjects([fromKey])).get(fromKey) ?? [];
    expect(events.map(({ basis }) => basis).toSorted()).toEqual(['opt-in', 'opt-out']);
    expect(standingOptOut({ kind: 'otp', senderKey, events, now: new Date() })).toMatchObject({ basis: 'opt-out' });
  });

  test.each([
    [['STOP', 'START'], undefined],
    [['START', 'STOP'], 'opt-out'],
  ])('of %j that come together the last one counts', async (words, expected) => {
    const { store } = own;
    await bring(
      'alpha',
      words.map((word) => inbound(word)),
    );
    const [fromKey, senderKey] = [store.vault.numberKey(from), store.vault.numberKey(to)];
    const events = (await store.consents.ofSubjects([fromKey])).get(fromKey) ?? [];
    expect(events).toHaveLength(2);
    expect(standingOptOut({ kind: 'otp', senderKey, events, now: new Date() })?.basis).toBe(expected);
  });

  test('a STOP that is worked on an hour late holds, and is not confirmed any more', async () => {
    const { store } = own;
    const dead = () => Promise.reject(new Error('the process has ended'));
    const dying = { ...store, inboundTexts: { ...store.inboundTexts, arrive: dead } };
    await bring('alpha', [inbound('STOP')], newIntake({ store: dying }));
    await letTimePass(3600);
    await newIntake().sweep();
    const [stop] = await consentsOf();
    expect(stop?.at.getTime()).toBeLessThan(Date.now() - 3590_000);
    await runRevocations();
    for (const { expiresAt } of await answers()) expect(expiresAt.getTime()).toBeLessThan(Date.now());
  });

  test('STOP holds at once when the engine is away, and its process is begun when it is back', async () => {
    engine.failure = new Error('the engine is away');
    const event = inbound('STOP');
    await bring('alpha', [event]);
    expect(await consentsOf()).toHaveLength(1);
    expect((await own.store.carrierEvents.findMany([`alpha/${event.eventId}`]))[0]?.state).toBe('new');
    engine.failure = undefined;
    await letTimePass(10);
    await newIntake().sweep();
    expect(engine.callsOf('revoked')).toHaveLength(1);
  });

  test('words that may mean an opt-out pause marketing until a person has read them', async () => {
    await bring('alpha', [inbound('Wrong number')]);
    const [pause] = await consentsOf();
    expect(pause).toMatchObject({ type: 'revoked', kinds: ['marketing'], senderKey: own.store.vault.numberKey(to) });
    const id = pause?._id ?? '';
    expect(engine.callsOf('optOutReview')).toEqual([[id]]);
    expect((await own.store.optOutReviews.listOpen(500)).map(({ _id }) => _id)).toContain(id);
    await decideReview(id, { state: 'no-opt-out', decidedBy: 'key_1' }, own.store);
    expect(await consentsOf()).toEqual([]);
    // Who was first has decided; the clock changes nothing any more.
    await createOptOutActivities({ store: own.store, engine, carriers }).closeReview({ consentId: id });
    expect(await consentsOf()).toEqual([]);
    expect(await answers()).toEqual([]);
  });

  test('nobody has read them by the law’s clock: they count as an opt-out of everything from this sender', async () => {
    await bring('alpha', [inbound('who gave you my number')]);
    const [pause] = await consentsOf();
    const consentId = pause?._id ?? '';
    const activities = createOptOutActivities({ store: own.store, engine, carriers });
    expect(await activities.readReview({ consentId })).toEqual({ dueAt: pause?.honourBy?.toISOString() });
    await activities.closeReview({ consentId });
    expect(await activities.readReview({ consentId })).toEqual({});
    const revocation = (await consentsOf()).find(({ source }) => source === 'clock');
    expect(revocation).toMatchObject({ type: 'revoked', senderKey: own.store.vault.numberKey(to) });
    expect(revocation?.kinds).toBeUndefined();
  });

  test('«yes» confirms a consent that was asked for by this sender, and in a conversation none', async () => {
    const { vault, consents, subjectKeys } = own.store;
    await bring('alpha', [inbound('YES')]);
    expect(await consentsOf()).toEqual([]);
    const subjectKey = vault.numberKey(from);
    await subjectKeys.load([subjectKey]);
    const request = {
      _id: `cns_request_${from}`,
      type: 'requested' as const,
      subjectKey,
      senderKey: vault.numberKey(to),
      kinds: ['marketing' as const],
      basis: 'express' as const,
      source: 'api' as const,
      at: new Date(Date.now() - 1000),
      expiresAt: new Date(Date.now() + 3600_000),
      evidence: vault.sealFor(subjectKey, JSON.stringify({ act: 'checkbox', phoneNumber: from, sender: to })),
    };
    await consents.append(request);
    const activities = createDoubleOptInActivities({ store: own.store, engine, carriers });
    await own.store.numbers.insert(sampleNumber(vault, to, { brand: vault.seal('Example') }));
    expect(await activities.askForConsent({ consentId: request._id })).toEqual({
      until: request.expiresAt.toISOString(),
    });
    await activities.askForConsent({ consentId: request._id });
    const [question, ...more] = await answers();
    expect(more).toEqual([]);
    expect(question && vault.open(question.text)).toMatch(/^Example: Reply YES/);
    expect(await consentsOf()).toEqual([]);
    await bring('alpha', [inbound('yes, but when do you open?')]);
    expect(await consentsOf()).toEqual([]);
    await bring('alpha', [inbound('Yes!')]);
    expect(await consentsOf()).toMatchObject([
      { type: 'granted', basis: 'express', kinds: ['marketing'], about: request._id },
    ]);
    expect(engine.callsOf('consentConfirmed')).toEqual([[request._id]]);
    await activities.closeRequest({ consentId: request._id });
    expect((await consents.historyOf(subjectKey)).map(({ type }) => type)).toEqual(['requested', 'granted']);
  });

  test.each<[string, { toKey?: string; at?: number; until?: number; stopped?: boolean }, string[]]>([
    ['in time', {}, ['requested', 'granted']],
    ['to a number that has not asked', { toKey: 'num_another' }, ['requested']],
    ['when its time is over, though nobody has closed it', { at: -60, until: -1 }, ['requested']],
    ['that was written before it was asked', { at: 60, until: 3600 }, ['requested']],
    ['after a STOP', { stopped: true }, ['requested', 'revoked']],
  ])('«yes» %s', async (_, { toKey, at = -60, until = 3600, stopped = false }, expected) => {
    const { vault, consents, subjectKeys } = own.store;
    const subjectKey = vault.numberKey(from);
    await subjectKeys.load([subjectKey]);
    const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1000);
    const about = {
      subjectKey,
      senderKey: toKey ?? vault.numberKey(to),
      basis: 'express' as const,
      source: 'api' as const,
      evidence: vault.seal('{}'),
    };
    const request = { ...about, _id: `cns_asked_${from}`, type: 'requested' as const };
    await consents.append({ ...request, at: inSeconds(at), expiresAt: inSeconds(until) });
    if (stopped) await consents.append({ ...about, _id: `cns_no_${from}`, type: 'revoked', at: inSeconds(-30) });
    await bring('alpha', [inbound('YES')]);
    expect((await consents.historyOf(subjectKey)).map(({ type }) => type)).toEqual(expected);
  });

  test('a request that nobody answers lapses', async () => {
    const { vault, consents } = own.store;
    const subjectKey = vault.numberKey(from);
    const _id = `cns_lapsing_${from}`;
    await consents.append({
      _id,
      type: 'requested',
      subjectKey,
      senderKey: vault.numberKey(to),
      basis: 'express',
      source: 'api',
      at: new Date(),
      expiresAt: new Date(Date.now() + 1000),
      evidence: vault.seal('{}'),
    });
    await createDoubleOptInActivities({ store: own.store, engine, carriers }).closeRequest({ consentId: _id });
    await bring('alpha', [inbound('yes')]);
    expect(await consentsOf()).toEqual([]);
  });

  test('START gives consent anew, HELP is answered and changes nothing, other words do neither', async () => {
    await bring('alpha', [inbound('START')]);
    await bring('alpha', [inbound('help')]);
    await bring('alpha', [inbound('Please do not stop texting me')]);
    expect((await consentsOf()).map(({ type, basis }) => [type, basis])).toEqual([['granted', 'opt-in']]);
    expect(await answers()).toHaveLength(2);
  });

  test('the answer to HELP names brand and contact: of the number, else of the carrier', async () => {
    const { vault, numbers } = own.store;
    const settings = { brand: 'Northwind', contact: 'help.northwind.example' };
    const intake = newIntake({ carriers: new Map([['alpha', fakeCarrier('alpha', { settings })]]) });
    await bring('alpha', [inbound('HELP')], intake);
    await numbers.insert(sampleNumber(vault, to, { brand: vault.seal('Contoso') }));
    await bring('alpha', [inbound('HELP')], intake);
    expect((await answers()).map(({ text }) => vault.open(text)).toSorted()).toEqual([
      'This number sends texts of Contoso. Reply STOP to end them. More help: help.northwind.example',
      'This number sends texts of Northwind. Reply STOP to end them. More help: help.northwind.example',
    ]);
  });
});

describe('proof of a cutover', () => {
  const portId = 'port_1';

  async function moving(): Promise<string> {
    const number = sampleNumber(own.store.vault, to, {
      routing: { state: 'uncertain', portId, losing: 'alpha', gaining: 'beta', since: new Date(), activated: true },
    });
    await own.store.numbers.insert(number);
    return number._id;
  }
  const proofOf = async (key: string) => (await own.store.numbers.find(key))?.proof;

  test('is a text that comes in by the gaining carrier, in one piece or in parts; the cutover is told', async () => {
    const key = await moving();
    await bring('beta', parts(['one ', 'two']));
    expect(await proofOf(key)).toMatchObject({ portId, inboundAt: expect.any(Date) });
    expect(engine.callsOf('cutoverNews')).toEqual([[portId, key]]);
  });

  test('is told once; further networks are kept, to be shown', async () => {
    const key = await moving();
    const onOtherNetwork = '+12025559187';
    await own.store.numbers.insert(
      sampleNumber(own.store.vault, onOtherNetwork, { routing: { state: 'settled', carrier: 'gamma' } }),
    );
    await bring('beta', [inbound('Hello')]);
    await sleep(5);
    await bring('beta', [{ ...inbound('Hello from gamma'), from: onOtherNetwork }]);
    expect(Object.keys((await proofOf(key))?.inboundByNetwork ?? {})).toHaveLength(2);
    expect(engine.callsOf('cutoverNews')).toEqual([[portId, key]]);
  });

  test("is no text by the losing carrier, nor one from the gaining carrier's own network", async () => {
    const key = await moving();
    await bring('alpha', [inbound('Hello')]);
    await own.store.numbers.insert(
      sampleNumber(own.store.vault, from, { routing: { state: 'settled', carrier: 'beta' } }),
    );
    await bring('beta', [inbound('Hello from home')]);
    expect(await proofOf(key)).toBeUndefined();
    expect(engine.callsOf('cutoverNews')).toEqual([]);
  });
});

test('an inbound text stands nowhere in plain, and the engine is told ids only (invariant 9)', async () => {
  await bring('alpha', [
    inbound('STOP it, said Ada Byron', { raw: `from=${from} Ada Byron` }),
    ...parts(['Ada ', 'Byron']),
  ]);
  await bring('alpha', [inbound('STOP')]);
  const bytes = (await bytesOf(own.raw)) + JSON.stringify(engine.told);
  for (const secret of [from.slice(1), to.slice(1), 'Byron', 'unsubscribed']) expect(bytes).not.toContain(secret);
});
