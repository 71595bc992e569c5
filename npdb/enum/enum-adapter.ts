import { isIP } from 'node:net';
import { z } from 'zod';
import type { PortabilityAdapter } from '../adapter.ts';
import { EnumDatabase } from './enum-database.ts';

const server = z.string().refine(
  (address) => {
    const match = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(address);
    return match !== null && isIP(match[1] ?? match[2] ?? '') !== 0 && Number(match[3] ?? 53) <= 65535;
  },
  { message: 'is an IP address with an optional port, like "127.0.0.1:5353": DNS servers have no names here' },
);

export const enumConfig = z.strictObject({
  adapter: z.literal('enum'),
  servers: z.array(server).min(1),
  /** The domain under which the numbers are (RFC 6116 §3.1); private databases have their own. */
  suffix: z.string().min(1).default('e164.arpa'),
  timeoutMs: z.int().min(10).max(60_000).default(500),
});

export type EnumConfig = z.output<typeof enumConfig>;

export const enumAdapter: PortabilityAdapter<typeof enumConfig> = {
  schema: enumConfig,
  create: (config) => new EnumDatabase(config),
};
