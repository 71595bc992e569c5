import { beforeEach, describe, expect, test } from 'vitest';
import { createHoldActivities } from '../../activities/hold.ts';
import { createOptOutMoveActivities } from '../../activities/opt-out-moves.ts';
import { decideReview } from '../../activities/opt-out-review.ts';
import { optOutHold, optOutHoldKey } from '../../activities/waiting-number.ts';
import type { Carrier } from '../../carriers/carrier.ts';
import { CarrierUnavailable } from '../../carriers/errors.ts';
import type { CarrierOptOut } from '../../carriers/opt-outs.ts';
import { newCutover } from '../../domain/lifecycle/cutover.ts';
import type { PortDocument } from '../../store/ports.ts';
import { RecordedEngine } from '../intake/recorded-engine.ts';
import { ownStore } from '../store/own-store.ts';
import { sampleNumber, samplePort, sampleRemoval, sampleText } from '../store/samples.ts';
import { fakeCarrier } from './fake-carrier.ts';
import { inWorkflow } from './in-workflow.ts';

const own = ownStore();

/** A carrier's list of opt-outs; what is in `loses` it takes and forgets. */
class FakeList {
  readonly entries: CarrierOptOut[] = [];
  readonly loses = new Set<string>();
  away = false;

  async *list(): AsyncGenerator<CarrierOptOut> {
    if (this.away) throw new CarrierUnavailable('It does not answer.');
    yield* this.entries;
  }

  async add(_: string, recipients: readonly string[]): Promise<void> {
    const known = new Set(this.entries.map(({ recipient }) => recipient));
    for (const recipient of recipients) {
      if (!known.has(recipient) && !this.loses.has(recipient))
        this.entries.push({ recipient, at: new Date().toISOString() });
    }
  }
}

let count = 0;
let number = '';
let portId = '';
let losing: FakeList;
let gaining: FakeList;
let engine: RecordedEngine;
let carriers: Map<string, Carrier>;
const key = (of: string) => own.store.vault.numberKey(of);
const person = (index: number) => `+1202555${7000 + count * 10 + index}`;

beforeEach(async () => {
  count += 1;
  number = `+1202555${3000 + count}`;
  [losing, gaining] = [new FakeList(), new FakeList()];
  engine = new RecordedEngine();
  carriers = new Map<string, Carrier>([
    ['alpha', { ...fakeCarrier('alpha'), optOuts: losing }],
    ['beta', { ...fakeCarrier('beta'), optOuts: gaining }],
    ['telnyx', { ...fakeCarrier('telnyx'), optOuts: { list: () => gaining.list() } }],
    ['gamma', fakeCarrier('gamma')],
  ]);
});

const activitiesNow = () => createOptOutMoveActivities({ store: own.store, engine, carriers });
/** Nobody can say who carries its texts. */
async function uncertain(losingCarrier: string, gainingCarrier?: string): Promise<void> {
  const routing = {
    state: 'uncertain',
    portId,
    losing: losingCarrier,
    ...(gainingCarrier && { gaining: gainingCarrier }),
    since: new Date(),
    activated: false,
  } as const;
  await own.store.numbers.insert(sampleNumber(own.store.vault, number, { routing }));
}
async function port(
  losingCarrier: string,
  gainingCarrier: string,
  rest: Partial<PortDocument> = {},
  others: readonly string[] = [],
) {
  const stored = samplePort(own.store.vault, [number, ...others], { losingCarrier, gainingCarrier, ...rest });
  portId = stored._id;
  await own.store.ports.insert(stored);
  await uncertain(losingCarrier, gainingCarrier);
  return activitiesNow();
}
async function settle(carrier: string, of = number): Promise<void> {
  const version = (await own.store.numbers.find(key(of)))?.version ?? 0;
  await own.store.numbers.change(key(of), version, { routing: { state: 'settled', carrier }, move: undefined });
}
/** As the cutover does before it settles the number. */
const ended = (outcome: 'ported' | 'returned', of = number) =>
  own.store.ports.projectCutover(portId, key(of), Date.now(), { ...newCutover('move'), outcome });
const isOptedOut = async (of: string) =>
  ((await own.store.consents.ofSubjects([key(of)])).get(key(of)) ?? []).some(
    ({ type, senderKey }) => type === 'revoked' && senderKey === key(number),
  );
const move = () => own.store.optOutMoves.find(portId, key(number));
const held = async () => (await own.store.numbers.find(key(number)))?.marketingHeld;

describe('opt-outs move with the number', () => {
  test('from a list into the ledger before the date, to the gaining carrier after it, and are found there', async () => {
    losing.entries.push({ recipient: person(1), keyword: 'STOP', at: '2026-01-01T00:00:00Z' });
    losing.entries.push({ recipient: person(2), at: '2026-01-02T00:00:00Z' });
    const activities = await port('alpha', 'beta');
    await activities.exportOptOuts({ portId });
    await activities.exportOptOuts({ portId });
    expect([await isOptedOut(person(1)), await isOptedOut(person(2))]).toEqual([true, true]);
    expect(await move()).toMatchObject({ state: 'exported', from: 'list', listed: 2 });
    expect(await activities.takeOverOptOuts({ portId })).toEqual({ left: 1 });
    await settle('beta');
    expect(await activities.takeOverOptOuts({ portId })).toEqual({ left: 0 });
    expect(gaining.entries.map(({ recipient }) => recipient).toSorted()).toEqual([person(1), person(2)]);
    expect(await move()).toMatchObject({ state: 'verified', expected: 2, missing: 0 });
    expect((await own.store.timeline.list(portId)).map(({ type }) => type)).toEqual([
      'opt-outs.exported',
      'opt-outs.verified',
    ]);
  });

  test('also of who said so in words that a person has read, and of who said it twice', async () => {
    const { consents, optOutReviews, subjectKeys, vault } = own.store;
    const activities = await port('alpha', 'beta');
    await activities.exportOptOuts({ portId });
    for (const [of, means] of [
      [person(1), 'opt-out'],
      [person(2), 'no-opt-out'],
    ] as const) {
      await subjectKeys.load([key(of)]);
      const evidence = { phoneNumber: of, sender: number, inboundTextId: `in_${of}` };
      const at = new Date();
      const said = { subjectKey: key(of), senderKey: key(number), basis: 'opt-out', source: 'inbound', at } as const;
      const pause = { ...said, _id: `con_${of}`, type: 'paused' as const, kinds: ['marketing' as const] };
      await consents.append({ ...pause, evidence: vault.sealFor(key(of), JSON.stringify(evidence)) });
      await optOutReviews.open({ _id: pause._id, inboundTextId: evidence.inboundTextId, at, dueAt: at });
      await decideReview(pause._id, { state: means, decidedBy: 'key_1' }, own.store);
      // What names nobody does not hide what does.
      if (means === 'opt-out')
        await consents.append({ ...said, _id: `con_again_${of}`, type: 'revoked', evidence: vault.seal('{}') });
    }
    await settle('beta');
    expect(await activities.takeOverOptOuts({ portId })).toEqual({ left: 0 });
    expect(gaining.entries.map(({ recipient }) => recipient)).toEqual([person(1)]);
  });

  test('one that is not found there holds the marketing of the number until it is', async () => {
    losing.entries.push({ recipient: person(1), at: '2026-01-01T00:00:00Z' });
    gaining.loses.add(person(1));
    const activities = await port('alpha', 'beta');
    await activities.exportOptOuts({ portId });
    await settle('beta');
    expect(await activities.takeOverOptOuts({ portId })).toEqual({ left: 1 });
    expect(await move()).toMatchObject({ state: 'mismatch', missing: 1 });
    const record = (await own.store.numbers.find(key(number))) ?? undefined;
    const hold = optOutHold({ kind: 'marketing' }, record, new Date());
    expect(hold).toMatchObject({ key: optOutHoldKey(key(number)), code: 'opt-outs-unverified' });
    expect(optOutHold({ kind: 'otp' }, record, new Date())).toBeUndefined();
    // What waits, waits on; then it goes.
    const text = sampleText(own.store.vault, {
      from: number,
      kind: 'marketing',
      status: 'held',
      ...(hold && { hold }),
    });
    await own.store.messages.insert([text]);
    const holds = createHoldActivities({ store: own.store, engine });
    const look = () => inWorkflow('hold', () => holds.reviewHold({ numberKey: optOutHoldKey(key(number)) }));
    await look();
    expect((await own.store.messages.find(text._id))?.status).toBe('held');
    gaining.loses.clear();
    expect(await activities.takeOverOptOuts({ portId })).toEqual({ left: 0 });
    expect(await held()).toBeUndefined();
    expect(engine.callsOf('routingChanged')).toContainEqual([optOutHoldKey(key(number))]);
    await look();
    expect((await own.store.messages.find(text._id))?.status).toBe('accepted');
  });

  test('where the losing carrier has no list they are rebuilt from inbound texts and codes', async () => {
    const { store } = own;
    await store.subjectKeys.load([key(person(1)), key(person(2))]);
    await store.inboundTexts.insert({
      _id: `in_${portId}_${count}`,
      carrier: 'gamma',
      fromKey: key(person(1)),
      from: store.vault.sealFor(key(person(1)), person(1)),
      toKey: key(number),
      to: store.vault.seal(number),
      text: store.vault.sealFor(key(person(1)), 'STOP'),
      receivedAt: new Date(),
      keyword: 'opt-out',
    });
    const failure = { code: 'recipient-opted-out', class: 'opt-out', carrierCode: '21610', at: new Date() };
    await store.messages.insert([sampleText(store.vault, { from: number, to: person(2), status: 'failed', failure })]);
    const activities = await port('gamma', 'beta');
    await activities.exportOptOuts({ portId });
    expect([await isOptedOut(person(1)), await isOptedOut(person(2))]).toEqual([true, true]);
    expect(await move()).toMatchObject({ from: 'rebuilt' });
    await settle('beta');
    await activities.takeOverOptOuts({ portId });
    expect(gaining.entries.map(({ recipient }) => recipient).toSorted()).toEqual([person(1), person(2)]);
  });

  test('a carrier that takes none is not waited for: the ledger refuses, and what it lists itself is joined', async () => {
    losing.entries.push({ recipient: person(1), at: '2026-01-01T00:00:00Z' });
    const activities = await port('alpha', 'telnyx');
    await activities.exportOptOuts({ portId });
    gaining.entries.push({ recipient: person(3), at: '2026-01-03T00:00:00Z' });
    await settle('telnyx');
    expect(await activities.takeOverOptOuts({ portId })).toEqual({ left: 0 });
    expect(await isOptedOut(person(3))).toBe(true);
  });

  test('a list that could not be read before the date holds marketing; one that came back holds nothing', async () => {
    losing.away = true;
    const activities = await port('alpha', 'beta');
    await expect(activities.exportOptOuts({ portId })).rejects.toThrow(CarrierUnavailable);
    await settle('beta');
    expect(await activities.takeOverOptOuts({ portId })).toEqual({ left: 1 });
    expect(await held()).toMatchObject({ code: 'opt-outs-unverified', portId });
    await ended('returned');
    await settle('alpha');
    expect(await activities.takeOverOptOuts({ portId })).toEqual({ left: 0 });
    expect(await move()).toMatchObject({ state: 'returned' });
    expect(await held()).toBeUndefined();
  });

  test('numbers of an order without a date have each their own turn', async () => {
    losing.entries.push({ recipient: person(1), at: '2026-01-01T00:00:00Z' });
    const later = `+1202555${9000 + count}`;
    const activities = await port('alpha', 'beta', { messagingPlan: 'messaging-only' }, [later]);
    const routing = { state: 'settled', carrier: 'alpha' } as const;
    await own.store.numbers.insert(sampleNumber(own.store.vault, later, { routing }));
    await activities.exportOptOuts({ portId });
    expect(await activities.takeOverOptOuts({ portId }), 'texts of one still go by the losing carrier').toEqual({
      left: 2,
    });
    for (const each of [number, later]) {
      await ended('ported', each);
      await settle('beta', each);
    }
    expect(await activities.takeOverOptOuts({ portId })).toEqual({ left: 0 });
    expect((await own.store.optOutMoves.ofPort(portId)).map(({ state }) => state)).toEqual(['verified', 'verified']);
  });
});

describe('opt-outs of texts that are taken away', () => {
  async function removal(nextCarrier?: string) {
    const stored = sampleRemoval(own.store.vault, [number], { carrier: 'alpha', ...(nextCarrier && { nextCarrier }) });
    portId = stored._id;
    await own.store.textRemovals.insert(stored);
    await uncertain('alpha', nextCarrier);
    losing.entries.push({ recipient: person(1), at: '2026-01-01T00:00:00Z' });
    return activitiesNow();
  }

  test('move to the next carrier, and hold marketing until they are found there', async () => {
    const activities = await removal('beta');
    gaining.loses.add(person(1));
    await activities.exportOptOuts({ portId });
    expect(await isOptedOut(person(1))).toBe(true);
    await settle('beta');
    expect(await activities.takeOverOptOuts({ portId })).toEqual({ left: 1 });
    expect(await held()).toMatchObject({ code: 'opt-outs-unverified', portId });
    gaining.loses.clear();
    expect(await activities.takeOverOptOuts({ portId })).toEqual({ left: 0 });
    expect(await move()).toMatchObject({ state: 'verified', losing: 'alpha', gaining: 'beta' });
    expect(await held()).toBeUndefined();
  });

  test('are in the ledger before nobody carries the texts any more', async () => {
    const activities = await removal();
    await activities.exportOptOuts({ portId });
    expect(await isOptedOut(person(1))).toBe(true);
    expect(await activities.takeOverOptOuts({ portId })).toEqual({ left: 0 });
    expect((await own.store.timeline.list(portId)).map(({ type }) => type)).toEqual(['opt-outs.exported']);
  });
});
