import { isSupportedCountry } from 'libphonenumber-js';
import { z } from 'zod';
import type { CarrierSettings } from './carrier.ts';

/** The settings that every adapter's configuration begins with; see `CarrierSettings` for what they mean. */
export const settingsShape = {
  /** Part of queue names and webhook addresses, so it is kept to what needs no escaping there. */
  id: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'starts with a letter, then at most 31 of a-z, 0-9 and -'),
  spids: z.array(z.string().min(1)).default([]),
  country: z
    .string()
    .refine(isSupportedCountry, 'is no country: write two capital letters of ISO 3166, like GB')
    .default('US'),
  receipts: z.enum(['handset', 'carrier', 'suspect']).default('carrier'),
  senders: z.array(z.string().min(1).max(15)).default([]),
  network: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,31}$/, 'is written like an id: at most 32 of a-z, 0-9 and -')
    .optional(),
  probes: z
    .array(z.string().regex(/^\+[1-9]\d{6,14}$/, 'is no number in E.164, like +12025550123'))
    .max(20)
    .default([]),
  campaignId: z
    .string()
    .regex(/^[A-Za-z0-9-]{1,64}$/, 'is no id of a campaign')
    .optional(),
};

type Configured = Pick<
  CarrierSettings,
  'id' | 'adapter' | 'spids' | 'country' | 'optOutReply' | 'receipts' | 'senders' | 'probes' | 'campaignId'
> & { readonly network?: string | undefined };

/** Picks the settings out of an adapter's configuration, which also holds secrets. */
export function settingsOf(
  config: Configured,
  { codes, partIds }: Pick<CarrierSettings, 'codes' | 'partIds'>,
): CarrierSettings {
  const { id, adapter, spids, country, optOutReply, receipts, senders, network = id, probes, campaignId } = config;
  return Object.freeze({
    id,
    adapter,
    spids,
    country,
    optOutReply,
    receipts,
    senders,
    network,
    probes,
    ...(campaignId !== undefined && { campaignId }),
    codes,
    partIds,
  });
}
