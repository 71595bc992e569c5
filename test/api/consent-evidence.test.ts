import { createHash } from 'node:crypto';
import { Binary } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evidenceBundle } from '../../api/schemas/consent-evidence.ts';
import { subjectExport } from '../../api/schemas/subjects.ts';
import { sampleText } from '../store/samples.ts';
import { pdfText } from './pdf-text.ts';
import { apiKey, numbers, type Serving, serve } from './serving.ts';

const person = numbers.foreign;
const disclosure = { text: 'May we text you about our offers? Σύμφωνοι;', version: '3', locale: 'en-US' };
const evidence = { act: 'checkbox', name: 'Ada Example', disclosure };
const path = `/v1/consents/evidence?phoneNumber=${encodeURIComponent(person)}`;

let api: Serving;
let consentId = '';
beforeAll(async () => {
  api = await serve();
  await api.register(numbers.own);
  const { vault, messages, subjectKeys } = api.store;
  const consent = { phoneNumber: person, basis: 'express-written', evidence, capturedAt: '2026-05-01T10:00:00Z' };
  consentId = (await api.post('/v1/consents', { ...consent, kinds: ['marketing'] })).body.id;
  await api.post('/v1/consents', { ...consent, kinds: ['conversational'] });
  await api.post(`/v1/consents/${consentId}/revoke`, {
    channel: 'call',
    words: 'Stop it',
    revokedAt: '2026-07-01T10:00:00Z',
  });
  const toKey = vault.numberKey(person);
  await subjectKeys.load([toKey]);
  const words = { to: vault.sealFor(toKey, person), text: vault.sealFor(toKey, 'Half price today') };
  const sentAt = (at: string) => {
    const claimedAt = new Date(at);
    const attempts = [{ carrier: 'alpha', token: 'clm_1', claimedAt, workflowId: 'w', runId: 'r' }];
    return {
      ...sampleText(vault, { kind: 'marketing', status: 'delivered', acceptedAt: claimedAt, attempts }),
      ...words,
    };
  };
  await messages.insert([
    { ...sentAt('2026-08-01T10:00:00Z'), _id: 'msg_2' },
    { ...sentAt('2026-06-01T10:00:00Z'), _id: 'msg_1' },
    { ...sentAt('2026-09-01T10:00:00Z'), _id: 'msg_3', status: 'refused', attempts: [] },
  ]);
});
afterAll(() => api.stop());

const bundle = async () => evidenceBundle.parse((await api.get(path)).body);

describe('evidence of consent', () => {
  it('holds the chain, what was shown, and each text with the consent that stood then', async () => {
    const { content } = await bundle();
    expect(content.ledger.whole).toBe(true);
    expect(content.ledger.events.slice(0, 2)).toMatchObject([
      { id: consentId, type: 'granted', phoneNumber: person, evidence, chain: { position: 1 } },
      { type: 'granted', kinds: ['conversational'], chain: { position: 2 } },
    ]);
    expect(content.ledger.events.map(({ type }) => type)).toContain('revoked');
    expect(content.disclosures).toHaveLength(1);
    expect(content.disclosures[0]).toMatchObject({ ...disclosure, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(content.disclosures[0]?.events).toHaveLength(2);
    expect(content.texts.map(({ message, consent }) => [message.id, message.text, consent])).toEqual([
      ['msg_1', 'Half price today', consentId],
      ['msg_2', 'Half price today', undefined],
      ['msg_3', 'Half price today', undefined],
    ]);
  });

  it('is signed: whoever has it can check that nothing was changed', async () => {
    const answered = (await api.get(path)).body;
    expect(createHash('sha256').update(JSON.stringify(answered.content)).digest('hex')).toBe(answered.sha256);
    expect(answered.signature).toBe(api.store.vault.fingerprint('consent-evidence', answered.sha256));
  });

  it('is a PDF for people, with the JSON attached', async () => {
    for (const [query, accept] of [
      ['', 'application/pdf'],
      ['&format=pdf', '*/*'],
    ]) {
      const response = await fetch(`${api.url}${path}${query}`, {
        headers: { authorization: `Bearer ${apiKey}`, accept: accept ?? '' },
      });
      expect(response.headers.get('content-type')).toContain('application/pdf');
      const { pages, attachment } = pdfText(Buffer.from(await response.arrayBuffer()));
      const seen = pages.replaceAll(/\s/g, '');
      for (const each of ['Whole:', 'Σύμφωνοι', 'Halfprice', consentId]) expect(seen).toContain(each);
      expect(evidenceBundle.parse(JSON.parse(attachment)).content.phoneNumber).toBe(person);
    }
  });

  it('says of a note on another event which one, and not that it reaches further', async () => {
    const other = '+12065550188';
    const { body } = await api.post('/v1/revocations', { phoneNumber: other, sender: numbers.own });
    const answer = await fetch(`${api.url}/v1/consents/evidence?phoneNumber=${encodeURIComponent(other)}&format=pdf`, {
      headers: { authorization: `Bearer ${apiKey}` },
    });
    const { pages } = pdfText(Buffer.from(await answer.arrayBuffer()));
    const seen = pages.replaceAll(/\s/g, '');
    expect(seen).toContain(`about${body.id}`);
    expect(seen).toContain(`forallkindsoftextsfrom${numbers.own}`);
    expect(seen).not.toContain('fromallsenders');
  });

  it('says so when the ledger is not as it was written', async () => {
    const { modifiedCount } = await api.database
      .collection<{ _id: string }>('consents')
      .updateOne({ _id: consentId }, { $set: { basis: 'implied' } });
    expect(modifiedCount).toBe(1);
    const { ledger } = (await bundle()).content;
    expect(ledger).toMatchObject({
      whole: false,
      faults: [expect.stringContaining('Record 1 is not what was recorded')],
    });
    expect(ledger.events[0]?.basis).toBe('implied');
  });

  it.each([
    ['the version of its key', 0],
    ['the generation of its key', 4],
    ['whose key it is', 5],
    ['the nonce', 21],
    ['the words', -1],
  ])('says so in JSON and in the PDF when one byte of what was sealed is another: %s', async (_, at) => {
    const phoneNumber = `+1206555019${at < 0 ? 9 : at % 9}`;
    const { body } = await api.post('/v1/consents', { phoneNumber, basis: 'express', evidence });
    const records = api.database.collection<{ _id: string; evidence: Binary }>('consents');
    const sealed = (await records.findOne({ _id: body.id }))?.evidence;
    const bytes = Buffer.from(sealed?.value() ?? []);
    bytes.writeUInt8((bytes.at(at) ?? 0) ^ 1, at < 0 ? bytes.length + at : at);
    await records.updateOne({ _id: body.id }, { $set: { evidence: new Binary(bytes) } });
    const of = `/v1/consents/evidence?phoneNumber=${encodeURIComponent(phoneNumber)}`;
    const { content } = evidenceBundle.parse((await api.get(of)).body);
    expect(content.ledger).toMatchObject({ whole: false, faults: [expect.stringContaining('Record 1 is not what')] });
    expect(content.ledger.events).toMatchObject([{ id: body.id, type: 'granted' }]);
    const answer = await fetch(`${api.url}${of}&format=pdf`, { headers: { authorization: `Bearer ${apiKey}` } });
    const { pages, attachment } = pdfText(Buffer.from(await answer.arrayBuffer()));
    expect(pages.replaceAll(/\s/g, '')).toContain('Notwhole:');
    expect(evidenceBundle.parse(JSON.parse(attachment)).content.ledger.whole).toBe(false);
    // What else is kept of the person is told all the same.
    const all = await api.get(`/v1/subjects/${encodeURIComponent(phoneNumber)}`);
    expect(subjectExport.parse(all.body).consents).toMatchObject([{ id: body.id }]);
  });

  it('is there, and empty, of somebody of whom nothing is on record', async () => {
    const nobody = `/v1/consents/evidence?phoneNumber=${encodeURIComponent('+12025550188')}`;
    const { content } = evidenceBundle.parse((await api.get(nobody)).body);
    expect(content).toMatchObject({ ledger: { whole: true, events: [] }, texts: [], disclosures: [] });
  });
});
