import { isConfirmation } from '../domain/consent-confirmation.ts';
import type { ConsentRecord } from '../store/consents.ts';
import type { InboundTextDocument } from '../store/inbound-texts.ts';
import type { Store } from '../store/store.ts';
import type { Engine } from './engine.ts';

/**
 * A «yes» to a question that we have asked makes the consent one (double opt-in). In a conversation it is none: without an open request of
 * that sender nothing happens. Safe to repeat: the event's id derives from the request.
 * @param words of the text, in plain
 */
export async function confirmConsent(
  inbound: InboundTextDocument,
  words: string,
  { store, engine }: { readonly store: Store; readonly engine: Engine },
): Promise<void> {
  if (!isConfirmation(words)) return;
  const events = await store.consents.historyOf(inbound.fromKey);
  for (const request of events) {
    if (!isOpen(request, events, inbound)) continue;
    const { _id, senderKey, kinds, basis, lawfulBasis, grantsUntil, expiresBecause, jurisdiction } = request;
    await store.subjectKeys.load([inbound.fromKey]);
    await store.subjectKeys.loadFor([request.evidence]);
    const evidence: object = JSON.parse(store.vault.openUnlessErased(request.evidence) ?? '{}');
    await store.consents.append({
      _id: store.vault.deriveId('con', 'confirmed', _id),
      type: 'granted',
      subjectKey: inbound.fromKey,
      ...(senderKey !== undefined && { senderKey }),
      ...(kinds && { kinds }),
      basis,
      ...(lawfulBasis && { lawfulBasis }),
      source: 'inbound',
      at: inbound.receivedAt,
      ...(grantsUntil && { expiresAt: grantsUntil }),
      ...(expiresBecause !== undefined && { expiresBecause }),
      ...(jurisdiction !== undefined && { jurisdiction }),
      about: _id,
      evidence: store.vault.sealFor(
        inbound.fromKey,
        JSON.stringify({ ...evidence, confirmation: { inboundTextId: inbound._id } }),
      ),
    });
    await engine.consentConfirmed(_id);
  }
}

/** Asked by the number that is answered, in time, and not taken back since. */
function isOpen(request: ConsentRecord, events: readonly ConsentRecord[], { toKey, receivedAt }: InboundTextDocument) {
  return (
    request.type === 'requested' &&
    request.senderKey === toKey &&
    request.at <= receivedAt &&
    (request.expiresAt ?? receivedAt) >= receivedAt &&
    !events.some(
      ({ type, seq, about }) =>
        (type === 'revoked' && seq > request.seq) || (type === 'expired' && about === request._id),
    )
  );
}
