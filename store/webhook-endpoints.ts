import type { Collection } from 'mongodb';
import { type Database, ensureIndexes } from './database.ts';
import type { Sealed } from './vault.ts';

/** Where an owner wants to be told of events. */
export interface WebhookEndpointDocument {
  readonly _id: string;
  /** May hold a token of the receiver's. */
  readonly url: Sealed;
  readonly description?: Sealed;
  /** Beginnings of the types that are wanted; absent: all. */
  readonly events?: readonly string[];
  /** The newest last; an event is signed with each that is not over. `whsec_…` */
  readonly secrets: readonly { readonly secret: Sealed; readonly until?: Date }[];
  /** Events that were appended from then on are sent. */
  readonly startsAt: Date;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** Nothing is sent: a caller said so, or the receiver did (410 Gone). */
  readonly disabled?: { readonly at: Date; readonly by: 'caller' | 'receiver' };
  /** The endpoint as a whole does not answer: one event at a time is tried, with ever longer pauses. */
  readonly failing?: {
    readonly since: Date;
    readonly failures: number;
    readonly nextTryAt: Date;
    readonly error: string;
  };
  /** Who sends to it now: one worker at a time. */
  readonly lease?: { readonly owner: string; readonly until: Date };
}

export type WebhookEndpointChange = Partial<
  Pick<WebhookEndpointDocument, 'url' | 'description' | 'events' | 'secrets' | 'disabled' | 'failing'>
>;

export type WebhookEndpointStore = ReturnType<typeof webhookEndpointStore>;

export function webhookEndpointStore(database: Database) {
  const endpoints: Collection<WebhookEndpointDocument> = database.collection('webhookEndpoints');
  return {
    ensureIndexes: () => ensureIndexes(endpoints, [{ key: { createdAt: 1 } }]),

    insert: async (endpoint: WebhookEndpointDocument): Promise<void> => {
      await endpoints.insertOne(endpoint);
    },

    find: (id: string) => endpoints.findOne({ _id: id }),

    /** The oldest first; there are few. Index: createdAt. */
    list: (limit: number) =>
      endpoints
        .find({ createdAt: { $gt: new Date(0) } })
        .sort({ createdAt: 1 })
        .limit(limit)
        .toArray(),

    /** What is given as undefined is removed. @returns it as it now is; null when there is none */
    async change(id: string, change: WebhookEndpointChange): Promise<WebhookEndpointDocument | null> {
      const kept = Object.entries(change).filter(([, value]) => value !== undefined);
      const removed = Object.entries(change).filter(([, value]) => value === undefined);
      return endpoints.findOneAndUpdate(
        { _id: id },
        {
          $set: { ...Object.fromEntries(kept), updatedAt: new Date() },
          ...(removed.length > 0 && { $unset: Object.fromEntries(removed.map(([name]) => [name, ''])) }),
        },
        { returnDocument: 'after' },
      );
    },

    /** @returns false when there is none */
    remove: async (id: string): Promise<boolean> => (await endpoints.deleteOne({ _id: id })).deletedCount === 1,

    /** Takes the endpoint for one worker, or keeps it. @returns the endpoint as it now is; undefined when another one has it */
    async lease(id: string, owner: string, now: Date, until: Date): Promise<WebhookEndpointDocument | undefined> {
      const take = (whose: object) =>
        endpoints.findOneAndUpdate(
          { _id: id, ...whose },
          { $set: { lease: { owner, until } } },
          { returnDocument: 'after' },
        );
      // In two steps: alternatives in one filter are not for every server. True of a lease that is over, and of none.
      const taken = (await take({ 'lease.owner': owner })) ?? (await take({ 'lease.until': { $not: { $gt: now } } }));
      return taken ?? undefined;
    },

    release: async (id: string, owner: string): Promise<void> => {
      await endpoints.updateOne({ _id: id, 'lease.owner': owner }, { $unset: { lease: '' } });
    },
  };
}
