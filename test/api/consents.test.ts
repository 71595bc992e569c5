import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordPortingConsent } from '../../activities/port-recording.ts';
import { consentEvent, consentList } from '../../api/schemas/consents.ts';
import { decide } from '../../domain/consent-decision.ts';
import { jurisdictions } from '../../domain/jurisdictions/rules.ts';
import { placeWhereItIs } from '../domain/jurisdictions/zone-by-hour.ts';
import { sampleText } from '../store/samples.ts';
import { numbers, type Serving, serve } from './serving.ts';

let api: Serving;
beforeAll(async () => {
  api = await serve();
});
afterAll(() => api.stop());

const given = {
  phoneNumber: numbers.foreign,
  sender: numbers.own,
  kinds: ['marketing'],
  basis: 'express-written',
  capturedAt: '2026-05-01T10:00:00+02:00',
  evidence: {
    act: 'checkbox',
    name: 'Ada Example',
    disclosure: { text: 'May we text you?', version: '3', locale: 'en-US' },
    sourceUrl: 'https://shop.example/consent',
    ip: '192.0.2.7',
  },
};
const list = async (phoneNumber: string) =>
  consentList.parse((await api.get(`/v1/consents?phoneNumber=${encodeURIComponent(phoneNumber)}`)).body).data;

/** What the rules make of the ledger for a marketing text from our number. */
async function mayMarket() {
  const { vault, consents } = api.store;
  const key = vault.numberKey(numbers.foreign);
  const events = (await consents.ofSubjects([key])).get(key) ?? [];
  const now = new Date();
  const text = {
    kind: 'marketing' as const,
    senderKey: vault.numberKey(numbers.own),
    expiresAt: new Date(now.getTime() + 60_000),
  };
  const facts = { events, where: placeWhereItIs(12), sender: { kind: 'number' as const, registrations: {} } };
  return decide(text, facts, jurisdictions, now).decision;
}

describe('the consent ledger', () => {
  it('keeps a consent with its evidence, and the rules believe it', async () => {
    expect(await mayMarket()).toBe('refuse');
    const answer = await api.post('/v1/consents', given, { 'idempotency-key': 'consent-1' });
    expect(answer.status).toBe(201);
    const { capturedAt, ...kept } = given;
    const at = new Date(capturedAt).toISOString();
    expect(consentEvent.parse(answer.body)).toMatchObject({
      ...kept,
      type: 'granted',
      source: 'api',
      at,
      jurisdiction: 'US',
      chain: { position: 1, previousHash: '0'.repeat(64) },
    });
    // What was shown is known by its hash.
    expect(answer.body.evidence.disclosure.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(await list(numbers.foreign)).toHaveLength(1);
    expect(await mayMarket()).toBe('send');
  });

  it('records it once for the same Idempotency-Key (invariant 4)', async () => {
    const again = await api.post('/v1/consents', given, { 'idempotency-key': 'consent-1' });
    expect(again.status).toBe(201);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(await list(numbers.foreign)).toHaveLength(1);
  });

  it('takes a revocation as a new event, once, and the rules obey it', async () => {
    const [grant] = await list(numbers.foreign);
    const body = { channel: 'call', words: 'Stop it' };
    const revoked = await api.post(`/v1/consents/${grant?.id}/revoke`, body);
    expect(revoked.status).toBe(201);
    expect(revoked.body).toMatchObject({
      type: 'revoked',
      revokes: grant?.id,
      phoneNumber: numbers.foreign,
      sender: numbers.own,
      kinds: ['marketing'],
      evidence: body,
    });
    const again = await api.post(`/v1/consents/${grant?.id}/revoke`, {});
    expect(again.body).toEqual(revoked.body);
    expect((await list(numbers.foreign)).map(({ type }) => type)).toEqual(['granted', 'revoked', 'honoured']);
    expect(await mayMarket()).toBe('refuse');
  });

  it('refuses what has not happened yet, and evidence without an act', async () => {
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
    const future = await api.post('/v1/consents', { ...given, capturedAt: tomorrow });
    expect(future.body).toMatchObject({ code: 'invalid-request', errors: [{ path: 'capturedAt' }] });
    const bare = await api.post('/v1/consents', { ...given, evidence: {} });
    expect(bare.body).toMatchObject({ code: 'invalid-request', errors: [{ path: 'evidence.act' }] });
    const stop = await api.post('/v1/consents', { ...given, basis: 'opt-out' });
    expect(stop.status).toBe(422);
  });
});

describe('a no by whatever means', () => {
  it('holds without a consent on record, once for the same Idempotency-Key', async () => {
    const phoneNumber = '+12025550171';
    const body = { phoneNumber, channel: 'call', words: 'No more, please' };
    const headers = { 'idempotency-key': 'no-1' };
    const answer = await api.post('/v1/revocations', body, headers);
    expect(answer.status).toBe(201);
    expect(consentEvent.parse(answer.body)).toMatchObject({
      type: 'revoked',
      basis: 'opt-out',
      phoneNumber,
      honourBy: expect.any(String),
    });
    await api.post('/v1/revocations', body, headers);
    expect((await list(phoneNumber)).map(({ type }) => type)).toEqual(['revoked', 'honoured']);
  });

  it('is answered only when what was claimed before it has been written (invariants 5 and 6)', async () => {
    const { vault, messages } = api.store;
    const phoneNumber = '+12025550172';
    await api.store.subjectKeys.load([vault.numberKey(phoneNumber)]);
    const claimed = sampleText(vault, {
      to: phoneNumber,
      status: 'claimed',
      claimToken: 'clm_1',
      attempts: [{ carrier: 'alpha', token: 'clm_1', claimedAt: new Date(), workflowId: 'w', runId: 'r' }],
    });
    await messages.insert([claimed]);
    let answered = false;
    const revoking = api.post('/v1/revocations', { phoneNumber }).then((answer) => {
      answered = true;
      return answer;
    });
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(answered).toBe(false);
    await messages.change([claimed._id], () => ({ status: 'submitted' }));
    expect((await revoking).status).toBe(201);
  });

  it('takes back the consent of a number that was reassigned, and keeps the date of the check', async () => {
    const phoneNumber = '+12025550173';
    const grant = await api.post('/v1/consents', { ...given, phoneNumber });
    const checks = `/v1/consents/${grant.body.id}/reassignment-checks`;
    const source = 'Reassigned Numbers Database';
    expect((await api.post(checks, { result: 'no-data', source })).body).toMatchObject({
      type: 'checked',
      reassigned: 'no-data',
    });
    await api.post(checks, { result: 'yes', checkedAt: '2026-06-01T00:00:00Z', source });
    expect((await list(phoneNumber)).map(({ type }) => type)).toEqual([
      'granted',
      'checked',
      'checked',
      'revoked',
      'honoured',
    ]);
  });
});

describe('a consent that the person is to confirm', () => {
  it('is a request, whose process asks them; it needs a sender', async () => {
    const phoneNumber = '+12025550174';
    const asked = await api.post('/v1/consents', { ...given, phoneNumber, confirmation: { withinHours: 24 } });
    expect(asked.body).toMatchObject({ type: 'requested', expiresAt: expect.any(String) });
    expect(api.recorded.signals).toContain(`consent-requested ${asked.body.id}`);
    const { sender: _, ...senderless } = given;
    const refused = await api.post('/v1/consents', { ...senderless, phoneNumber, confirmation: {} });
    expect(refused.body).toMatchObject({ code: 'invalid-request', errors: [{ path: 'sender' }] });
  });

  it('is answered 503 while the engine is away, and asks when it is sent again', async () => {
    const body = { ...given, phoneNumber: '+12025550175', confirmation: {} };
    const headers = { 'idempotency-key': 'asking-1' };
    api.recorded.failure = new Error('away');
    expect((await api.post('/v1/consents', body, headers)).body).toMatchObject({ code: 'engine-unavailable' });
    api.recorded.failure = undefined;
    const asked = await api.post('/v1/consents', body, headers);
    expect(api.recorded.signals).toContain(`consent-requested ${asked.body.id}`);
    expect(await list(body.phoneNumber)).toHaveLength(1);
  });
});

it('an implied consent of a Canadian number ends by itself, by the rule that is named', async () => {
  const body = { phoneNumber: '+14165550123', basis: 'implied', evidence: { act: 'other' } };
  const now = new Date();
  const bought = await api.post('/v1/consents', { ...body, impliedBy: 'purchase', capturedAt: now.toISOString() });
  const asked = await api.post('/v1/consents', { ...body, capturedAt: now.toISOString() });
  const years = (value: string) => (Date.parse(value) - now.getTime()) / (365.25 * 24 * 3600_000);
  expect(bought.body.expiresBecause).toBe('CASL-purchase-24-months');
  expect(years(bought.body.expiresAt)).toBeCloseTo(2, 1);
  expect(asked.body.expiresBecause).toBe('CASL-inquiry-6-months');
  expect(years(asked.body.expiresAt)).toBeCloseTo(0.5, 1);
});

describe('the ledger as a file', () => {
  const ndjson = { 'content-type': 'application/x-ndjson' };
  const line = (row: object) => `${JSON.stringify(row)}\n`;
  const person = '+12025550176';

  it('takes NDJSON line by line, and the same file again records nothing', async () => {
    const file =
      line({
        phoneNumber: person,
        basis: 'express',
        kinds: ['marketing'],
        capturedAt: '2025-01-01T00:00:00Z',
        evidence: { act: 'paper' },
      }) +
      line({ phoneNumber: person, basis: 'express', kind: ['marketing'], evidence: { act: 'paper' } }) +
      'no JSON\n' +
      line({ type: 'honoured', phoneNumber: person }) +
      line({ type: 'revoked', phoneNumber: person, revokedAt: '2025-06-01T00:00:00Z', words: 'No' });
    const first = await api.upload('/v1/consents/import', Buffer.from(file), ndjson);
    expect(first.body).toMatchObject({ recorded: 2, known: 0, passedOver: 1, refused: 2 });
    expect(first.body.refusals.map(({ line: at }: { line: number }) => at).toSorted()).toEqual([2, 3]);
    const again = await api.upload('/v1/consents/import', Buffer.from(file), ndjson);
    expect(again.body).toMatchObject({ recorded: 0, known: 2 });
    expect((await list(person)).map(({ type }) => type)).toEqual(['granted', 'revoked', 'honoured']);
  });

  it('is answered when what had been claimed before its revocations is written; the same file again notes nothing twice', async () => {
    const { vault, messages } = api.store;
    const people = ['+12025550191', '+12025550192'];
    const claimed = sampleText(vault, {
      to: people[1] ?? '',
      status: 'claimed',
      claimToken: 'clm_import',
      attempts: [{ carrier: 'alpha', token: 'clm_import', claimedAt: new Date(), workflowId: 'w', runId: 'r' }],
    });
    await messages.insert([claimed]);
    const file = Buffer.from(people.map((phoneNumber) => line({ type: 'revoked', phoneNumber })).join(''));
    let answered = false;
    const importing = api.upload('/v1/consents/import', file, ndjson).then((answer) => {
      answered = true;
      return answer;
    });
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(answered).toBe(false);
    await messages.change([claimed._id], () => ({ status: 'submitted' }));
    expect((await importing).body).toMatchObject({ recorded: 2 });
    expect((await api.upload('/v1/consents/import', file, ndjson)).body).toMatchObject({ recorded: 0, known: 2 });
    for (const phoneNumber of people) {
      expect((await list(phoneNumber)).map(({ type }) => type)).toEqual(['revoked', 'honoured']);
    }
  });

  it('takes CSV, a column for each field', async () => {
    const file = [
      'phoneNumber,sender,kinds,basis,capturedAt,evidence.act,evidence.disclosure.text',
      `+12025550177,${numbers.own},marketing conversational,express-written,2025-01-01T00:00:00Z,checkbox,"May we, please?"`,
      '+12025550177,,,,2025-01-01T00:00:00Z,checkbox,',
      'too,few',
    ].join('\n');
    const answer = await api.upload('/v1/consents/import', Buffer.from(file), { 'content-type': 'text/csv' });
    expect(answer.body).toMatchObject({ recorded: 1, refused: 2 });
    expect(await list('+12025550177')).toMatchObject([
      {
        sender: numbers.own,
        kinds: ['marketing', 'conversational'],
        evidence: { disclosure: { text: 'May we, please?' } },
      },
    ]);
  });

  it('lists whose numbers may have been reassigned, and takes the answers of the register', async () => {
    const [same, other, unknown] = ['+12065550181', '+12065550182', '+12065550183'];
    const british = '+447400123499';
    for (const phoneNumber of [same, other, british]) await api.post('/v1/consents', { ...given, phoneNumber });
    await api.post('/v1/consents', { ...given, phoneNumber: other, capturedAt: '2025-02-03T04:05:06Z' });
    const due = async () => (await api.download('/v1/reassignment-checks/due')).content.toString('utf8').split('\n');
    expect(await due()).toEqual(
      expect.arrayContaining(['phoneNumber,since', `${same},2026-05-01`, `${other},2025-02-03`]),
    );
    expect((await due()).join()).not.toContain(british);

    const answers = [
      'type,phoneNumber,reassigned,evidence.source',
      ...[`checked,${same},no,RND`, `checked,${other},yes,RND`, `checked,${unknown},no_data,RND`],
    ].join('\n');
    const send = () => api.upload('/v1/consents/import', Buffer.from(answers), { 'content-type': 'text/csv' });
    expect((await send()).body).toMatchObject({ recorded: 5, refused: 1, refusals: [{ line: 4 }] });
    expect((await send()).body).toMatchObject({ recorded: 0, known: 5 });
    const checked = await list(same);
    expect(checked.map(({ type, reassigned }) => [type, reassigned])).toEqual([
      ['granted', undefined],
      ['checked', 'no'],
    ]);
    expect(checked[1]).toMatchObject({ about: checked[0]?.id, evidence: { source: 'RND' } });
    expect((await list(other)).map(({ type }) => type).toSorted()).toEqual(
      ['granted', 'granted', 'checked', 'checked', 'revoked', 'revoked', 'honoured', 'honoured'].toSorted(),
    );
    expect((await due()).join()).not.toMatch(new RegExp(`\\${same}|\\${other}`));
  });

  it('exports what another ledger can import', async () => {
    const { content, headers } = await api.download('/v1/consents/export');
    expect(headers.get('content-type')).toContain('application/x-ndjson');
    const events = content
      .toString('utf8')
      .trim()
      .split('\n')
      .map((each) => JSON.parse(each));
    const whole = await api.store.consents.verifyAll();
    expect(events).toHaveLength(whole.events);
    expect(events.find(({ phoneNumber, type }) => phoneNumber === person && type === 'revoked')).toMatchObject({
      revokedAt: '2025-06-01T00:00:00.000Z',
      chain: { position: 2 },
    });
    const other = await serve();
    try {
      const answer = await other.upload('/v1/consents/import', content, ndjson);
      expect(answer.body.refused, JSON.stringify(answer.body.refusals)).toBe(0);
      expect(answer.body.recorded).toBeGreaterThan(5);
      const [key] = [other.store.vault.numberKey(person)];
      expect((await other.store.consents.historyOf(key)).map(({ type }) => type)).toEqual([
        'granted',
        'revoked',
        'honoured',
      ]);
    } finally {
      await other.stop();
    }
  });
});

it('a text that may mean an opt-out is listed with its words, and decided by a person', async () => {
  const { vault, inboundTexts, consents, optOutReviews, subjectKeys } = api.store;
  const fromKey = vault.numberKey('+12025550178');
  await subjectKeys.load([fromKey]);
  const at = new Date();
  await inboundTexts.insert({
    _id: 'in_doubt',
    carrier: 'alpha',
    fromKey,
    from: vault.sealFor(fromKey, '+12025550178'),
    toKey: vault.numberKey(numbers.own),
    to: vault.seal(numbers.own),
    text: vault.sealFor(fromKey, 'Wrong number'),
    receivedAt: at,
  });
  const evidence = vault.seal(JSON.stringify({ inboundTextId: 'in_doubt' }));
  await consents.append({
    _id: 'con_doubt',
    type: 'paused',
    subjectKey: fromKey,
    basis: 'opt-out',
    source: 'inbound',
    at,
    evidence,
  });
  await optOutReviews.open({ _id: 'con_doubt', inboundTextId: 'in_doubt', at, dueAt: new Date(at.getTime() + 1000) });
  const { data } = (await api.get('/v1/opt-out-reviews')).body;
  expect(data).toMatchObject([{ id: 'con_doubt', text: 'Wrong number', from: '+12025550178', state: 'open' }]);
  const decided = await api.post('/v1/opt-out-reviews/con_doubt/decide', { means: 'opt-out' });
  expect(decided.body).toMatchObject({ state: 'opt-out', decidedBy: expect.any(String) });
  const late = await api.post('/v1/opt-out-reviews/con_doubt/decide', { means: 'no-opt-out' });
  expect(late.body.state).toBe('opt-out');
  expect((await list('+12025550178')).map(({ type }) => type)).toEqual(['paused', 'revoked', 'honoured']);
});

it('does not have a register asked about a subscriber who has only signed a port', async () => {
  const [subscriber, at] = ['+12065550184', new Date('2026-05-01T00:00:00Z')];
  const numberKey = api.store.vault.numberKey(subscriber);
  await recordPortingConsent(api.store, 'port_1', [{ numberKey, phoneNumber: subscriber }], { evidence: {}, at });
  const { content } = await api.download('/v1/reassignment-checks/due');
  expect(content.toString('utf8')).not.toContain(subscriber);
});
