import { randomBytes } from 'node:crypto';
import type { AnyBulkWriteOperation, Collection } from 'mongodb';
import { type Database, isDuplicateKey } from './database.ts';
import type { KeyRing } from './key-ring.ts';
import type { MasterKeys } from './master-keys.ts';
import { type Sealed, subjectOf } from './vault.ts';

/**
 * The key of one person, wrapped by a master key. When it is destroyed the document stays, without it: so it is known that what was sealed
 * under this generation is erased and not lost.
 */
export interface SubjectKeyDocument {
  /** numberKey of the person. */
  readonly _id: string;
  /** Counts the keys that the person has had; stands in the header of what is sealed under it. */
  readonly generation: number;
  readonly masterKey?: string;
  readonly wrapped?: Sealed;
  readonly createdAt: Date;
  /** When the key of this generation was destroyed; of a person who was written to again, the one before. */
  readonly erasedAt?: Date;
}

export type SubjectKeyStore = ReturnType<typeof subjectKeyStore>;

/** Keys per transaction while all are wrapped anew. */
const rewrapAtOnce = 500;

/** A key for each person whom texts go to or come from. Every query is by `_id`. */
export function subjectKeyStore(database: Database, ring: KeyRing, masterKeys: MasterKeys) {
  const keys: Collection<SubjectKeyDocument> = database.collection('subjectKeys');

  const newKey = (subjectKey: string) => {
    const key = randomBytes(32);
    return { key, stored: masterKeys.wrap(subjectKey, key) };
  };

  function hold({ _id, generation, masterKey, wrapped }: SubjectKeyDocument): void {
    const key = masterKey !== undefined && wrapped && masterKeys.unwrap(_id, { masterKey, wrapped });
    ring.hold(_id, { generation, ...(key && { key }) });
  }

  async function read(subjectKeys: readonly string[]): Promise<Map<string, SubjectKeyDocument>> {
    if (subjectKeys.length === 0) return new Map();
    const found = await keys.find({ _id: { $in: [...subjectKeys] } }).toArray();
    for (const document of found) hold(document);
    return new Map(found.map((document) => [document._id, document]));
  }

  /** Makes keys for those who have none; who was first with one wins, so what was stored is to be read when somebody else was. */
  async function create(subjectKeys: readonly string[]): Promise<void> {
    const made = subjectKeys.map((_id) => ({ _id, ...newKey(_id) }));
    try {
      const createdAt = new Date();
      await keys.insertMany(
        made.map(({ _id, stored }) => ({ _id, generation: 1, ...stored, createdAt })),
        { ordered: false },
      );
      for (const { _id, key } of made) ring.hold(_id, { generation: 1, key });
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      await read(subjectKeys);
    }
  }

  /** A person who was erased is written to again: with a new key, under which nothing of before can be read. */
  async function renew({ _id, generation }: SubjectKeyDocument): Promise<void> {
    const { stored } = newKey(_id);
    await keys.updateOne(
      { _id, generation, wrapped: null as unknown as Sealed },
      { $set: { generation: generation + 1, ...stored } },
    );
    await read([_id]);
  }

  /** @returns the documents that were there */
  async function loadFirst(subjectKeys: Iterable<string>): Promise<Iterable<SubjectKeyDocument>> {
    const wanted = [...new Set(subjectKeys)].filter((each) => ring.wants(each));
    const found = await read(wanted);
    const missing = wanted.filter((each) => !found.has(each));
    if (missing.length > 0) await create(missing);
    return found.values();
  }

  return {
    /**
     * Has the keys of these people in memory, for `vault.sealFor` and `vault.open` right after; makes those that there are not.
     * One find, and one insertMany where some are new.
     */
    async load(subjectKeys: Iterable<string>): Promise<void> {
      for (const document of await loadFirst(subjectKeys)) if (!document.wrapped) await renew(document);
    },

    /**
     * The same where others speak of these people, and not they or who writes to them: who has been erased gets no new key by it.
     * `vault.erasureOf` tells who that is.
     */
    async loadUnlessErased(subjectKeys: Iterable<string>): Promise<void> {
      await loadFirst(subjectKeys);
    },

    /** Has the keys in memory that `vault.open` needs for these values; makes none. One find at most. */
    async loadFor(values: Iterable<Sealed | undefined>): Promise<void> {
      const wanted = new Set<string>();
      for (const sealed of values) {
        const subject = sealed && subjectOf(sealed);
        if (subject && ring.wants(subject.subjectKey, subject.generation)) wanted.add(subject.subjectKey);
      }
      const found = await read([...wanted]);
      // A person without a document: what was sealed for them can be opened by nobody.
      for (const each of wanted) if (!found.has(each)) ring.hold(each, { generation: 0xffff_ffff });
    },

    /**
     * When those of these people were last erased who ever were; their keys were loaded right before. What was handed over until then is not to
     * be kept under the key that they may have had since. One find where there are any, else nothing.
     */
    async erasedAt(subjectKeys: Iterable<string>): Promise<Map<string, Date>> {
      const erased = [...new Set(subjectKeys)].filter((each) => ring.erasureOf(each) !== 'none');
      const found = await read(erased);
      return new Map([...found.values()].flatMap(({ _id, erasedAt }) => (erasedAt ? [[_id, erasedAt] as const] : [])));
    },

    find: (subjectKey: string) => keys.findOne({ _id: subjectKey }),

    /**
     * Destroys a person's key: what was sealed under it can be read by nobody any more; other processes forget it within `keyLifeMs`.
     * @returns the generation that was destroyed, now or before; undefined when the person never had a key
     */
    async destroy(subjectKey: string, at: Date): Promise<number | undefined> {
      await keys.updateOne(
        { _id: subjectKey, wrapped: { $exists: true } },
        { $unset: { wrapped: '', masterKey: '' }, $set: { erasedAt: at } },
      );
      return (await read([subjectKey])).get(subjectKey)?.generation;
    },

    /**
     * Wraps all keys anew by the current master key; what is sealed stays as it is. Reads all of them. Safe to repeat and to cut off.
     * @returns how many were wrapped anew
     */
    async rewrap(): Promise<number> {
      let operations: AnyBulkWriteOperation<SubjectKeyDocument>[] = [];
      let count = 0;
      // One transaction: one sync for all. A key that was destroyed meanwhile is left alone by the filter.
      const write = async () => {
        if (operations.length > 0) await database.transaction((session) => keys.bulkWrite(operations, { session }));
        count += operations.length;
        operations = [];
      };
      for await (const { _id, generation, masterKey, wrapped } of keys.find()) {
        if (masterKey === undefined || !wrapped || masterKey === masterKeys.current) continue;
        const stored = masterKeys.wrap(_id, masterKeys.unwrap(_id, { masterKey, wrapped }));
        operations.push({ updateOne: { filter: { _id, generation, masterKey }, update: { $set: stored } } });
        if (operations.length === rewrapAtOnce) await write();
      }
      await write();
      return count;
    },

    /** How many keys each master key wraps; those that were destroyed are under `erased`. Reads all of them. */
    async countByMasterKey(): Promise<Map<string, number>> {
      const rows = await keys
        .aggregate<{ _id: string | null; count: number }>([{ $group: { _id: '$masterKey', count: { $sum: 1 } } }])
        .toArray();
      return new Map(rows.map(({ _id, count }) => [_id ?? 'erased', count]));
    },
  };
}
