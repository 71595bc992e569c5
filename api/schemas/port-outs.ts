import { z } from 'zod';
import { portOutStatuses } from '../../domain/lifecycle/port-out.ts';
import { pageOf, paging } from './page.ts';
import { timestamp } from './timestamp.ts';

export const portOutParams = z.strictObject({ id: z.string().max(100) });
export const portOutQuery = z.strictObject({ ...paging, status: z.enum(portOutStatuses).optional() });

/** An authorization has nothing to say; unknown fields are still refused. */
export const portOutAuthorization = z.strictObject({}).meta({ id: 'PortOutAuthorization' });

export const portOutRejection = z
  .strictObject({
    code: z
      .string()
      .min(1)
      .max(50)
      .meta({ description: "One of the port-out's `rejections`: the codes that the carrier takes for it." }),
    reason: z
      .string()
      .trim()
      .min(1)
      .max(500)
      .optional()
      .meta({ description: "In your words, for the carrier's porting desk; some codes need it." }),
  })
  .meta({ id: 'PortOutRejection' });

const answer = z.strictObject({
  decision: z.enum(['authorize', 'reject']),
  code: z.string().optional(),
});
const problem = z.strictObject({ code: z.string(), message: z.string() });
const links = z.strictObject({
  self: z.string(),
  timeline: z.string(),
  workflow: z.string().optional().meta({ description: "The port-out's process in the Temporal Web UI." }),
});

/** What a port-out became, also by an action of a person. */
export const portOutChanged = z
  .strictObject({
    id: z.string(),
    status: z.enum(portOutStatuses),
    since: timestamp,
    answer: answer.extend({ by: z.enum(['rules', 'caller', 'deadline']) }).optional(),
    focAt: timestamp.optional(),
    problems: z.array(problem),
    links,
  })
  .meta({ id: 'PortOutChanged' });

export const portOut = z
  .strictObject({
    ...portOutChanged.shape,
    createdAt: timestamp,
    updatedAt: timestamp,
    phoneNumbers: z.array(z.string()),
    carrier: z.string().meta({ description: 'Id of your carrier that is asked for the numbers.' }),
    carrierPortOutId: z.string(),
    carrierState: z.string().meta({ description: "The carrier's own state, raw." }),
    supportKey: z.string().optional().meta({ description: "How the carrier's porting desk knows it." }),
    gaining: z.strictObject({ name: z.string().optional(), spid: z.string().optional() }),
    orderNumber: z.string().optional().meta({ description: "The gaining carrier's order number (PON)." }),
    subscriberName: z.string().optional().meta({ description: 'Who asks for it, as the gaining carrier says.' }),
    requestedAt: timestamp,
    requestedFocAt: timestamp.optional(),
    focAt: timestamp.optional().meta({ description: 'When the numbers leave.' }),
    textsStay: z.boolean().meta({ description: 'Only voice leaves.' }),
    answerDueAt: timestamp.meta({ description: 'From then on the carrier takes silence for approval.' }),
    secondsToAnswer: z
      .int()
      .optional()
      .meta({ description: 'What is left until then; absent when there is nothing left to answer.' }),
    decideBy: timestamp.meta({ description: 'When the default is answered, if nobody has decided by then.' }),
    byDefault: answer.optional().meta({ description: 'What is answered then.' }),
    approvedWithoutUs: z.boolean().meta({ description: 'The carrier approved it without an answer of ours.' }),
    findings: z.array(
      z.strictObject({
        code: z.string(),
        weight: z.enum(['reject', 'suspect', 'note']),
        meaning: z.string(),
        phoneNumber: z.string().optional(),
      }),
    ),
    rejections: z
      .array(
        z.strictObject({
          code: z.string(),
          description: z.string(),
          reasonRequired: z.boolean(),
          reason: z
            .string()
            .optional()
            .meta({ description: 'What it means to us; absent for a code that we do not know.' }),
        }),
      )
      .meta({ description: 'The codes by which the carrier lets it be rejected.' }),
    waiting: z
      .strictObject({ what: z.string(), since: timestamp, until: timestamp.optional(), next: z.string().optional() })
      .optional(),
  })
  .meta({ id: 'PortOut' });

export const portOutPage = pageOf('PortOutPage', portOut);
export type PortOutAnswer = z.output<typeof portOut>;
