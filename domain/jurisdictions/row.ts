import { z } from 'zod';
import { weekdays } from '../contact-hours.ts';

/** One weekday, or several in a row, like `mon-fri`. */
const days = z.string().transform((text, context) => {
  const [first = '', last = first] = text.split('-');
  const from = (weekdays as readonly string[]).indexOf(first);
  const to = (weekdays as readonly string[]).indexOf(last);
  if (from < 0 || to < from) {
    context.addIssue({
      code: 'custom',
      message: `must be weekdays like mon or mon-fri, in this order; it is «${text}»`,
    });
    return z.NEVER;
  }
  // ISO 8601: Monday is 1.
  return Array.from({ length: to - from + 1 }, (_, index) => from + index + 1);
});

const clock = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'must be a time of day from 00:00 to 24:00')
  .transform((text) => {
    const [hour = 0, minute = 0] = text.split(':').map(Number);
    return { hour, minute };
  });

const zone = z.string().refine((name) => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}, 'must be a zone of the IANA database');

const consentLevel = z.enum(['implied', 'express', 'express-written']);
export type ConsentLevel = z.output<typeof consentLevel>;

/** When marketing may arrive, by the clocks of the recipient. */
const hours = z.strictObject({
  open: z
    .array(
      z
        .strictObject({ days, from: clock, to: clock })
        .refine(
          ({ from, to }) => from.hour * 60 + from.minute < to.hour * 60 + to.minute,
          '`from` must be before `to`',
        ),
    )
    .min(1),
  holidays: z.enum(['open', 'closed']),
  /** Days that are closed, too, in the grammar of date-holidays. */
  alsoClosed: z.array(z.string()).default([]),
  /** The hours bind by the clocks of these zones, too. */
  alsoZones: z.array(zone).default([]),
  /** A consent of such a kind exempts from these hours. */
  exemptWith: z.array(consentLevel).default([]),
});

/** Registers of senders: of campaigns on US long codes, of toll-free senders, of names in Australia, of headers in India. */
export const registrationSchemes = ['10dlc', 'toll-free', 'sender-id', 'dlt'] as const;
export type RegistrationScheme = (typeof registrationSchemes)[number];

const registration = z.strictObject({
  scheme: z.enum(registrationSchemes),
  senders: z.array(z.enum(['number', 'toll-free', 'short-code', 'alphanumeric'])).min(1),
  /** What becomes of texts of a sender of which it is not known whether it is registered. */
  unknown: z.enum(['allow', 'refuse']),
  note: z.string().optional(),
});
export type RegistrationRule = z.output<typeof registration>;

export const contentRules = ['sender-named', 'opt-out', 'no-link', 'no-phone-number'] as const;
export type ContentRule = (typeof contentRules)[number];

/** What one place asks of texts to people there. A state's row adds to its country's. */
const row = z
  .strictObject({
    /** ISO 3166-2 of a state, ISO 3166-1 of a country, `EU`. */
    code: z.string().regex(/^[A-Z]{2}(-[A-Z0-9]{1,3})?$/, 'must be a code of ISO 3166, like US or US-FL'),
    name: z.string().min(1),
    /** The countries whose people it protects; a state has none of its own. */
    countries: z.array(z.string().regex(/^[A-Z]{2}$/)).optional(),
    hours,
    consent: z.strictObject({ marketing: consentLevel, impliedMonths: z.int().min(1).optional() }).optional(),
    /** So many marketing texts of all senders together in so many hours. */
    cap: z.strictObject({ texts: z.int().min(1), hours: z.int().min(1).max(24) }).optional(),
    /** There is a register of numbers that have been given to somebody else; it gets its data on this day of each month. */
    reassignedNumbers: z.strictObject({ updatedOnDay: z.int().min(1).max(28) }).optional(),
    content: z.array(z.enum(contentRules)).default([]),
    senderPrefix: z.string().optional(),
    registration: z.array(registration).default([]),
    /** Where sources disagree: what the other one says, and what is applied. */
    conflicts: z.array(z.strictObject({ about: z.string(), says: z.string(), applied: z.string() })).default([]),
    notes: z.array(z.string()).default([]),
    source: z.string().min(1),
    verifiedAt: z.iso.date(),
    /** R: read at its source; K: known, to be read. */
    confidence: z.enum(['R', 'K']),
  })
  .refine(({ code, countries }) => code.includes('-') !== (countries !== undefined), {
    path: ['countries'],
    message: 'must name the countries that the row is about; a state has none of its own',
  });
export type JurisdictionRow = z.output<typeof row>;

export const jurisdictionFile = z
  .strictObject({
    title: z.string(),
    /** Counts changes of the rows; stands in every decision. */
    version: z.int().min(1),
    /** A row is due for review so many months after it was verified, by its confidence. */
    reviewMonths: z.strictObject({ R: z.int().min(1), K: z.int().min(1) }),
    notes: z.array(z.string()).default([]),
    rows: z.array(row).min(1),
  })
  .superRefine(({ rows }, context) => {
    const codes = rows.map(({ code }) => code);
    codes.forEach((code, index) => {
      if (codes.indexOf(code) !== index) {
        context.addIssue({ code: 'custom', path: ['rows', index, 'code'], message: `«${code}» stands there twice` });
      }
      const country = code.slice(0, 2);
      if (code.includes('-') && !codes.includes(country)) {
        context.addIssue({
          code: 'custom',
          path: ['rows', index, 'code'],
          message: `has no row of its country ${country}`,
        });
      }
    });
  });
export type JurisdictionFile = z.output<typeof jurisdictionFile>;
