import type { Collection } from 'mongodb';
import {
  afterBlocked,
  type BlockedText,
  type CampaignStop,
  noStop,
  type StoppedTexts,
  type StopRule,
  stopId,
} from '../domain/campaign-stop.ts';
import { type Database, ensureIndexes, isDuplicateKey } from './database.ts';

/** The breaker of a campaign (domain/campaign-stop.ts). */
export interface CampaignStopDocument extends StoppedTexts, CampaignStop {
  readonly _id: string;
  /** Counts changes: one is made only on what it was computed from. */
  readonly rev: number;
}

export type CampaignStopStore = ReturnType<typeof campaignStopStore>;

/** What a process knows of open stops may be so old. */
const openServesMs = 2_000;

/** Stopped campaigns. */
export function campaignStopStore(database: Database) {
  const campaigns: Collection<CampaignStopDocument> = database.collection('campaignStops');
  let known: { readonly at: number; readonly open: Promise<ReadonlyMap<string, CampaignStopDocument>> } | undefined;

  async function load(): Promise<ReadonlyMap<string, CampaignStopDocument>> {
    const found = await campaigns.find({ until: { $gt: new Date() } }).toArray();
    return new Map(found.map((stop) => [stop._id, stop]));
  }

  return {
    ensureIndexes: () => ensureIndexes(campaigns, [{ key: { until: 1 } }]),

    /** What is stopped now, by `stopId`; read again after some seconds. Index: until. */
    open(): Promise<ReadonlyMap<string, CampaignStopDocument>> {
      const now = performance.now();
      if (known && now - known.at < openServesMs) return known.open;
      const loading = load();
      known = { at: now, open: loading };
      loading.catch(() => {
        if (known?.open === loading) known = undefined;
      });
      return loading;
    },

    /** Enters blocked texts of one campaign. @returns the stop when one of them has stopped something, also when it is entered once more */
    async enter(
      texts: StoppedTexts,
      blocked: readonly BlockedText[],
      rule: StopRule,
    ): Promise<CampaignStopDocument | undefined> {
      const _id = stopId(texts);
      for (;;) {
        const current = await campaigns.findOne({ _id });
        const before = current ?? noStop;
        const next = blocked.reduce<CampaignStop>((stop, text) => afterBlocked(stop, text, rule) ?? stop, before);
        if (next === before) {
          const isTheirs = blocked.some(({ at }) => at.getTime() === current?.stoppedAt?.getTime());
          return isTheirs ? (current ?? undefined) : undefined;
        }
        const document = { _id, ...texts, ...next, rev: (current?.rev ?? 0) + 1 };
        if (!(await write(document, current?.rev))) continue;
        if (!next.until || next.until.getTime() === current?.until?.getTime()) return undefined;
        known = undefined;
        return document;
      }
    },

    /** Lets the texts go again: the sender is registered now, or the content has changed. @returns false when nothing is stopped so */
    async end(id: string): Promise<boolean> {
      const { deletedCount } = await campaigns.deleteOne({ _id: id });
      known = undefined;
      return deletedCount === 1;
    },
  };

  /** @returns false when somebody else was first: read again */
  async function write(document: CampaignStopDocument, rev: number | undefined): Promise<boolean> {
    if (rev !== undefined) {
      return (await campaigns.replaceOne({ _id: document._id, rev }, document)).matchedCount === 1;
    }
    try {
      await campaigns.insertOne(document);
      return true;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }
}
