import { z } from 'zod';

/** The caller's own data, kept sealed and given back. */
export const metadata = z
  .record(z.string().min(1).max(64), z.union([z.string().max(1000), z.number(), z.boolean()]))
  .refine((entries) => Object.keys(entries).length <= 20, 'At most 20 entries.')
  .meta({ description: 'Your own data: up to 20 entries, kept and given back.', example: { orderId: 'A-1001' } });
