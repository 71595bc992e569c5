import { z } from 'zod';
import { consentEvent, consentRequest, consentRevocation, reassignmentCheck } from './consents.ts';
import { phoneNumber } from './phone-number.ts';

/** Characters of evidence as JSON: as much as a consent through the API can have, each written as `\u0001`. */
const longestEvidence = 131_072;

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

/** As the ledger makes them. */
export const ledgerId = /^(cns|con)_[0-9a-f]{32}$/;
/** What is stored as it is holds no words: nobody's number or name comes into the ledger in plain. */
export const anyId = z.string().regex(/^[a-z]{2,12}_[0-9a-f]{1,32}$/);
const ruleName = z.string().regex(/^[A-Za-z][A-Za-z0-9-]{1,60}$/);
const keyedHash = z.string().regex(/^num_[0-9a-f]{32}$/);
/** A number, a short code, a name: as a text has come from it, and be it one that no numbering plan knows. */
const party = z.string().min(1).max(40);

/** An event of a ledger, as an export has it. Its id says that it is one. */
export const ledgerLine = z.strictObject({
  id: z.string().regex(ledgerId),
  type: consentEvent.shape.type,
  phoneNumber: party.optional(),
  sender: party.optional(),
  // Of whom nothing names any more.
  subjectKey: keyedHash.optional(),
  senderKey: keyedHash.optional(),
  keyedUnder: z.string().max(100).optional(),
  kinds,
  basis: consentEvent.shape.basis,
  lawfulBasis,
  source: consentEvent.shape.source.exclude(['tampered']),
  capturedAt,
  revokedAt,
  checkedAt: reassignmentCheck.shape.checkedAt,
  expiresAt,
  grantsUntil: expiresAt,
  expiresBecause: ruleName.optional(),
  revokes: z.string().regex(ledgerId).optional(),
  about: z.string().regex(ledgerId).optional(),
  honourBy: expiresAt,
  // `001` for numbers of no country.
  jurisdiction: z
    .string()
    .regex(/^([A-Z]{2}(-[A-Z0-9]{1,3})?|\d{3})$/)
    .optional(),
  reassigned: consentEvent.shape.reassigned,
  portId: anyId.optional(),
  imported: z.literal(true).optional(),
  // Its place there; here it gets another.
  chain: z.unknown().optional(),
  evidence: evidence.default({}),
});

/** What came of a file of consents. */
export const consentImportAnswer = z
  .strictObject({
    recorded: z.int().meta({ description: 'Events that are new.' }),
    known: z.int().meta({ description: 'Events that were on record already: the same line came before.' }),
    passedOver: z.int().meta({
      description:
        'Lines without an id of a ledger that are notes (`requested`, `expired`, `honoured`, `paused`, `resumed`).',
    }),
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
