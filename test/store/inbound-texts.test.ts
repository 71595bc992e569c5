import { expect, test } from 'vitest';
import { copyAmong, copyWindowMs } from '../../domain/inbound-copies.ts';
import type { InboundPartDocument } from '../../store/inbound-texts.ts';
import { ownStore } from './own-store.ts';
import { ours, theirs } from './samples.ts';

const own = ownStore();

function part(id: string, rest: Partial<InboundPartDocument> = {}): InboundPartDocument {
  const { vault } = own.store;
  const receivedAt = rest.receivedAt ?? new Date();
  return {
    _id: id,
    group: 'group',
    carrier: 'alpha',
    sequence: 1,
    total: 2,
    fromKey: vault.numberKey(theirs),
    from: vault.seal(theirs),
    toKey: vault.numberKey(ours),
    to: vault.seal(ours),
    text: vault.seal('part'),
    receivedAt,
    forgetAt: new Date(Date.now() + 3600_000),
    ...rest,
  };
}

test('equal texts that arrive at once by two carriers: every arrival is entered once, and one is no copy', async () => {
  const { inboundTexts } = own.store;
  for (let round = 0; round < 10; round += 1) {
    const key = `arrival-${round}`;
    // Each is entered three times, as by carriers that repeat themselves.
    const texts = ['alpha', 'telnyx'].map((carrier) => ({ textId: `in_${carrier}_${round}`, carrier }));
    await Promise.all([...texts, ...texts, ...texts].map((text) => inboundTexts.arrive(key, text)));
    const arrivals = await inboundTexts.arrive(key, texts[0] as (typeof texts)[0]);
    expect(arrivals.map(({ textId }) => textId).toSorted()).toEqual(texts.map(({ textId }) => textId).toSorted());
    const copies = texts.map(({ textId }) => copyAmong(arrivals, textId));
    expect(copies.filter((copyOf) => copyOf === undefined)).toHaveLength(1);
  }
});

test('everybody who enters sees himself in the list, and the same order as all others', async () => {
  const { inboundTexts } = own.store;
  const lists = await Promise.all(
    Array.from({ length: 12 }, async (_, i) => {
      const arrivals = await inboundTexts.arrive('arrival-order', { textId: `in_${i}`, carrier: `c${i}` });
      expect(arrivals.map(({ textId }) => textId)).toContain(`in_${i}`);
      return arrivals.map(({ textId }) => textId);
    }),
  );
  const longest = lists.toSorted((a, b) => b.length - a.length)[0] ?? [];
  expect(longest).toHaveLength(12);
  for (const list of lists) expect(longest.slice(0, list.length)).toEqual(list);
});

test('an arrival is kept for a whole window after the last one', async () => {
  await own.store.inboundTexts.arrive('arrival-kept', { textId: 'in_1', carrier: 'alpha' });
  await own.store.inboundTexts.arrive('arrival-kept', { textId: 'in_2', carrier: 'telnyx' });
  const kept = await own.raw
    .collection<{ _id: string; forgetAt: Date }>('inboundArrivals')
    .findOne({ _id: 'arrival-kept' });
  expect(kept?.forgetAt.getTime()).toBeGreaterThan(Date.now() + copyWindowMs - 10_000);
});

test('parts that come at once are all seen by the one who comes last', async () => {
  const { inboundTexts } = own.store;
  const groups = await Promise.all(
    Array.from({ length: 8 }, (_, i) =>
      inboundTexts.addPart(part(`p${i}`, { group: 'all', sequence: i + 1, total: 8 })),
    ),
  );
  expect(Math.max(...groups.map((group) => group.length))).toBe(8);
  expect(await inboundTexts.addPart(part('p3', { group: 'all' }))).toHaveLength(8);
});

test('parts that went into no text are found when they have waited long enough', async () => {
  const { inboundTexts } = own.store;
  const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second));
  for (const [id, second] of [
    ['s2', 2],
    ['s1', 1],
    ['used', 0],
    ['young', 9],
  ] as const) {
    await inboundTexts.addPart(part(id, { group: id, receivedAt: at(second) }));
  }
  await inboundTexts.useParts(['used'], 'in_1');
  expect((await inboundTexts.staleParts(at(5), 10)).map(({ _id }) => _id)).toEqual(['s1', 's2']);
});

test('an inbound text is stored once', async () => {
  const { vault, inboundTexts } = own.store;
  const text = {
    _id: 'in_once',
    carrier: 'alpha',
    fromKey: vault.numberKey(theirs),
    from: vault.seal(theirs),
    toKey: vault.numberKey(ours),
    to: vault.seal(ours),
    text: vault.seal('Hi'),
    receivedAt: new Date(),
  };
  expect(await inboundTexts.insert(text)).toBe(true);
  expect(await inboundTexts.insert({ ...text, copyOf: 'in_other' })).toBe(false);
  expect(await inboundTexts.find('in_once')).not.toHaveProperty('copyOf');
});
