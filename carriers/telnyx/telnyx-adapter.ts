import type { CarrierAdapter } from '../adapter.ts';
import { telnyxConfig } from './config.ts';
import { TelnyxCarrier } from './telnyx-carrier.ts';

export const telnyxAdapter: CarrierAdapter<typeof telnyxConfig> = {
  schema: telnyxConfig,
  create: (config) => new TelnyxCarrier(config),
};
