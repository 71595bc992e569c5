import { expect, test } from 'vitest';
import { importPrices, showPrices, withdrawPrices } from '../../cli/prices.ts';
import { priceBook } from '../../domain/route-choice/price-book.ts';
import { ownStore } from './own-store.ts';

const own = ownStore();
const at = (day: number) => new Date(Date.UTC(2026, 11, day));
const recipient = { e164: '+12065550100' };

async function said(work: (tell: (line: string) => void) => Promise<number>): Promise<[number, string]> {
  const told: string[] = [];
  const code = await work((line) => told.push(line));
  return [code, told.join('\n')];
}

/** Takes a list that holds from a day on. @returns its id */
async function take(price: string, day: number, change: object = {}): Promise<string> {
  const terms = { carrier: 'alpha', currency: 'USD', from: at(day), amends: false, ...change };
  const file = Buffer.from(`prefix,price\n1,${price}`);
  const [code, told] = await said((tell) => importPrices(own.store, file, terms, tell));
  if (code !== 0) throw new Error(told);
  return told.split(': ').at(-1) ?? '';
}
const withdraw = (id: string) => said((tell) => withdrawPrices(own.store, id, tell));

/** What a segment costs on these days, as a worker that looks now has it. */
async function pricesOn(...days: number[]) {
  const { priceLists } = own.store;
  const lists = await priceLists.importedBy(new Date());
  const rows = await priceLists.rowsOf(lists.map(({ _id }) => _id));
  const book = priceBook(lists.map((list) => ({ ...list, rows: rows.get(list._id) ?? [] })));
  return days.map((day) => book.priceOf('alpha', recipient, at(day))?.micros);
}

test('a list in a wrong currency is taken back, and binds nobody any more; it stays on record', async () => {
  await own.store.leases.save('alpha', 0, []);
  const wrong = await take('0.006', 1, { currency: 'EUR' });
  await expect(take('0.005', 1)).rejects.toThrow(`portsms prices withdraw ${wrong}`);
  expect(await withdraw(wrong)).toEqual([0, expect.stringContaining('1 prices of alpha in EUR')]);
  expect(await pricesOn(2)).toEqual([undefined]);
  const right = await take('0.005', 1);
  expect(await pricesOn(2)).toEqual([5000]);
  const [, shown] = await said((tell) => showPrices(own.store, 'alpha', tell));
  expect(shown).toMatch(new RegExp(`${right}.*USD\\n${wrong}.*EUR, taken back at 20`));
  // A second time it says when that was.
  const [, again] = await withdraw(wrong);
  expect(shown).toContain(again.match(/at (\S+);/)?.[1]);
  expect(await withdraw('prc_none')).toEqual([1, expect.stringContaining('no price list prc_none')]);
  await withdraw(right);
});

test('what it had ended holds again, as far as no other list has taken its place', async () => {
  await take('0.001', 1);
  const second = await take('0.002', 10);
  const third = await take('0.003', 20);
  expect(await pricesOn(5, 15, 25)).toEqual([1000, 2000, 3000]);
  await withdraw(second);
  expect(await pricesOn(5, 15, 25)).toEqual([1000, 1000, 3000]);
  const amended = await take('0.004', 12, { amends: true });
  expect(await pricesOn(5, 15)).toEqual([1000, 4000]);
  await withdraw(amended);
  await withdraw(third);
  expect(await pricesOn(5, 15, 25)).toEqual([1000, 1000, 1000]);
  // The same file may come again.
  await take('0.002', 10);
  expect(await pricesOn(5, 15)).toEqual([1000, 2000]);
});
