import type { Carrier } from '../carriers/carrier.ts';
import { type Answerer, answerTo, isAnsweredByCarrier } from '../domain/keyword-answers.ts';
import { priorityOfKind } from '../domain/message.ts';
import { parsePhoneNumber } from '../domain/phone-number.ts';
import { segmentText } from '../domain/segments.ts';
import type { InboundTextDocument } from '../store/inbound-texts.ts';
import type { Store } from '../store/store.ts';
import { contentHash } from '../store/vault.ts';
import type { Engine } from './engine.ts';

/** A confirmation comes within five minutes or not at all (47 CFR 64.1200(a)(12)). */
const confirmationValidityMs = 5 * 60_000;

export interface AnsweringDependencies {
  readonly store: Store;
  readonly engine: Engine;
  readonly carriers: ReadonlyMap<string, Carrier>;
}

/**
 * Answers STOP, START or HELP once, where the carrier has not done so. Exactly one party answers: a carrier that answers by itself blocks
 * ours, but it knows a few words only. Safe to repeat: the answer's id derives from the inbound text.
 * @param revocation of an opt-out: what is confirmed, and whether it is about all senders
 */
export async function answerKeyword(
  inbound: InboundTextDocument,
  deps: AnsweringDependencies,
  revocation?: { readonly id: string; readonly ofAll: boolean },
): Promise<void> {
  const { store, engine } = deps;
  const { keyword } = inbound;
  const settings = deps.carriers.get(inbound.carrier)?.settings;
  if (keyword === undefined || keyword === 'ambiguous' || !settings) return;
  await store.subjectKeys.loadUnlessErased([inbound.fromKey]);
  const words = store.vault.openUnlessErased(inbound.text);
  // Who was erased meanwhile is answered nothing.
  if (words === undefined) return;
  if (settings.optOutReply === 'carrier' && isAnsweredByCarrier(settings.codes, words)) return;
  const parsed = parsePhoneNumber(store.vault.open(inbound.from));
  const text = answerTo(
    revocation?.ofAll ? 'opt-out-all' : keyword,
    inbound.keywordLanguage,
    parsed.ok ? parsed.country : undefined,
    await answererOf(inbound, deps),
  );
  const id = store.vault.deriveId('msg', 'keyword-answer', inbound._id);
  const [outcome] = await store.messages.insert([
    {
      _id: id,
      kind: 'conversational',
      // The answer is as urgent as a one-time password.
      priority: priorityOfKind.otp,
      fromKey: inbound.toKey,
      from: inbound.to,
      toKey: inbound.fromKey,
      to: inbound.from,
      text: store.vault.sealFor(inbound.fromKey, text),
      segments: segmentText(text).parts.length,
      requestHash: contentHash([keyword, inbound._id]),
      acceptedAt: new Date(),
      expiresAt: new Date(inbound.receivedAt.getTime() + confirmationValidityMs),
      allowDuplicate: false,
      workflowId: null,
      status: 'accepted',
      attempts: [],
      rev: 0,
      ...(revocation && { confirmsRevocation: revocation.id }),
    },
  ]);
  if (outcome === 'stored') await engine.startMessages([id], 'otp', 'keyword-answer');
}

/** As whom the sender answers that was written to: as its record says, else as the carrier's settings do. */
async function answererOf(
  { toKey, carrier }: InboundTextDocument,
  { store: { numbers, vault }, carriers }: AnsweringDependencies,
): Promise<Answerer> {
  const record = await numbers.find(toKey);
  const settings = carriers.get(carrier)?.settings;
  return {
    brand: record?.brand ? vault.open(record.brand) : settings?.brand,
    contact: record?.contact ? vault.open(record.contact) : settings?.contact,
  };
}
