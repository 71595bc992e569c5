import { expect, it } from 'vitest';
import { escalationReasons, escalationText } from '../../domain/escalation-text.ts';

const about = { reason: 'answer-overdue', level: 0, orderId: 'order-1', portId: 'port_1' };

it('has a wording of its own for each reason, with what it is about', () => {
  const texts = escalationReasons.map((reason) => escalationText({ ...about, reason }));
  expect(new Set(texts).size).toBe(escalationReasons.length);
  for (const text of texts) expect(text).toMatch(/^Please look .*[^{}]* Order order-1, our reference port_1\.$/);
});

it('names a reason that it has no wording for', () => {
  const text = escalationText({ ...about, reason: 'something-new', orderId: undefined });
  expect(text).toContain('something-new');
  expect(text).toMatch(/Our reference: port_1\.$/);
});

it('says how often it was said before', () => {
  expect(escalationText({ ...about, level: 1 })).toMatch(/^Second request/);
  expect(escalationText({ ...about, level: 2 })).toMatch(/^Urgent, request 3/);
});
