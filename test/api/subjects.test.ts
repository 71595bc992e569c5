import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPermissions } from '../../activities/permission.ts';
import { consentList } from '../../api/schemas/consents.ts';
import { message, messagePage } from '../../api/schemas/messages.ts';
import { erasure, subjectExport } from '../../api/schemas/subjects.ts';
import { keyLifeMs } from '../../store/key-ring.ts';
import { bytesOf, readableIn } from '../store/own-store.ts';
import { sampleText } from '../store/samples.ts';
import { numbers, type Serving, secret, serve, text } from './serving.ts';

const person = numbers.foreign;
const other = numbers.british;
const words = 'Your parcel 4711 is at the gate';
const answer = 'Bring it round the back please';
const evidence = { act: 'checkbox', name: 'Ada Example', sourceUrl: 'https://shop.example/consent', ip: '192.0.2.7' };
const personal = [person, person.slice(1), words, answer, 'Ada Example', 'shop.example', 'customer 77'];

let api: Serving;
let sent = '';
let queued = '';
const inbound = (eventId: string, from: string) => ({
  secret: 'right',
  events: [
    {
      type: 'inbound',
      eventId,
      at: '2027-01-01T00:00:00Z',
      from,
      to: numbers.own,
      text: answer,
      raw: `${from} ${answer}`,
    },
  ],
});

beforeAll(async () => {
  api = await serve();
  await api.register(numbers.own);
  for (const phoneNumber of [person, other]) {
    await api.post('/v1/consents', { phoneNumber, basis: 'express', evidence }, { 'idempotency-key': phoneNumber });
  }
  const body = { ...text, text: words, metadata: { for: 'customer 77' } };
  sent = (await api.post('/v1/messages', { ...body, to: person })).body.id;
  queued = (await api.post('/v1/messages', { ...body, to: person })).body.id;
  await api.post('/v1/messages', { ...body, to: other });
  await api.store.messages.change([sent], () => ({ status: 'delivered', finalAt: new Date() }));
  await api.post('/webhooks/carriers/beta', inbound('in-1', person));
  await api.post('/webhooks/carriers/beta', inbound('in-2', other));
  await api.intake.idle();
  const key = api.store.vault.numberKey(person);
  await api.store.numbers.insert({
    _id: key,
    number: api.store.vault.seal(person),
    own: false,
    routing: { state: 'settled' },
    version: 1,
    lookUp: { ported: true, source: 'enum', at: new Date() },
    history: [],
    registeredAt: new Date(),
  });
});
afterAll(() => api.stop());

const path = (phoneNumber: string) => `/v1/subjects/${encodeURIComponent(phoneNumber)}`;
const exported = async (phoneNumber: string) => subjectExport.parse((await api.get(path(phoneNumber))).body);
const erase = async (phoneNumber: string) => erasure.parse((await api.call('DELETE', path(phoneNumber))).body);

describe('what is kept of a person', () => {
  it('is exported whole, with what it is for and how long it is kept', async () => {
    const all = await exported(person);
    expect(all).toMatchObject({ phoneNumber: person, number: { lookUp: { ported: true } }, erasures: [] });
    expect(all.consents).toMatchObject([{ phoneNumber: person, evidence }]);
    expect(all.texts.map((each) => [each.to, each.text, each.metadata])).toEqual(
      Array(2).fill([person, words, { for: 'customer 77' }]),
    );
    expect(all.inboundTexts).toMatchObject([{ from: person, text: answer }]);
    expect(all.kept.map(({ what }) => what)).toContain('consents with their evidence');
  });

  it('is exported whole, too, when there is more than goes into one piece, or nothing', async () => {
    const { vault } = api.store;
    const many = '+12025550177';
    await api.store.messages.insert(
      Array.from({ length: 401 }, (_, i) => sampleText(vault, { to: many, text: `${i}` })),
    );
    const { texts } = await exported(many);
    expect(new Set(texts.map((each) => each.text)).size).toBe(401);
    expect(await exported('+12025550178')).toMatchObject({ texts: [], inboundTexts: [], consents: [] });
  });
});

describe('a person who is erased', () => {
  it('has had their key destroyed, and there is a proof that says what was and what stays', async () => {
    const proof = await erase(person);
    expect(proof).toMatchObject({
      keyGeneration: 1,
      keyDestroyed: true,
      erased: { texts: 2, inboundTexts: 1, consentEvents: 1, textsStopped: 1, lookUp: true },
    });
    expect(Date.parse(proof.effectiveAt) - Date.parse(proof.keyDestroyedAt)).toBe(keyLifeMs);
    expect(JSON.stringify(proof)).not.toContain(person.slice(1));
    // Asked for again, and read again, it is the same.
    expect(await erase(person)).toEqual(proof);
    expect(erasure.parse((await api.get(`/v1/erasures/${proof.id}`)).body)).toEqual(proof);
  });

  it('is in the database nowhere: not in plain, and under no key that is left', async () => {
    const bytes = await bytesOf(api.database);
    expect(personal.filter((each) => bytes.includes(each))).toEqual([]);
    const opened = await readableIn(api.database, secret);
    // What is about others opens, so the search would have found it.
    expect(opened).toContain(other);
    expect(opened.filter((each) => each.includes(person) || each === words)).toEqual([words]);
  });

  it('gets no text that was on the way, and readers see that it was erased', async () => {
    const stopped = message.parse((await api.get(`/v1/messages/${queued}`)).body);
    expect(stopped).toMatchObject({ status: 'refused', failure: { code: 'recipient-erased' }, erased: true });
    for (const field of ['to', 'text', 'metadata']) expect(stopped).not.toHaveProperty(field);
    const list = messagePage.parse((await api.get(`/v1/messages?to=${encodeURIComponent(person)}`)).body).data;
    expect(list.map((each) => ('erased' in each ? each.erased : false))).toEqual([true, true]);
    const inboundList = await api.get(`/v1/messages?direction=inbound&from=${encodeURIComponent(person)}`);
    expect(messagePage.parse(inboundList.body).data).toMatchObject([{ erased: true, to: numbers.own }]);
    const event = await api.get(`/v1/carrier-events/${encodeURIComponent('beta/in-1')}`);
    expect(event.body.code).toBe('unknown-carrier-event');
  });

  it('gets no marketing any more, until they consent anew; what they said before stays said', async () => {
    const listed = await api.get(`/v1/consents?phoneNumber=${encodeURIComponent(person)}`);
    const events = consentList.parse(listed.body).data;
    expect(events.map(({ type, source }) => [type, source])).toEqual([
      ['granted', 'api'],
      ['revoked', 'erasure'],
    ]);
    expect(events[0]?.evidence).toEqual({ erased: true });
    const refusal = async () => {
      const key = api.store.vault.numberKey(person);
      const marketing = sampleText(api.store.vault, { to: person, from: numbers.own, kind: 'marketing' });
      const known = { numbers: new Map(), consents: await api.store.consents.ofSubjects([key]) };
      const permission = (await createPermissions(api).weigh([marketing], known)).get(marketing._id);
      // Whether it may go at this hour is another question.
      return permission?.decision === 'refuse' && permission.code !== 'quiet-hours' ? permission.code : undefined;
    };
    expect(await refusal()).toBe('recipient-opted-out');
    await api.post('/v1/consents', { phoneNumber: person, basis: 'express-written', evidence });
    expect(await refusal()).toBeUndefined();
  });

  it('is written to again under a new key, which can be erased in its turn', async () => {
    const again = (await api.post('/v1/messages', { ...text, to: person, text: 'Welcome back' })).body.id;
    expect((await api.get(`/v1/messages/${again}`)).body).toMatchObject({ to: person, text: 'Welcome back' });
    expect((await api.get(`/v1/messages/${sent}`)).body).toMatchObject({ erased: true });
    const second = await erase(person);
    expect(second).toMatchObject({ keyGeneration: 2, keyDestroyed: true, erased: { texts: 3, textsStopped: 1 } });
    expect((await api.get(`/v1/messages/${again}`)).body).toMatchObject({ erased: true });
    expect((await exported(person)).erasures.map(({ keyGeneration }) => keyGeneration)).toEqual([1, 2]);
  });

  it('may be somebody of whom there is nothing: the tombstone stands all the same', async () => {
    const nobody = '+12025550179';
    expect(await erase(nobody)).toMatchObject({ keyGeneration: 0, erased: { texts: 0, textsStopped: 0 } });
    expect((await exported(nobody)).consents).toMatchObject([{ type: 'revoked', kinds: ['marketing'] }]);
  });

  it('gets nothing after the answer: what another process has claimed is waited for, what it gives back is refused', async () => {
    const { messages, vault } = api.store;
    const last = '+12025550181';
    const claimed = (token: string) =>
      sampleText(vault, {
        to: last,
        status: 'claimed',
        workflowId: `messages/${token}`,
        claimToken: token,
        attempts: [{ carrier: 'alpha', token, claimedAt: new Date(), workflowId: 'w', runId: 'r' }],
      });
    const [written, givenBack] = [claimed('clm_written'), claimed('clm_back')];
    const queuedText = sampleText(vault, { to: last, status: 'queued', workflowId: 'messages/queued' });
    await messages.insert([written, givenBack, queuedText]);
    let answered = false;
    const erasing = erase(last).then((proof) => {
      answered = true;
      return proof;
    });
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(answered).toBe(false);
    await messages.change([written._id], () => ({ status: 'submitted' }));
    await messages.change([givenBack._id], () => ({ status: 'queued' }));
    expect((await erasing).erased).toMatchObject({ texts: 3, textsStopped: 2 });
    const now = await messages.findMany([written._id, givenBack._id, queuedText._id]);
    expect(now.map(({ status }) => status).toSorted()).toEqual(['refused', 'refused', 'submitted']);
    // Their workflows need not find it out by the clock.
    for (const workflowId of ['messages/queued', 'messages/clm_back']) {
      expect(api.recorded.signals).toContain(`settled ${workflowId}`);
    }
  });

  it('is erased also while the engine is away', async () => {
    const alone = '+12025550182';
    await api.store.messages.insert([
      sampleText(api.store.vault, { to: alone, status: 'queued', workflowId: 'messages/alone' }),
    ]);
    api.recorded.failure = new Error('away');
    expect(await erase(alone)).toMatchObject({ keyDestroyed: true, erased: { textsStopped: 1 } });
    api.recorded.failure = undefined;
  });

  it('is finished by whoever asks again, when the process ended in between', async () => {
    const cut = '+12025550180';
    await api.post('/v1/messages', { ...text, to: cut });
    const { findStoppable } = api.store.messages;
    api.store.messages.findStoppable = () => Promise.reject(new Error('the process has ended'));
    expect((await api.call('DELETE', path(cut))).status).toBe(500);
    api.store.messages.findStoppable = findStoppable;
    expect(await erase(cut)).toMatchObject({ keyDestroyed: true, erased: { texts: 1, textsStopped: 1 } });
  });
});
