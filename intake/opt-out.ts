import { parsePhoneNumber } from '../domain/phone-number.ts';
import { honourBy, scopeOfRevocation } from '../domain/revocation-rules.ts';
import type { ConsentEntry } from '../store/consents.ts';
import type { InboundTextDocument } from '../store/inbound-texts.ts';
import type { Store } from '../store/store.ts';
import { sealEvidence } from './evidence.ts';
import { type AnsweringDependencies, answerKeyword } from './keyword-answer.ts';

type Stores = Pick<Store, 'consents' | 'subjectKeys' | 'vault'>;

/**
 * Obeys STOP, START and HELP in any wording: the ledger is written first. START and HELP are answered at once; a revocation's own process
 * confirms it when it holds (workflows/revocation.ts). Words that may mean an opt-out pause marketing, and wait for a person. Safe to
 * repeat: all ids derive from the inbound text.
 */
export async function obeyKeyword(inbound: InboundTextDocument, deps: AnsweringDependencies): Promise<void> {
  const { store, engine } = deps;
  switch (inbound.keyword) {
    case 'opt-in':
      await keep({ ...(await eventOf(inbound, store)), type: 'granted', basis: 'opt-in' }, store);
      return answerKeyword(inbound, deps);
    case 'help':
      return answerKeyword(inbound, deps);
    case 'ambiguous': {
      const event = await eventOf(inbound, store);
      const { clock } = lawOf(event.phoneNumber, inbound.receivedAt);
      await keep({ ...event, ...clock, type: 'paused', basis: 'opt-out', kinds: ['marketing'] }, store);
      const { _id, at } = event;
      await store.optOutReviews.open({ _id, inboundTextId: inbound._id, at, dueAt: clock.honourBy });
      return engine.optOutReview(_id);
    }
    case 'opt-out':
      return engine.revoked(await keepInboundOptOut(inbound, store));
  }
}

/** Writes what a text revokes into the ledger: as far as the law of the place makes it reach. @returns the event's id */
export async function keepInboundOptOut(inbound: InboundTextDocument, store: Stores): Promise<string> {
  const { senderKey, ...event } = await eventOf(inbound, store);
  const { clock, ofAll } = lawOf(event.phoneNumber, inbound.receivedAt);
  await keep({ ...event, ...clock, ...(!ofAll && { senderKey }), type: 'revoked', basis: 'opt-out' }, store);
  return event._id;
}

/** What an event of an inbound text has, whatever it says; and who wrote it, which is not for the ledger. */
async function eventOf(inbound: InboundTextDocument, { subjectKeys, vault }: Stores) {
  await subjectKeys.loadUnlessErased([inbound.fromKey]);
  const phoneNumber = vault.openUnlessErased(inbound.from);
  const evidence = {
    inboundTextId: inbound._id,
    channel: 'text',
    phoneNumber,
    sender: vault.open(inbound.to),
  };
  return {
    _id: vault.deriveId('con', 'inbound', inbound._id),
    phoneNumber,
    subjectKey: inbound.fromKey,
    senderKey: inbound.toKey,
    source: 'inbound' as const,
    at: inbound.receivedAt,
    evidence: sealEvidence(inbound.fromKey, evidence, vault),
  };
}

async function keep(
  { phoneNumber: _, ...event }: ConsentEntry & { phoneNumber?: string },
  store: Stores,
): Promise<void> {
  await store.consents.append(event);
}

/** How far a revocation reaches, and by when it must hold, where its writer's number is from. */
function lawOf(phoneNumber: string | undefined, at: Date) {
  const parsed = phoneNumber === undefined ? undefined : parsePhoneNumber(phoneNumber);
  const country = parsed?.ok ? parsed.country : undefined;
  return {
    ofAll: scopeOfRevocation(country, at) === 'all-senders',
    clock: { honourBy: honourBy(country, at), ...(country !== undefined && { jurisdiction: country }) },
  };
}
