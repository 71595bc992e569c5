import { isSupportedCountry } from 'libphonenumber-js';
import { IANAZone } from 'luxon';
import { z } from 'zod';
import { isContact } from '../domain/contact.ts';
import type { CarrierLimits } from '../domain/limits/carrier-limits.ts';
import type { CarrierClockSettings } from '../domain/porting-clocks.ts';
import type { CarrierSettings } from './carrier.ts';
import { limitsShape } from './limits.ts';
import { support } from './support.ts';

/** The settings that every adapter's configuration begins with; see `CarrierSettings` for what they mean. */
export const settingsShape = {
  /** Part of queue names and webhook addresses, so it is kept to what needs no escaping there. */
  id: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'starts with a letter, then at most 31 of a-z, 0-9 and -'),
  /** As it is called in letters. */
  name: z.string().min(1).max(100).optional(),
  spids: z.array(z.string().min(1)).default([]),
  country: z
    .string()
    .refine(isSupportedCountry, 'is no country: write two capital letters of ISO 3166, like GB')
    .default('US'),
  receipts: z.enum(['handset', 'carrier', 'suspect']).default('carrier'),
  senders: z.array(z.string().min(1).max(15)).default([]),
  brand: z.string().trim().min(2).max(60).optional(),
  contact: z.string().trim().refine(isContact, 'is a mail address, a phone number or a web page').optional(),
  support: support.optional(),
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
  limits: limitsShape.optional(),
};

const cutOffHours = z.number().min(0).max(1000).optional();

/** The clocks of an adapter that takes port orders; what is left out is as domain/facts/porting-timers.json has it for the adapter. */
export const portingShape = {
  activationHours: z
    .union(
      [
        z.literal('always'),
        z
          .strictObject({
            zone: z.string().refine(IANAZone.isValidZone),
            from: z.number().min(0).max(24),
            to: z.number().min(0).max(24),
          })
          .refine(({ from, to }) => from < to),
      ],
      'is `always`, or a zone and hours of its clock from the earlier to the later: {zone: America/Chicago, from: 6, to: 20}',
    )
    .optional(),
  supplementCutOffHours: cutOffHours,
  cancelCutOffHours: cutOffHours,
} satisfies Record<keyof CarrierClockSettings, z.ZodType>;

type Configured = Pick<
  CarrierSettings,
  | 'id'
  | 'adapter'
  | 'spids'
  | 'country'
  | 'optOutReply'
  | 'receipts'
  | 'senders'
  | 'probes'
  | 'campaignId'
  | 'name'
  | 'support'
> &
  CarrierClockSettings & {
    readonly network?: string | undefined;
    readonly limits?: CarrierLimits | undefined;
    readonly brand?: string | undefined;
    readonly contact?: string | undefined;
  };

/** Picks the settings out of an adapter's configuration, which also holds secrets. */
export function settingsOf(
  config: Configured,
  { codes, partIds }: Pick<CarrierSettings, 'codes' | 'partIds'>,
): CarrierSettings {
  const { id, adapter, spids, country, optOutReply, receipts, senders, network = id, probes } = config;
  const { campaignId, name, support, limits, brand, contact } = config;
  const { activationHours, supplementCutOffHours, cancelCutOffHours } = config;
  const clocks = { activationHours, supplementCutOffHours, cancelCutOffHours };
  const settings = { id, adapter, spids, country, optOutReply, receipts, senders, network, probes };
  return Object.freeze({
    ...settings,
    ...(campaignId !== undefined && { campaignId }),
    ...(name && { name }),
    ...(brand !== undefined && { brand }),
    ...(contact !== undefined && { contact }),
    ...(support && { support }),
    ...(limits && { limits }),
    codes,
    partIds,
    clocks,
  });
}
