import type { CarrierAdapter } from '../adapter.ts';
import { smppConfig } from './config.ts';
import { SmppCarrier } from './smpp-carrier.ts';

export const smppAdapter: CarrierAdapter<typeof smppConfig> = {
  schema: smppConfig,
  create: (config, { logger }) => new SmppCarrier(config, logger),
};
