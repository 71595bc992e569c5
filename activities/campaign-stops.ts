import type { Carrier } from '../carriers/carrier.ts';
import { stopId } from '../domain/campaign-stop.ts';
import { senderKindOf } from '../domain/suppression.ts';
import type { CampaignStopDocument } from '../store/campaign-stops.ts';
import type { MessageDocument } from '../store/messages.ts';
import type { Vault } from '../store/vault.ts';

/** Says whether a text by this carrier belongs to a campaign that is stopped. */
export type IsStopped = (message: MessageDocument, carrier: string, senderKey: string) => boolean;

/** @param open what is stopped now (store/campaign-stops.ts) */
export function stoppedCampaigns(
  open: ReadonlyMap<string, CampaignStopDocument>,
  carriers: ReadonlyMap<string, Carrier>,
  vault: Vault,
): IsStopped {
  if (open.size === 0) return () => false;
  return (message, carrier, senderKey) => {
    const has = (texts: { campaignId: string } | { senderKey: string }) =>
      [{ kind: message.kind }, {}].some((of) => open.has(stopId({ carrier, ...texts, ...of })));
    if (has({ senderKey })) return true;
    const campaignId = carriers.get(carrier)?.settings.campaignId;
    // The campaign is one of numbers; a short code or a name of the same carrier goes on.
    return campaignId !== undefined && has({ campaignId }) && senderKindOf(vault.open(message.from)) === 'number';
  };
}
