import { z } from 'zod';

/** A moment in RFC 3339 as a caller gives it, with any offset. */
export const givenTimestamp = z.iso
  .datetime({ offset: true, message: 'Not a date and time in RFC 3339, like 2027-01-31T09:30:00Z.' })
  .meta({ example: '2027-01-31T09:30:00Z' });

/** A moment as we answer it: RFC 3339 UTC. */
export const timestamp = z.iso.datetime();
