import { createHmac, hkdfSync } from 'node:crypto';
import type { Collection } from 'mongodb';
import { type Database, isDuplicateKey } from './database.ts';
import { bytesIn, type Sealed, seal, unseal } from './sealing.ts';

/** A key that keys of subjects are wrapped by, as it is configured (PORTSMS_MASTER_KEYS). */
export interface MasterKey {
  /** Stands beside what it wraps. */
  readonly id: string;
  /** 32 bytes in base64. */
  readonly key: string;
}

/** The master keys are not those that the database needs; nothing may be read or sent before they are. */
export class MasterKeyError extends Error {
  override readonly name = 'MasterKeyError';
  /** The environment variable that is wrong, and what is: for who starts a process. */
  readonly variable: string;
  readonly problems: readonly string[];

  constructor(variable: 'PORTSMS_MASTER_KEYS' | 'PORTSMS_SECRET', problem: string, options?: ErrorOptions) {
    super(`${variable}: ${problem}`, options);
    this.variable = variable;
    this.problems = [problem];
  }
}

/** The id of the one that derives from PORTSMS_SECRET: always known, and used where no other is configured. */
export const derivedMasterKey = 'secret';

/** Wraps and unwraps keys of subjects (AES-256-GCM, the subject as associated data). */
export interface MasterKeys {
  /** The one that wraps from now on. */
  readonly current: string;
  wrap(subjectKey: string, key: Buffer): { readonly masterKey: string; readonly wrapped: Sealed };
  /** @throws MasterKeyError when it was wrapped by one that is not known, or was changed */
  unwrap(subjectKey: string, wrapped: { readonly masterKey: string; readonly wrapped: Sealed }): Buffer;
  /** Notes the current one, and compares the known ones with those that the database was written under. @throws MasterKeyError */
  check(): Promise<void>;
  /** Notes that nothing is wrapped any more by others than the current one: they need not be known any longer. @returns their ids */
  retireOthers(at: Date): Promise<string[]>;
}

/** A master key that the database was written under; `check` tells the same key from another one of that id. */
interface MasterKeyDocument {
  readonly _id: string;
  readonly check: string;
  readonly since: Date;
  readonly retiredAt?: Date;
}

/** @param configured the first one is current; without any, the one that derives from the secret */
export function masterKeysOf(database: Database, secret: string, configured: readonly MasterKey[]): MasterKeys {
  const documents: Collection<MasterKeyDocument> = database.collection('masterKeys');
  const derived = Buffer.from(hkdfSync('sha256', secret, 'portsms', 'master/1', 32));
  const keys = new Map([
    [derivedMasterKey, derived],
    ...configured.map(({ id, key }) => [id, Buffer.from(key, 'base64')] as const),
  ]);
  const current = configured[0]?.id ?? derivedMasterKey;
  const headerOf = (subjectKey: string) => Buffer.from(subjectKey);

  function keyOf(id: string): Buffer {
    const key = keys.get(id);
    if (key) return key;
    throw new MasterKeyError(
      'PORTSMS_MASTER_KEYS',
      `master key «${id}» is missing, by which keys of people are wrapped; add it, nothing is read or sent before`,
    );
  }

  async function note(id: string): Promise<void> {
    try {
      await documents.updateOne(
        { _id: id },
        { $setOnInsert: { check: checkOf(keyOf(id)), since: new Date() }, $unset: { retiredAt: '' } },
        { upsert: true },
      );
    } catch (error) {
      // Another process that starts has noted it first.
      if (!isDuplicateKey(error)) throw error;
    }
  }

  return {
    current,
    wrap: (subjectKey, key) => ({ masterKey: current, wrapped: seal(keyOf(current), headerOf(subjectKey), key) }),
    unwrap: (subjectKey, { masterKey, wrapped }) => {
      const key = keyOf(masterKey);
      try {
        return unseal(key, bytesIn(wrapped), headerOf(subjectKey).length);
      } catch (cause) {
        throw new MasterKeyError(
          'PORTSMS_MASTER_KEYS',
          `master key «${masterKey}» is not the one that a person's key was wrapped by, or that was changed in the database`,
          { cause },
        );
      }
    },

    async check() {
      const known = await documents.find().toArray();
      for (const { _id, check, retiredAt } of known) {
        if (retiredAt && _id !== current) continue;
        if (checkOf(keyOf(_id)) === check) continue;
        if (_id === derivedMasterKey) {
          throw new MasterKeyError(
            'PORTSMS_SECRET',
            'this is not the one that the database was written under; set that',
          );
        }
        throw new MasterKeyError(
          'PORTSMS_MASTER_KEYS',
          `«${_id}» is another key than the one of that name that the database was written under; set that, or name the new one otherwise`,
        );
      }
      // The derived one always, too: so a wrong secret is noticed whatever wraps the keys.
      for (const id of new Set([derivedMasterKey, current])) {
        if (known.some(({ _id, retiredAt }) => _id === id && !retiredAt)) continue;
        await note(id);
      }
    },

    async retireOthers(at) {
      const others = (await documents.find().toArray())
        .filter(({ _id, retiredAt }) => _id !== current && _id !== derivedMasterKey && !retiredAt)
        .map(({ _id }) => _id);
      if (others.length > 0) await documents.updateMany({ _id: { $in: others } }, { $set: { retiredAt: at } });
      return others;
    },
  };
}

function checkOf(key: Buffer): string {
  return createHmac('sha256', key).update('portsms master key').digest('hex').slice(0, 32);
}
