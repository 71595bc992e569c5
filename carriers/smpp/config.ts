import { IANAZone } from 'luxon';
import { z } from 'zod';
import { settingsShape } from '../settings.ts';

/** Type of number and numbering plan of an address (SMPP 3.4 §5.2.5, §5.2.6). */
const numbering = (ton: number, npi: number) =>
  z.strictObject({ ton: z.int().min(0).max(7), npi: z.int().min(0).max(18) }).default({ ton, npi });

const timeZone = z.string().refine((zone) => /^[+-]\d\d:[0-5]\d$/.test(zone) || IANAZone.isValidZone(zone), {
  message: 'is an offset like "+02:00" or a zone like "Europe/Berlin"',
});

export const smppConfig = z.strictObject({
  ...settingsShape,
  adapter: z.literal('smpp'),
  host: z.string().min(1),
  port: z.int().min(1).max(65535).default(2775),
  tls: z.boolean().default(false),
  systemId: z.string().min(1).max(64),
  password: z.string().max(64),
  systemType: z.string().max(12).default(''),
  bind: z.enum(['transceiver', 'transmitter+receiver']).default('transceiver'),
  /** Binds of each kind that are kept open. */
  sessions: z.int().min(1).max(64).default(1),
  /** Unanswered `submit_sm` per session. */
  window: z.int().min(1).max(1000).default(10),
  segmentsPerSecond: z.number().positive().max(100_000).default(10),
  /** What this carrier means by `data_coding` 0. */
  defaultAlphabet: z.enum(['gsm7', 'latin1', 'ucs2']).default('gsm7'),
  /** Bits of the reference in the header that joins the parts of a long text. */
  concatenationReference: z.union([z.literal(8), z.literal(16)]).default(8),
  /** In which base the carrier writes an id in its answer, and then in its receipt. */
  receiptId: z.enum(['same', 'hexThenDecimal', 'decimalThenHex']).default('same'),
  receiptTimeZone: timeZone.default('+00:00'),
  optOutReply: z.enum(['us', 'carrier']).default('us'),
  international: numbering(1, 1),
  shortCode: numbering(3, 0),
  alphanumeric: numbering(5, 0),
  responseTimeoutMs: z.int().min(100).max(120_000).default(10_000),
  enquireLinkMs: z.int().min(100).max(600_000).default(15_000),
  reconnectMinMs: z.int().min(10).max(60_000).default(500),
  reconnectMaxMs: z.int().min(10).max(600_000).default(30_000),
});

export type SmppConfig = z.output<typeof smppConfig>;
