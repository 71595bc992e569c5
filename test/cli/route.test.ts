import { expect, test } from 'vitest';
import { importPrices, showPrices } from '../../cli/prices.ts';
import { explain } from '../../cli/route/explain.ts';
import { replay } from '../../cli/route/replay.ts';
import { replayTerms } from '../../cli/route/replay-terms.ts';
import { showRoutes } from '../../cli/route/show.ts';
import { chooseRoute } from '../../domain/route-choice/choose.ts';
import type { RouteDecision } from '../../domain/route-choice/decision.ts';
import { lotOf } from '../../domain/route-choice/lot.ts';
import { routingParameters } from '../../domain/route-choice/parameters.ts';
import type { PriceRow } from '../../domain/route-choice/price-book.ts';
import type { PriceListDocument } from '../../store/price-lists.ts';
import type { DecidedText } from '../../store/route-outcomes.ts';

const at = new Date('2026-12-01T12:00:00Z');
const candidates = [
  { carrier: 'good', delivery: 0.98, weight: 300, price: 9000 },
  { carrier: 'fair', delivery: 0.95, weight: 200, price: 6000 },
];
const decided = (index: number): DecidedText => {
  const lot = lotOf(`msg_${index}`, 0);
  const choice = chooseRoute({ kind: 'transactional', candidates, lot }, routingParameters);
  const decision: RouteDecision = { at, ...choice, candidates, network: 'US/1234', lot, currency: 'USD' };
  return {
    _id: `msg_${index}`,
    kind: 'transactional',
    segments: 2,
    acceptedAt: at,
    status: 'delivered',
    decisions: [decision],
  };
};

async function lines(work: (tell: (line: string) => void) => Promise<number>): Promise<[number, string]> {
  const told: string[] = [];
  const code = await work((line) => told.push(line));
  return [code, told.join('\n')];
}

async function* texts(count: number): AsyncGenerator<DecidedText> {
  for (let index = 0; index < count; index++) yield decided(index);
}
const past = (count: number) => ({ routeOutcomes: { decided: () => texts(count) } }) as never;

test('a replay by the same parameters changes nothing; by others it says how many go otherwise, how well and for how much', async () => {
  const since = { since: '2026-12-01T00:00:00Z', until: '2026-12-02T00:00:00Z' };
  const [same, unchanged] = await lines((tell) => replay(past(1000), replayTerms(since, at), tell));
  expect(same).toBe(0);
  const row = unchanged.split('\n').at(-1) ?? '';
  expect(row).toMatch(/^transactional +5\.00 % +1000 +0 +95\.0\d % +95\.0\d % +0\.012\d{3} USD +0\.012\d{3} USD$/);

  const terms = replayTerms({ ...since, tolerance: 'transactional=0.02', exploration: 'transactional=0' }, at);
  const [, stricter] = await lines((tell) => replay(past(1000), terms, tell));
  const explored = Array.from({ length: 1000 }, (_, i) => decided(i)).filter(
    (each) => each.decisions?.[0]?.reason === 'explored',
  );
  expect(stricter.split('\n').at(-1)).toMatch(
    new RegExp(
      `^transactional +2\\.00 % +1000 +${1000 - explored.length} +95\\.0\\d % +98\\.00 % +0\\.012\\d{3} USD +0\\.018000 USD$`,
    ),
  );
  expect((await lines((tell) => replay(past(0), terms, tell)))[0]).toBe(1);
});

test.each([
  [{ tolerance: 'everything=0.1' }, /--tolerance must be kinds with a share/],
  [{ exploration: 'otp=2' }, /--exploration must be/],
  [{ since: 'yesterday' }, /--since takes a time/],
  [{ since: '2026-12-01T00:00:00Z', until: '2026-12-01T00:00:00Z' }, /not before --until/],
])('a replay by %j is refused', (values, message) => {
  expect(() => replayTerms(values, at)).toThrow(message);
});

test('a text is explained: each choice with its candidates, what was sent by it, and what it cost', async () => {
  const text = {
    ...decided(1),
    attempts: [
      {
        carrier: 'fair',
        claimedAt: new Date(at.getTime() + 500),
        parts: [{ outcome: 'accepted', state: 'DELIVRD' }, { outcome: 'accepted' }],
      },
    ],
    feedback: { outcome: 'converted', at },
  };
  const store = { messages: { find: async (id: string) => (id === 'msg_1' ? text : null) } } as never;
  const [code, told] = await lines((tell) => explain(store, 'msg_1', tell));
  expect(code).toBe(0);
  expect(told).toContain('to US/1234: fair, cheapest good enough');
  expect(told).toContain('good enough for transactional: from 93.10 % on');
  expect(told).toMatch(/→ fair +95\.00 % delivered \(from 200 texts\) +0\.006000 USD a segment/);
  expect(told).toMatch(/sent .*DELIVRD, accepted, 0\.012000 USD/);
  expect(told).toContain('The caller says: converted');
  expect(await lines((tell) => explain(store, 'msg_2', tell))).toEqual([1, expect.stringContaining('check the id')]);
});

test('what is known of routes is shown, with the passes that it comes from', async () => {
  const route = {
    _id: 'fair/US',
    carrier: 'fair',
    network: 'US',
    cells: { all: { successes: 95, failures: 5, at } },
    at,
  };
  const pass = { from: at, until: at, texts: 100, feedback: 1, sampled: false, changes: [] };
  const store = { routeQuality: { learntSince: async () => [route], passes: async () => [pass] } } as never;
  const [code, told] = await lines((tell) => showRoutes(store, undefined, at, tell));
  expect(code).toBe(0);
  expect(told).toMatch(/fair\/US\n +all +93\.64 % +from 100 texts/);
  expect(told).toContain('100 texts, 1 told of by callers, 0 changes');
  expect((await lines((tell) => showRoutes(store, 'other', at, tell)))[0]).toBe(1);
});

test('a price list takes the place of earlier ones unless it amends them; of another currency or with mistakes it is refused', async () => {
  const added: { list: PriceListDocument; rows: readonly PriceRow[] }[] = [];
  const store = {
    priceLists: {
      importedBy: async () => added.map(({ list }) => list),
      add: async (list: PriceListDocument, rows: readonly PriceRow[]) => void added.push({ list, rows }),
      ofCarrier: async (carrier: string) => added.map(({ list }) => list).filter((list) => list.carrier === carrier),
    },
    leases: { find: async (carrier: string) => ({ holders: [], rev: carrier === 'alpha' ? 1 : 0 }) },
  } as never;
  const terms = { carrier: 'alpha', currency: 'USD', from: at, amends: false };
  const take = (csv: string, change: object = {}) =>
    lines((tell) => importPrices(store, Buffer.from(csv), { ...terms, ...change }, tell));
  expect(await take('prefix,price\n1,0.006')).toEqual([
    0,
    expect.stringContaining('1 prices of alpha, the first from 2026-12-01'),
  ]);
  expect(added[0]).toMatchObject({ rows: [{ key: '1', micros: 6000, from: at }], list: { replacesFrom: at } });
  expect(await take('prefix,price\n1,0.006')).toEqual([0, expect.stringContaining('imported before')]);
  expect((await take('prefix,price\n44,0.03', { amends: true }))[0]).toBe(0);
  expect(added[1]?.list).not.toHaveProperty('replacesFrom');
  expect(await take('prefix,price\n1,0.005', { currency: 'EUR' })).toEqual([1, expect.stringContaining('are in USD')]);
  expect(await take('prefix,price\nx,0.005')).toEqual([1, expect.stringContaining('line 2: prefix')]);
  expect(await take('prefix,price\n33,0.05', { carrier: 'alhpa' })).toEqual([1, expect.stringContaining('alhpa')]);
  expect(added).toHaveLength(2);
  expect(await lines((tell) => showPrices(store, 'alpha', tell))).toEqual([
    0,
    expect.stringMatching(/1 prices in USD\n.*1 prices in USD/),
  ]);
});
