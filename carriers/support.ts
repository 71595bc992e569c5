import { IANAZone } from 'luxon';
import { z } from 'zod';
import { weekdays } from '../domain/contact-hours.ts';

const clock = z
  .string()
  .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'is a time of the day like "09:00", at most "24:00"');
const phone = z.string().regex(/^\+[1-9]\d{6,14}$/, 'is a phone number in E.164, like +15125550100');
const email = z.email('is a mail address');

const contact = z
  .strictObject({
    /** Hours after the escalation before this one. */
    afterHours: z.number().min(0).max(720),
    email: email.optional(),
    phone: phone.optional(),
    name: z.string().min(1).max(100).optional(),
  })
  .refine((given) => given.email !== undefined || given.phone !== undefined, 'needs an email or a phone');

/** Whom to write to at a carrier, and when they are there: for orders that are stuck, and at carriers without comments on orders. */
export const support = z.strictObject({
  email: email.optional(),
  ticketUrl: z.url({ protocol: /^https?$/, error: 'is an address like https://support.example.com' }).optional(),
  phone: phone.optional(),
  hours: z
    .strictObject({
      zone: z.string().refine((zone) => IANAZone.isValidZone(zone), 'is a zone like America/Chicago'),
      days: z.array(z.enum(weekdays)).min(1),
      from: clock,
      to: clock,
    })
    .refine(({ from, to }) => from < to, 'begin before they end; of a night shift name the part of the day')
    .optional(),
  /** In the order in which they are called upon. */
  escalation: z.array(contact).max(10).default([]),
});

export type Support = z.output<typeof support>;
