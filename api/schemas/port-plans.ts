import { z } from 'zod';
import { orderStatuses } from '../../domain/lifecycle/order.ts';
import { planStatuses } from '../../domain/lifecycle/plan.ts';
import { parsePhoneNumber } from '../../domain/phone-number.ts';
import { numbersPerOrder, numbersPerPlan } from '../../domain/port-plan.ts';
import { metadata } from './metadata.ts';
import { pageOf, paging } from './page.ts';
import { timestamp } from './timestamp.ts';

/**
 * The numbers of a request. Up to one order's worth are looked at here, one by one; of more a plan tells afterwards which can't be ported,
 * and goes on with the others.
 */
export const requestedNumbers = z
  .array(z.string().max(40).meta({ description: 'A phone number in E.164.', example: '+12025550143' }))
  .min(1)
  .max(numbersPerPlan)
  .superRefine((numbers, context) => {
    if (new Set(numbers).size !== numbers.length) {
      context.addIssue({ code: 'custom', message: 'A number is in it twice.' });
    }
    if (numbers.length > numbersPerOrder) return;
    for (const [index, number] of numbers.entries()) {
      const parsed = parsePhoneNumber(number);
      if (parsed.ok) continue;
      context.addIssue({ code: 'custom', message: parsed.message, params: { code: parsed.code }, path: [index] });
    }
  })
  .meta({
    description: `Up to ${numbersPerOrder} of one losing carrier, country and type make one port (name the carrier, unless their records do); others make a plan of several, up to ${numbersPerPlan} numbers in all.`,
  });

const counts = {
  numbers: z.int(),
  uncertain: z.int(),
  ported: z.int(),
  returned: z.int(),
};

const planOrder = z.strictObject({
  id: z.string().meta({ description: 'A port of its own.' }),
  status: z.enum(orderStatuses),
  since: timestamp,
  losingCarrier: z.string().optional(),
  country: z.string(),
  counts: z.strictObject(counts),
  links: z.strictObject({ self: z.string(), timeline: z.string(), workflow: z.string().optional() }),
});

const links = z.strictObject({
  self: z.string(),
  timeline: z.string(),
  orders: z.string().meta({ description: 'Its ports, with their numbers.' }),
  problems: z.string().meta({ description: "The numbers that can't be ported." }),
  workflow: z.string().optional(),
});

export const plan = z
  .strictObject({
    kind: z.literal('plan'),
    id: z.string(),
    status: z.enum(planStatuses),
    since: timestamp,
    createdAt: timestamp,
    updatedAt: timestamp,
    losingCarrier: z.string().optional(),
    gainingCarrier: z.string(),
    messagingPlan: z.enum(['move', 'stay', 'messaging-only']),
    portType: z.enum(['full', 'partial']),
    activation: z.enum(['automatic', 'on-demand']),
    requestedFocAt: timestamp.optional(),
    counts: z.strictObject({
      ...counts,
      ordered: z.int().meta({ description: 'Numbers of the orders that have begun.' }),
      problems: z.int().optional().meta({ description: "Numbers that can't be ported, once all have been checked." }),
    }),
    orders: z.strictObject({
      planned: z.int().optional().meta({ description: 'How many orders the numbers make, once they have been split.' }),
      begun: z.int(),
      notCancelled: z.int().optional().meta({
        description:
          'For so many the cancellation of the plan came too late: they went on. The timeline of each says by whom it was turned down.',
      }),
      byStatus: z.partialRecord(z.enum(orderStatuses), z.int()),
      data: z.array(planOrder),
    }),
    metadata: metadata.optional(),
    links,
  })
  .meta({ id: 'PortPlan', description: 'Many numbers that were asked for at once and become several ports.' });

export type PlanAnswer = z.output<typeof plan>;

/** A plan in a list, without its orders. */
const planInShort = plan.omit({ counts: true, orders: true }).extend({
  numbers: z.int(),
  problems: z.int().optional(),
  orders: z.int().optional(),
});
export type PlanInShort = z.output<typeof planInShort>;
export const planPage = pageOf('PortPlanPage', planInShort.meta({ id: 'PortPlanInShort' }));
export const planQuery = z.strictObject(paging);

/** What a plan became by an action of a person. */
export const planChanged = z
  .strictObject({ id: z.string(), status: z.enum(planStatuses), since: timestamp, links })
  .meta({ id: 'PortPlanChanged' });

export const refusedQuery = z.strictObject({
  from: z
    .string()
    .regex(/^\d{1,5}$/, 'The position of a number in the request, from 0.')
    .transform(Number)
    .default(0)
    .meta({ type: 'integer', description: '`next` of the page before.' }),
});

export const refusedNumbers = z
  .strictObject({
    data: z.array(
      z.strictObject({
        position: z.int().meta({ description: 'In the request, from 0.' }),
        phoneNumber: z.string(),
        code: z.string(),
        message: z.string(),
      }),
    ),
    next: z.int().nullable().meta({ description: 'Null on the last page.' }),
  })
  .meta({ id: 'RefusedNumbers' });
