import type { z } from 'zod';
import type { Carrier } from './carrier.ts';

/** What adapters log with; a pino logger fits. Fields never hold a number, a text, a name or a secret (invariant 9). */
export interface Logger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Every configured carrier has at least these two; the rest is its adapter's own. */
export interface CarrierEntry {
  readonly id: string;
  readonly adapter: string;
}

/** One way to talk to carriers: what its configuration looks like, and how a carrier is made of it. */
export interface CarrierAdapter<Schema extends z.ZodType<CarrierEntry> = z.ZodType<CarrierEntry>> {
  readonly schema: Schema;
  /** Makes the client; nothing is opened before `connect`. */
  create(config: z.output<Schema>, dependencies: { readonly logger: Logger }): Carrier;
}
