import { expect, test } from 'vitest';
import type { ConsentDocument } from '../../store/consents.ts';
import { ownStore } from './own-store.ts';

const own = ownStore();

function grant(id: string, subjectKey: string, second: number): ConsentDocument {
  return {
    _id: id,
    type: 'granted',
    subjectKey,
    basis: 'express',
    source: 'api',
    at: new Date(Date.UTC(2027, 0, 1, 0, 0, second)),
    evidence: own.store.vault.seal('{}'),
  };
}

test('an event is appended once; a repetition changes nothing', async () => {
  const { consents } = own.store;
  const appended = await Promise.all(
    Array.from({ length: 6 }, (_, i) =>
      consents.append({ ...grant('con_1', 'num_a', 1), basis: i ? 'implied' : 'express' }),
    ),
  );
  expect(appended.filter(Boolean)).toHaveLength(1);
  const first = await consents.find('con_1');
  await consents.append({ ...grant('con_1', 'num_a', 1), type: 'revoked' });
  expect(await consents.find('con_1')).toEqual(first);
});

test("people's events come together, oldest first", async () => {
  const { consents } = own.store;
  for (const [id, subject, second] of [
    ['con_4', 'num_b', 4],
    ['con_2', 'num_b', 2],
    ['con_3', 'num_c', 3],
    ['con_5', 'num_d', 5],
  ] as const) {
    await consents.append(grant(id, subject, second));
  }
  const found = await consents.ofSubjects(['num_b', 'num_c', 'num_b', 'num_none']);
  expect([...found].map(([subject, events]) => [subject, events.map(({ _id }) => _id)])).toEqual([
    ['num_b', ['con_2', 'con_4']],
    ['num_c', ['con_3']],
  ]);
});
