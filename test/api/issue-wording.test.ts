import { expect, test } from 'vitest';
import { z } from 'zod';
import { parsedBy } from '../../api/problem.ts';

const schema = z.strictObject({
  kind: z.enum(['otp', 'marketing']).optional(),
  text: z.string().min(1).max(3).optional(),
  pin: z.string().min(4).optional(),
  all: z.array(z.string()).min(1).max(2).optional(),
  count: z.int().min(1).max(9).optional(),
  own: z.string().max(1, 'In words of its own.').optional(),
});

test.each([
  [{ kind: 'promo' }, 'Is none of otp, marketing.'],
  [{ text: '' }, 'Is empty.'],
  [{ text: 'long' }, 'Must be at most 3 characters.'],
  [{ text: 4 }, 'Is no string.'],
  [{ pin: '1' }, 'Must be at least 4 characters.'],
  [{ all: [] }, 'Is empty.'],
  [{ all: ['', '', ''] }, 'Must be at most 2 entries.'],
  [{ count: 0 }, 'Must be at least 1.'],
  [{ count: 10 }, 'Must be at most 9.'],
  [{ own: 'long' }, 'In words of its own.'],
  [{ other: 1, more: 2 }, 'Is not known here: other, more.'],
])('%j: %s', (sent, message) => {
  expect(parsedBy(schema, sent).error?.issues.map((issue) => issue.message)).toEqual([message]);
});
