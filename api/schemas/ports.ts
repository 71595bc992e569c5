import { z } from 'zod';
import { orderStatuses } from '../../domain/lifecycle/order.ts';
import { orderActions } from '../../domain/lifecycle/order-actions.ts';
import { snapBackReasons } from '../../domain/lifecycle/snap-back.ts';
import type { PortRequest } from '../../domain/port-request.ts';
import { requirementNeeds, requirementStates } from '../../domain/port-requirements.ts';
import { evidence } from './consents.ts';
import { metadata } from './metadata.ts';
import { pageOf, paging } from './page.ts';
import { phoneNumber } from './phone-number.ts';
import { portChecklist } from './port-checklist.ts';
import { planChanged, plan as portPlan, requestedNumbers } from './port-plans.ts';
import { givenTimestamp, timestamp } from './timestamp.ts';

/** Numbers that stay on the account, at most. */
const mostRemaining = 500;

const words = (longest: number) => z.string().trim().min(1).max(longest);
const messagingPlan = z.enum(['move', 'stay', 'messaging-only']).meta({
  description: 'move: texts go with the number; stay: they remain where they are; messaging-only: only texts move.',
});

export const serviceAddress = z.strictObject({
  street: words(200),
  extended: words(200).optional(),
  city: words(100),
  region: words(100).optional(),
  postalCode: words(20),
  country: z.string().regex(/^[A-Z]{2}$/, 'Two capital letters (ISO 3166).'),
});

export const subscriber = z
  .strictObject({
    name: words(200),
    entityName: words(200).optional(),
    accountNumber: words(100),
    pin: words(50).optional(),
    billingNumber: phoneNumber.optional(),
    taxId: words(50).optional(),
    serviceAddress,
    authorizedBy: words(200).meta({ description: 'Who signed the letter of authorisation.' }),
  })
  .meta({
    id: 'Subscriber',
    description: 'As the losing carrier has it on record: differences are why ports are rejected.',
  });

export const authorizationCodes = z.strictObject({
  pac: words(50).optional(),
  upc: words(50).optional(),
  rio: words(50).optional(),
  issuedAt: givenTimestamp
    .optional()
    .meta({ description: 'When the code was given out: a PAC is good for 30 days, a UPC for 4.' }),
});

const remainingNumbers = z.array(phoneNumber).max(mostRemaining);

/** What a supplement can replace; the rest of a port is fixed by its order. */
const personal = {
  subscriber,
  authorizationCodes: authorizationCodes.optional(),
  remainingNumbers: remainingNumbers.optional(),
  newBillingNumber: phoneNumber.optional(),
};

export const portConsent = z
  .strictObject({ capturedAt: givenTimestamp.optional(), evidence })
  .meta({ description: 'What shows that the subscriber agreed to the port.' });

export const portRequest = z
  .strictObject({
    draft: z.literal(false).optional(),
    phoneNumbers: requestedNumbers,
    losingCarrier: z
      .string()
      .max(64)
      .optional()
      .meta({ description: 'Id of your carrier that loses the numbers, if it is one of yours.' }),
    gainingCarrier: z.string().max(64),
    messagingPlan: messagingPlan.default('move'),
    portType: z.enum(['full', 'partial']).default('full'),
    ...personal,
    consent: portConsent,
    requestedFocAt: givenTimestamp.optional(),
    activation: z.enum(['automatic', 'on-demand']).default('automatic'),
    metadata: metadata.optional(),
  })
  .meta({ id: 'PortRequest' });

export type PortRequestBody = z.output<typeof portRequest>;

const notEmpty: [(given: object) => boolean, string] = [
  (given) => Object.keys(given).length > 0,
  'Give at least one field that changes.',
];

export const portSupplement = z
  .strictObject({
    subscriber: subscriber
      .extend({ serviceAddress: serviceAddress.partial().refine(...notEmpty) })
      .partial()
      .refine(...notEmpty)
      .optional(),
    authorizationCodes: authorizationCodes.optional(),
    remainingNumbers: remainingNumbers.optional(),
    newBillingNumber: phoneNumber.optional(),
    documentsAdded: z.literal(true).optional().meta({
      description: 'Documents that were added since answer the exception: the order is submitted again with them.',
    }),
  })
  .refine(...notEmpty)
  .meta({ id: 'PortSupplement', description: 'Only what changes; everything else stays as it was.' });

export type PortSupplement = z.output<typeof portSupplement>;

/** The request after a supplement. */
export function supplemented(
  request: PortRequest,
  { documentsAdded: _noData, ...change }: PortSupplement,
): PortRequest {
  return {
    ...request,
    ...change,
    subscriber: {
      ...request.subscriber,
      ...change.subscriber,
      serviceAddress: { ...request.subscriber.serviceAddress, ...change.subscriber?.serviceAddress },
    },
    ...(change.authorizationCodes && {
      authorizationCodes: { ...request.authorizationCodes, ...change.authorizationCodes },
    }),
  };
}

/** A reason is one of few: free words could name people, and they would stand in the history (invariant 9). */
export const portCancellation = z
  .strictObject({ reason: z.enum(['subscriber-request', 'wrong-data', 'ordered-by-mistake', 'other']).optional() })
  .meta({ id: 'PortCancellation' });

/** An activation has nothing to say yet; unknown fields are still refused. */
export const portActivation = z.strictObject({}).meta({ id: 'PortActivation' });

export const portSubmission = z.strictObject({}).meta({ id: 'PortSubmission' });

export const portReschedule = z.strictObject({ requestedFocAt: givenTimestamp }).meta({ id: 'PortReschedule' });

export const portSnapBack = z.strictObject({ reason: z.enum(snapBackReasons) }).meta({ id: 'PortSnapBack' });

export const portSnapBackAnswer = z
  .strictObject({ answer: z.enum(['accepted', 'refused']) })
  .meta({ id: 'PortSnapBackAnswer', description: 'What both carriers said: `accepted` when both did.' });

export const portParams = z.strictObject({ id: z.string().max(100) });
export const portQuery = z.strictObject({
  ...paging,
  status: z.enum(orderStatuses).optional(),
  planId: z.string().max(100).optional().meta({ description: 'Only the orders of this plan.' }),
});

export const problem = z.strictObject({
  code: z.string(),
  message: z.string().meta({ description: 'What is wrong, and how to mend it.' }),
  field: z.string().optional(),
});

export const waiting = z.strictObject({
  what: z.string(),
  since: timestamp,
  until: timestamp.optional(),
  next: z.string().optional().meta({ description: 'What happens then.' }),
});

export const links = z.strictObject({
  self: z.string(),
  timeline: z.string(),
  workflow: z.string().optional().meta({ description: "The port's process in the Temporal Web UI." }),
});

const missing = z
  .array(z.strictObject({ path: z.string(), message: z.string(), code: z.string().optional() }))
  .optional()
  .meta({ description: 'Of a draft: what it needs before it can be submitted.' });

export const portAccepted = z
  .strictObject({
    id: z.string(),
    status: z.enum(orderStatuses),
    missing,
    links: links.extend({
      orders: z.string().optional().meta({ description: 'Of a plan: its ports.' }),
      problems: z.string().optional().meta({ description: "Of a plan: the numbers that can't be ported." }),
    }),
  })
  .meta({ id: 'PortAccepted', description: 'A port, or a plan when the numbers make several orders.' });

const clocks = z
  .strictObject({
    answerDueAt: timestamp.optional(),
    concurrence: z
      .strictObject({ timers: z.enum(['long', 'medium', 'short']), firstDueAt: timestamp, finalDueAt: timestamp })
      .optional(),
    earliestFocAt: timestamp.optional(),
    latestFocAt: timestamp.optional(),
    supplementUntil: timestamp.optional(),
    cancelUntil: timestamp.optional(),
    activationOpensAt: timestamp.optional(),
    activationClosesAt: timestamp.optional(),
    deadAt: timestamp.optional(),
    conflictResolvableAt: timestamp.optional(),
    conflictExpiresAt: timestamp.optional(),
    snapBackUntil: timestamp.optional(),
  })
  .meta({
    id: 'OrderClocks',
    description: 'The moments that the order is measured by; a clock that it has not is absent.',
  });

const snapBack = z
  .strictObject({
    state: z.enum(['requested', 'accepted', 'refused', 'expired']),
    reason: z.enum(snapBackReasons),
    requestedAt: timestamp,
    until: timestamp,
    answeredAt: timestamp.optional(),
  })
  .meta({ id: 'SnapBack' });

export const portedNumber = z
  .strictObject({
    phoneNumber: z.string(),
    voice: z.enum(['pending', 'activating', 'active', 'failed', 'cancelled', 'unknown', 'unaffected']).meta({
      description:
        'unaffected: only texts move. unknown: the number was given back after calls had begun to move; its own record (GET /v1/numbers/:e164) is compared with the database.',
    }),
    messaging: z.enum(['losing', 'uncertain', 'gaining']),
    databaseNamesGaining: z.boolean(),
    outboundProven: z.boolean(),
    inboundProven: z.boolean(),
    inboundByNetwork: z.record(z.string(), timestamp).meta({
      description: 'When the first text came in from each network: each keeps its own copy of the routing.',
    }),
    databaseProves: z.boolean().meta({
      description: "False where calls don't follow the database: then the carrier's word on voice counts.",
    }),
    probed: z.boolean().meta({
      description: 'A number of yours on another network writes to this one: then a text in is required as well.',
    }),
    campaign: z.enum(['not-needed', 'waiting', 'attached', 'failed']).meta({
      description:
        'Whether it is attached to its campaign at the gaining carrier; not-needed: there is none to attach it to.',
    }),
    uncertainSince: timestamp.optional(),
    uncertainMs: z.int().optional().meta({ description: "How long nobody could say who routes the number's texts." }),
    escalatedAt: timestamp.optional().meta({ description: 'No proof came by the deadline: a person has to look.' }),
    outcome: z.enum(['ported', 'returned']).optional(),
  })
  .meta({ id: 'PortedNumber' });

const portRequirement = z
  .strictObject({
    id: z.string(),
    kind: z.enum(['field', 'document']),
    name: z.string().meta({ description: 'Path in the body of POST /v1/ports, or the kind of document.' }),
    need: z.enum(requirementNeeds).meta({ description: 'sometimes: of some subscribers, or by some losing carriers.' }),
    state: z.enum(requirementStates),
    fix: z.string().meta({ description: 'How to come by it.' }),
  })
  .meta({ id: 'PortRequirement' });

export const port = z
  .strictObject({
    id: z.string(),
    status: z.enum(orderStatuses),
    since: timestamp,
    createdAt: timestamp,
    updatedAt: timestamp,
    country: z.string(),
    losingCarrier: z.string().optional(),
    gainingCarrier: z.string(),
    messagingPlan,
    portType: z.enum(['full', 'partial']),
    activation: z.enum(['automatic', 'on-demand']),
    requestedFocAt: timestamp.optional(),
    focAt: timestamp.optional().meta({ description: 'The agreed date.' }),
    carrierOrderId: z.string().optional(),
    carrierState: z.string().optional().meta({ description: "The gaining carrier's own state, raw." }),
    problems: z.array(problem),
    requirements: z
      .array(portRequirement)
      .optional()
      .meta({ description: 'What the losing carrier wants, and where it stands; only when a single port is read.' }),
    waiting: waiting.optional(),
    clocks: clocks.optional(),
    actions: z.array(z.enum(orderActions)).meta({ description: 'What can be done to it now.' }),
    escalatedAt: timestamp.optional().meta({ description: 'Something is late, and needs a person: see `problems`.' }),
    snapBack: snapBack.optional(),
    missing,
    numbers: z.array(portedNumber),
    counts: z
      .strictObject({ numbers: z.int(), uncertain: z.int(), ported: z.int(), returned: z.int() })
      .meta({ description: 'How many numbers there are, and how many of them are there now.' }),
    uncertainMs: z.int().meta({ description: 'Of the number that was uncertain the longest.' }),
    checklist: portChecklist
      .optional()
      .meta({ description: 'What is to be done before the agreed date; not in lists.' }),
    planId: z.string().optional().meta({ description: 'The plan that it is an order of.' }),
    metadata: metadata.optional(),
    links,
  })
  .meta({ id: 'Port' });

/** What an id of either stands for. */
export const portOrPlan = z.union([port, portPlan]);

export const portPage = pageOf('PortPage', port);
export type PortAnswer = z.output<typeof port>;

/** What an order became by an action of a person. */
export const portChanged = z
  .strictObject({
    id: z.string(),
    status: z.enum(orderStatuses),
    since: timestamp,
    focAt: timestamp.optional(),
    problems: z.array(problem),
    links,
  })
  .meta({ id: 'PortChanged' });

export const portOrPlanChanged = z.union([portChanged, planChanged]);
