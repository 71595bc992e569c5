import type { Carrier } from '../carriers/carrier.ts';
import { type BlockedText, type StoppedTexts, type StopRule, stopId, stopRuleOf } from '../domain/campaign-stop.ts';
import { senderKindOf } from '../domain/suppression.ts';
import type { CampaignStopDocument } from '../store/campaign-stops.ts';
import type { MessageDocument } from '../store/messages.ts';
import type { Store } from '../store/store.ts';
import type { TimelineEntry } from '../store/timeline.ts';

interface Dependencies {
  readonly store: Pick<Store, 'campaignStops' | 'timeline' | 'vault'>;
  readonly carriers: ReadonlyMap<string, Carrier>;
}

/**
 * Stops campaigns that carriers block, and tells their owner. One write for each campaign, however many of its texts are blocked; safe to repeat.
 * @param failing texts that have failed, as they now are
 */
export async function stopCampaigns(failing: readonly MessageDocument[], deps: Dependencies): Promise<void> {
  const { store, carriers } = deps;
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
  for (const { texts, blocked, rule } of byCampaign.values()) {
    const stop = await store.campaignStops.enter(texts, blocked, rule);
    if (stop) await tellStopped(stop, rule, store);
  }
}

/** A campaign's texts may go again, a caller says. */
export function tellReleased(id: string, store: Pick<Store, 'timeline' | 'vault'>, now: Date): Promise<void> {
  const at = now.toISOString();
  return tell(id, `released/${at}`, store, {
    at,
    actor: 'caller',
    type: 'campaign.released',
    detail: 'The texts may go again.',
  });
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

function tellStopped(stop: CampaignStopDocument, rule: StopRule, store: Dependencies['store']): Promise<void> {
  const { _id, carrier, campaignId, senderKey, kind, until, stoppedAt, stops } = stop;
  const [at, end] = [stoppedAt?.toISOString() ?? '', until?.toISOString() ?? ''];
  const which = `${kind === undefined ? 'All' : `The ${kind}`} texts of ${campaignId === undefined ? 'the sender' : `campaign ${campaignId}`}`;
  const again = stops > 1 ? ` (${stops} times in a row now)` : '';
  const code = stop.blocked.at(-1)?.carrierCode;
  const raw = code === undefined ? '' : ` (its code ${code})`;
  return tell(_id, `stopped/${end}`, store, {
    at,
    actor: 'carrier',
    by: { carrier },
    type: 'campaign.stopped',
    detail: `${which} are refused until ${end}${again}: ${carrier} blocks them, ${rule.ours}${raw}.`,
    ...(senderKey !== undefined && { numberKey: senderKey }),
  });
}

function tell(
  id: string,
  series: string,
  { timeline, vault }: Pick<Store, 'timeline' | 'vault'>,
  entry: TimelineEntry,
): Promise<void> {
  return timeline.append(vault.deriveId('cst', id), series, 0, [entry]);
}
