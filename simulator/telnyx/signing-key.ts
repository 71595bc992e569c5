import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const RAW_PUBLIC_KEY_OCTETS = 32;

/** The Ed25519 key pair that signs webhooks; made once, kept in the data directory. */
export class SigningKey {
  readonly #key: KeyObject;
  /** As Mission Control shows it and the SDK takes it: the raw 32 octets in base64. */
  readonly publicKey: string;

  constructor(dataDir: string) {
    const file = join(dataDir, 'telnyx-signing-key.pem');
    if (!existsSync(file)) {
      const { privateKey } = generateKeyPairSync('ed25519');
      writeFileSync(file, privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
    }
    this.#key = createPrivateKey(readFileSync(file));
    const der = createPublicKey(this.#key).export({ format: 'der', type: 'spki' });
    this.publicKey = der.subarray(-RAW_PUBLIC_KEY_OCTETS).toString('base64');
  }

  /** The headers of a webhook: a signature over `timestamp|body`. */
  headers(body: string): Record<string, string> {
    const timestamp = String(Math.floor(Date.now() / 1000));
    const signature = sign(null, Buffer.from(`${timestamp}|${body}`), this.#key).toString('base64');
    return { 'telnyx-signature-ed25519': signature, 'telnyx-timestamp': timestamp };
  }
}
