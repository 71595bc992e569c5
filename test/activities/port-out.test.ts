import { ApplicationFailure } from '@temporalio/common';
import { beforeEach, describe, expect, it } from 'vitest';
import { createPortOutActivities } from '../../activities/port-out.ts';
import type { Leaving } from '../../activities/port-out-numbers.ts';
import type { PortOutSnapshot } from '../../carriers/carrier.ts';
import { CarrierUnavailable } from '../../carriers/errors.ts';
import { newPortOut } from '../../domain/lifecycle/port-out.ts';
import type { NumberDocument } from '../../store/numbers.ts';
import { registeredAccount } from '../../store/port-out-credentials.ts';
import { randomId } from '../../store/vault.ts';
import { RecordedEngine } from '../intake/recorded-engine.ts';
import { bytesOf, ownStore } from '../store/own-store.ts';
import { sampleNumber, samplePort, samplePortOut } from '../store/samples.ts';
import { fakeCarrier } from './fake-carrier.ts';
import { FakePortOuts } from './fake-port-outs.ts';

const own = ownStore();
const engine = new RecordedEngine();
const account = { accountNumber: 'ACC-4711', pin: '271828', postalCode: '20001' };
let portOuts: FakePortOuts;
let count = 0;
beforeEach(() => {
  engine.clear();
  portOuts = new FakePortOuts();
});

function activities(undecided: 'reject' | 'authorize' = 'reject') {
  const carriers = new Map([['telnyx', fakeCarrier('telnyx', { portOuts })]]);
  const logger = { info: () => undefined, warn: () => undefined, error: () => undefined };
  return createPortOutActivities({ store: own.store, engine, carriers, logger, undecided });
}

/** A number of ours at telnyx, with its account registered. */
async function number(rest: Partial<NumberDocument> = {}): Promise<string> {
  count += 1;
  const phoneNumber = `+1202555${String(1000 + count)}`;
  const { vault } = own.store;
  const sample = sampleNumber(vault, phoneNumber, { routing: { state: 'settled', carrier: 'telnyx' } });
  const portOutAccount = registeredAccount(vault, sample._id, account, new Date());
  await own.store.numbers.insert({ ...sample, portOutAccount, ...rest });
  return phoneNumber;
}

/** Somebody asks for numbers; it was read once. */
async function asked(phoneNumbers: readonly string[], rest: Partial<PortOutSnapshot> = {}) {
  const carrierPortOutId = randomId('po');
  portOuts.put({ carrierPortOutId, phoneNumbers, given: account, subscriberName: 'Ada Byron', ...rest });
  const reference = { portOutId: randomId('pout'), carrier: 'telnyx', carrierPortOutId };
  const reading = await activities().readPortOut(reference);
  return { reference, reading };
}

const stored = async (id: string) => (await own.store.portOuts.find(id)) ?? expect.fail('It is not stored.');
const record = async (phoneNumber: string) =>
  (await own.store.numbers.find(own.store.vault.numberKey(phoneNumber))) ?? expect.fail('It is not stored.');

describe('a request that is seen for the first time', () => {
  it('is stored with its deadline, and twice for once', async () => {
    const phoneNumber = await number();
    const requestedAt = '2026-06-01T12:00:00.000Z';
    const { reference, reading } = await asked([phoneNumber], { requestedAt });
    expect(reading).toEqual({
      state: 'pending',
      carrierState: 'pending',
      clocks: { answerDueAt: '2026-06-02T12:00:00.000Z', decideBy: '2026-06-02T10:00:00.000Z' },
      numbers: 1,
    });
    const first = await stored(reference.portOutId);
    expect(first).toMatchObject({ status: 'checking', requestedAt, answerDueAt: '2026-06-02T12:00:00.000Z' });
    await activities().readPortOut(reference);
    expect(await stored(reference.portOutId)).toEqual(first);
  });

  it('nobody can read numbers, names, PINs or account numbers in the store (invariant 9)', async () => {
    const phoneNumber = await number();
    const { reference } = await asked([phoneNumber]);
    await activities().checkPortOut(reference);
    const bytes = await bytesOf(own.raw);
    for (const personal of [phoneNumber, 'Ada Byron', account.pin, account.accountNumber, 'ACC4711']) {
      expect(bytes.includes(personal), personal).toBe(false);
    }
  });

  it('one that the carrier does not have is refused, a carrier that is away is asked again', async () => {
    const reference = { portOutId: 'pout_0', carrier: 'telnyx', carrierPortOutId: 'none' };
    const refused = await activities()
      .readPortOut(reference)
      .catch((error: unknown) => error);
    expect(refused).toMatchObject({ type: 'carrier-refused', nonRetryable: true, details: ['10005'] });
    portOuts.failure = new CarrierUnavailable('away');
    expect(
      await activities()
        .readPortOut(reference)
        .catch((error: unknown) => error),
    ).toBe(portOuts.failure);
    const elsewhere = await activities()
      .readPortOut({ ...reference, carrier: 'beta' })
      .catch((error: unknown) => error);
    expect(elsewhere).toBeInstanceOf(ApplicationFailure);
    expect(elsewhere).toMatchObject({ type: 'carrier-cannot-port-out', nonRetryable: false });
  });
});

describe('the check', () => {
  const check = async (phoneNumbers: readonly string[], rest: Partial<PortOutSnapshot> = {}) => {
    const { reference } = await asked(phoneNumbers, rest);
    return { ...(await activities().checkPortOut(reference)), portOut: await stored(reference.portOutId) };
  };
  const authorize = { decision: 'authorize' };

  it('authorizes what names the registered account, in whatever spelling', async () => {
    const given = { accountNumber: 'acc 4711', pin: account.pin, postalCode: '20001-1234' };
    expect(await check([await number()], { given })).toMatchObject({ proposal: authorize, findings: [] });
  });

  it('rejects a wrong PIN by its code, and remembers it: the next request waits for a person', async () => {
    const phoneNumber = await number();
    const wrong = await check([phoneNumber], { given: { ...account, pin: '271829' } });
    expect(wrong).toMatchObject({
      proposal: { decision: 'reject', code: '1002' },
      findings: ['pin-mismatch'],
      eligible: ['1001', '1002'],
      portOut: {
        findings: [{ code: 'pin-mismatch', numberKey: own.store.vault.numberKey(phoneNumber) }],
        rejections: [{ code: '1001' }, { code: '1002' }],
        wrongFor: [own.store.vault.numberKey(phoneNumber)],
      },
    });
    // At an hour at which it is day everywhere in the US: at night that would be a finding, too.
    const requestedAt = `${new Date().toISOString().slice(0, 10)}T18:00:00.000Z`;
    expect(await check([phoneNumber], { requestedAt })).toMatchObject({
      findings: ['wrong-before'],
      proposal: { decision: 'ask', fallback: { decision: 'reject', code: '1001' } },
    });
    // Another number with the same PIN is another matter.
    expect((await check([await number()])).proposal).toEqual(authorize);
  });

  it('rejects what is locked, unknown, or gone', async () => {
    expect((await check([await number({ portOutLock: true })])).findings).toEqual(['locked']);
    expect((await check(['+12025559999'])).findings).toEqual(['number-not-ours']);
    expect((await check([await number({ routing: { state: 'gone' } })])).findings).toEqual(['number-not-active']);
  });

  it('leaves to a person what nobody registered, what came a short time ago, what is elsewhere', async () => {
    const history = [{ portId: 'port_1', at: new Date(Date.now() - 5 * 24 * 3600_000), to: 'telnyx' }];
    expect((await check([await number({ portOutAccount: undefined as never })])).findings).toEqual(['unverified']);
    expect((await check([await number({ history })])).findings).toEqual(['recent-port-in']);
    expect((await check([await number({ simChangedAt: new Date() })])).findings).toEqual(['recent-sim-change']);
    const elsewhere = { state: 'settled', carrier: 'alpha' } as const;
    expect((await check([await number({ routing: elsewhere })])).findings).toEqual(['number-elsewhere']);
  });

  it('knows the ports that we have ordered ourselves', async () => {
    const phoneNumber = await number({ portOutAccount: undefined as never });
    const port = samplePort(own.store.vault, [phoneNumber], { losingCarrier: 'telnyx', gainingCarrier: 'alpha' });
    await own.store.ports.insert(port);
    await own.store.numberClaims.claim([own.store.vault.numberKey(phoneNumber)], port._id);
    expect(await check([phoneNumber])).toMatchObject({ findings: ['own-port'], proposal: authorize });
  });

  it('without codes that the carrier takes, there is no default', async () => {
    portOuts.rejections = [];
    expect((await check([await number({ simChangedAt: new Date() })])).proposal).toEqual({ decision: 'ask' });
  });
});

describe('the answer', () => {
  const answer = async (
    given: Parameters<ReturnType<typeof activities>['answerPortOut']>[0]['answer'],
    by: 'rules' | 'caller' | 'deadline',
    prepare: (id: string) => Promise<unknown> = async () => undefined,
    snapshot: Partial<PortOutSnapshot> = {},
  ) => {
    const { reference } = await asked([await number({ portOutLock: true })], snapshot);
    await activities().checkPortOut(reference);
    await prepare(reference.portOutId);
    return activities().answerPortOut({ ...reference, answer: given, by });
  };
  const reject = { decision: 'reject', code: '1001' } as const;

  it('is sent once: what is answered already is read', async () => {
    expect(await answer({ decision: 'authorize' }, 'rules')).toMatchObject({ state: 'authorized' });
    expect(portOuts.answers).toHaveLength(1);
    const approved = { state: 'authorized', carrierState: 'authorized' } as const;
    expect(await answer(reject, 'rules', undefined, approved)).toMatchObject({ state: 'authorized' });
    expect(portOuts.answers).toHaveLength(1);
  });

  it('says in words what was found, that nobody confirmed, or what a person wrote', async () => {
    await answer(reject, 'rules');
    const words = own.store.vault.seal('Our customer has called us.');
    await answer(reject, 'caller', (id) => own.store.portOuts.saveNote(id, { code: '1001', words }));
    await answer(reject, 'caller', (id) => own.store.portOuts.saveNote(id, { code: '1002', words }));
    await answer({ decision: 'reject', code: '1002' }, 'caller');
    expect(portOuts.answers.map(({ reason }) => reason)).toEqual([
      'The customer has locked the number against being ported out.',
      'Our customer has called us.',
      'The customer has looked at the request and rejects it.',
      'The PIN is missing or is not the one on record for the number.',
    ]);
  });

  it('the carrier is told that a person looks at it', async () => {
    const { reference } = await asked([await number()]);
    expect(await activities().announceReview(reference)).toBe(true);
    expect(portOuts.comments).toEqual([expect.stringContaining('Please do not take silence for approval.')]);
  });
});

describe('the numbers of a port-out', () => {
  const focAt = '2027-03-01T10:00:00.000Z';
  const follow = async (phoneNumber: string, stages: readonly Leaving[], rest: Partial<PortOutSnapshot> = {}) => {
    const { reference } = await asked([phoneNumber], rest);
    const changed: number[] = [];
    for (const stage of stages) changed.push(await activities().followNumbers({ ...reference, stage, focAt }));
    return { changed, portOutId: reference.portOutId };
  };

  it('have a date, are uncertain from it on, and are gone in the end: each once', async () => {
    const phoneNumber = await number();
    const { changed, portOutId } = await follow(phoneNumber, ['dated', 'dated']);
    expect(changed).toEqual([1, 0]);
    expect((await record(phoneNumber)).move).toMatchObject({
      portId: portOutId,
      losing: 'telnyx',
      focAt: new Date(focAt),
    });

    const leaving = await number();
    expect((await follow(leaving, ['dated', 'leaving', 'leaving'])).changed).toEqual([1, 1, 0]);
    expect((await record(leaving)).routing).toMatchObject({ state: 'uncertain', losing: 'telnyx', activated: true });

    const gone = await number();
    expect((await follow(gone, ['dated', 'leaving', 'gone', 'gone', 'stays'])).changed).toEqual([1, 1, 1, 0, 0]);
    expect(await record(gone)).toMatchObject({
      routing: { state: 'gone' },
      history: [{ from: 'telnyx', to: 'Foreign network' }],
    });
    expect((await record(gone)).move).toBeUndefined();
    expect(engine.callsOf('routingChanged')).toContainEqual([own.store.vault.numberKey(gone)]);
  });

  it('that are gone drift no more', async () => {
    const phoneNumber = await number();
    const key = own.store.vault.numberKey(phoneNumber);
    const seenAt = new Date();
    const drift = { kind: 'carrier-lost-number', seenAt, detail: ['carrier: gone'] } as const;
    await own.store.numbers.saveCheck(key, { at: seenAt, dueAt: seenAt, drift });
    await follow(phoneNumber, ['leaving', 'gone', 'gone']);
    const { drift: left, drifting } = await record(phoneNumber);
    expect([left, drifting]).toEqual([undefined, undefined]);
    expect((await own.store.timeline.list(key)).map(({ type }) => type)).toEqual(['number.drift-ended']);
  });

  it('stay when it is cancelled, before or after the date', async () => {
    for (const stages of [
      ['dated', 'stays'],
      ['dated', 'leaving', 'stays'],
    ] as const) {
      const phoneNumber = await number();
      await follow(phoneNumber, stages);
      expect((await record(phoneNumber)).routing).toEqual({ state: 'settled', carrier: 'telnyx' });
      expect((await record(phoneNumber)).move).toBeUndefined();
    }
  });

  it('are left alone when their texts stay or go by another carrier, when a port of ours moves them, when they are none of ours', async () => {
    const all = ['dated', 'leaving', 'gone'] as const;
    const staying = await number();
    expect((await follow(staying, all, { textsStay: true })).changed).toEqual([0, 0, 0]);
    const hosted = await number({ routing: { state: 'settled', carrier: 'alpha' } });
    expect((await follow(hosted, all)).changed).toEqual([0, 0, 0]);
    const ported = await number();
    await own.store.numberClaims.claim([own.store.vault.numberKey(ported)], 'port_2');
    expect((await follow(ported, all)).changed).toEqual([0, 0, 0]);
    expect((await follow('+12025559998', all)).changed).toEqual([0, 0, 0]);
  });
});

it('an older projection never overwrites a newer, and steps stand once (invariant 1)', async () => {
  const portOut = samplePortOut(own.store.vault, ['+12025550143'], { counter: 0 });
  await own.store.portOuts.insert(portOut);
  const clocks = { answerDueAt: portOut.answerDueAt, decideBy: portOut.decideBy };
  const state = newPortOut({ state: 'authorized', carrierState: 'authorized' }, clocks, '2027-01-01T00:00:00.000Z');
  const step = { at: state.since, actor: 'carrier', type: 'port-out.authorized', detail: 'It is.' } as const;
  const project = (counter: number, change: object = {}) =>
    activities().projectPortOut({
      portOutId: portOut._id,
      counter,
      state: { ...state, ...change },
      firstStep: 0,
      steps: [step],
    });
  await project(2, { focAt: '2027-01-05T00:00:00.000Z' });
  await project(1);
  expect(await stored(portOut._id)).toMatchObject({
    status: 'authorized',
    counter: 2,
    focAt: '2027-01-05T00:00:00.000Z',
  });
  expect((await stored(portOut._id)).fallback).toBeUndefined();
  expect(await own.store.timeline.list(portOut._id)).toHaveLength(1);
});
