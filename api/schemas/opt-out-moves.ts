import { z } from 'zod';
import { timestamp } from './timestamp.ts';

/** The opt-outs of one number of a port. */
export const optOutMove = z
  .strictObject({
    phoneNumber: z.string(),
    state: z.enum(['exported', 'verified', 'mismatch', 'returned']),
    from: z
      .enum(['list', 'rebuilt', 'nowhere'])
      .meta({ description: 'The losing carrier’s list; rebuilt from ledger, inbound texts and codes; or neither.' }),
    listed: z.int().meta({ description: 'Entries of the losing carrier’s list.' }),
    missing: z.int().optional().meta({ description: 'Persons who were not found where they should be.' }),
    exportedAt: timestamp,
    checkedAt: timestamp.optional(),
    acceptedBy: z.string().optional(),
  })
  .meta({ id: 'OptOutMove' });

export const optOutMoveList = z.strictObject({ data: z.array(optOutMove) }).meta({ id: 'OptOutMoveList' });
