import { answersPerText } from '../carriers/answers-per-text.ts';
import type { Carrier, ReceiptEvent } from '../carriers/carrier.ts';
import { rulingsOf } from '../domain/delivery-rulings.ts';
import { type Attempt, applyReceipt } from '../domain/message-progress.ts';
import { userMessageReferences } from '../domain/user-message-reference.ts';
import type { MessageChange, MessageDocument } from '../store/messages.ts';
import type { Store } from '../store/store.ts';
import { type DeliveryMeter, noMeter } from './delivery-meter.ts';
import type { Engine } from './engine.ts';
import { sealEvidence } from './evidence.ts';
import { keepFailures } from './failures.ts';
import { tellWorkflows } from './told-workflows.ts';

export interface Receipt {
  readonly id: string;
  readonly carrier: string;
  readonly event: ReceiptEvent;
}

/** Texts as they were claimed, and what the answers to their submissions make of them. */
export interface Answered {
  readonly texts: readonly MessageDocument[];
  /** Asked once about a text as it was read, and again about one that has changed since. */
  readonly change: (message: MessageDocument) => MessageChange | undefined;
}

interface Match {
  readonly messageId: string;
  readonly attemptIndex: number;
  readonly partIndex: number;
}

/** An answer that has not come by now will not come: then addresses may be enough to recognise a receipt's text. */
const unansweredForMs = 15_000;
/** How far back a receipt without a known id is looked for. */
const lookBackMs = 3 * 24 * 3600_000;

export interface HowToApply {
  /** They are receipts of texts whose answers are to be stored: both in one write. */
  readonly answered?: Answered;
  /** Those are left out whose text is not found by the carrier's id. */
  readonly byIdOnly?: boolean;
}

export interface Applied {
  /** The ids of the events whose text is not known (yet). */
  readonly unmatched: readonly string[];
  /** The texts that changed, as they now are. */
  readonly changed: readonly MessageDocument[];
}

/** Applies receipts to their texts, and tells the workflows whose texts are now final or have failed. */
export async function applyReceipts(
  receipts: readonly Receipt[],
  deps: { store: Store; engine: Engine; carriers: ReadonlyMap<string, Carrier>; meter?: DeliveryMeter },
  { answered, byIdOnly = false }: HowToApply = {},
): Promise<Applied> {
  const { store, engine, meter = noMeter } = deps;
  const withAnswer = new Map<MessageDocument, MessageDocument>();
  const answeredTo = (message: MessageDocument): MessageDocument => {
    if (!answered) return message;
    const known = withAnswer.get(message) ?? { ...message, ...answered.change(message) };
    withAnswer.set(message, known);
    return known;
  };
  const known =
    answered?.texts ?? (await store.messages.findByCarrierRefs(receipts.flatMap((each) => carrierRefOf(each) ?? [])));
  await store.subjectKeys.loadFor(known.map((message) => message.text));
  const byRef = matchesByRef(known.map(answeredTo));
  const ofNoId = byIdOnly ? [] : receipts.filter((receipt) => !byRef.has(carrierRefOf(receipt) ?? ''));
  const unanswered = await unansweredOf(ofNoId, store);
  const matches = new Map<string, { receipt: Receipt; match: Match }[]>();
  const unmatched: string[] = [];
  for (const receipt of receipts) {
    const match = byRef.get(carrierRefOf(receipt) ?? '') ?? matchUnanswered(receipt, unanswered, deps);
    if (!match) {
      unmatched.push(receipt.id);
      continue;
    }
    const list = matches.get(match.messageId);
    if (list) list.push({ receipt, match });
    else matches.set(match.messageId, [{ receipt, match }]);
  }

  const rulings = await store.deliveryCodes.rulings();
  // What says nothing new may have been cut off between its writing and its telling: it is told again.
  const unchanged = new Map<string, MessageDocument>();
  const decide = (message: MessageDocument): MessageChange | undefined => {
    let current = answeredTo(message);
    for (const { receipt, match } of matches.get(message._id) ?? []) {
      const carrier = deps.carriers.get(receipt.carrier);
      if (!carrier) continue;
      const change = applyReceipt(
        current,
        match.attemptIndex,
        match.partIndex,
        {
          ...receipt.event,
          parts: current.attempts[match.attemptIndex]?.parts?.length ?? answersExpected(carrier, message, store),
        },
        {
          vocabulary: carrier.settings.codes,
          ruling: rulingsOf(rulings, carrier.settings.codes, receipt.carrier),
          at: new Date(),
          random: Math.random(),
        },
      );
      if (change) current = { ...current, ...change, ...refsWith(current, receipt) };
    }
    const change = differences(message, current);
    if (change) unchanged.delete(message._id);
    else if (matches.has(message._id)) unchanged.set(message._id, message);
    return change;
  };
  const ids = [...new Set([...(answered?.texts ?? []).map((message) => message._id), ...matches.keys()])];
  const read = new Map(known.map((message) => [message._id, message]));
  // What was matched without an id has not been read as a whole.
  const allRead = ids.every((id) => read.has(id));
  const changed = await store.messages.change(
    ids,
    decide,
    allRead ? ids.flatMap((id) => read.get(id) ?? []) : undefined,
  );
  for (const message of changed) {
    for (const { receipt } of matches.get(message._id) ?? []) meter.receipt(receipt.carrier, receipt.event.state);
    const { failure, carrier = '' } = message.attempts.at(-1) ?? {};
    if (failure && message.failure) meter.failed(carrier, failure.code, failure.class);
  }
  const concerned = [...changed, ...unchanged.values()];
  await keepOptOuts(concerned, store);
  await keepFailures(concerned, deps);
  await keepProof(concerned, deps);
  // Of what has just been answered whoever submitted it learns.
  const submittedHere = new Set(answered?.texts.map(({ _id }) => _id));
  await tellWorkflows(
    concerned.filter(({ _id }) => !submittedHere.has(_id)),
    store,
    engine,
  );
  return { unmatched, changed };
}

/** How many answers the text gets; of one whose recipient has been erased, as far as its segments tell. */
function answersExpected(carrier: Carrier, { text, segments }: MessageDocument, { vault }: Store): number {
  const plain = vault.openUnlessErased(text);
  if (plain !== undefined) return answersPerText(carrier, plain);
  return carrier.settings.partIds === 'one' ? 1 : segments;
}

/** `carrier/id`, how a segment is found by its receipt. */
export function carrierRef(carrier: string, carrierMessageId: string): string {
  return `${carrier}/${carrierMessageId}`;
}

function carrierRefOf({ carrier, event }: Receipt): string | undefined {
  return event.carrierMessageId === undefined ? undefined : carrierRef(carrier, event.carrierMessageId);
}

function refsWith(message: MessageDocument, receipt: Receipt): Pick<MessageDocument, 'carrierRefs'> {
  const ref = carrierRefOf(receipt);
  const refs = message.carrierRefs ?? [];
  return ref === undefined || refs.includes(ref) ? { carrierRefs: refs } : { carrierRefs: [...refs, ref] };
}

function differences(before: MessageDocument, after: MessageDocument): MessageChange | undefined {
  const changed = Object.entries(after).filter(([key, value]) => before[key as keyof MessageDocument] !== value);
  return changed.length > 0 ? Object.fromEntries(changed) : undefined;
}

/** Which segment each `carrier/id` stands for. Carriers reuse ids, so the newest attempt with one counts. */
function matchesByRef(newestFirst: readonly MessageDocument[]): ReadonlyMap<string, Match> {
  const matches = new Map<string, Match>();
  for (const { _id: messageId, attempts } of newestFirst) {
    for (const [attemptIndex, { carrier, parts = [] }] of [...attempts.entries()].reverse()) {
      for (const [partIndex, { carrierMessageId }] of parts.entries()) {
        if (carrierMessageId === undefined) continue;
        const ref = carrierRef(carrier, carrierMessageId);
        if (!matches.has(ref)) matches.set(ref, { messageId, attemptIndex, partIndex });
      }
    }
  }
  return matches;
}

/**
 * Texts to the recipients of these receipts that have no answer, newest first, ready to be opened. One query for all: receipts of a quick
 * carrier overtake the answers by hundreds.
 */
async function unansweredOf(receipts: readonly Receipt[], store: Store): Promise<MessageDocument[]> {
  const toKeys = new Set(receipts.flatMap(({ event: { to } }) => (to === undefined ? [] : store.vault.numberKey(to))));
  if (toKeys.size === 0) return [];
  const found = await store.messages.findUnanswered([...toKeys], new Date(Date.now() - lookBackMs));
  await store.subjectKeys.loadFor(found.map((message) => message.text));
  return found;
}

/**
 * Recognises the text of a receipt whose id nobody knows, because the answer to the submission never came: by the reference that we
 * sent with it, else by addresses and text, and then only when exactly one submission fits.
 */
function matchUnanswered(
  receipt: Receipt,
  unanswered: readonly MessageDocument[],
  { store, carriers }: { store: Store; carriers: ReadonlyMap<string, Carrier> },
): Match | undefined {
  const carrier = carriers.get(receipt.carrier);
  const { to, from, userMessageReference, textStart } = receipt.event;
  if (to === undefined || !carrier) return undefined;
  const toKey = store.vault.numberKey(to);
  const fitting: Match[] = [];
  for (const message of unanswered) {
    if (message.toKey !== toKey) continue;
    if (from !== undefined && (message.route?.sender.key ?? message.fromKey) !== store.vault.numberKey(from)) continue;
    const text = store.vault.openUnlessErased(message.text);
    if (text === undefined) continue;
    const segments = carrier.messaging.segments(text);
    message.attempts.forEach((attempt, attemptIndex) => {
      if (attempt.carrier !== receipt.carrier) return;
      if (userMessageReference !== undefined) {
        const references = userMessageReferences(message._id, attemptIndex + 1, segments);
        const partIndex = references.indexOf(userMessageReference);
        if (partIndex >= 0) fitting.push({ messageId: message._id, attemptIndex, partIndex });
        return;
      }
      if (textStart !== undefined && segments === 1 && !text.startsWith(textStart)) return;
      const partIndex = openPart(attempt);
      if (partIndex !== undefined) fitting.push({ messageId: message._id, attemptIndex, partIndex });
    });
  }
  return fitting.length === 1 ? fitting[0] : undefined;
}

/** The first segment of an attempt whose answer will not come any more; undefined when there is none. */
function openPart(attempt: Attempt): number | undefined {
  if (!attempt.answeredAt && Date.now() - attempt.claimedAt.getTime() < unansweredForMs) return undefined;
  if (!attempt.parts) return 0;
  const index = attempt.parts.findIndex((part) => part.outcome === 'ambiguous' && part.carrierMessageId === undefined);
  return index < 0 ? undefined : index;
}

/** A carrier that says «this recipient opted out» is believed: the revocation is written to the ledger. */
export async function keepOptOuts(messages: readonly MessageDocument[], store: Store): Promise<void> {
  const { vault } = store;
  const optedOut = messages.filter(({ failure }) => failure?.class === 'opt-out');
  if (optedOut.length === 0) return;
  await store.subjectKeys.loadUnlessErased(optedOut.map(({ toKey }) => toKey));
  await store.consents.appendAll(
    optedOut.map(({ _id, toKey, to, fromKey, route, failure }) => {
      const evidence = { phoneNumber: vault.openUnlessErased(to), messageId: _id, code: failure?.carrierCode };
      return {
        _id: vault.deriveId('con', 'carrier-code', _id),
        type: 'revoked',
        subjectKey: toKey,
        // The number that the recipient saw: its standby's, where it went by that one.
        senderKey: route?.sender.key ?? fromKey,
        basis: 'opt-out',
        source: 'carrier-code',
        at: failure?.at ?? new Date(),
        evidence: sealEvidence(toKey, evidence, vault),
      };
    }),
  );
}

/** A delivery by the gaining carrier while the sender's routing is uncertain proves its cutover. */
async function keepProof(
  messages: readonly MessageDocument[],
  deps: { store: Store; engine: Engine; carriers: ReadonlyMap<string, Carrier> },
): Promise<void> {
  for (const message of messages) {
    if (message.status !== 'delivered' || !message.route?.proves) continue;
    // Receipts that may be made up prove nothing.
    if (deps.carriers.get(message.route.carrier)?.settings.receipts === 'suspect') continue;
    const number = await deps.store.numbers.find(message.route.sender.key);
    if (number?.routing.state !== 'uncertain' || number.routing.gaining !== message.route.carrier) continue;
    const { portId, since } = number.routing;
    const arrivedAt = message.finalAt ?? new Date();
    // Another text has proven it, and that has been told.
    const known = number.proof?.portId === portId ? number.proof.outboundAt : undefined;
    if (known && known < arrivedAt) continue;
    // Sent during an earlier move of this number, it proves nothing for this one.
    if ((message.attempts.at(-1)?.claimedAt ?? since) < since) continue;
    if (await deps.store.numbers.saveProof(number._id, portId, { outboundAt: arrivedAt })) {
      await deps.engine.cutoverNews(portId, number._id);
    }
  }
}
