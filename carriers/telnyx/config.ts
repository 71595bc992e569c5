import { z } from 'zod';
import { portingShape, settingsShape } from '../settings.ts';

/** Octets of an Ed25519 public key (RFC 8032 §5.1.5). */
const publicKeyOctets = 32;

export const telnyxConfig = z.strictObject({
  ...settingsShape,
  ...portingShape,
  adapter: z.literal('telnyx'),
  /** With the version, as in https://api.telnyx.com/v2 */
  baseUrl: z.url({ protocol: /^https?$/ }).default('https://api.telnyx.com/v2'),
  apiKey: z.string().min(1),
  /** Base64, from the carrier's portal; signs its webhooks. */
  webhookPublicKey: z.string().refine((key) => Buffer.from(key, 'base64').length === publicKeyOctets, {
    message: 'is not an Ed25519 public key in base64',
  }),
  /** Needed for alphanumeric senders. */
  messagingProfileId: z.string().min(1).optional(),
  /** The carrier answers STOP itself unless its profile is told not to. */
  optOutReply: z.enum(['us', 'carrier']).default('carrier'),
  /** Segments in unanswered requests. */
  window: z.int().min(1).max(1000).default(20),
  segmentsPerSecond: z.number().positive().max(100_000).default(20),
  /** Parts into which window and rate are divided among workers. */
  slots: z.int().min(1).max(64).default(4),
  /** Hours in which a port-out has to be answered, when the contract says otherwise than the usual 24. */
  portOutAnswerHours: z.number().positive().max(720).optional(),
  timeoutMs: z.int().min(100).max(120_000).default(10_000),
});

export type TelnyxConfig = z.output<typeof telnyxConfig>;
