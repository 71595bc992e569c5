import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { PriceListInvalid, readPriceList } from '../domain/route-choice/price-list-file.ts';
import type { Store } from '../store/store.ts';
import { randomId } from '../store/vault.ts';
import { withConfiguredStore } from './open-store.ts';

/** How it is called. */
export const usage = [
  'portsms prices import CARRIER FILE --currency USD [--from TIME] [--amend]',
  '                              takes a carrier’s price list (CSV: prefix, mccMnc, price, validFrom, validUntil); from its beginning on',
  '                              earlier lists of the carrier hold no more, with --amend they hold for what this one does not name',
  'portsms prices show CARRIER   the lists of a carrier, with their ids',
  'portsms prices withdraw LIST  takes a list back: it holds no more, what it had ended holds again, and it binds nobody to its currency',
].join('\n');

/** `portsms prices`: what carriers charge. @returns the exit code: 1 when a list can't be taken, 2 when the command can't be understood */
export async function run(args: string[]): Promise<number> {
  const wanted = wantedOf(args);
  if (typeof wanted === 'string') {
    console.error(wanted);
    return 2;
  }
  return withConfiguredStore(wanted);
}

/** @returns what is to be done, or why that is not to be understood */
function wantedOf(args: string[]): ((store: Store) => Promise<number>) | string {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch {
    return usage;
  }
  const [action, carrier, file, ...more] = parsed.positionals;
  const { currency, from, amend } = parsed.values;
  if (carrier === undefined || more.length > 0) return usage;
  if (action === 'show' && file === undefined) return (store) => showPrices(store, carrier, console.log);
  // The one word after it is a list's id.
  if (action === 'withdraw' && file === undefined) return (store) => withdrawPrices(store, carrier, console.log);
  if (action !== 'import' || file === undefined) return usage;
  if (currency === undefined || !/^[A-Z]{3}$/.test(currency)) return '--currency takes three capital letters, like USD';
  const begins = from === undefined ? new Date() : new Date(from);
  if (Number.isNaN(begins.getTime())) return '--from takes a time, like 2026-12-01T00:00:00Z';
  const terms = { carrier, currency, from: begins, amends: amend ?? false };
  return async (store) => importPrices(store, await contentOf(file), terms, console.log);
}

async function contentOf(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new Error(`${file} cannot be read: name a price list that exists.`, { cause });
  }
}

function parse(args: string[]) {
  const options = { currency: { type: 'string' }, from: { type: 'string' }, amend: { type: 'boolean' } } as const;
  return parseArgs({ args, allowPositionals: true, options });
}

/** @param tell takes each line */
export async function importPrices(
  { priceLists, leases }: Pick<Store, 'priceLists' | 'leases'>,
  file: Buffer,
  terms: { readonly carrier: string; readonly currency: string; readonly from: Date; readonly amends: boolean },
  tell: (line: string) => void,
): Promise<number> {
  const { carrier, currency, from, amends } = terms;
  // A list binds all others to its currency: one of a mistyped carrier would, too.
  if ((await leases.find(carrier)).rev === 0) {
    tell(`No worker has ever run with a carrier ${carrier}: correct its id, or start the product with it first.`);
    return 1;
  }
  const importedAt = new Date();
  const known = await priceLists.importedBy(importedAt);
  // Prices are compared; nobody knows at which rate.
  const other = known.find((list) => list.currency !== currency);
  if (other) {
    tell(
      `The prices of ${other.carrier} are in ${other.currency}: convert this list, so that they can be compared; or take that one back, if it is wrong: portsms prices withdraw ${other._id}`,
    );
    return 1;
  }
  const sha256 = createHash('sha256').update(file).digest('hex');
  if (known.some((list) => list.carrier === carrier && list.sha256 === sha256 && list.until === undefined)) {
    tell(`This list of ${carrier} was imported before.`);
    return 0;
  }
  try {
    const rows = readPriceList(file.toString('utf8'), from);
    const begins = new Date(Math.min(...rows.map((row) => row.from.getTime())));
    const list = {
      ...{ _id: randomId('prc'), carrier, currency, importedAt, rowCount: rows.length, sha256 },
      ...(!amends && { replacesFrom: begins }),
    };
    await priceLists.add(list, rows);
    tell(`${rows.length} prices of ${carrier}, the first from ${begins.toISOString()} on: ${list._id}`);
    return 0;
  } catch (error) {
    if (!(error instanceof PriceListInvalid)) throw error;
    for (const problem of error.problems) tell(problem);
    return 1;
  }
}

/** Takes a list back that is wrong. @param tell takes each line */
export async function withdrawPrices(
  { priceLists }: Pick<Store, 'priceLists'>,
  id: string,
  tell: (line: string) => void,
): Promise<number> {
  const list = await priceLists.withdraw(id, new Date());
  if (!list) {
    tell(`There is no price list ${id}: \`portsms prices show CARRIER\` lists those of a carrier.`);
    return 1;
  }
  const { carrier, rowCount, currency, withdrawnAt } = list;
  tell(
    `${rowCount} prices of ${carrier} in ${currency} were taken back at ${withdrawnAt?.toISOString()}; workers know it within 5 s.`,
  );
  return 0;
}

/** @param tell takes each line */
export async function showPrices(
  { priceLists }: Pick<Store, 'priceLists'>,
  carrier: string,
  tell: (line: string) => void,
): Promise<number> {
  const lists = await priceLists.ofCarrier(carrier);
  if (lists.length === 0) tell(`There is no price list of ${carrier}.`);
  for (const { _id, currency, importedAt, rowCount, until, withdrawnAt } of lists) {
    const ends = until ? `, until ${until.toISOString()}` : '';
    const back = withdrawnAt ? `, taken back at ${withdrawnAt.toISOString()}` : '';
    tell(`${_id}  imported ${importedAt.toISOString()}  ${rowCount} prices in ${currency}${ends}${back}`);
  }
  return lists.length > 0 ? 0 : 1;
}
