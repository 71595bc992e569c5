import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { consentEvent, consentList } from '../../api/schemas/consents.ts';
import { decide } from '../../domain/consent-decision.ts';
import { jurisdictions } from '../../domain/jurisdictions/rules.ts';
import { placeWhereItIs } from '../domain/jurisdictions/zone-by-hour.ts';
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
    expect(consentEvent.parse(answer.body)).toMatchObject({ ...kept, type: 'granted', source: 'api', at });
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
    expect((await list(numbers.foreign)).map(({ type }) => type)).toEqual(['granted', 'revoked']);
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
