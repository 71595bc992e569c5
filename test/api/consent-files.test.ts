import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { erase } from '../../activities/erasure.ts';
import { createPermissions } from '../../activities/permission.ts';
import { recordPortingConsent } from '../../activities/port-recording.ts';
import { importConsents } from '../../api/consent-import.ts';
import { consentEvent, consentRequest } from '../../api/schemas/consents.ts';
import { sealEvidence } from '../../api/views/consent-view.ts';
import { messageKinds } from '../../domain/message.ts';
import { keepInboundOptOut, obeyKeyword } from '../../intake/opt-out.ts';
import { keepOptOuts } from '../../intake/receipts.ts';
import { honourRevocations } from '../../intake/revocation.ts';
import type { ConsentEntry } from '../../store/consents.ts';
import { openStore, type Store } from '../../store/store.ts';
import { randomId } from '../../store/vault.ts';
import { mongodbUri } from '../mongodb-uri.ts';
import { readableIn } from '../store/own-store.ts';
import { sampleText } from '../store/samples.ts';
import { numbers, type Serving, secret, serve } from './serving.ts';

const ndjson = { 'content-type': 'application/x-ndjson' };
const csv = { 'content-type': 'text/csv' };
const day = 24 * 3600_000;
const ago = (days: number) => new Date(Date.now() - days * day);

let api: Serving;
let made = 0;
const newPerson = () => `+1202555${String(3000 + made++)}`;
/** Words of every alphabet, with everything that a file could trip over. */
const words = ' "No", she said;\r\n=SUM(A1)\tплиз 🙏 ';

async function append(
  entry: Omit<ConsentEntry, '_id' | 'subjectKey' | 'evidence'> & { of: string; evidence?: object },
) {
  const { of: phoneNumber, evidence = {}, ...rest } = entry;
  const { vault, consents, subjectKeys } = api.store;
  const subjectKey = vault.numberKey(phoneNumber);
  await subjectKeys.load([subjectKey]);
  const about = { phoneNumber, ...(entry.senderKey !== undefined && { sender: numbers.own }) };
  const event = { ...rest, _id: randomId('cns'), subjectKey, evidence: sealEvidence(vault, about, evidence) };
  await consents.append(event);
  return event;
}

async function text(from: string, keyword: 'opt-in' | 'opt-out' | 'ambiguous', receivedAt: Date, said = 'words') {
  const { vault, subjectKeys, inboundTexts } = api.store;
  const fromKey = vault.numberKey(from);
  await subjectKeys.load([fromKey]);
  const inbound = {
    _id: randomId('in'),
    carrier: 'alpha',
    fromKey,
    from: vault.sealFor(fromKey, from),
    toKey: vault.numberKey(numbers.own),
    to: vault.seal(numbers.own),
    text: vault.sealFor(fromKey, said),
    receivedAt,
    keyword,
  };
  await inboundTexts.insert(inbound);
  await obeyKeyword(inbound, { store: api.store, engine: api.recorded.engine as never, carriers: api.carriers });
  return inbound;
}

const eraseIn = ({ store }: Pick<Serving, 'store'>, phoneNumber: string) =>
  erase(store.vault.numberKey(phoneNumber), 'key_1', { store, engine: api.recorded.engine });

/** Those whose words a person has still to read; those of whom nothing but a tombstone and what it hides is left. */
const [unread, erased, returned, known] = [newPerson(), newPerson(), newPerson(), newPerson()];

beforeAll(async () => {
  api = await serve();
  await api.register(numbers.own);
  const { store } = api;
  const { vault, consents } = store;
  const senderKey = vault.numberKey(numbers.own);

  // Every basis, kind and lawful basis, with all the evidence that there can be; one that has ended, and one that the law has ended.
  const evidence = {
    act: 'checkbox',
    name: 'Ada Example',
    disclosure: { text: words, version: '3', locale: 'en-US' },
    notConditionOfPurchase: true,
    signature: 'a'.repeat(2000),
    brand: 'Example',
    controllers: ['Example Media', words],
    purpose: words,
    sourceUrl: 'https://shop.example/?a="b"',
    ip: '2001:db8::7',
    userAgent: words,
    reference: ' 7 ',
  };
  for (const basis of ['express-written', 'express', 'soft-opt-in', 'implied'] as const) {
    for (const kind of messageKinds) {
      await api.post('/v1/consents', {
        ...{ phoneNumber: newPerson(), sender: numbers.own, kinds: [kind], basis, jurisdiction: 'US-FL' },
        ...{ lawfulBasis: 'legitimate-interest', expiresAt: new Date(Date.now() + day).toISOString(), evidence },
      });
    }
  }
  const longest = { ...evidence, controllers: Array.from({ length: 50 }, () => '\u0001"'.repeat(100)) };
  await append({ of: newPerson(), type: 'granted', basis: 'express', source: 'api', at: ago(7), evidence: longest });
  const bought = { phoneNumber: '+14165550123', basis: 'implied', impliedBy: 'purchase', evidence: { act: 'other' } };
  await api.post('/v1/consents', { ...bought, capturedAt: ago(600).toISOString() });
  const ended = { of: newPerson(), basis: 'express', source: 'api', at: ago(90), expiresAt: ago(30) } as const;
  const grant = await append({ ...ended, type: 'granted', expiresBecause: 'told', evidence: { act: 'paper' } });
  await append({ ...ended, type: 'expired', source: 'clock', about: grant._id, evidence: {} });

  // Every channel of a no; one that takes a consent back; one that is about a reassigned number.
  for (const channel of ['text', 'call', 'mail', 'web', 'in-person', 'other']) {
    await api.post('/v1/revocations', { phoneNumber: newPerson(), kinds: ['otp', 'marketing'], channel, words });
  }
  const asked = { sender: numbers.own, basis: 'express', evidence: { act: 'voice' }, capturedAt: ago(5).toISOString() };
  const taken = await api.post('/v1/consents', { ...asked, phoneNumber: newPerson() });
  await api.post(`/v1/consents/${taken.body.id}/revoke`, { channel: 'call', words, revokedAt: ago(9).toISOString() });
  const moved = await api.post('/v1/consents', { ...asked, phoneNumber: newPerson() });
  for (const result of ['no', 'no-data', 'yes']) {
    await api.post(`/v1/consents/${moved.body.id}/reassignment-checks`, { result, source: 'RND' });
  }
  await api.post('/v1/consents', { ...asked, phoneNumber: newPerson(), confirmation: { question: 'Sure?' } });

  // What people and carriers have written; a short code is no number of a plan.
  await text(newPerson(), 'opt-in', ago(3));
  await text('72345', 'opt-out', ago(3));
  for (const means of ['opt-out', 'no-opt-out']) {
    const { _id } = await text(newPerson(), 'ambiguous', ago(2));
    await api.post(`/v1/opt-out-reviews/${vault.deriveId('con', 'inbound', _id)}/decide`, { means });
  }
  await text(unread, 'ambiguous', ago(1), 'Wrong number');
  const refusedAs = { failure: { code: 'x', class: 'opt-out' as const, at: ago(1), carrierCode: '40300' } };
  await keepOptOuts([sampleText(vault, { from: numbers.own, to: known, ...refusedAs })], store);
  const listed = { of: newPerson(), basis: 'opt-out', senderKey, portId: 'port_1' } as const;
  await append({
    ...listed,
    type: 'revoked',
    source: 'carrier-list',
    at: ago(4),
    evidence: { carrier: 'alpha', words },
  });

  // Of ports; and of persons who were erased: one knows nothing else, one has come back, one is told of by a carrier.
  const signed = { numberKey: vault.numberKey(numbers.second), phoneNumber: numbers.second };
  await recordPortingConsent(store, 'port_1', [signed], { evidence: { act: 'signature' }, at: ago(8) });
  const bare = { numberKey: vault.numberKey(numbers.foreign), phoneNumber: numbers.foreign };
  await recordPortingConsent(store, 'port_2', [bare], { evidence: {}, at: ago(8) });
  for (const phoneNumber of [erased, returned]) {
    await api.post('/v1/consents', { ...asked, phoneNumber, kinds: ['marketing'] });
    const stop = await text(phoneNumber, 'opt-out', ago(2));
    await eraseIn(api, phoneNumber);
    await keepInboundOptOut(stop, store);
  }
  await api.post('/v1/consents', { ...asked, phoneNumber: returned, capturedAt: new Date().toISOString() });
  await eraseIn(api, newPerson());

  const all: ConsentEntry[] = [];
  for await (const chains of consents.chains()) all.push(...chains.flatMap(({ events }) => events));
  // Texts are honoured by their own processes.
  await honourRevocations(
    all.filter(({ type }) => type === 'revoked'),
    store,
  );
  const has = (name: 'type' | 'basis' | 'source') => new Set(all.map((event) => event[name]));
  expect(has('type')).toEqual(new Set(consentEvent.shape.type.options));
  expect(has('basis')).toEqual(new Set(consentEvent.shape.basis.options));
  expect(has('source')).toEqual(new Set(consentEvent.shape.source.exclude(['tampered']).options));
  expect(consentRequest.shape.lawfulBasis.unwrap().options).toContain('legitimate-interest');
});
afterAll(() => api.stop());

async function exported(from: Pick<Serving, 'url' | 'get'>, type = 'application/x-ndjson'): Promise<Buffer> {
  const answer = await from.get('/v1/consents/export', { accept: type });
  expect(answer.status).toBe(200);
  return Buffer.from(answer.body);
}

/** Without where it stands in which ledger. */
function events(file: Buffer): Record<string, unknown>[] {
  const lines = file.toString('utf8').trim().split('\n');
  return lines.map((line) => {
    const { chain, imported: _, ...event } = JSON.parse(line);
    expect(chain).toMatchObject({ position: expect.any(Number) });
    return event;
  });
}

/** What the rules are given of everybody, by id. */
async function weighed({ consents }: Store) {
  const keys = new Set<string>();
  for await (const chains of consents.chains()) for (const { subjectKey } of chains) keys.add(subjectKey);
  const found = [...(await consents.ofSubjects([...keys])).values()].flat();
  return new Map(
    found.map(
      ({ _id, type, subjectKey, senderKey, kinds, basis, source, at, expiresAt, revokes, lastCheck, jurisdiction }) => [
        _id,
        { type, subjectKey, senderKey, kinds, basis, source, at, expiresAt, revokes, lastCheck, jurisdiction },
      ],
    ),
  );
}

describe.each([
  ['NDJSON', ndjson],
  ['CSV', csv],
])('the whole ledger as %s', (_, headers) => {
  let other: Serving;
  let file: Buffer;
  beforeAll(async () => {
    other = await serve();
    // Who is named by a number of ours only, as a number of ours.
    await other.register(numbers.own);
    file = await exported(api, headers['content-type']);
  });
  afterAll(() => other.stop());

  it('is another ledger’s: every event as it stands, and the rules weigh the same', async () => {
    const answer = await other.upload('/v1/consents/import', file, headers);
    expect(answer.body, JSON.stringify(answer.body.refusals)).toMatchObject({ refused: 0, passedOver: 0, known: 0 });
    const whole = await exported(api);
    expect(answer.body.recorded).toBe(events(whole).length);
    expect(events(await exported(other))).toEqual(events(whole));
    expect(await weighed(other.store)).toEqual(await weighed(api.store));
    expect((await other.store.consents.verifyAll()).faults).toEqual([]);
  });

  it('is recorded once, there and where it comes from', async () => {
    for (const ledger of [other, api]) {
      const before = (await ledger.store.consents.verifyAll()).events;
      const answer = await ledger.upload('/v1/consents/import', file, headers);
      expect(answer.body).toMatchObject({ recorded: 0, refused: 0, known: events(await exported(api)).length });
      expect((await ledger.store.consents.verifyAll()).events).toBe(before);
    }
  });

  it('has what nobody has read yet read there, and an erased person told by a keyed hash alone', async () => {
    const { data } = (await other.get('/v1/opt-out-reviews')).body;
    expect(data).toMatchObject([{ state: 'open' }]);
    expect(other.recorded.signals).toContain(`opt-out-review ${data[0].id}`);
    await other.post(`/v1/opt-out-reviews/${data[0].id}/decide`, { means: 'no-opt-out' });
    const key = other.store.vault.numberKey(unread);
    expect((await other.store.consents.ofSubjects([key])).get(key)).toEqual([]);

    expect(file.toString('utf8')).not.toContain(erased);
    const { vault, subjectKeys, consents } = other.store;
    expect(await subjectKeys.find(vault.numberKey(erased))).toBeNull();
    const events = (await consents.ofSubjects([vault.numberKey(erased)])).get(vault.numberKey(erased)) ?? [];
    await subjectKeys.load([vault.numberKey(erased)]);
    const marketing = sampleText(vault, { to: erased, kind: 'marketing' });
    const consentsOf = new Map([[marketing.toKey, events]]);
    const permission = await createPermissions({ store: other.store }).weigh([marketing], {
      numbers: new Map(),
      consents: consentsOf,
    });
    expect(permission.get(marketing._id)).toMatchObject({ decision: 'refuse', code: 'recipient-opted-out' });
  });
});

describe('under another secret', () => {
  let store: Store;
  const database = `consent_files_${process.pid}_${Date.now()}`;
  beforeAll(async () => {
    store = await openStore({ uri: mongodbUri(), database, secret: 'another secret for tests, 32 characters' });
  });
  afterAll(async () => {
    await api.database.client.db(database).dropDatabase();
    await store.close();
  });

  it('whoever was erased is named as such, line by line; everybody else is there', async () => {
    const file = await exported(api);
    const all = events(file);
    const nameless = all.filter(({ phoneNumber }) => phoneNumber === undefined);
    expect(nameless.length).toBeGreaterThan(5);
    const engine = { optOutReview: async () => undefined };
    const answer = await importConsents({ store, engine }, Readable.from(file), 'application/x-ndjson');
    expect(answer.recorded).toBe(all.length - nameless.length);
    expect(answer.refused).toBe(nameless.length);
    for (const { errors } of answer.refusals) {
      expect(errors).toMatchObject([{ path: 'subjectKey', message: expect.stringContaining('Erase the person here') }]);
    }
    const foreign = { id: randomId('con'), type: 'revoked', phoneNumber: known, senderKey: `num_${'0'.repeat(32)}` };
    const line = { ...foreign, basis: 'opt-out', source: 'inbound', revokedAt: ago(1).toISOString() };
    const unnamed = await importConsents(
      { store, engine },
      Readable.from([JSON.stringify(line)]),
      'application/x-ndjson',
    );
    expect(unnamed.refusals).toMatchObject([{ errors: [{ path: 'senderKey' }] }]);
    const key = store.vault.numberKey(known);
    expect((await store.consents.historyOf(key)).map(({ source }) => source)).toContain('carrier-code');
  });
});

it('an old export brings nobody back who was erased since: their events are kept without what named them', async () => {
  const other = await serve();
  try {
    const person = newPerson();
    const given = { phoneNumber: person, basis: 'express-written', evidence: { act: 'paper', name: 'Ada Example' } };
    await other.post('/v1/consents', { ...given, capturedAt: ago(9).toISOString() });
    const old = await exported(other);
    const third = await serve();
    try {
      await third.post('/v1/consents', given);
      await eraseIn(third, person);
      expect((await third.upload('/v1/consents/import', old, ndjson)).body).toMatchObject({ recorded: 1 });
      const { vault, subjectKeys } = third.store;
      expect(await subjectKeys.find(vault.numberKey(person))).toMatchObject({
        generation: 1,
        erasedAt: expect.any(Date),
      });
      expect(
        (await third.get(`/v1/consents?phoneNumber=${encodeURIComponent(person)}`)).body.data.at(-1),
      ).toMatchObject({
        type: 'granted',
        imported: true,
        evidence: { erased: true },
      });
    } finally {
      await third.stop();
    }
  } finally {
    await other.stop();
  }
});

it('what somebody has changed does not become whole in another ledger: its lines say so, and are refused', async () => {
  const [from, to] = await Promise.all([serve(), serve()]);
  try {
    const said = (phoneNumber: string) => ({ phoneNumber, basis: 'express', evidence: { act: 'paper' } });
    const [changed, unsealed, lost, whole] = [newPerson(), newPerson(), newPerson(), newPerson()];
    for (const person of [changed, unsealed, lost, whole]) await from.post('/v1/consents', said(person));
    const records = from.database.collection('consents');
    const of = (person: string) => ({ chain: from.store.vault.numberKey(person) });
    await records.updateOne(of(changed), { $set: { basis: 'express-written' } });
    await records.updateOne(of(unsealed), { $set: { evidence: from.store.vault.seal('{}').buffer.slice(0, 20) } });
    await records.deleteOne(of(lost));
    for (const [type, headers] of [
      ['application/x-ndjson', ndjson],
      ['text/csv', csv],
    ] as const) {
      const answer = await to.upload('/v1/consents/import', await exported(from, type), headers);
      expect(answer.body.refused).toBe(3);
      const reasons = answer.body.refusals.map(({ errors }: { errors: { message: string }[] }) => errors[0]?.message);
      for (const reason of reasons) expect(reason).toMatch(/^In the ledger of there the chain is not whole: /);
    }
    expect((await to.store.consents.verifyAll()).events).toBe(1);
    expect(await to.store.consents.historyOf(to.store.vault.numberKey(whole))).toHaveLength(1);
    // Nor is a register asked about who is not written to; about the others it is.
    const { content } = await from.download('/v1/reassignment-checks/due');
    expect(content.toString('utf8').match(/\+\d+/g)).toEqual([whole]);
  } finally {
    await Promise.all([from.stop(), to.stop()]);
  }
});

it('a file that comes in while a person in it is erased leaves nothing that names them', async () => {
  const person = newPerson();
  const said = { phoneNumber: person, basis: 'express', evidence: { act: 'paper', name: 'Eve Example' } };
  const { vault, subjectKeys, consents } = api.store;
  const file = Readable.from(
    (async function* () {
      yield `${JSON.stringify(said)}\n${JSON.stringify({ type: 'revoked', phoneNumber: person, words: 'No more' })}\n`;
      // It is read when the next piece is asked for, and lies in memory until the portion is full.
      await eraseIn(api, person);
    })(),
  );
  await subjectKeys.load([vault.numberKey(person)]);
  const { engine } = api.recorded;
  expect(await importConsents({ store: api.store, engine }, file, 'application/x-ndjson')).toMatchObject({
    recorded: 2,
  });
  const events = await consents.historyOf(vault.numberKey(person));
  expect(events.map(({ type, source }) => [type, source])).toEqual([
    ['revoked', 'erasure'],
    ['granted', 'api'],
    ['revoked', 'api'],
    ['honoured', 'clock'],
  ]);
  const opened = await readableIn(api.database, secret);
  expect(opened.filter((each) => /Eve Example|No more/.test(each) || each.includes(person))).toEqual([]);
});

it('the engine is away: everything is on record, and the file again has people called', async () => {
  const other = await serve();
  try {
    const file = await exported(api);
    const { optOutReview } = other.recorded.engine;
    other.recorded.engine.optOutReview = async () => Promise.reject(new Error('away'));
    const answer = await other.upload('/v1/consents/import', file, ndjson);
    expect(answer).toMatchObject({ status: 503, body: { code: 'engine-unavailable' } });
    other.recorded.engine.optOutReview = optOutReview;
    expect((await other.upload('/v1/consents/import', file, ndjson)).body).toMatchObject({ recorded: 0, refused: 0 });
    expect(other.recorded.signals.filter((each) => each.startsWith('opt-out-review'))).toHaveLength(1);
  } finally {
    await other.stop();
  }
});

it.each([
  ['a moment that has not come', { revokedAt: new Date(Date.now() + day).toISOString() }, 'revokedAt'],
  ['no moment', { revokedAt: undefined }, 'capturedAt'],
  ['a source that no ledger has', { source: 'tampered' }, 'source'],
  ['what is about no event', { about: 'the one before' }, 'about'],
  ['words where a rule is named', { expiresBecause: 'Ada Example asked for it' }, 'expiresBecause'],
  ['a name where a port is named', { portId: 'Ada Example' }, 'portId'],
  ['a street where a place is named', { jurisdiction: '7 Main St' }, 'jurisdiction'],
  ['a person who is neither named nor keyed', { phoneNumber: undefined }, 'subjectKey'],
])('an event of a ledger with %s is refused', async (_, change, path) => {
  const event = {
    ...{ id: randomId('con'), type: 'revoked', basis: 'opt-out', source: 'inbound', phoneNumber: newPerson() },
    ...{ revokedAt: ago(1).toISOString(), ...change },
  };
  const answer = await api.upload('/v1/consents/import', Buffer.from(`${JSON.stringify(event)}\n`), ndjson);
  expect(answer.body).toMatchObject({ recorded: 0, refused: 1, refusals: [{ errors: [{ path }] }] });
});

it('a column is a field of its line, whatever it is called', async () => {
  const file = ['phoneNumber,basis,evidence.act,__proto__.polluted', `${newPerson()},express,paper,yes`].join('\n');
  const answer = await api.upload('/v1/consents/import', Buffer.from(file), csv);
  expect(answer.body).toMatchObject({ recorded: 0, refused: 1 });
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});
