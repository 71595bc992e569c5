import type { Carrier } from '../carriers/carrier.ts';
import { placesOf, type RecipientPlaces } from '../domain/jurisdictions/recipient-places.ts';
import { jurisdictions } from '../domain/jurisdictions/rules.ts';
import { marketingExpiry } from '../domain/marketing-validity.ts';
import { defaultValiditySeconds, priorityOfKind } from '../domain/message.ts';
import { parsePhoneNumber } from '../domain/phone-number.ts';
import { remembered } from '../domain/remembered.ts';
import { maximumParts, segmentText } from '../domain/segments.ts';
import { parseSender, type Sender, senderAllowedTo } from '../domain/sender.ts';
import type { MessageDocument } from '../store/messages.ts';
import type { NumberDocument } from '../store/numbers.ts';
import type { Store } from '../store/store.ts';
import { forgottenValue, type Sealed, type Vault } from '../store/vault.ts';
import { requestFingerprint } from './idempotency.ts';
import { Problem } from './problem.ts';
import { longestValiditySeconds, type MessageRequest } from './schemas/messages.ts';

/** A text that may be stored, before anything of it is sealed. */
export interface AcceptedText {
  readonly id: string;
  readonly request: MessageRequest;
  readonly fromKey: string;
  readonly toKey: string;
  readonly segments: number;
  readonly at: Date;
}

/** @throws Problem when it is too long */
export function acceptText(id: string, request: MessageRequest, vault: Vault, at: Date): AcceptedText {
  const segments = segmentText(request.text).parts.length;
  if (segments > maximumParts) {
    throw new Problem(
      'text-too-long',
      `It needs ${segments} segments; at most ${maximumParts} can be sent as one. Shorten it.`,
    );
  }
  return { id, request, fromKey: vault.numberKey(request.from), toKey: vault.numberKey(request.to), segments, at };
}

/**
 * Texts of requests as they will be stored, nothing done with them yet: recipient, words and metadata sealed under the recipient's own key. Of
 * a recipient who was erased since the text was accepted nothing is kept that names them: it is refused when it is admitted. One find, and
 * none for recipients whose keys were read lately.
 */
export async function newMessages(
  texts: readonly AcceptedText[],
  { subjectKeys, vault }: Pick<Store, 'subjectKeys' | 'vault'>,
): Promise<MessageDocument[]> {
  const keys = texts.map(({ toKey }) => toKey);
  await subjectKeys.load(keys);
  // At once: who is erased from here on has had the key destroyed that this is sealed under.
  const sealedSender = remembered(texts.length, vault.seal);
  const messages = texts.map((text) => newMessage(text, vault, sealedSender));
  const erasedAt = await subjectKeys.erasedAt(keys);
  return messages.map((message) => {
    const erased = erasedAt.get(message.toKey);
    if (!erased || erased < message.acceptedAt) return message;
    const { metadata: _, ...rest } = message;
    return { ...rest, to: forgottenValue, text: forgottenValue };
  });
}

/** @param sealedSender seals the sender; texts that are stored together may share what it gives */
function newMessage(
  { id, request, fromKey, toKey, segments, at }: AcceptedText,
  vault: Vault,
  sealedSender: (from: string) => Sealed,
): MessageDocument {
  const places = placesOf(request.to, request.recipientPlace === undefined ? [] : [request.recipientPlace]);
  return {
    _id: id,
    kind: request.kind,
    priority: priorityOfKind[request.kind],
    fromKey,
    from: sealedSender(request.from),
    toKey,
    to: vault.sealFor(toKey, request.to),
    text: vault.sealFor(toKey, request.text),
    segments,
    requestHash: requestFingerprint(vault, request),
    acceptedAt: at,
    expiresAt: expiryOf(request, places, at),
    places,
    allowDuplicate: request.allowDuplicate,
    ...(request.recentPortPolicy !== 'send' && { recentPortPolicy: request.recentPortPolicy }),
    ...(request.metadata && { metadata: vault.sealFor(toKey, JSON.stringify(request.metadata)) }),
    status: 'accepted',
    attempts: [],
    workflowId: null,
    rev: 0,
  };
}

/** As the caller says; else by its kind, of marketing by the hours of the recipient. */
function expiryOf({ kind, validitySeconds }: MessageRequest, places: RecipientPlaces, at: Date): Date {
  const fallbackMs = defaultValiditySeconds[kind] * 1000;
  if (validitySeconds !== undefined) return new Date(at.getTime() + validitySeconds * 1000);
  if (kind !== 'marketing') return new Date(at.getTime() + fallbackMs);
  return marketingExpiry(places, jurisdictions, at, { fallbackMs, longestMs: longestValiditySeconds * 1000 });
}

/**
 * Whether a sender may be used at all, as far as it can be told at once; the rest is admission's.
 * @param record of the sender, when it is a number
 * @returns why not
 */
export function senderRefusal(
  request: Pick<MessageRequest, 'from' | 'to'>,
  record: NumberDocument | undefined,
  carriers: ReadonlyMap<string, Carrier>,
): Problem | undefined {
  const sender = senderOf(request.from);
  if (sender.kind === 'e164') {
    if (!record?.own) {
      return new Problem('sender-not-owned', 'Register the number first: PUT /v1/numbers/{number} with its carrier.');
    }
    if (record.routing.state === 'gone') {
      return new Problem('sender-not-owned', 'The number was ported out: send from another one.');
    }
    return undefined;
  }
  if (![...carriers.values()].some((carrier) => carrier.settings.senders.includes(sender.value))) {
    return new Problem(
      'sender-unknown',
      'Add it to `senders` of the carrier that has it registered, or send from a number.',
    );
  }
  const recipient = parsePhoneNumber(request.to);
  const allowance = recipient.ok ? senderAllowedTo(sender, recipient.country) : { allowed: true as const };
  return allowance.allowed ? undefined : new Problem(allowance.code, allowance.message);
}

function senderOf(from: string): Sender {
  const parsed = parseSender(from);
  if (!parsed.ok) throw new Problem('sender-invalid', parsed.message);
  return parsed.sender;
}
