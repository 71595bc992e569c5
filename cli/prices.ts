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
  'portsms prices show CARRIER   the lists of a carrier',
].join('\n');

/** `portsms prices`: what carriers charge. @returns the exit code: 1 when a list can't be taken, 2 when the command can't be understood */
export async function run(args: string[]): Promise<number> {
  const wanted = wantedOf(args);
  if (!wanted) {
    console.error(usage);
    return 2;
  }
  return withConfiguredStore(wanted);
}

function wantedOf(args: string[]): ((store: Store) => Promise<number>) | undefined {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch {
    return undefined;
  }
  const [action, carrier, file, ...more] = parsed.positionals;
  const { currency, from, amend } = parsed.values;
  if (carrier === undefined || more.length > 0) return undefined;
  if (action === 'show' && file === undefined) return (store) => showPrices(store, carrier, console.log);
  const begins = from === undefined ? new Date() : new Date(from);
  if (
    action !== 'import' ||
    file === undefined ||
    !/^[A-Z]{3}$/.test(currency ?? '') ||
    Number.isNaN(begins.getTime())
  ) {
    return undefined;
  }
  const terms = { carrier, currency: currency ?? '', from: begins, amends: amend ?? false };
  return async (store) => importPrices(store, await readFile(file), terms, console.log);
}

function parse(args: string[]) {
  const options = { currency: { type: 'string' }, from: { type: 'string' }, amend: { type: 'boolean' } } as const;
  return parseArgs({ args, allowPositionals: true, options });
}

/** @param tell takes each line */
export async function importPrices(
  { priceLists }: Pick<Store, 'priceLists'>,
  file: Buffer,
  terms: { readonly carrier: string; readonly currency: string; readonly from: Date; readonly amends: boolean },
  tell: (line: string) => void,
): Promise<number> {
  const { carrier, currency, from, amends } = terms;
  const importedAt = new Date();
  const known = await priceLists.importedBy(importedAt);
  // Prices are compared; nobody knows at which rate.
  const other = known.find((list) => list.currency !== currency);
  if (other) {
    tell(`The prices of ${other.carrier} are in ${other.currency}: convert this list, so that they can be compared.`);
    return 1;
  }
  const sha256 = createHash('sha256').update(file).digest('hex');
  if (known.some((list) => list.carrier === carrier && list.sha256 === sha256 && list.until === undefined)) {
    tell(`This list of ${carrier} was imported before.`);
    return 0;
  }
  try {
    const rows = readPriceList(file.toString('utf8'), from);
    const list = { _id: randomId('prc'), carrier, currency, importedAt, rowCount: rows.length, sha256 };
    const begins = new Date(Math.min(...rows.map((row) => row.from.getTime())));
    await priceLists.add(list, rows, amends ? undefined : begins);
    tell(`${rows.length} prices of ${carrier}, the first from ${begins.toISOString()} on.`);
    return 0;
  } catch (error) {
    if (!(error instanceof PriceListInvalid)) throw error;
    for (const problem of error.problems) tell(problem);
    return 1;
  }
}

/** @param tell takes each line */
export async function showPrices(
  { priceLists }: Pick<Store, 'priceLists'>,
  carrier: string,
  tell: (line: string) => void,
): Promise<number> {
  const lists = await priceLists.ofCarrier(carrier);
  if (lists.length === 0) tell(`There is no price list of ${carrier}.`);
  for (const { _id, currency, importedAt, rowCount, until } of lists) {
    const ends = until ? `, until ${until.toISOString()}` : '';
    tell(`${_id}  imported ${importedAt.toISOString()}  ${rowCount} prices in ${currency}${ends}`);
  }
  return lists.length > 0 ? 0 : 1;
}
