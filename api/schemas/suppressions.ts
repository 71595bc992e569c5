import { z } from 'zod';
import { senderKinds } from '../../domain/suppression.ts';
import { phoneNumber } from './phone-number.ts';
import { timestamp } from './timestamp.ts';

const senderKind = z
  .enum(senderKinds)
  .meta({ description: 'The kind of sender that can’t reach it; another kind may.' });

export const suppressionQuery = z.strictObject({ phoneNumber });
export const suppressionPath = z.strictObject({ e164: phoneNumber });
export const suppressionScope = z.strictObject({ senderKind: senderKind.optional() });

export const suppressionList = z
  .strictObject({
    data: z.array(
      z.strictObject({
        senderKind,
        since: timestamp,
        until: timestamp,
        code: z.string(),
        carrierCode: z.string().optional(),
        messageId: z.string().meta({ description: 'The text that failed.' }),
      }),
    ),
  })
  .meta({ id: 'SuppressionList' });

export const suppressionsRemoved = z.strictObject({ removed: z.int() }).meta({ id: 'SuppressionsRemoved' });
