import { z } from 'zod';
import { telnyxConfig } from '../../carriers/telnyx/config.ts';
import type { ConfiguredCarrier, PortabilityAdapter } from '../adapter.ts';
import { TelnyxLookup } from './telnyx-lookup.ts';

const telnyxLookupConfig = z.strictObject({
  adapter: z.literal('telnyx'),
  /** The configured carrier whose address and key are used. */
  carrier: z.string().min(1),
  timeoutMs: z.int().min(10).max(60_000).default(2_000),
});

type Config = z.output<typeof telnyxLookupConfig>;

export const telnyxLookupAdapter: PortabilityAdapter<typeof telnyxLookupConfig> = {
  schema: telnyxLookupConfig,
  problems: (config, carriers) =>
    carrierOf(config, carriers)
      ? []
      : [`carrier: "${config.carrier}" is not the id of a configured carrier with the adapter telnyx`],
  create(config, carriers) {
    const carrier = telnyxConfig.parse(carrierOf(config, carriers));
    return new TelnyxLookup({ baseUrl: carrier.baseUrl, apiKey: carrier.apiKey, timeoutMs: config.timeoutMs });
  },
};

function carrierOf(config: Config, carriers: readonly ConfiguredCarrier[]): ConfiguredCarrier | undefined {
  return carriers.find(({ id, adapter }) => id === config.carrier && adapter === 'telnyx');
}
