import { describe, expect, test } from 'vitest';
import { type ChecklistQuestion, checklistItems, checklistOf, itemConcerns } from '../../domain/cutover-checklist.ts';

const question = (change: Partial<ChecklistQuestion> = {}): ChecklistQuestion => ({
  country: 'US',
  types: new Set(['fixed-or-mobile']),
  plan: 'move',
  marks: {},
  seen: new Set(),
  ...change,
});
const inState = (state: string, change: Partial<ChecklistQuestion> = {}) =>
  checklistOf(question(change))
    .filter((each) => each.state === state)
    .map((each) => each.item);
const at = new Date('2026-06-01T00:00:00Z');

describe('what is open when nobody has done anything', () => {
  test.each<[string, Partial<ChecklistQuestion>, string[]]>([
    [
      'a US long code',
      {},
      ['voice-route', 'emergency-address', 'sms-settings', 'opt-outs', 'campaign', 'standby-sender'],
    ],
    [
      'a toll-free number',
      { types: new Set(['toll-free']) },
      ['voice-route', 'sms-settings', 'opt-outs', 'toll-free-verification', 'standby-sender'],
    ],
    ['a British number', { country: 'GB' }, ['voice-route', 'sms-settings', 'opt-outs', 'standby-sender']],
    ['voice alone', { plan: 'stay' }, ['voice-route', 'emergency-address']],
    ['texts alone', { plan: 'messaging-only' }, ['sms-settings', 'opt-outs', 'campaign', 'standby-sender']],
    ['both types in one port', { types: new Set(['toll-free', 'fixed-or-mobile']) }, [...checklistItems]],
  ])('%s', (_, change, open) => {
    expect(inState('open', change)).toEqual(open);
  });
});

test('what can be seen needs nobody to say so', () => {
  const seen = new Set(['losing-carrier-is-ours', 'campaign-is-named', 'standby-senders-are-set'] as const);
  expect(inState('done', { seen })).toEqual(['opt-outs', 'campaign', 'standby-sender']);
  expect(inState('open', { seen })).toEqual(['voice-route', 'emergency-address', 'sms-settings']);
});

test('what a person says stands, also against what was seen; taken back, the item is as before', () => {
  const mark = (state: 'done' | 'open' | 'not-applicable') => ({
    campaign: { state, at, revision: 1, reference: 'C1' },
  });
  const item = (state: 'done' | 'open' | 'not-applicable') =>
    checklistOf(question({ marks: mark(state) })).find((each) => each.item === 'campaign');
  expect(item('done')).toMatchObject({ state: 'done', by: 'caller', at, reference: 'C1' });
  expect(item('not-applicable')).toMatchObject({ state: 'not-applicable', by: 'caller' });
  expect(item('open')).toMatchObject({ state: 'open' });
  expect(item('open')).not.toHaveProperty('by');
});

test('a campaign concerns a US long code that moves with its texts, and no other number', () => {
  expect(itemConcerns('campaign', 'move', 'US', 'fixed-or-mobile')).toBe(true);
  expect(itemConcerns('campaign', 'stay', 'US', 'fixed-or-mobile')).toBe(false);
  expect(itemConcerns('campaign', 'move', 'US', 'toll-free')).toBe(false);
  expect(itemConcerns('campaign', 'move', 'FR', 'mobile')).toBe(false);
});
