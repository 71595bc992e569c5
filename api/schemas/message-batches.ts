import { z } from 'zod';
import { mostBatchLines } from '../../domain/batch-line.ts';
import { batchStatuses } from '../../domain/lifecycle/message-batch.ts';
import { messageStatuses } from '../../domain/message.ts';
import { problemCodes } from '../problem-codes.ts';
import { message } from './messages.ts';
import { pageOf, paging } from './page.ts';
import { timestamp } from './timestamp.ts';

/** A line holds a text of 40,000 characters with escapes; bytes. */
export const batchLimits = { lines: mostBatchLines, bytes: 1024 ** 3, longestLine: 256 * 1024 } as const;

export const batchMediaTypes = ['application/x-ndjson', 'text/csv'] as const;

/** What can be wrong with a line, besides what can be wrong with a text. */
export const batchLineCodes = [
  'line-malformed',
  ...(Object.keys(problemCodes) as (keyof typeof problemCodes)[]),
] as const;
export type BatchLineCode = (typeof batchLineCodes)[number];

const lineProblem = z
  .strictObject({
    line: z.int().meta({ description: 'In the file, from 1; the heading of a CSV file is line 1.' }),
    code: z.string().meta({ description: '`line-malformed`, or the code that POST /v1/messages would answer.' }),
    errors: z.array(z.strictObject({ path: z.string().optional(), message: z.string() })),
  })
  .meta({ id: 'BatchLineProblem' });

const tally = z.strictObject({
  status: z.enum(messageStatuses),
  code: z.string().optional().meta({ description: 'Our code of what stood against them.' }),
  texts: z.int(),
  segments: z.int(),
});

const links = z.strictObject({ self: z.string(), problems: z.string(), messages: z.string() });

export const messageBatch = z
  .strictObject({
    id: z.string(),
    status: z.enum(batchStatuses),
    since: timestamp,
    createdAt: timestamp,
    lines: z.int().meta({ description: 'With something in them, the heading left out.' }),
    accepted: z.int(),
    refused: z.int().meta({ description: 'Lines that make no text; see `links.problems`.' }),
    segments: z.int(),
    started: z
      .int()
      .meta({ description: 'Texts that are under way or final; the others wait here, where a pause keeps them.' }),
    account: z.array(tally).meta({
      description: 'What has become of the started texts when they were last counted; of an ended bulk, of all.',
    }),
    links,
  })
  .meta({ id: 'MessageBatch' });

export const batchAccepted = z
  .strictObject({
    id: z.string(),
    status: z.enum(batchStatuses),
    lines: z.int(),
    accepted: z.int(),
    refused: z.int(),
    segments: z.int(),
    problems: z.array(lineProblem).meta({ description: 'The first hundred; see `links.problems`.' }),
    links,
  })
  .meta({ id: 'MessageBatchAccepted' });

export const batchState = z
  .strictObject({ id: z.string(), status: z.enum(batchStatuses), since: timestamp, links })
  .meta({ id: 'MessageBatchState' });

export const batchParams = z.strictObject({ id: z.string().max(100) });
export const batchQuery = z.strictObject(paging);
export const batchPage = pageOf('MessageBatchPage', messageBatch);

const lineNumber = z
  .string()
  .regex(/^\d{1,7}$/, 'A line of the file.')
  .transform(Number)
  .meta({ type: 'integer', minimum: 0 });

export const fromLineQuery = z.strictObject({ from: lineNumber.default(1), limit: paging.limit });

export const batchProblems = z
  .strictObject({
    data: z.array(lineProblem),
    next: z.int().nullable().meta({ description: '`from` of the next page; null on the last one.' }),
  })
  .meta({ id: 'MessageBatchProblems' });

export const batchMessages = z
  .strictObject({
    data: z.array(message),
    next: z.int().nullable().meta({ description: '`from` of the next page; null on the last one.' }),
  })
  .meta({ id: 'MessageBatchMessages' });

export type BatchAcceptedAnswer = z.output<typeof batchAccepted>;
export type MessageBatchView = z.output<typeof messageBatch>;
