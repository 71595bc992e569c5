import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { Binary } from 'mongodb';

/** A personal value as it is stored: AES-256-GCM, one byte of key version, 12 bytes of nonce, 16 of tag, the ciphertext. */
export type Sealed = Binary;

const keyVersion = 1;

/**
 * The one place that turns personal data into what may be stored (invariant 9): numbers become `numberKey`s (identity, index,
 * join) and ciphertexts, texts and names become ciphertexts.
 */
export interface Vault {
  /** 128 bits of HMAC-SHA-256 of a number or sender under the configured secret: the same address always has the same key. */
  numberKey(address: string): string;
  /** HMAC of any parts under the secret for a purpose; tells equal from different and nothing else. */
  fingerprint(purpose: string, ...parts: string[]): string;
  /** An id that says nothing about its origin: `prefix` and 128 bits of HMAC; the same origin gives the same id. */
  deriveId(prefix: string, ...parts: string[]): string;
  seal(plain: string): Sealed;
  /** @throws Error when the value was sealed under another secret or was changed. */
  open(sealed: Sealed): string;
  /** The same for what is no text: documents. */
  sealBytes(plain: Buffer): Sealed;
  /** @throws Error as `open` */
  openBytes(sealed: Sealed): Buffer;
}

/** @param secret PORTSMS_SECRET, at least 32 characters; losing it makes the stored texts unreadable. */
export function createVault(secret: string): Vault {
  const derive = (purpose: string) => Buffer.from(hkdfSync('sha256', secret, 'portsms', purpose, 32));
  const hmacKey = derive('identity');
  const sealKey = derive('seal/1');
  const mac = (parts: readonly string[]) => {
    const hmac = createHmac('sha256', hmacKey);
    for (const part of parts) hmac.update(`${Buffer.byteLength(part)}:`).update(part);
    return hmac.digest();
  };
  const deriveId = (prefix: string, ...parts: string[]) =>
    `${prefix}_${mac([prefix, ...parts])
      .toString('hex')
      .slice(0, 32)}`;
  const sealBytes = (plain: Buffer) => {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', sealKey, nonce);
    const body = Buffer.concat([cipher.update(plain), cipher.final()]);
    return new Binary(Buffer.concat([Buffer.from([keyVersion]), nonce, cipher.getAuthTag(), body]));
  };
  const openBytes = (sealed: Sealed) => {
    const bytes = Buffer.from(sealed.buffer.buffer, sealed.buffer.byteOffset, sealed.position);
    if (bytes[0] !== keyVersion)
      throw new Error(`A stored value has key version ${bytes[0]}; this build knows ${keyVersion}.`);
    const decipher = createDecipheriv('aes-256-gcm', sealKey, bytes.subarray(1, 13));
    decipher.setAuthTag(bytes.subarray(13, 29));
    try {
      return Buffer.concat([decipher.update(bytes.subarray(29)), decipher.final()]);
    } catch {
      throw new Error(
        'A stored value does not open: PORTSMS_SECRET is not the one it was stored under, or it was changed.',
      );
    }
  };
  return {
    numberKey: (address) => deriveId('num', address),
    fingerprint: (purpose, ...parts) => mac([purpose, ...parts]).toString('base64url'),
    deriveId,
    seal: (plain) => sealBytes(Buffer.from(plain, 'utf8')),
    open: (sealed) => openBytes(sealed).toString('utf8'),
    sealBytes,
    openBytes,
  };
}

/** SHA-256 of a JSON value, hex; used to tell a repeated request from a different one. */
export function contentHash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}

/** A random id with 128 bits, e.g. `msg_6f…`. */
export function randomId(prefix: string): string {
  return `${prefix}_${randomBytes(16).toString('hex')}`;
}
