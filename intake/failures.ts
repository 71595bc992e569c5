import type { Carrier } from '../carriers/carrier.ts';
import { type BlockedText, type StoppedTexts, type StopRule, stopId, stopRuleOf } from '../domain/campaign-stop.ts';
import { classifyCode, plainCode } from '../domain/delivery-codes.ts';
import { type Rulings, rulingsOf } from '../domain/delivery-rulings.ts';
import { finalReceiptStates } from '../domain/message.ts';
import type { Attempt } from '../domain/message-progress.ts';
import { senderKindOf } from '../domain/suppression.ts';
import type { SeenCode } from '../store/delivery-codes.ts';
import type { MessageDocument } from '../store/messages.ts';
import type { Store } from '../store/store.ts';
import type { Unreachable } from '../store/suppressions.ts';
import { tellSenderRefusals } from './sender-refusals.ts';

interface Dependencies {
  readonly store: Pick<Store, 'deliveryCodes' | 'suppressions' | 'campaignStops' | 'timeline' | 'numbers' | 'vault'>;
  readonly carriers: ReadonlyMap<string, Carrier>;
}

/**
 * What follows from failures besides the text's own fate: recipients who can't be reached are spared, campaigns that carriers block are
 * stopped, owners of senders that a carrier refuses are told, codes that no table has are noted. Where nothing of that kind is among the texts, the store is not asked. Safe to repeat.
 * @param changed texts as they now are
 */
export async function keepFailures(changed: readonly MessageDocument[], deps: Dependencies): Promise<void> {
  const { store, carriers } = deps;
  const failing = changed.filter((message) => message.failure !== undefined);
  if (failing.length === 0) return;
  const rulings = await store.deliveryCodes.rulings();
  await Promise.all([
    store.suppressions.save(failing.flatMap((message) => unreachable(message, store) ?? [])),
    stopCampaigns(failing, deps),
    tellSenderRefusals(failing, store),
    store.deliveryCodes.noteUnknown(
      failing.flatMap((message) => unknownCodes(message.attempts.at(-1), carriers, rulings)),
      new Date(),
    ),
  ]);
}

/** Only the recipient's own fault is a reason to stop sending to it, and only when no look-up has overruled it. */
function unreachable(message: MessageDocument, { vault }: Dependencies['store']): Unreachable | undefined {
  const { status, failure, toKey, _id } = message;
  const attempt = message.attempts.at(-1)?.failure;
  if (status !== 'failed' || failure?.class !== 'permanent') return undefined;
  if (attempt?.fault !== 'recipient' || attempt.class !== 'permanent') return undefined;
  return {
    subjectKey: toKey,
    senderKind: senderKindOf(vault.open(message.from)),
    since: failure.at,
    messageId: _id,
    code: failure.code,
    ...(failure.carrierCode !== undefined && { carrierCode: failure.carrierCode }),
  };
}

/** One write for each campaign that is blocked, however many of its texts are. */
async function stopCampaigns(failing: readonly MessageDocument[], { store, carriers }: Dependencies): Promise<void> {
  const byCampaign = new Map<string, { texts: StoppedTexts; rule: StopRule; blocked: BlockedText[] }>();
  for (const message of failing) {
    const { failure } = message;
    const carrier = carriers.get(message.attempts.at(-1)?.carrier ?? '');
    const rule = failure?.class === 'spam' ? stopRuleOf(failure.code) : undefined;
    if (!failure || !carrier || !rule) continue;
    const { carrierCode, at } = failure;
    const texts = { ...campaignOf(message, carrier, store), ...(rule.stops === 'kind' && { kind: message.kind }) };
    const id = `${rule.ours}/${stopId(texts)}`;
    const known = byCampaign.get(id) ?? { texts, rule, blocked: [] };
    known.blocked.push({ messageId: message._id, at, ...(carrierCode !== undefined && { carrierCode }) });
    byCampaign.set(id, known);
  }
  for (const { texts, blocked, rule } of byCampaign.values()) await store.campaignStops.enter(texts, blocked, rule);
}

/** A 10DLC campaign covers all numbers that are attached to it; other senders stand for themselves. */
function campaignOf(
  message: MessageDocument,
  { settings }: Carrier,
  { vault }: Dependencies['store'],
): Pick<StoppedTexts, 'carrier' | 'campaignId' | 'senderKey'> {
  const senderKey = message.route?.sender.key ?? message.fromKey;
  if (settings.campaignId !== undefined && senderKindOf(vault.open(message.from)) === 'number') {
    return { carrier: settings.id, campaignId: settings.campaignId };
  }
  return { carrier: settings.id, senderKey };
}

function unknownCodes(
  attempt: Attempt | undefined,
  carriers: ReadonlyMap<string, Carrier>,
  rulings: Rulings,
): SeenCode[] {
  const settings = carriers.get(attempt?.carrier ?? '')?.settings;
  if (!attempt?.parts || !settings) return [];
  const vocabulary = settings.codes;
  const ruling = rulingsOf(rulings, vocabulary, settings.id);
  return attempt.parts.flatMap(({ code, outcome, state }) => {
    const failed = outcome === 'rejected' || (state !== undefined && finalReceiptStates.includes(state));
    // A receipt's state may stand in for a code; whether the code itself is known is asked without it.
    if (code === undefined || !failed || classifyCode(vocabulary, code, undefined, ruling).source !== undefined)
      return [];
    return [{ vocabulary, code: plainCode(vocabulary, code).slice(0, 40), carrier: settings.id }];
  });
}
