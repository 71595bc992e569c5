import { z } from 'zod';
import { checklistStates } from '../../domain/cutover-checklist.ts';
import { timestamp } from './timestamp.ts';

const state = z.enum(checklistStates);

export const checklistParams = z.strictObject({ id: z.string().max(100), item: z.string().max(64) });

export const checklistRequest = z
  .strictObject({
    state,
    reference: z
      .string()
      .regex(/^[A-Za-z0-9-]{1,64}$/, 'At most 64 letters, digits and -.')
      .optional()
      .meta({
        description: 'What it was done with; of `campaign` the id of the campaign that the numbers are attached to.',
      }),
  })
  .meta({ id: 'ChecklistRequest' });

const checklistItem = z
  .strictObject({
    item: z.string(),
    state,
    what: z.string().meta({ description: 'What is to be done.' }),
    why: z.string(),
    by: z.enum(['portsms', 'caller']).optional().meta({ description: 'Who said so; `portsms`: it was found out.' }),
    at: timestamp.optional(),
    reference: z.string().optional(),
  })
  .meta({ id: 'ChecklistItem' });

export const portChecklist = z
  .strictObject({
    open: z.array(z.string()).meta({ description: 'Items that are to be done before the agreed date.' }),
    warning: z.string().optional().meta({ description: 'The date is near or over, and items are open.' }),
    items: z.array(checklistItem),
  })
  .meta({ id: 'PortChecklist' });

export type ChecklistAnswer = z.output<typeof portChecklist>;
