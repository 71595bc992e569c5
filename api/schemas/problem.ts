import { z } from 'zod';
import { problemCodes } from '../problem-codes.ts';

/** RFC 9457, with a stable code. */
export const problemAnswer = z
  .strictObject({
    type: z.string().meta({ example: 'urn:portsms:problem:invalid-request' }),
    title: z.string(),
    status: z.int(),
    code: z.enum(Object.keys(problemCodes)),
    detail: z.string(),
    errors: z
      .array(z.strictObject({ path: z.string(), message: z.string(), code: z.string().optional() }))
      .optional()
      .meta({ description: 'What is wrong with which field; never repeats the value.' }),
    requestId: z.string(),
  })
  .meta({ id: 'Problem' });
