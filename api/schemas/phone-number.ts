import { z } from 'zod';
import { parsePhoneNumber } from '../../domain/phone-number.ts';
import { parseSender } from '../../domain/sender.ts';

/** A phone number in E.164 that its country's numbering plan knows. The messages repeat nothing of the value. */
export const phoneNumber = z
  .string()
  .superRefine((value, context) => {
    const parsed = parsePhoneNumber(value);
    if (!parsed.ok) context.addIssue({ code: 'custom', message: parsed.message, params: { code: parsed.code } });
  })
  .meta({ description: 'A phone number in E.164.', pattern: '^\\+[1-9]\\d{6,14}$', example: '+12025550143' });

/** E.164, a short code, or a name of at most 11 characters. */
export const sender = z
  .string()
  .superRefine((value, context) => {
    const parsed = parseSender(value);
    if (!parsed.ok) context.addIssue({ code: 'custom', message: parsed.message, params: { code: parsed.code } });
  })
  .meta({
    description: 'Who a text is from: one of your numbers in E.164, a short code, or a name of at most 11 characters.',
    example: '+12025550143',
  });
