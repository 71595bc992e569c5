import { createHmac, hash, hkdfSync, randomFillSync } from 'node:crypto';
import { Binary } from 'mongodb';
import { remembered } from '../domain/remembered.ts';
import { type Erasure, KeyRing, SubjectErased, SubjectNotLoaded } from './key-ring.ts';
import { bytesIn, type Sealed, seal, unseal } from './sealing.ts';

export type { Sealed } from './sealing.ts';

/** First byte of a value that is sealed under the key that derives from the secret. */
const commonVersion = 1;
/** First byte of what stands where a value was that has been forgotten. */
const forgottenVersion = 0;
/** Stands where a value was that is not kept any longer: nothing opens it, and readers treat it like what was erased. */
export const forgottenValue: Sealed = new Binary(Buffer.from([forgottenVersion]));
const numberKeyKind = 'num';
/** Keys of so many addresses are remembered, at some 200 bytes: every text has two, of which the sender's and mostly the recipient's came before. */
const mostNumberKeys = 20_000;
/** What a numberKey begins with; 128 bits in hex follow. */
export const numberKeyPrefix = `${numberKeyKind}_`;
/** First byte of a value that is sealed under a subject's key; the key's generation (4 bytes) and the subject's numberKey (16) follow. */
const subjectVersion = 2;
const subjectHeaderBytes = 21;
const commonHeader = Buffer.from([commonVersion]);

/**
 * The one place that turns personal data into what may be stored (invariant 9): numbers become `numberKey`s (identity, index,
 * join) and ciphertexts, texts and names become ciphertexts.
 *
 * What is about a person we write to is sealed under that person's own key, so that it can be erased by destroying the key; the rest
 * (our own numbers, ports, settings) is sealed under one key that derives from the secret.
 */
export interface Vault {
  /** 128 bits of HMAC-SHA-256 of a number or sender under the configured secret: the same address always has the same key. */
  numberKey(address: string): string;
  /** HMAC of any parts under the secret for a purpose; tells equal from different and nothing else. */
  fingerprint(purpose: string, ...parts: string[]): string;
  /** An id that says nothing about its origin: `prefix` and 128 bits of HMAC; the same origin gives the same id. */
  deriveId(prefix: string, ...parts: string[]): string;
  seal(plain: string): Sealed;
  /**
   * Seals for a person. Their key is in memory: `subjectKeys.load` was called right before.
   * @param subjectKey numberKey of the person
   * @throws SubjectNotLoaded
   */
  sealFor(subjectKey: string, plain: string): Sealed;
  /**
   * Opens what was sealed either way; for a person's, `subjectKeys.loadFor` was called right before.
   * @throws SubjectErased when the key has been destroyed: there is nothing to be read any more
   * @throws SubjectNotLoaded
   * @throws Error when the value was sealed under another secret or was changed.
   */
  open(sealed: Sealed): string;
  /** The same, undefined for what has been erased. */
  openUnlessErased(sealed: Sealed): string | undefined;
  /** Whether it is gone: the key that it was sealed under has been destroyed, or its time was over. @throws SubjectNotLoaded */
  isErased(sealed: Sealed): boolean;
  /**
   * Whether a person has been erased: `past`: once, and they have a new key since. For somebody whose key was loaded right before.
   * @throws SubjectNotLoaded
   */
  erasureOf(subjectKey: string): Erasure;
  /** The same for what is no text: documents. */
  sealBytes(plain: Buffer): Sealed;
  /** @throws Error as `open` */
  openBytes(sealed: Sealed): Buffer;
}

/**
 * @param secret PORTSMS_SECRET, at least 32 characters; losing it makes the stored texts unreadable.
 * @param ring where the subjects' keys are, once loaded
 */
export function createVault(secret: string, ring = new KeyRing()): Vault {
  const derive = (purpose: string) => Buffer.from(hkdfSync('sha256', secret, 'portsms', purpose, 32));
  const hmacKey = derive('identity');
  const commonKey = derive('seal/1');
  const mac = (parts: readonly string[]) =>
    createHmac('sha256', hmacKey)
      .update(parts.map((part) => `${Buffer.byteLength(part)}:${part}`).join(''))
      .digest();
  const deriveId = (prefix: string, ...parts: string[]) =>
    `${prefix}_${mac([prefix, ...parts])
      .toString('hex')
      .slice(0, 32)}`;
  const keyOf = (bytes: Buffer): { key: Buffer; headerLength: number } => {
    if (bytes[0] === commonVersion) return { key: commonKey, headerLength: 1 };
    if (bytes[0] === forgottenVersion && bytes.length === 1) throw new SubjectErased();
    const subject = subjectIn(bytes);
    if (subject) return { key: ring.of(subject.subjectKey, subject.generation), headerLength: subjectHeaderBytes };
    throw new Error(
      `A stored value has key version ${bytes[0]}; this build knows ${commonVersion} and ${subjectVersion}.`,
    );
  };
  const openBytes = (sealed: Sealed) => {
    const bytes = bytesIn(sealed);
    const { key, headerLength } = keyOf(bytes);
    try {
      return unseal(key, bytes, headerLength);
    } catch {
      throw new Error(
        'A stored value does not open: PORTSMS_SECRET is not the one it was stored under, or it was changed.',
      );
    }
  };
  const open = (sealed: Sealed) => openBytes(sealed).toString('utf8');
  const isErased = (sealed: Sealed) => {
    if (isForgotten(sealed)) return true;
    const subject = subjectOf(sealed);
    return subject !== undefined && ring.isDestroyed(subject.subjectKey, subject.generation);
  };
  return {
    numberKey: remembered(mostNumberKeys, (address) => deriveId(numberKeyKind, address)),
    fingerprint: (purpose, ...parts) => mac([purpose, ...parts]).toString('base64url'),
    deriveId,
    seal: (plain) => seal(commonKey, commonHeader, Buffer.from(plain, 'utf8')),
    sealFor: (subjectKey, plain) => {
      const { generation, key } = ring.current(subjectKey);
      return seal(key, subjectHeader(subjectKey, generation), Buffer.from(plain, 'utf8'));
    },
    open,
    openUnlessErased: (sealed) => (isErased(sealed) ? undefined : open(sealed)),
    isErased,
    erasureOf: (subjectKey) => ring.erasureOf(subjectKey),
    sealBytes: (plain) => seal(commonKey, commonHeader, plain),
    openBytes,
  };
}

function isForgotten(sealed: Sealed): boolean {
  return sealed.position === 1 && sealed.buffer[0] === forgottenVersion;
}

function subjectHeader(subjectKey: string, generation: number): Buffer {
  const header = Buffer.alloc(subjectHeaderBytes);
  header[0] = subjectVersion;
  header.writeUInt32BE(generation, 1);
  if (header.write(subjectKey.slice(numberKeyPrefix.length), 5, 'hex') !== 16) throw new SubjectNotLoaded();
  return header;
}

/** Whose key a stored value needs; undefined when it needs none of a subject's. */
export function subjectOf(sealed: Sealed): { subjectKey: string; generation: number } | undefined {
  return subjectIn(bytesIn(sealed));
}

function subjectIn(bytes: Buffer): { subjectKey: string; generation: number } | undefined {
  if (bytes[0] !== subjectVersion || bytes.length < subjectHeaderBytes) return undefined;
  return {
    subjectKey: `${numberKeyPrefix}${bytes.toString('hex', 5, subjectHeaderBytes)}`,
    generation: bytes.readUInt32BE(1),
  };
}

/** SHA-256 of a JSON value, hex; used to tell a repeated request from a different one. */
export function contentHash(value: unknown): string {
  return hash('sha256', JSON.stringify(value), 'hex');
}

const idBytes = 16;
/** Drawn many at a time: each draw costs a call of the operating system. */
const randoms = Buffer.alloc(idBytes * 512);
let drawn = randoms.length;

/** A random id with 128 bits, e.g. `msg_6f…`. */
export function randomId(prefix: string): string {
  if (drawn >= randoms.length) {
    randomFillSync(randoms);
    drawn = 0;
  }
  drawn += idBytes;
  return `${prefix}_${randoms.toString('hex', drawn - idBytes, drawn)}`;
}
