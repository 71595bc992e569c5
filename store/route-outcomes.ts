import type { Collection } from 'mongodb';
import { type Database, ensureIndexes } from './database.ts';
import type { MessageDocument } from './messages.ts';

/** What is read of a text to learn about its route. */
export type OutcomeText = Pick<
  MessageDocument,
  '_id' | 'kind' | 'expiresAt' | 'attempts' | 'network' | 'finalAt' | 'feedback'
>;

/** Where a conversation went. */
export type LastRoute = Pick<MessageDocument, '_id' | 'fromKey' | 'toKey' | 'route'>;

/** What is read of a text to make the choice of its route again. */
export type DecidedText = Pick<MessageDocument, '_id' | 'kind' | 'segments' | 'decisions' | 'acceptedAt' | 'status'>;

const outcomeFields = { kind: 1, expiresAt: 1, attempts: 1, network: 1, finalAt: 1, feedback: 1 } as const;

/** The texts seen as what they say of the routes that they went by. */
export function routeOutcomeStore(database: Database) {
  const messages: Collection<MessageDocument> = database.collection('messages');

  return {
    ensureIndexes: () =>
      // The other indexes are those of the texts (store/messages.ts).
      ensureIndexes(messages, [{ key: { 'feedback.at': 1 }, sparse: true }]),

    /** Texts that ended after `from` and not after `until`, the newest first. Index: finalAt. */
    ended: (from: Date, until: Date, limit: number) =>
      messages
        .find({ finalAt: { $gt: from, $lte: until } })
        .sort({ finalAt: -1 })
        .limit(limit)
        .project<OutcomeText>(outcomeFields)
        .toArray(),

    /** Texts of which the caller told what became of them, then. Index: feedback.at. */
    toldOf: (from: Date, until: Date, limit: number) =>
      messages
        .find({ 'feedback.at': { $gt: from, $lte: until } })
        .sort({ 'feedback.at': -1 })
        .limit(limit)
        .project<OutcomeText>(outcomeFields)
        .toArray(),

    /** Texts to these recipients, the newest first, with the carriers that they went by. Index: toKey, acceptedAt. */
    lastRoutes: (toKeys: readonly string[], since: Date, limit: number) =>
      messages
        .find({ toKey: { $in: [...toKeys] }, acceptedAt: { $gte: since } })
        .sort({ acceptedAt: -1 })
        .limit(limit)
        .project<LastRoute>({ fromKey: 1, toKey: 1, route: 1 })
        .toArray(),

    /** Texts with the choices of their routes, the newest first. Index: acceptedAt, _id. */
    decided: (since: Date, until: Date): AsyncIterable<DecidedText> =>
      messages
        .find({ acceptedAt: { $gte: since, $lt: until } })
        .sort({ acceptedAt: -1, _id: -1 })
        .project<DecidedText>({ kind: 1, segments: 1, decisions: 1, acceptedAt: 1, status: 1 }),
  };
}
