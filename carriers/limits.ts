import { IANAZone } from 'luxon';
import { z } from 'zod';
import { type CarrierLimits, campaignTiers } from '../domain/limits/carrier-limits.ts';

const limit = {
  segmentsPerSecond: z.number().positive().max(100_000).optional(),
  segmentsPerDay: z.int().min(1).optional(),
};
const sender = z.string().min(1).max(16);

/** Limits within a carrier's own rate: of the day, of senders, of campaigns. See docs/carriers.md. */
export const limitsShape = z
  .strictObject({
    segmentsPerDay: limit.segmentsPerDay,
    dayZone: z.string().refine(IANAZone.isValidZone, 'is no time zone, like America/Los_Angeles').default('UTC'),
    eachSender: z.strictObject(limit).optional(),
    senders: z.record(sender, z.strictObject(limit)).default({}),
    campaigns: z
      .record(
        z.string().regex(/^[A-Za-z0-9-]{1,64}$/, 'is no id of a campaign'),
        z.strictObject({
          ...limit,
          tier: z
            .number()
            .refine((tier) => campaignTiers.includes(tier), `is one of ${campaignTiers.join(', ')}`)
            .optional(),
          senders: z.array(sender).optional(),
        }),
      )
      .default({}),
  })
  .refine(
    ({ campaigns }) => Object.values(campaigns).filter(({ senders }) => senders === undefined).length <= 1,
    'has more than one campaign without senders: only one can be that of all other senders',
  ) satisfies z.ZodType<CarrierLimits>;
