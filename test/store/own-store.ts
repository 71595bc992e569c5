import { randomBytes } from 'node:crypto';
import { type Db, MongoClient } from 'mongodb';
import { afterAll, beforeAll } from 'vitest';
import { openStore, type Store } from '../../store/store.ts';
import type { Sealed } from '../../store/vault.ts';
import { mongodbUri } from '../mongodb-uri.ts';

/** What a test file's store is made of. */
export interface OwnStore {
  readonly store: Store;
  /** The same database, past the store: what really stands in it. */
  readonly raw: Db;
  readonly secret: string;
}

/** Opens a store in a database of its own before the tests of this file, and removes it after them. Read its fields inside tests. */
export function ownStore(): OwnStore {
  const secret = randomBytes(24).toString('base64url');
  const name = `test_${randomBytes(6).toString('hex')}`;
  let store: Store | undefined;
  let client: MongoClient | undefined;
  beforeAll(async () => {
    client = await MongoClient.connect(mongodbUri());
    store = await openStore({ uri: mongodbUri(), database: name, secret });
  });
  afterAll(async () => {
    await store?.close();
    await client?.db(name).dropDatabase();
    await client?.close();
  });
  return {
    get store() {
      return opened(store);
    },
    get raw() {
      return opened(client).db(name);
    },
    secret,
  };
}

/** Everything that stands in a database, as one string of its bytes: to look for what must not stand there in plain. */
export async function bytesOf(db: Db): Promise<string> {
  const { serialize } = await import('bson');
  const parts: string[] = [];
  for (const { name } of await db.listCollections().toArray()) {
    for (const document of await db.collection(name).find().toArray()) {
      parts.push(Buffer.from(serialize(document)).toString('latin1'));
    }
  }
  return parts.join('\n');
}

/** Every sealed value of a database that opens in another process, one that has the secret and everything that is stored. */
export async function readableIn(db: Db, secret: string): Promise<string[]> {
  const values: Sealed[] = [];
  for (const { name } of await db.listCollections().toArray()) {
    for (const document of await db.collection(name).find().toArray()) values.push(...sealedIn(document));
  }
  const stolen = await openStore({ uri: mongodbUri(), database: db.databaseName, secret });
  try {
    await stolen.subjectKeys.loadFor(values);
    return values.flatMap((value) => {
      try {
        return stolen.vault.openUnlessErased(value) ?? [];
      } catch {
        // No text: a wrapped key.
        return [];
      }
    });
  } finally {
    await stolen.close();
  }
}

function sealedIn(value: unknown): Sealed[] {
  if (typeof value !== 'object' || value === null) return [];
  if ('_bsontype' in value) return value._bsontype === 'Binary' ? [value as Sealed] : [];
  return Object.values(value).flatMap(sealedIn);
}

function opened<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('The store is opened before the first test: use it inside tests.');
  return value;
}
