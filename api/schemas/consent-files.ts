import { z } from 'zod';
import { consentRequest, consentRevocation, reassignmentCheck } from './consents.ts';
import { phoneNumber } from './phone-number.ts';

/** Bytes of evidence as JSON: as much as a consent through the API can have. */
const longestEvidence = 20_000;

/** What an export has besides, and an import passes over: the event's place in the ledger that it comes from. */
const passedOver = {
  id: z.string().optional(),
  at: z.string().optional(),
  source: z.string().optional(),
  expiresBecause: z.string().optional(),
  grantsUntil: z.string().optional(),
  revokes: z.string().optional(),
  about: z.string().optional(),
  honourBy: z.string().optional(),
  reassigned: z.string().optional(),
  portId: z.string().optional(),
  chain: z.unknown().optional(),
};

const evidence = z
  .record(z.string(), z.unknown())
  .refine((given) => JSON.stringify(given).length <= longestEvidence, `Is longer than ${longestEvidence} characters.`);

const { sender, kinds, lawfulBasis, impliedBy, jurisdiction, capturedAt, expiresAt } = consentRequest.shape;
const { revokedAt, channel, words } = consentRevocation.shape;

/** A consent in a file. */
export const grantedLine = z.strictObject({
  type: z.literal('granted').default('granted'),
  phoneNumber,
  sender,
  kinds,
  basis: z.enum(['express-written', 'express', 'soft-opt-in', 'implied', 'opt-in']),
  lawfulBasis,
  impliedBy,
  jurisdiction,
  capturedAt,
  expiresAt,
  evidence: evidence.refine((given) => given.act !== undefined, 'Has to say what the person did: `act`.'),
  ...passedOver,
});

/** A no in a file. */
export const revokedLine = z.strictObject({
  type: z.literal('revoked'),
  phoneNumber,
  sender,
  kinds,
  basis: z.literal('opt-out').optional(),
  jurisdiction,
  revokedAt,
  capturedAt,
  channel: channel.optional(),
  words,
  evidence: evidence.optional(),
  ...passedOver,
});

/** What a look-up said of a number, in a file; of all consents on record that were given before it. */
export const checkedLine = z.strictObject({
  ...passedOver,
  type: z.literal('checked'),
  phoneNumber,
  sender,
  kinds,
  basis: z.string().optional(),
  jurisdiction,
  // As the Reassigned Numbers Database of the FCC writes it, too.
  reassigned: z.enum(['yes', 'no', 'no-data', 'no_data']).transform((says) => (says === 'no_data' ? 'no-data' : says)),
  checkedAt: reassignmentCheck.shape.checkedAt,
  evidence: z.object({ source: reassignmentCheck.shape.source.default('a file') }).prefault({}),
});
export type CheckedLine = z.output<typeof checkedLine>;

/** What came of a file of consents. */
export const consentImportAnswer = z
  .strictObject({
    recorded: z.int().meta({ description: 'Events that are new.' }),
    known: z.int().meta({ description: 'Events that were on record already: the same line came before.' }),
    passedOver: z
      .int()
      .meta({ description: 'Notes of the ledger that the file comes from: they follow from the others.' }),
    refused: z.int(),
    refusals: z
      .array(
        z.strictObject({
          line: z.int(),
          errors: z.array(z.strictObject({ path: z.string().optional(), message: z.string() })),
        }),
      )
      .meta({ description: 'What is wrong with the first hundred of them.' }),
  })
  .meta({ id: 'ConsentImportAnswer' });

export type ConsentImportAnswer = z.output<typeof consentImportAnswer>;
