import type { Collection } from 'mongodb';
import { type Database, ensureIndexes, isDuplicateKey } from './database.ts';
import type { Sealed } from './vault.ts';

/** How a comment travels: by the carrier's interface, by mail, or carried by a person. */
export const commentChannels = ['api', 'mail', 'by-hand'] as const;
export type CommentChannel = (typeof commentChannels)[number];

/** `waiting` and `sending` are on their way; `by-hand` waits for a person, who has to carry it; `failed` was given up. */
export const commentStates = ['waiting', 'sending', 'sent', 'by-hand', 'failed', 'received'] as const;
export type CommentState = (typeof commentStates)[number];

/** One thing that was said between us and a carrier about a port. What was said is free text and may name people: it is sealed. */
export interface CommentDocument {
  /** Derived from its origin (a request, an escalation, the carrier's own id), so that nothing is said or stored twice. */
  readonly _id: string;
  readonly portId: string;
  readonly carrier: string;
  readonly direction: 'to-carrier' | 'from-carrier';
  /** `portsms`: an escalation. */
  readonly author: 'caller' | 'portsms' | 'carrier';
  readonly channel: CommentChannel;
  readonly text: Sealed;
  /** Of a mail. */
  readonly recipient?: Sealed;
  readonly at: Date;
  readonly state: CommentState;
  readonly stateSince: Date;
  /** When it is to be sent (again); absent when there is nothing left to send. */
  readonly dueAt?: Date;
  readonly attempts: number;
  /** When it was first written to the carrier: it may be there although no answer came. */
  readonly firstTriedAt?: Date;
  /** Why the last attempt failed, as a code. */
  readonly failure?: string;
  readonly carrierCommentId?: string;
  /** Of an escalation. */
  readonly escalation?: { readonly reason: string; readonly level: number };
}

export type CommentStore = ReturnType<typeof commentStore>;

export function commentStore(database: Database) {
  const comments: Collection<CommentDocument> = database.collection('comments');
  return {
    ensureIndexes: () => ensureIndexes(comments, [{ key: { portId: 1, at: 1 } }, { key: { dueAt: 1 } }]),

    /** @returns false when it was there already. */
    async insert(comment: CommentDocument): Promise<boolean> {
      try {
        await comments.insertOne(comment);
        return true;
      } catch (error) {
        if (isDuplicateKey(error)) return false;
        throw error;
      }
    },

    find: (id: string) => comments.findOne({ _id: id }),

    /** What was said about a port, oldest first. Index: portId, at. */
    ofPort: (portId: string) => comments.find({ portId }).sort({ at: 1 }).toArray(),

    /** What should have been sent by then, the longest due first. Index: dueAt. */
    findDue: (now: Date, limit: number) =>
      comments
        .find({ dueAt: { $lte: now } })
        .sort({ dueAt: 1 })
        .limit(limit)
        .toArray(),

    /**
     * Claims a comment that is due, before it is sent: whoever else looks finds it claimed for `leaseMs`.
     * @returns the comment with its attempts counted, which name the claim; null when somebody else has it.
     */
    claim: (id: string, now: Date, leaseMs: number) =>
      comments.findOneAndUpdate(
        { _id: id, dueAt: { $lte: now } },
        {
          $set: { state: 'sending', stateSince: now, dueAt: new Date(now.getTime() + leaseMs) },
          $inc: { attempts: 1 },
          // Set the first time only.
          $min: { firstTriedAt: now },
        },
        { returnDocument: 'after' },
      ),

    /** It is with the carrier. @returns false when that was known. */
    async sent(id: string, carrierCommentId?: string): Promise<boolean> {
      const result = await comments.updateOne(
        { _id: id, state: { $in: ['waiting', 'sending', 'failed'] } },
        {
          $set: { state: 'sent', stateSince: new Date(), ...(carrierCommentId && { carrierCommentId }) },
          $unset: { dueAt: '', failure: '' },
        },
      );
      return result.matchedCount === 1;
    },

    /** An attempt failed. @param dueAt when it is tried again; undefined: it is given up */
    async notSent(id: string, attempts: number, failure: string, dueAt: Date | undefined): Promise<void> {
      await comments.updateOne(
        { _id: id, state: 'sending', attempts },
        dueAt
          ? { $set: { state: 'waiting', stateSince: new Date(), failure, dueAt } }
          : { $set: { state: 'failed', stateSince: new Date(), failure }, $unset: { dueAt: '' } },
      );
    },
  };
}
