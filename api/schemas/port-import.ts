import { z } from 'zod';
import { problemCodes } from '../problem-codes.ts';

/** A file takes so many lines, its heading not counted, and so many bytes; its lines make so many ports and plans. */
export const importLimits = { lines: 20_000, bytes: 16 * 1024 * 1024, orders: 500 } as const;

/** The columns of a file and the field of a port (`PortRequest`) that each of them is. */
export const importColumns = {
  phoneNumber: 'phoneNumbers.0',
  losingCarrier: 'losingCarrier',
  gainingCarrier: 'gainingCarrier',
  messagingPlan: 'messagingPlan',
  portType: 'portType',
  activation: 'activation',
  requestedFocAt: 'requestedFocAt',
  name: 'subscriber.name',
  entityName: 'subscriber.entityName',
  authorizedBy: 'subscriber.authorizedBy',
  accountNumber: 'subscriber.accountNumber',
  pin: 'subscriber.pin',
  billingNumber: 'subscriber.billingNumber',
  taxId: 'subscriber.taxId',
  street: 'subscriber.serviceAddress.street',
  extended: 'subscriber.serviceAddress.extended',
  city: 'subscriber.serviceAddress.city',
  region: 'subscriber.serviceAddress.region',
  postalCode: 'subscriber.serviceAddress.postalCode',
  country: 'subscriber.serviceAddress.country',
  pac: 'authorizationCodes.pac',
  upc: 'authorizationCodes.upc',
  rio: 'authorizationCodes.rio',
  newBillingNumber: 'newBillingNumber',
  consentAct: 'consent.evidence.act',
  consentName: 'consent.evidence.name',
  consentReference: 'consent.evidence.reference',
  consentCapturedAt: 'consent.capturedAt',
} as const;

export type ImportColumn = keyof typeof importColumns;

/** Without these no line can be a port. */
export const neededColumns = [
  'phoneNumber',
  'gainingCarrier',
  'authorizedBy',
  'accountNumber',
  'street',
  'city',
  'postalCode',
  'country',
] as const satisfies readonly ImportColumn[];

/** What can be wrong with one line, besides what can be wrong with a port. */
const lineCodes = ['line-malformed', 'number-repeated', 'losing-carrier-mismatch', 'too-many-orders'] as const;
export type LineCode = (typeof lineCodes)[number] | keyof typeof problemCodes;

export const importLine = z
  .strictObject({
    line: z.int().meta({ description: 'In the file, from 1; the heading is line 1.' }),
    phoneNumber: z
      .string()
      .optional()
      .meta({ description: 'As it stands in the line; absent when that cannot be read.' }),
    status: z.enum(['accepted', 'refused']),
    portId: z.string().optional().meta({ description: 'The port, or the plan, that the number is in now.' }),
    code: z
      .enum([...lineCodes, ...(Object.keys(problemCodes) as (keyof typeof problemCodes)[])])
      .optional()
      .meta({ description: 'Why it was refused.' }),
    errors: z
      .array(z.strictObject({ column: z.string().optional(), message: z.string() }))
      .optional()
      .meta({ description: 'What is wrong, by column.' }),
  })
  .meta({ id: 'ImportLine' });

export const importAnswer = z
  .strictObject({
    id: z.string(),
    accepted: z.int(),
    refused: z.int(),
    ports: z.array(z.strictObject({ id: z.string(), numbers: z.int(), links: z.strictObject({ self: z.string() }) })),
    data: z.array(importLine),
  })
  .meta({ id: 'PortImport', description: 'As NDJSON only the lines are answered, each as one of `data`.' });

export type ImportLine = z.output<typeof importLine>;
export type ImportAnswer = z.output<typeof importAnswer>;
