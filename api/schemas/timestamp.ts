import { z } from 'zod';

/** A moment in RFC 3339 as a caller gives it, with any offset. */
export const givenTimestamp = z.iso
  .datetime({ offset: true, message: 'Not a date and time in RFC 3339, like 2027-01-31T09:30:00Z.' })
  .refine((given) => inOurTimes(new Date(given)), 'Is not between the years 1970 and 2200.')
  .meta({ example: '2027-01-31T09:30:00Z' });

/** Nothing that this product is told of happened before, or is agreed for later. What is no moment at all is told elsewhere. */
function inOurTimes(moment: Date): boolean {
  return Number.isNaN(moment.getTime()) || (moment >= new Date('1970-01-01') && moment < new Date('2200-01-01'));
}

/** A moment as we answer it: RFC 3339 UTC. */
export const timestamp = z.iso.datetime();
