import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { beginsAType, eventTypes } from '../../domain/event-types.ts';
import { orderStatuses } from '../../domain/lifecycle/order.ts';
import { planStatuses } from '../../domain/lifecycle/plan.ts';
import { portOutStatuses } from '../../domain/lifecycle/port-out.ts';

it('docs/events.md shows the list as it is', () => {
  const document = readFileSync(new URL('../../docs/events.md', import.meta.url), 'utf8');
  const rows = [...document.matchAll(/^\| `([^`]+)` \| (.+) \|$/gm)].map(([, type, means]) => ({ type, means }));
  expect(rows).toEqual(eventTypes);
});

it('has each kind once, and one for each status that an order, a plan or a port-out can get', () => {
  const types = eventTypes.map(({ type }) => type);
  expect(new Set(types).size).toBe(types.length);
  const gets = [
    ...orderStatuses.map((status) => `order.${status}`),
    ...planStatuses.map((status) => `plan.${status}`),
    ...portOutStatuses.map((status) => `port-out.${status}`),
  ];
  expect(types).toEqual(expect.arrayContaining(gets));
});

it('knows what a type begins with', () => {
  expect(['order.', 'number.ported', 'port', 'port-out.'].filter(beginsAType)).toHaveLength(4);
  expect(['zzz', 'order.completed.x', 'numbers.ported'].filter(beginsAType)).toEqual([]);
});
