import { z } from 'zod';
import type { Engine } from '../../intake/engine.ts';
import { honourRevocations } from '../../intake/revocation.ts';
import type { ConsentEntry } from '../../store/consents.ts';
import type { Store } from '../../store/store.ts';
import { type ConsentGrant, checkOf, grantOf, keyedScopeOf } from '../consent-acceptance.ts';
import { idOf } from '../ids-of-calls.ts';
import { type Operation, operation } from '../operation.ts';
import { pastMoment } from '../past-moment.ts';
import { Problem } from '../problem.ts';
import {
  consentEvent,
  consentList,
  consentQuery,
  consentRequest,
  consentRevocation,
  reassignmentCheck,
} from '../schemas/consents.ts';
import { consentView, partiesOf } from '../views/consent-view.ts';

const tag = 'Consents';
const params = z.strictObject({ id: z.string().max(100) });

/** The consent ledger: append-only, a revocation is a new event. */
export function consentOperations({
  store,
  engine,
}: {
  readonly store: Pick<Store, 'consents' | 'messages' | 'subjectKeys' | 'vault'>;
  readonly engine: Pick<Engine, 'consentRequested'>;
}): Operation[] {
  const { consents, subjectKeys, vault } = store;

  /** Appends an event, or finds it when it was appended before. */
  async function append(event: ConsentEntry): Promise<ConsentEntry> {
    await consents.append(event);
    return (await consents.find(event._id)) ?? event;
  }

  async function findGrant(id: string): Promise<ConsentGrant> {
    const grant = await consents.find(id);
    if (!grant) throw new Problem('unknown-consent', 'Check the id; GET /v1/consents?phoneNumber= lists them.');
    if (grant.type !== 'granted') throw new Problem('consent-not-revocable', `It is no consent, but «${grant.type}».`);
    await subjectKeys.load([grant.subjectKey]);
    await subjectKeys.loadFor([grant.evidence]);
    return { ...grant, type: 'granted' };
  }

  const record = operation({
    method: 'post',
    path: '/v1/consents',
    summary: 'Record a consent',
    description:
      'With `confirmation` it is a request first: the person is asked by a text, and it counts when they have said yes.',
    tag,
    body: consentRequest,
    answers: { 201: { description: 'The consent is on record.', schema: consentEvent } },
    problems: ['phone-number-malformed', 'phone-number-invalid', 'sender-invalid', 'engine-unavailable'],
    async handle({ body, caller, idempotencyKey }) {
      await subjectKeys.load([vault.numberKey(body.phoneNumber)]);
      const id = idOf('cns', { caller, idempotencyKey }, vault);
      const event = await append(grantOf(id, body, vault, new Date()));
      if (event.type === 'requested') await ask(event);
      return { status: 201, body: consentView(event, vault), about: event.subjectKey };
    },
  });

  async function ask({ _id }: ConsentEntry): Promise<void> {
    try {
      await engine.consentRequested(_id);
    } catch (cause) {
      throw new Problem(
        'engine-unavailable',
        'The request is on record, but the person cannot be asked now: send it again with the same Idempotency-Key.',
        { cause },
      );
    }
  }

  const list = operation({
    method: 'get',
    path: '/v1/consents',
    summary: 'List all events about one person, in the order of their chain',
    tag,
    query: consentQuery,
    answers: { 200: { description: 'The events.', schema: consentList } },
    problems: ['consent-ledger-broken'],
    async handle({ query }) {
      const key = vault.numberKey(query.phoneNumber);
      const events = await consents.historyOf(key).catch((error: Error) => {
        if (error.name !== 'LedgerTampered') throw error;
        throw new Problem('consent-ledger-broken', error.message);
      });
      await subjectKeys.loadFor(events.map((event) => event.evidence));
      const confirmations = await confirmationsOf(events);
      const data = events.map((event) => ({
        ...consentView(event, vault, confirmations.get(event._id)),
        phoneNumber: query.phoneNumber,
      }));
      return { status: 200, body: { data } };
    },
  });

  /** When the opt-outs among these were confirmed, by the event's id. */
  async function confirmationsOf(events: readonly ConsentEntry[]): Promise<Map<string, Date>> {
    const answers = new Map<string, string>();
    for (const { _id, type, source, evidence } of events) {
      if (type !== 'revoked' || source !== 'inbound') continue;
      const { inboundTextId } = JSON.parse(vault.openUnlessErased(evidence) ?? '{}') as { inboundTextId?: string };
      if (inboundTextId !== undefined) answers.set(vault.deriveId('msg', 'keyword-answer', inboundTextId), _id);
    }
    const sent = answers.size === 0 ? [] : await store.messages.findMany([...answers.keys()]);
    return new Map(
      sent.flatMap(({ _id, attempts }) => {
        const at = attempts.at(-1)?.answeredAt;
        return at ? [[answers.get(_id) ?? '', at] as const] : [];
      }),
    );
  }

  const revoke = operation({
    method: 'post',
    path: '/v1/consents/:id/revoke',
    summary: 'Revoke a consent',
    description:
      'Appends a revocation. When it is answered, no text of the kinds and senders of the consent goes to the person any more, not even one that was queued.',
    tag,
    params,
    body: consentRevocation,
    answers: {
      201: { description: 'The revocation; the first one, when it was revoked before.', schema: consentEvent },
    },
    problems: ['unknown-consent', 'consent-not-revocable'],
    async handle({ params, body }) {
      const grant = await findGrant(params.id);
      const event = await append({
        _id: vault.deriveId('cns', 'revocation', grant._id),
        type: 'revoked',
        ...keyedScopeOf(grant),
        basis: 'opt-out',
        source: 'api',
        at: pastMoment('revokedAt', body.revokedAt, new Date()),
        revokes: grant._id,
        evidence: vault.sealFor(
          grant.subjectKey,
          JSON.stringify({
            ...partiesOf(grant, vault),
            channel: body.channel,
            ...(body.words !== undefined && { words: body.words }),
          }),
        ),
      });
      await honourRevocations([event], store);
      return { status: 201, body: consentView(event, vault), about: event.subjectKey };
    },
  });

  const check = operation({
    method: 'post',
    path: '/v1/consents/:id/reassignment-checks',
    summary: 'Record whether the number still is the person’s',
    description:
      'Look the number up where reassigned numbers are listed, with the date of the consent, and put the answer on record. A number that was reassigned has its consent revoked: who has it now never gave it.',
    tag,
    params,
    body: reassignmentCheck,
    answers: { 201: { description: 'The check is on record.', schema: consentEvent } },
    problems: ['unknown-consent', 'consent-not-revocable'],
    async handle({ params, body, caller, idempotencyKey }) {
      const grant = await findGrant(params.id);
      const events = checkOf(idOf('cns', { caller, idempotencyKey }, vault), grant, body, vault, new Date());
      const [event = grant, ...revocations] = await Promise.all(events.map(append));
      await honourRevocations(revocations, store);
      return { status: 201, body: consentView(event, vault), about: event.subjectKey };
    },
  });

  return [record, list, revoke, check];
}
