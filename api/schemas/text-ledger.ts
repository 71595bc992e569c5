import { z } from 'zod';
import { finalStatuses } from '../../domain/message.ts';
import { ledgerPlaces } from '../../domain/text-ledger.ts';
import { timestamp } from './timestamp.ts';

const count = z.int();

const placeAccount = z
  .strictObject({
    total: count,
    open: count.meta({ description: 'Not final yet.' }),
    ...(Object.fromEntries(finalStatuses.map((status) => [status, count])) as Record<
      (typeof finalStatuses)[number],
      typeof count
    >),
  })
  .meta({ id: 'PlaceAccount', description: 'Texts by what has become of them.' });

const ledgerAccount = z
  .strictObject({
    texts: count.meta({ description: 'All of them; each has exactly one place.' }),
    places: z
      .strictObject(
        Object.fromEntries(ledgerPlaces.map((place) => [place, placeAccount])) as Record<
          (typeof ledgerPlaces)[number],
          typeof placeAccount
        >,
      )
      .meta({
        description:
          '`old-side`, `new-side`: the losing, the gaining carrier took them; `standby`: the standby sender sent them; `elsewhere`: a third carrier took them; `held`: they wait, or waited until their time was over; `refused`: nobody took them, with a reason; `unknown`: nobody knows whether a carrier took them; `under-way`: on their way to a carrier.',
      }),
    waited: z
      .strictObject({ texts: count, ms: count, longestMs: count })
      .meta({ description: 'How many were held, for how long altogether and at most, in milliseconds.' }),
    lost: count.meta({ description: 'Ended without being delivered, though no rule refused them.' }),
  })
  .meta({ id: 'LedgerAccount' });

const inbound = z
  .strictObject({
    oldSide: count,
    newSide: count,
    elsewhere: count,
    copies: count.meta({ description: 'Came by both carriers; forwarded once.' }),
  })
  .meta({ description: 'Texts to the number, by the carrier that delivered them; until two days after it had moved.' });

export const textLedger = z
  .strictObject({
    total: ledgerAccount,
    numbers: z.array(
      z.strictObject({
        phoneNumber: z.string(),
        begunAt: timestamp.meta({ description: 'Since when nobody could say who routes its texts.' }),
        endedAt: timestamp.optional(),
        outcome: z.enum(['ported', 'returned']).optional(),
        countedAt: timestamp
          .optional()
          .meta({ description: 'When it was counted for good, because all texts were final; else it is as of now.' }),
        outbound: ledgerAccount,
        awaitingIt: ledgerAccount.meta({
          description: 'Texts of others of your numbers to this one that waited for it.',
        }),
        inbound,
      }),
    ),
  })
  .meta({ id: 'TextLedger' });

export const textLedgerQuery = z.strictObject({
  format: z.enum(['json', 'csv']).optional().meta({
    description: 'Instead of the Accept header. JSON is the account; CSV names each text, as long as texts are kept.',
  }),
});

export type TextLedgerAnswer = z.output<typeof textLedger>;
