import { expect, test } from 'vitest';
import { z } from 'zod';
import { invalidRequest, parsedBy } from '../../api/problem.ts';

const schema = z.strictObject({
  kind: z.enum(['otp', 'marketing']).optional(),
  text: z.string().min(1).max(3).optional(),
  pin: z.string().min(4).optional(),
  all: z.array(z.string()).min(1).max(2).optional(),
  count: z.int().min(1).max(9).optional(),
  own: z.string().max(1, 'In words of its own.').optional(),
});

const messages = (of: z.ZodType, sent: unknown) => {
  const { error } = parsedBy(of, sent);
  return error && invalidRequest(error).errors?.map((each) => each.message);
};

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
  expect(messages(schema, sent)).toEqual([message]);
});

test('what was not sent is missing, whatever the schema says of what is', () => {
  const when = z.strictObject({ at: z.iso.datetime('Not a date.'), kind: z.string() });
  expect(messages(when, { at: 'tomorrow' })).toEqual(['Not a date.', 'Is missing.']);
  expect(messages(when, {})).toEqual(['Is missing.', 'Is missing.']);
});

test('what may be several things is told what it is none of', () => {
  const from = z.strictObject({
    from: z.union([z.iso.datetime('Not a date.'), z.string().startsWith('evt_', 'Not the id of an event.')]),
  });
  expect(messages(from, { from: 'yesterday' })).toEqual(['Not a date. Not the id of an event.']);
  expect(messages(from, {})).toEqual(['Is missing.']);
  const value = z.strictObject({ value: z.union([z.string(), z.number()]) });
  expect(messages(value, { value: [] })).toEqual(['Is no string. Is no number.']);
});

test('of several kinds of bodies the field that decides is missing or none of them', () => {
  const either = z.discriminatedUnion('action', [
    z.strictObject({ action: z.literal('enable') }),
    z.strictObject({ action: z.literal('remove') }),
  ]);
  expect(messages(either, {})).toEqual(['Is missing.']);
  expect(messages(either, { action: 'move' })).toEqual(['Is none of enable, remove.']);
});
