import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { WebhookRejected } from '../errors.ts';

/** A webhook older or newer than this is not believed: somebody may send again what he has recorded. */
const toleranceSeconds = 300;

/**
 * Checks Telnyx's signature: Ed25519 over `timestamp|body`, in two headers. The same check as the official client's
 * `webhooks.unwrap`, which is asynchronous and doesn't tell an old webhook from a forged one.
 */
export class WebhookSignature {
  readonly #key: KeyObject;

  /** @param publicKey 32 octets in base64 */
  constructor(publicKey: string) {
    const x = Buffer.from(publicKey, 'base64').toString('base64url');
    this.#key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  }

  /**
   * @param headers names in small letters
   * @throws WebhookRejected `webhook-signature-invalid` or `webhook-too-old`
   */
  check(rawBody: Buffer, headers: Readonly<Record<string, string | undefined>>, now: number = Date.now()): void {
    const timestamp = headers['telnyx-timestamp'];
    const signature = headers['telnyx-signature-ed25519'];
    if (!signature || !timestamp || !/^\d{1,12}$/.test(timestamp)) {
      throw new WebhookRejected(
        'webhook-signature-invalid',
        'The webhook lacks the headers telnyx-signature-ed25519 and telnyx-timestamp, or they are malformed.',
      );
    }
    const signed = Buffer.concat([Buffer.from(`${timestamp}|`), rawBody]);
    if (!verify(null, signed, this.#key, Buffer.from(signature, 'base64'))) {
      throw new WebhookRejected(
        'webhook-signature-invalid',
        'The signature of the webhook does not fit its body and the configured public key.',
      );
    }
    if (Math.abs(now / 1000 - Number(timestamp)) > toleranceSeconds) {
      throw new WebhookRejected(
        'webhook-too-old',
        `The webhook was signed more than ${toleranceSeconds} seconds ago, or the clocks differ.`,
      );
    }
  }
}
