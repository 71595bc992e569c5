import { Readable } from 'node:stream';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { createDoubleOptInActivities } from '../../activities/double-opt-in.ts';
import { erase } from '../../activities/erasure.ts';
import { joinCarrierList, rebuildOptOuts } from '../../activities/opt-out-export.ts';
import { importConsents } from '../../api/consent-import.ts';
import type { InboundEvent, ReceiptEvent } from '../../carriers/carrier.ts';
import { consentToMarketing } from '../../domain/consent.ts';
import { createIntake } from '../../intake/intake.ts';
import { answerKeyword } from '../../intake/keyword-answer.ts';
import { fakeCarrier } from '../activities/fake-carrier.ts';
import { ownStore, readableIn } from '../store/own-store.ts';
import { ours, sampleText } from '../store/samples.ts';
import { RecordedEngine } from './recorded-engine.ts';

const own = ownStore();
const engine = new RecordedEngine();
const carriers = new Map([
  ['alpha', fakeCarrier('alpha')],
  ['telnyx', fakeCarrier('telnyx', { settings: { codes: 'telnyx', partIds: 'one' } })],
]);
const words = 'Your parcel 4711 is at the gate';

let count = 0;
/** Somebody whom nothing is known of. */
const newPerson = () => `+1202555${String(2000 + ++count)}`;
/** The carrier's id of the text to a person; says nothing of who it is. */
const idFor = (person: string) => `sms-${key(person).slice(-8)}`;
const key = (person: string) => own.store.vault.numberKey(person);
const generationOf = async (person: string) => {
  const found = await own.store.subjectKeys.find(key(person));
  return { generation: found?.generation, destroyed: found?.wrapped === undefined };
};
const readable = async (...looked: string[]) =>
  (await readableIn(own.raw, own.secret)).filter((each) => looked.some((wanted) => each.includes(wanted)));

/** A text to a person, with the carrier. */
async function submit(person: string, carrier = 'alpha'): Promise<string> {
  const carrierMessageId = idFor(person);
  await own.store.subjectKeys.load([key(person)]);
  const attempt = { carrier, token: `clm_${count}`, claimedAt: new Date(), workflowId: 'w', runId: 'r' };
  const text = sampleText(own.store.vault, {
    to: person,
    text: words,
    status: 'submitted',
    workflowId: `messages/${carrierMessageId}`,
    attempts: [{ ...attempt, answeredAt: new Date(), parts: [{ outcome: 'accepted', carrierMessageId }] }],
    carrierRefs: [`${carrier}/${carrierMessageId}`],
  });
  // As it is stored: under the person's own key.
  const { vault } = own.store;
  await own.store.messages.insert([
    { ...text, to: vault.sealFor(key(person), person), text: vault.sealFor(key(person), words) },
  ]);
  return text._id;
}

const receiptOf = (person: string, rest: Partial<ReceiptEvent> = {}): ReceiptEvent => ({
  type: 'receipt',
  eventId: `receipt-${idFor(person)}`,
  at: new Date().toISOString(),
  raw: JSON.stringify({ to: person, text: words }),
  carrierMessageId: idFor(person),
  from: ours,
  to: person,
  textStart: words.slice(0, 20),
  state: 'DELIVRD',
  ...rest,
});

/** Brings events as a carrier does, and waits until they have been worked on. */
async function bring(carrier: string, ...events: (ReceiptEvent | InboundEvent)[]): Promise<void> {
  const intake = createIntake({ store: own.store, engine, carriers, logger: pino({ enabled: false }) });
  await intake.receive(carrier, events);
  await intake.idle();
}

let written = 0;
const inboundFrom = (person: string, text: string): InboundEvent => ({
  type: 'inbound',
  eventId: `inbound-${++written}`,
  at: new Date().toISOString(),
  raw: JSON.stringify({ from: person, text }),
  from: person,
  to: ours,
  text,
});

const moving = () => ({ portId: 'port_1', numberKey: key(ours), phoneNumber: ours, open: true });
const ledgerOf = async (person: string) =>
  (await own.store.consents.historyOf(key(person))).map(({ source }) => source);
const erasePerson = (person: string) => erase(key(person), 'key_test', { store: own.store, engine });

describe('what a carrier still tells of a person who has been erased', () => {
  test('a receipt ends its text, makes the person no key, and nothing of them can be read', async () => {
    const person = newPerson();
    const id = await submit(person);
    await erasePerson(person);
    await bring('alpha', receiptOf(person));
    expect(await own.store.messages.find(id)).toMatchObject({ status: 'delivered' });
    expect(await generationOf(person)).toEqual({ generation: 1, destroyed: true });
    expect(await readable(person, words.slice(0, 20))).toEqual([]);
    expect(await own.store.carrierEvents.findMany([`alpha/receipt-${idFor(person)}`])).toMatchObject([
      { state: 'done' },
    ]);
  });

  test('a receipt of a text of before, that comes when the person is written to again, brings its words back neither', async () => {
    const person = newPerson();
    const id = await submit(person);
    await erasePerson(person);
    await own.store.subjectKeys.load([key(person)]);
    await bring('alpha', receiptOf(person));
    expect(await own.store.messages.find(id)).toMatchObject({ status: 'delivered' });
    expect(await readable(person, words.slice(0, 20))).toEqual([]);
  });

  test('a receipt whose text is known later only is kept until then without them', async () => {
    const person = newPerson();
    await submit(person);
    await erasePerson(person);
    await bring('alpha', receiptOf(person, { carrierMessageId: `unknown-${idFor(person)}` }));
    expect(await own.store.carrierEvents.findMany([`alpha/receipt-${idFor(person)}`])).toMatchObject([
      { state: 'unmatched' },
    ]);
    expect(await readable(person, words.slice(0, 20))).toEqual([]);
  });

  test('the rest of a long text of before is not put together with it: its first part is gone', async () => {
    const person = newPerson();
    const part = (sequence: number, text: string) => ({
      ...inboundFrom(person, text),
      part: { reference: 7, total: 2, sequence },
    });
    await bring('alpha', part(1, 'My address is '));
    expect(await own.raw.collection('inboundParts').countDocuments({ fromKey: key(person) })).toBe(1);
    await erasePerson(person);
    expect(await own.raw.collection('inboundParts').countDocuments({ fromKey: key(person) })).toBe(0);
    await bring('alpha', part(2, '7 Main St'));
    expect(await own.store.inboundTexts.list({ fromKey: key(person) }, 5)).toEqual([]);
  });

  test('that they opted out stands in the ledger, without a key', async () => {
    const person = newPerson();
    await submit(person, 'telnyx');
    await erasePerson(person);
    await bring('telnyx', receiptOf(person, { state: 'UNDELIV', code: '40300' }));
    expect(await ledgerOf(person)).toEqual(['erasure', 'carrier-code']);
    expect(await generationOf(person)).toEqual({ generation: 1, destroyed: true });
  });

  test('on its list of opt-outs they stand in the ledger, without a key', async () => {
    const person = newPerson();
    await submit(person);
    await erasePerson(person);
    const optOuts = {
      async *list() {
        yield { recipient: person, keyword: 'STOP', at: new Date().toISOString() };
      },
    };
    expect(await joinCarrierList(moving(), { ...fakeCarrier('alpha'), optOuts }, own.store)).toBe(1);
    expect(await ledgerOf(person)).toEqual(['erasure', 'carrier-list']);
    expect(await generationOf(person)).toEqual({ generation: 1, destroyed: true });
    expect(await readable(person)).toEqual([]);
  });
});

describe('what we do ourselves about a person who has been erased', () => {
  test('opt-outs that are looked for in texts of before make them no key', async () => {
    const person = newPerson();
    await bring('alpha', inboundFrom(person, 'STOP'));
    await erasePerson(person);
    await rebuildOptOuts(moving(), own.store);
    expect(await ledgerOf(person)).toEqual(['inbound', 'erasure']);
    expect(await generationOf(person)).toEqual({ generation: 1, destroyed: true });
  });

  test('a confirmation of their opt-out is not written any more, and makes them no key', async () => {
    const person = newPerson();
    await bring('alpha', inboundFrom(person, 'STOP'));
    await erasePerson(person);
    const [inbound] = await own.store.inboundTexts.list({ fromKey: key(person) }, 1);
    if (!inbound) throw new Error('The text has not come in.');
    await answerKeyword(inbound, { store: own.store, engine, carriers }, { id: 'con_stop', ofAll: false });
    expect(await own.store.messages.countTo(key(person))).toBe(0);
    expect(await generationOf(person)).toEqual({ generation: 1, destroyed: true });
  });

  test('they are not asked whether they consent, and get no key by that', async () => {
    const person = newPerson();
    const { subjectKeys, consents, vault } = own.store;
    await subjectKeys.load([key(person)]);
    await consents.append({
      _id: `cns_${person}`,
      type: 'requested',
      subjectKey: key(person),
      basis: 'express',
      source: 'api',
      at: new Date(),
      expiresAt: new Date(Date.now() + 3600_000),
      evidence: vault.sealFor(key(person), JSON.stringify({ phoneNumber: person, sender: ours })),
    });
    await erasePerson(person);
    const { askForConsent } = createDoubleOptInActivities({ store: own.store, engine, carriers: new Map() });
    expect(await askForConsent({ consentId: `cns_${person}` })).toEqual({});
    expect(await generationOf(person)).toEqual({ generation: 1, destroyed: true });
  });
});

test('who was erased and writes anew is read anew, under another key', async () => {
  const person = newPerson();
  await bring('alpha', inboundFrom(person, 'before'));
  await erasePerson(person);
  await bring('alpha', inboundFrom(person, 'It is me again'));
  expect(await generationOf(person)).toEqual({ generation: 2, destroyed: false });
  expect(await readable('It is me again')).not.toEqual([]);
});

test('whatever comes at the moment of an erasure is taken, the ledger stays whole, and what was said before it is read by nobody', async () => {
  const { consents, messages, subjectKeys, vault } = own.store;
  const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  for (let round = 0; round < 12; round += 1) {
    const person = newPerson();
    const id = await submit(person);
    const line = (change: object) => `${JSON.stringify({ phoneNumber: person, ...change })}\n`;
    const consent = {
      basis: 'express-written',
      capturedAt: '2026-01-01T00:00:00Z',
      evidence: { act: 'paper', name: 'Eve' },
    };
    const at = async (step: number, work: () => Promise<unknown>) => {
      await wait((step + round) % 7);
      return work();
    };
    const [erasure] = await Promise.all([
      erasePerson(person),
      at(0, () => bring('alpha', inboundFrom(person, `STOP ${words}`), inboundFrom(person, 'STOP'))),
      at(1, () => bring('alpha', inboundFrom(person, 'START'))),
      at(2, () => importConsents({ store: own.store, engine }, Readable.from(line(consent)), 'application/x-ndjson')),
      at(3, () => bring('alpha', receiptOf(person))),
      at(4, () => bring('alpha', inboundFrom(person, 'Wrong number'))),
    ]);
    expect(erasure.completedAt).toBeDefined();
    expect(await consents.verify(key(person))).toEqual([]);
    const events = (await consents.ofSubjects([key(person)])).get(key(person)) ?? [];
    expect(events.map(({ source }) => source)).toContain('erasure');
    // START lifts what was said against all texts; marketing needs what was given since.
    const question = { kind: 'marketing' as const, senderKey: key(ours), events, now: new Date() };
    const given = consentToMarketing(question, { consent: 'implied', impliedMonths: undefined });
    expect(given).toEqual({ found: false, code: 'consent-missing' });
    const [text] = await messages.findMany([id]);
    await subjectKeys.loadFor([text?.text]);
    expect(text && vault.openUnlessErased(text.text)).toBeUndefined();
  }
});
