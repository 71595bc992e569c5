import { z } from 'zod';
import { metricDimensions } from '../../domain/delivery-metrics.ts';
import { finalStatuses, messageKinds } from '../../domain/message.ts';
import { bucketSizes } from '../../store/delivery-metrics.ts';
import { givenTimestamp, timestamp } from './timestamp.ts';

const sizes = Object.keys(bucketSizes) as (keyof typeof bucketSizes)[];

const dimensions = z
  .string()
  .transform((text) => text.split(',').filter((each) => each !== ''))
  .pipe(z.array(z.enum(metricDimensions)).max(metricDimensions.length))
  .meta({ type: 'string', description: `Any of ${metricDimensions.join(', ')}, with commas between.` });

export const metricsQuery = z.strictObject({
  groupBy: dimensions.default([]),
  from: givenTimestamp.optional().meta({ description: 'Texts that ended since then; default: 24 hours ago.' }),
  to: givenTimestamp.optional().meta({ description: 'And before then; default: now.' }),
  interval: z
    .enum(sizes)
    .optional()
    .meta({ description: 'One group for each minute, hour or day (UTC); left out: one for the whole span.' }),
});

const quantiles = z.strictObject({ p50: z.int(), p90: z.int(), p95: z.int(), p99: z.int() }).nullable();

const group = z.strictObject({
  at: timestamp.optional().meta({ description: 'The beginning of its interval.' }),
  carrier: z.string().optional().meta({ description: 'That of the last attempt; `none`: no carrier got the texts.' }),
  network: z.string().optional(),
  kind: z.enum(messageKinds).optional(),
  ported: z.boolean().optional(),
  texts: z.int().meta({ description: 'That have ended.' }),
  sent: z.int().meta({ description: 'Of them, that a carrier got.' }),
  byStatus: z.partialRecord(z.enum(finalStatuses), z.int()),
  deliveryRate: z.number().nullable().meta({ description: 'Delivered of sent, 0 to 1; null when none was sent.' }),
  segments: z.int(),
  attempts: z.int(),
  cost: z.array(z.strictObject({ amount: z.number(), currency: z.string() })),
  deliveryMs: quantiles.meta({ description: 'Of delivered texts, from their last submission to the receipt; ±5 %.' }),
  waitMs: quantiles.meta({ description: 'Of sent texts, from acceptance to the first submission; ±5 %.' }),
  codes: z
    .array(z.strictObject({ code: z.string(), carrierCode: z.string().optional(), count: z.int() }))
    .meta({ description: 'Why attempts failed: our code, and the carrier’s own.' }),
});

export const deliveryMetricsAnswer = z
  .strictObject({
    from: timestamp.meta({ description: 'At the beginning of a bucket.' }),
    to: timestamp,
    size: z.enum(sizes).meta({ description: 'The buckets that were added up.' }),
    data: z.array(group),
  })
  .meta({ id: 'DeliveryMetrics' });

export type MetricGroup = z.output<typeof group>;
