import tiers from '../facts/campaign-tiers.json' with { type: 'json' };

/** How much may be written; what is absent is unlimited. Segments, because carriers count those. */
export interface Limit {
  readonly segmentsPerSecond?: number | undefined;
  readonly segmentsPerDay?: number | undefined;
}

/** A registered campaign, whose limit all of its senders share. */
export interface CampaignLimit extends Limit {
  /** One of the four that US networks know (facts/campaign-tiers.json); what is said beside it outweighs it. */
  readonly tier?: number | undefined;
  /** Its senders; without them it counts for every sender of the carrier that is in no other campaign. */
  readonly senders?: readonly string[] | undefined;
}

/** Limits within a carrier's own rate, as they are configured. */
export interface CarrierLimits {
  /** Of the whole carrier. */
  readonly segmentsPerDay?: number | undefined;
  /** When its days begin; of a campaign by tier always at midnight Pacific. */
  readonly dayZone: string;
  /** For each sender that is not named. */
  readonly eachSender?: Limit | undefined;
  readonly senders: Readonly<Record<string, Limit>>;
  readonly campaigns: Readonly<Record<string, CampaignLimit>>;
}

/** One limit that a text counts against. */
export interface AppliedLimit extends Limit {
  /** What it is a limit of, within its carrier: `carrier`, `sender/…`, `campaign/…`. Says no number. */
  readonly id: string;
  readonly dayZone: string;
}

/** The limits of one carrier, by the key of a sender. */
export interface LimitBook {
  /** The limits that a text of this sender counts against; empty for most carriers. */
  limitsOf(senderKey: string): readonly AppliedLimit[];
}

/** The limits of a campaign: its tier's, unless it has its own. */
export function campaignLimit({ tier, segmentsPerSecond, segmentsPerDay }: CampaignLimit): Limit {
  const row = tiers.rows.find((each) => each.tier === tier);
  return {
    segmentsPerSecond: segmentsPerSecond ?? (row && row.perMinute / 60),
    segmentsPerDay: segmentsPerDay ?? row?.perDay,
  };
}

/** @param keyOf the key of a sender, in place of its number (invariant 9) */
export function limitBook(limits: CarrierLimits | undefined, keyOf: (sender: string) => string): LimitBook {
  if (!limits) return { limitsOf: () => [] };
  const { dayZone } = limits;
  const own = new Map(Object.entries(limits.senders).map(([sender, limit]) => [keyOf(sender), limit]));
  const campaignOf = new Map<string, AppliedLimit>();
  let common: AppliedLimit | undefined;
  for (const [id, campaign] of Object.entries(limits.campaigns)) {
    const zone = campaign.tier === undefined ? dayZone : tiers.zone;
    const applied = { id: `campaign/${id}`, dayZone: zone, ...campaignLimit(campaign) };
    if (!campaign.senders) common = applied;
    for (const sender of campaign.senders ?? []) campaignOf.set(keyOf(sender), applied);
  }
  const whole: AppliedLimit[] =
    limits.segmentsPerDay === undefined ? [] : [{ id: 'carrier', dayZone, segmentsPerDay: limits.segmentsPerDay }];
  const known = new Map<string, readonly AppliedLimit[]>();
  return {
    limitsOf(senderKey) {
      let applied = known.get(senderKey);
      if (!applied) {
        const limit = own.get(senderKey) ?? limits.eachSender;
        const campaign = campaignOf.get(senderKey) ?? common;
        applied = [
          ...(limit ? [{ id: `sender/${senderKey}`, dayZone, ...limit }] : []),
          ...(campaign ? [campaign] : []),
          ...whole,
        ];
        known.set(senderKey, applied);
      }
      return applied;
    },
  };
}

/** The tiers that a campaign may be configured with. */
export const campaignTiers: readonly number[] = tiers.rows.map((row) => row.tier);
