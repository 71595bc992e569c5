import { z } from 'zod';
import { type FieldError, invalidRequest, parsedBy } from '../problem.ts';
import {
  authorizationCodes,
  type PortRequestBody,
  portConsent,
  portRequest,
  serviceAddress,
  subscriber,
} from './ports.ts';

/** A draft becomes one order, not a plan of many. */
const draftedNumbers = portRequest.shape.phoneNumbers.refine(
  (phoneNumbers) => phoneNumbers.length <= 500,
  'A draft has at most 500 numbers.',
);

const partly = {
  losingCarrier: portRequest.shape.losingCarrier,
  messagingPlan: portRequest.shape.messagingPlan,
  portType: portRequest.shape.portType,
  subscriber: subscriber.extend({ serviceAddress: serviceAddress.partial() }).partial().optional(),
  authorizationCodes: authorizationCodes.optional(),
  remainingNumbers: portRequest.shape.remainingNumbers,
  newBillingNumber: portRequest.shape.newBillingNumber,
  consent: portConsent.optional(),
  requestedFocAt: portRequest.shape.requestedFocAt,
  activation: portRequest.shape.activation,
  metadata: portRequest.shape.metadata,
};

/** What a draft has to name: the numbers and where they shall go. Everything else may come later; what is given is checked. */
const portDraft = z
  .strictObject({
    draft: z.literal(true),
    phoneNumbers: draftedNumbers,
    gainingCarrier: portRequest.shape.gainingCarrier,
    ...partly,
  })
  .meta({
    id: 'PortDraft',
    description: 'Kept for 14 days after its last change, and then deleted unless it is submitted.',
  });

/** The body of POST /v1/ports. */
export const portOrder = z.discriminatedUnion('draft', [portDraft, portRequest]);

export type DraftBody = z.output<typeof portDraft>;

export const portDraftChange = z
  .strictObject({
    phoneNumbers: draftedNumbers.optional(),
    gainingCarrier: portRequest.shape.gainingCarrier.optional(),
    ...partly,
    messagingPlan: z.enum(['move', 'stay', 'messaging-only']).optional(),
    portType: z.enum(['full', 'partial']).optional(),
    activation: z.enum(['automatic', 'on-demand']).optional(),
  })
  .meta({ id: 'PortDraftChange', description: 'Only what changes; everything else stays as it was.' });

export type DraftChangeBody = z.output<typeof portDraftChange>;

/** The draft after a change. */
export function completed(body: DraftBody, change: DraftChangeBody): DraftBody {
  return {
    ...body,
    ...given(change),
    ...((body.subscriber || change.subscriber) && {
      subscriber: {
        ...body.subscriber,
        ...change.subscriber,
        serviceAddress: { ...body.subscriber?.serviceAddress, ...change.subscriber?.serviceAddress },
      },
    }),
    ...(change.authorizationCodes && {
      authorizationCodes: { ...body.authorizationCodes, ...change.authorizationCodes },
    }),
  };
}

/** What stands against submitting a draft: all of it is missing, for what was given has been checked. */
export function missingFields({ draft: _draft, ...body }: DraftBody): FieldError[] {
  const parsed = parsedBy(portRequest, body satisfies Partial<Record<keyof PortRequestBody, unknown>>);
  return parsed.success ? [] : [...(invalidRequest(parsed.error).errors ?? [])];
}

function given<T extends object>(change: T): Partial<T> {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) as Partial<T>;
}
