import { z } from 'zod';
import { timestamp } from './timestamp.ts';

export const archivedRun = z
  .strictObject({
    workflowId: z.string(),
    runId: z.string(),
    type: z.string(),
    status: z
      .string()
      .meta({ description: 'How it ended, as Temporal names it; CONTINUED_AS_NEW: another run follows.' }),
    startedAt: timestamp,
    closedAt: timestamp,
    events: z.int().meta({ description: 'Of its history.' }),
    sha256: z.string().meta({ description: 'Of its history (protobuf).' }),
    archivedAt: timestamp,
  })
  .meta({ id: 'ArchivedRun' });

export const archivedRunList = z.strictObject({ data: z.array(archivedRun) }).meta({ id: 'ArchivedRunList' });
