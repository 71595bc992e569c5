import type { Carrier } from '../carriers/carrier.ts';
import type { Keyword } from '../domain/keywords.ts';
import { priorityOfKind } from '../domain/message.ts';
import type { InboundTextDocument } from '../store/inbound-texts.ts';
import type { Store } from '../store/store.ts';
import { contentHash } from '../store/vault.ts';
import type { Engine } from './engine.ts';

/** A confirmation comes within five minutes or not at all (47 CFR 64.1200(a)(12)). */
const confirmationValidityMs = 5 * 60_000;

/** What we answer, where the carrier does not answer itself. No marketing in it (47 CFR 64.1200(a)(12)). */
const answers: Record<Keyword, string> = {
  'opt-out': 'You have been unsubscribed and will get no more texts from this number. Reply START to get them again.',
  'opt-in': 'You will get texts from this number again. Reply STOP to end them.',
  help: 'This number sends texts of a business. Reply STOP to end them.',
};

/**
 * Obeys STOP, START and HELP: the ledger is written first, then, where the carrier doesn't do it, the sender is answered once.
 * Safe to repeat: all ids derive from the inbound text.
 */
export async function obeyKeyword(
  inbound: InboundTextDocument,
  keyword: Keyword,
  deps: { store: Store; engine: Engine; carriers: ReadonlyMap<string, Carrier> },
): Promise<void> {
  const { store, engine } = deps;
  const consentId = store.vault.deriveId('con', 'inbound', inbound._id);
  if (keyword !== 'help') {
    await store.consents.append({
      _id: consentId,
      type: keyword === 'opt-out' ? 'revoked' : 'granted',
      subjectKey: inbound.fromKey,
      senderKey: inbound.toKey,
      basis: keyword,
      source: 'inbound',
      at: inbound.receivedAt,
      evidence: store.vault.seal(JSON.stringify({ inboundTextId: inbound._id })),
    });
  }
  // Exactly one party answers, per carrier: one that answers by itself blocks ours.
  if (deps.carriers.get(inbound.carrier)?.settings.optOutReply !== 'us') return;
  const now = new Date();
  const text = answers[keyword];
  const id = store.vault.deriveId('msg', 'keyword-answer', inbound._id);
  const [outcome] = await store.messages.insert([
    {
      _id: id,
      kind: 'conversational',
      // The answer is as urgent as a transactional text.
      priority: priorityOfKind.transactional,
      fromKey: inbound.toKey,
      from: inbound.to,
      toKey: inbound.fromKey,
      to: inbound.from,
      text: store.vault.sealFor(inbound.fromKey, text),
      segments: 1,
      requestHash: contentHash([keyword, inbound._id]),
      acceptedAt: now,
      expiresAt: new Date(inbound.receivedAt.getTime() + confirmationValidityMs),
      allowDuplicate: false,
      workflowId: null,
      status: 'accepted',
      attempts: [],
      rev: 0,
      ...(keyword === 'opt-out' && { confirmsRevocation: consentId }),
    },
  ]);
  if (outcome === 'stored') await engine.startMessages([id], 'conversational', 'keyword-answer');
}
