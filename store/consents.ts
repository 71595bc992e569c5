import type { Collection } from 'mongodb';
import type { MessageKind } from '../domain/message.ts';
import { type Database, ensureIndexes, isDuplicateKey } from './database.ts';
import type { Sealed } from './vault.ts';

/** One event of the consent ledger. Append-only: a revocation is a new event. */
export interface ConsentDocument {
  readonly _id: string;
  readonly type: 'granted' | 'revoked';
  /** numberKey of the person whose permission it is. */
  readonly subjectKey: string;
  /** numberKey of the one sender that it is about; absent: all of them. */
  readonly senderKey?: string;
  /** The kinds of texts that it is about; absent: all of them. */
  readonly kinds?: readonly MessageKind[];
  readonly basis: 'express-written' | 'express' | 'implied' | 'porting' | 'opt-in' | 'opt-out';
  readonly source: 'api' | 'inbound' | 'carrier-code' | 'erasure';
  readonly at: Date;
  readonly expiresAt?: Date;
  /** The event that a revocation through the API takes back. */
  readonly revokes?: string;
  readonly portId?: string;
  /** Disclosure, act, source URL, number, name …, as JSON. */
  readonly evidence: Sealed;
}

export type ConsentStore = ReturnType<typeof consentStore>;

export function consentStore(database: Database) {
  const consents: Collection<ConsentDocument> = database.collection('consents');
  return {
    ensureIndexes: () => ensureIndexes(consents, [{ key: { subjectKey: 1, at: 1 } }]),

    /** Appends an event; its id is derived from its origin, so a repetition stores nothing twice. @returns false when it was there. */
    async append(event: ConsentDocument): Promise<boolean> {
      try {
        await consents.insertOne(event);
        return true;
      } catch (error) {
        if (isDuplicateKey(error)) return false;
        throw error;
      }
    },

    /** Appends many events in one write; those that are there stay as they are. */
    async appendAll(events: readonly ConsentDocument[]): Promise<void> {
      if (events.length === 0) return;
      try {
        await consents.insertMany(events, { ordered: false });
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
      }
    },

    find: (id: string) => consents.findOne({ _id: id }),

    /** All events about these people, oldest first. Index: subjectKey, at. */
    async ofSubjects(subjectKeys: readonly string[]): Promise<Map<string, ConsentDocument[]>> {
      const events = await consents
        .find({ subjectKey: { $in: [...new Set(subjectKeys)] } })
        .sort({ at: 1 })
        .toArray();
      const bySubject = new Map<string, ConsentDocument[]>();
      for (const event of events) {
        const list = bySubject.get(event.subjectKey);
        if (list) list.push(event);
        else bySubject.set(event.subjectKey, [event]);
      }
      return bySubject;
    },
  };
}
