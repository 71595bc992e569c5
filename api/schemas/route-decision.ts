import { z } from 'zod';
import { timestamp } from './timestamp.ts';

export const cost = z
  .strictObject({
    amount: z.string().meta({ description: 'In units of the currency, to the millionth.' }),
    currency: z.string().meta({ description: 'ISO 4217.' }),
  })
  .meta({ id: 'Cost', description: "By the carrier's price list, for the segments that it took." });

export const routeDecision = z
  .strictObject({
    at: timestamp,
    carrier: z.string(),
    reason: z.enum(['only-route', 'cheapest-good-enough', 'conversation', 'explored', 'last-resort']),
    network: z.string().meta({ description: 'Country of the recipient, and its network where that is known.' }),
    candidates: z.array(
      z.strictObject({
        carrier: z.string(),
        delivery: z.number().meta({ description: 'Expected share of texts that are delivered, 0 to 1.' }),
        weight: z.number().meta({ description: 'How many texts that rests on; the older ones count less.' }),
        price: cost.optional().meta({ description: 'Per segment.' }),
        excluded: z.enum(['breaker-open', 'failed-before', 'daily-limit-reached']).optional(),
      }),
    ),
    conversation: z.string().optional().meta({ description: 'The carrier of the last text between these two.' }),
  })
  .meta({ id: 'RouteDecision', description: 'Which carrier was chosen among those that may send the text, and why.' });
