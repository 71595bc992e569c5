import facts from './facts/campaign-stops.json' with { type: 'json' };
import type { MessageKind } from './message.ts';

/** What is stopped: the texts of a campaign, or of one sender where there is none, at one carrier; of all kinds or of one. */
export interface StoppedTexts {
  readonly carrier: string;
  readonly campaignId?: string;
  /** numberKey of the sender; absent for a campaign. */
  readonly senderKey?: string;
  /** Absent: all of them. */
  readonly kind?: MessageKind;
}

/** A text that a carrier blocked as spam, or because its sender is not registered. */
export interface BlockedText {
  readonly messageId: string;
  readonly at: Date;
  /** The carrier's own code, raw. */
  readonly carrierCode?: string;
}

/** The breaker of a campaign: what was blocked lately, and until when its texts are stopped. */
export interface CampaignStop {
  readonly blocked: readonly BlockedText[];
  /** How often it was stopped in a row; each time twice as long. */
  readonly stops: number;
  readonly stoppedAt?: Date;
  readonly until?: Date;
}

export type StopRule = (typeof facts.rows)[number];

export const noStop: CampaignStop = { blocked: [], stops: 0 };

const rules = new Map(facts.rows.map((row) => [row.ours, row]));

/** @param ours our code of the failure; a code without a rule stops nothing */
export function stopRuleOf(ours: string): StopRule | undefined {
  return rules.get(ours);
}

/** Names what is stopped; one document each in the store. */
export function stopId({ carrier, campaignId, senderKey, kind }: StoppedTexts): string {
  return [carrier, campaignId === undefined ? `sender/${senderKey}` : `campaign/${campaignId}`, kind ?? 'all'].join(
    '/',
  );
}

/**
 * What a blocked text makes of its campaign's breaker. Enough of them within a time stop it; after that time some texts go again, and the
 * first of those that is blocked, within a day, stops it for twice as long.
 * @returns undefined when it changes nothing: the text is known, or the campaign is stopped already
 */
export function afterBlocked(stop: CampaignStop, text: BlockedText, rule: StopRule): CampaignStop | undefined {
  if (stop.blocked.some(({ messageId }) => messageId === text.messageId)) return undefined;
  if (stop.until && text.at < stop.until) return undefined;
  const recent = stop.blocked.filter(({ at }) => text.at.getTime() - at.getTime() < rule.withinMs);
  const blocked = [...recent, text].slice(-rule.failures);
  const again = stop.until !== undefined && text.at.getTime() - stop.until.getTime() < facts.longestStopMs;
  if (!again && blocked.length < rule.failures) return { ...stop, blocked };
  const stops = again ? stop.stops + 1 : 1;
  const forMs = Math.min(facts.longestStopMs, rule.stopMs * 2 ** Math.min(stops - 1, 20));
  return { blocked, stops, stoppedAt: text.at, until: new Date(text.at.getTime() + forMs) };
}
