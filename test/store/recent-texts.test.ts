import { expect, test } from 'vitest';
import type { MessageDocument } from '../../store/messages.ts';
import { RecentTexts } from '../../store/recent-texts.ts';

const text = (_id: string, rev: number, rest: Partial<MessageDocument> = {}) =>
  ({ _id, rev, ...rest }) as MessageDocument;

test('a text is known at the revision that was noted last, and at no other', () => {
  const recent = new RecentTexts();
  const [first, second] = [text('msg_1', 1), text('msg_1', 2)];
  recent.note([first]);
  expect(recent.at({ _id: 'msg_1', rev: 1 })).toBe(first);
  expect(recent.at({ _id: 'msg_1', rev: 2 })).toBeUndefined();
  recent.note([second]);
  expect(recent.at({ _id: 'msg_1', rev: 1 })).toBeUndefined();
  expect(recent.at({ _id: 'msg_1', rev: 2 })).toBe(second);
  expect(recent.at({ _id: 'msg_2', rev: 2 })).toBeUndefined();
});

test('one that has ended is forgotten', () => {
  const recent = new RecentTexts();
  recent.note([text('msg_1', 1)]);
  recent.note([text('msg_1', 2, { finalAt: new Date() })]);
  expect(recent.at({ _id: 'msg_1', rev: 2 })).toBeUndefined();
});

test('of more than are kept those go that were noted longest ago', () => {
  const recent = new RecentTexts({ most: 2 });
  recent.note([text('a', 1), text('b', 1)]);
  recent.note([text('a', 2), text('c', 1)]);
  expect(recent.at({ _id: 'a', rev: 2 })).toBeDefined();
  expect(recent.at({ _id: 'b', rev: 1 })).toBeUndefined();
  expect(recent.at({ _id: 'c', rev: 1 })).toBeDefined();
});

test('one of which nothing has been noted for half a minute is forgotten', () => {
  let now = 0;
  const recent = new RecentTexts({ now: () => now });
  recent.note([text('a', 1), text('b', 1)]);
  now = 20_000;
  recent.note([text('a', 2)]);
  now = 30_000;
  recent.note([text('c', 1)]);
  expect(recent.at({ _id: 'a', rev: 2 })).toBeDefined();
  expect(recent.at({ _id: 'b', rev: 1 })).toBeUndefined();
});
