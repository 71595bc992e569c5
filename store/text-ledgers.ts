import type { Collection } from 'mongodb';
import type { LedgerAccount } from '../domain/text-ledger.ts';
import { type Database, ensureIndexes } from './database.ts';

/** Texts that came in for a number that moves, by the carrier that delivered them; `copies` came by both. */
export interface InboundAccount {
  readonly oldSide: number;
  readonly newSide: number;
  readonly elsewhere: number;
  readonly copies: number;
}

/** What has become of the texts of one number in one port, counted. */
export interface CountedTexts {
  readonly outbound: LedgerAccount;
  /** Texts of other numbers of ours to this one that waited for it. */
  readonly awaitingIt: LedgerAccount;
  readonly inbound: InboundAccount;
}

/**
 * The texts of one number in one port: those that were on their way or accepted while nobody could say who routes it. While texts are
 * kept, they are counted anew whenever somebody asks (invariant 11); once all are final the count is kept, and outlives them.
 */
export interface TextLedgerDocument {
  /** The port's id and the numberKey. */
  readonly _id: string;
  readonly portId: string;
  readonly numberKey: string;
  readonly losing?: string;
  readonly gaining: string;
  /** When the number's routing became uncertain, the first time in this port. */
  readonly begunAt: Date;
  /** When it was settled, the last time. */
  readonly endedAt?: Date;
  readonly outcome?: 'ported' | 'returned';
  readonly counted?: CountedTexts;
  readonly countedAt?: Date;
  /** When all of its texts are final, and are to be counted for good. */
  readonly countDueAt?: Date;
}

export type TextLedgerStore = ReturnType<typeof textLedgerStore>;

export function textLedgerStore(database: Database) {
  const ledgers: Collection<TextLedgerDocument> = database.collection('textLedgers');
  const idOf = (portId: string, numberKey: string) => `${portId}/${numberKey}`;
  return {
    ensureIndexes: () => ensureIndexes(ledgers, [{ key: { portId: 1 } }, { key: { countDueAt: 1 }, sparse: true }]),

    /** The number's routing is uncertain from then on; said again, and begun again in the same port, it stays one ledger. */
    async begin(
      move: Pick<TextLedgerDocument, 'portId' | 'numberKey' | 'losing' | 'gaining'>,
      begunAt: Date,
    ): Promise<void> {
      const { portId, numberKey, ...sides } = move;
      await ledgers.updateOne(
        { _id: idOf(portId, numberKey) },
        {
          $setOnInsert: { portId, numberKey },
          $set: sides,
          $min: { begunAt },
          $unset: { endedAt: '', outcome: '', countDueAt: '', counted: '', countedAt: '' },
        },
        { upsert: true },
      );
    },

    /** The number's routing is settled; nothing for one that was never uncertain. */
    async end(
      portId: string,
      numberKey: string,
      end: Required<Pick<TextLedgerDocument, 'endedAt' | 'outcome' | 'countDueAt'>>,
    ): Promise<void> {
      const known = { _id: idOf(portId, numberKey), outcome: { $ne: end.outcome } };
      await ledgers.updateOne(known, { $set: end, $unset: { counted: '', countedAt: '' } });
    },

    /** Index: portId. */
    ofPort: (portId: string) => ledgers.find({ portId }).toArray(),

    /** Ledgers whose texts are all final and not counted for good. Index: countDueAt. */
    findDue: (now: Date, limit: number) =>
      ledgers
        .find({ countDueAt: { $lte: now } })
        .sort({ countDueAt: 1 })
        .limit(limit)
        .toArray(),

    /** Keeps the count for good, unless the number has begun to move again. */
    async keep({ _id, countDueAt }: TextLedgerDocument, counted: CountedTexts, countedAt: Date): Promise<void> {
      if (!countDueAt) return;
      await ledgers.updateOne({ _id, countDueAt }, { $set: { counted, countedAt }, $unset: { countDueAt: '' } });
    },
  };
}
