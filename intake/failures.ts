import type { Carrier } from '../carriers/carrier.ts';
import { classifyCode, plainCode } from '../domain/delivery-codes.ts';
import { type Rulings, rulingsOf } from '../domain/delivery-rulings.ts';
import { finalReceiptStates } from '../domain/message.ts';
import type { Attempt } from '../domain/message-progress.ts';
import { senderKindOf } from '../domain/suppression.ts';
import type { SeenCode } from '../store/delivery-codes.ts';
import type { MessageDocument } from '../store/messages.ts';
import type { Store } from '../store/store.ts';
import type { Unreachable } from '../store/suppressions.ts';
import { stopCampaigns } from './campaign-stops.ts';
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
