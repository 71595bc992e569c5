import { createCipheriv, createDecipheriv, randomFillSync } from 'node:crypto';
import { Binary } from 'mongodb';

/** A personal value as it is stored: a header that names its key, 12 bytes of nonce, 16 of tag, the ciphertext (AES-256-GCM). */
export type Sealed = Binary;

const nonceBytes = 12;
const tagBytes = 16;

/** Nonces are drawn many at a time: each draw costs a call of the operating system, and a text has four of them. */
const nonces = Buffer.alloc(nonceBytes * 1024);
let drawn = nonces.length;

/** A random nonce, given once; to be copied before the next one is asked for. */
function nextNonce(): Buffer {
  if (drawn >= nonces.length) {
    randomFillSync(nonces);
    drawn = 0;
  }
  drawn += nonceBytes;
  return nonces.subarray(drawn - nonceBytes, drawn);
}

/** @param header stands in front in plain, and is authenticated with the rest @param key of 256 bits */
export function seal(key: Buffer, header: Buffer, plain: Buffer): Sealed {
  const nonce = nextNonce();
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(header);
  const body = [cipher.update(plain), cipher.final()];
  return new Binary(Buffer.concat([header, nonce, cipher.getAuthTag(), ...body]));
}

/**
 * @param headerLength of the value's header, in bytes
 * @throws Error of Node's own when the key is another one or the value was changed
 */
export function unseal(key: Buffer, bytes: Buffer, headerLength: number): Buffer {
  const tagAt = headerLength + nonceBytes;
  const bodyAt = tagAt + tagBytes;
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(headerLength, tagAt), {
    authTagLength: tagBytes,
  })
    .setAAD(bytes.subarray(0, headerLength))
    .setAuthTag(bytes.subarray(tagAt, bodyAt));
  return Buffer.concat([decipher.update(bytes.subarray(bodyAt)), decipher.final()]);
}

/** The bytes of a stored value, without copying them. */
export function bytesIn(sealed: Sealed): Buffer {
  return Buffer.from(sealed.buffer.buffer, sealed.buffer.byteOffset, sealed.position);
}
