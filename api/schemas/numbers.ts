import { z } from 'zod';
import { isContact } from '../../domain/contact.ts';
import { registrationSchemes } from '../../domain/jurisdictions/row.ts';
import { driftKinds } from '../../domain/routing-drift.ts';
import { pageOf, paging } from './page.ts';
import { phoneNumber } from './phone-number.ts';
import { givenTimestamp, timestamp } from './timestamp.ts';

export const numberParams = z.strictObject({ e164: phoneNumber });
export const numberQuery = z.strictObject({
  ...paging,
  drift: z
    .enum(['true'])
    .optional()
    .meta({ description: 'Only numbers whose record is not as the portability database or their carrier has it.' }),
});

const secretWord = (longest: number) => z.string().trim().min(1).max(longest);

const portOutAccount = z
  .strictObject({
    accountNumber: secretWord(100).optional(),
    pin: secretWord(50).optional(),
    postalCode: secretWord(20).optional(),
  })
  .refine((account) => Object.keys(account).length > 0, 'Give at least one of its fields, or null to remove it.')
  .meta({
    id: 'PortOutAccount',
    description: 'By what another carrier proves that it may take the number away. Kept as keyed hashes; never shown.',
  });

const senderRegistration = z
  .strictObject({
    scheme: z.enum(registrationSchemes),
    state: z.enum(['registered', 'pending', 'refused']),
    reference: z.string().min(1).max(100).optional().meta({ description: 'Id of the campaign, header or entity.' }),
  })
  .meta({ id: 'SenderRegistration' });

export const numberRequest = z
  .strictObject({
    carrier: z.string().min(1).max(64).meta({ description: 'Id of the carrier that the number is with.' }),
    standbySender: phoneNumber.optional().meta({
      description:
        'Another of your numbers, of the same brand and not porting: it carries urgent texts while this one moves.',
    }),
    portOutLock: z.boolean().optional().meta({
      description: 'Whether every request to take the number away is rejected. Stays as it is when left out.',
    }),
    portOutAccount: portOutAccount.nullable().optional().meta({
      description: 'Replaces what was registered; null removes it. Stays as it is when left out.',
    }),
    simChangedAt: givenTimestamp.optional().meta({
      description: 'When the SIM of a mobile number was changed last: soon afterwards a port-out is suspicious.',
    }),
    brand: z.string().trim().min(2).max(60).nullable().optional().meta({
      description:
        'The name by which recipients know who sends: marketing must hold it where the law wants the sender named, and answers to STOP, START and HELP begin with it. Null removes it; stays as it is when left out.',
    }),
    contact: z
      .string()
      .trim()
      .refine(isContact, 'Must be a mail address, a phone number or a web page.')
      .nullable()
      .optional()
      .meta({
        description:
          'Where recipients get help, as the answer to HELP says: a mail address, a phone number or a web page. Null removes it; stays as it is when left out.',
      }),
    registrations: z.array(senderRegistration).max(registrationSchemes.length).optional().meta({
      description: 'Where the number is registered as a sender. Replaces what was; stays as it is when left out.',
    }),
  })
  .meta({ id: 'NumberRequest' });

export const numberAnswer = z
  .strictObject({
    phoneNumber: z.string(),
    own: z.boolean(),
    country: z.string().optional(),
    type: z.string().optional(),
    routing: z.strictObject({
      state: z.enum(['settled', 'uncertain', 'gone']),
      carrier: z.string().optional().meta({ description: 'Which of your carriers its texts go by.' }),
      textsRemoved: z.literal(true).optional().meta({ description: 'Nobody carries its texts: they are refused.' }),
      losingCarrier: z.string().optional(),
      gainingCarrier: z.string().optional(),
      portId: z.string().optional(),
      since: timestamp.optional(),
    }),
    standbySender: z.string().optional(),
    openPort: z.string().optional().meta({ description: 'Id of the port that is under way.' }),
    lookUp: z
      .strictObject({
        ported: z.boolean(),
        lrn: z.string().optional(),
        spid: z.string().optional(),
        carrierName: z.string().optional(),
        type: z.string().optional(),
        source: z.string(),
        at: timestamp,
      })
      .optional()
      .meta({ description: 'What the portability database said last, and when.' }),
    voiceAt: z.string().optional().meta({
      description:
        'Which of your carriers has its calls, where that is not the one of its texts; elsewhere: none of yours.',
    }),
    checkedAt: timestamp
      .optional()
      .meta({ description: 'When the record was last compared with database and carrier.' }),
    drift: z
      .strictObject({ kind: z.enum(driftKinds), seenAt: timestamp, detail: z.array(z.string()) })
      .optional()
      .meta({ description: 'The record is not as the world has it: somebody should look.' }),
    history: z
      .array(
        z.strictObject({
          portId: z.string(),
          at: timestamp,
          from: z.string().optional(),
          to: z
            .string()
            .optional()
            .meta({ description: 'Absent where its texts were removed and nobody carries them.' }),
        }),
      )
      .meta({ description: 'Its moves, the latest last.' }),
    registeredAt: timestamp,
    portOutLock: z.boolean(),
    portOutAccount: z
      .strictObject({ accountNumber: z.boolean(), pin: z.boolean(), postalCode: z.boolean(), setAt: timestamp })
      .optional()
      .meta({ description: 'Which values are registered, and when they were; never the values.' }),
    simChangedAt: timestamp.optional(),
    brand: z.string().optional(),
    contact: z.string().optional(),
    registrations: z.array(senderRegistration).optional(),
  })
  .meta({ id: 'Number' });

export const numberPage = pageOf('NumberPage', numberAnswer);
export type NumberAnswer = z.output<typeof numberAnswer>;
export type NumberRequest = z.output<typeof numberRequest>;
