import type { z } from 'zod';
import type { PortabilityDatabase } from './portability-database.ts';

export interface PortabilityEntry {
  readonly adapter: string;
}

/** What a look-up may need of the configured carriers, secrets included. */
export interface ConfiguredCarrier {
  readonly id: string;
  readonly adapter: string;
}

/** One way to dip a portability database. */
export interface PortabilityAdapter<Schema extends z.ZodType<PortabilityEntry> = z.ZodType<PortabilityEntry>> {
  readonly schema: Schema;
  /** What is wrong with a valid configuration in view of the carriers; one line each. */
  problems?(config: z.output<Schema>, carriers: readonly ConfiguredCarrier[]): string[];
  create(config: z.output<Schema>, carriers: readonly ConfiguredCarrier[]): PortabilityDatabase;
}
