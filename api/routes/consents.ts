import { z } from 'zod';
import type { ConsentDocument } from '../../store/consents.ts';
import type { Store } from '../../store/store.ts';
import { idOf } from '../ids-of-calls.ts';
import { type Operation, operation } from '../operation.ts';
import { pastMoment } from '../past-moment.ts';
import { Problem } from '../problem.ts';
import { consentEvent, consentList, consentQuery, consentRequest, consentRevocation } from '../schemas/consents.ts';
import { consentView, sealEvidence } from '../views/consent-view.ts';

const tag = 'Consents';

/** The consent ledger: append-only, a revocation is a new event. */
export function consentOperations({
  store,
}: {
  readonly store: Pick<Store, 'consents' | 'subjectKeys' | 'vault'>;
}): Operation[] {
  const { consents, subjectKeys, vault } = store;

  /** Appends an event, or finds it when it was appended before. */
  async function append(event: ConsentDocument): Promise<ConsentDocument> {
    if (await consents.append(event)) return event;
    return (await consents.find(event._id)) ?? event;
  }

  const record = operation({
    method: 'post',
    path: '/v1/consents',
    summary: 'Record a consent',
    tag,
    body: consentRequest,
    answers: { 201: { description: 'The consent is on record.', schema: consentEvent } },
    problems: ['phone-number-malformed', 'phone-number-invalid', 'sender-invalid'],
    async handle({ body, caller, idempotencyKey }) {
      const now = new Date();
      const at = pastMoment('capturedAt', body.capturedAt, now);
      if (body.expiresAt !== undefined && new Date(body.expiresAt) <= now) {
        throw new Problem('invalid-request', 'A consent that has expired permits nothing.', {
          errors: [{ path: 'expiresAt', message: 'Lies in the past.' }],
        });
      }
      await subjectKeys.load([vault.numberKey(body.phoneNumber)]);
      const event = await append({
        _id: idOf('cns', { caller, idempotencyKey }, vault),
        type: 'granted',
        subjectKey: vault.numberKey(body.phoneNumber),
        ...(body.sender !== undefined && { senderKey: vault.numberKey(body.sender) }),
        ...(body.kinds && { kinds: body.kinds }),
        basis: body.basis,
        source: 'api',
        at,
        ...(body.expiresAt !== undefined && { expiresAt: new Date(body.expiresAt) }),
        evidence: sealEvidence(
          vault,
          { phoneNumber: body.phoneNumber, ...(body.sender !== undefined && { sender: body.sender }) },
          body.evidence,
        ),
      });
      return { status: 201, body: consentView(event, vault), about: event.subjectKey };
    },
  });

  const list = operation({
    method: 'get',
    path: '/v1/consents',
    summary: 'List all events about one person, oldest first',
    tag,
    query: consentQuery,
    answers: { 200: { description: 'The events.', schema: consentList } },
    async handle({ query }) {
      const key = vault.numberKey(query.phoneNumber);
      const events = (await consents.ofSubjects([key])).get(key) ?? [];
      await subjectKeys.loadFor(events.map((event) => event.evidence));
      const data = events.map((event) => ({ ...consentView(event, vault), phoneNumber: query.phoneNumber }));
      return { status: 200, body: { data } };
    },
  });

  const revoke = operation({
    method: 'post',
    path: '/v1/consents/:id/revoke',
    summary: 'Revoke a consent',
    description:
      'Appends a revocation. From then on no text of the kinds and senders of the consent goes to the person.',
    tag,
    params: z.strictObject({ id: z.string().max(100) }),
    body: consentRevocation,
    answers: {
      201: { description: 'The revocation; the first one, when it was revoked before.', schema: consentEvent },
    },
    problems: ['unknown-consent', 'consent-not-revocable'],
    async handle({ params, body }) {
      const grant = await consents.find(params.id);
      if (!grant) throw new Problem('unknown-consent', 'Check the id; GET /v1/consents?phoneNumber= lists them.');
      if (grant.type !== 'granted') throw new Problem('consent-not-revocable', 'It is a revocation itself.');
      await Promise.all([subjectKeys.load([grant.subjectKey]), subjectKeys.loadFor([grant.evidence])]);
      const event = await append({
        _id: vault.deriveId('cns', 'revocation', grant._id),
        type: 'revoked',
        subjectKey: grant.subjectKey,
        ...(grant.senderKey !== undefined && { senderKey: grant.senderKey }),
        ...(grant.kinds && { kinds: grant.kinds }),
        basis: 'opt-out',
        source: 'api',
        at: pastMoment('revokedAt', body.revokedAt, new Date()),
        revokes: grant._id,
        evidence: vault.sealFor(
          grant.subjectKey,
          JSON.stringify({
            ...personOf(grant),
            channel: body.channel,
            ...(body.words !== undefined && { words: body.words }),
          }),
        ),
      });
      return { status: 201, body: consentView(event, vault), about: event.subjectKey };
    },
  });

  function personOf(event: ConsentDocument): object {
    const { phoneNumber, sender } = consentView(event, vault);
    return { ...(phoneNumber !== undefined && { phoneNumber }), ...(sender !== undefined && { sender }) };
  }

  return [record, list, revoke];
}
