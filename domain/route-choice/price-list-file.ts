import { CsvError, parse } from 'csv-parse/sync';
import { z } from 'zod';
import { networkKey, type PriceRow } from './price-book.ts';

/** The file can't be used as it is; each problem is one line that says where and what. */
export class PriceListInvalid extends Error {
  override readonly name = 'PriceListInvalid';
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`The price list has ${problems.length} problem(s): ${problems.slice(0, 5).join('; ')}`);
    this.problems = problems;
  }
}

/** A list with more rows is given in several files. */
export const mostPriceRows = 100_000;
const micros = 1_000_000;
const mostProblems = 50;

const moment = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })], 'is no date: write 2026-12-01 or 2026-12-01T00:00:00Z')
  .transform((text) => new Date(text))
  .optional();

const row = z
  .strictObject({
    prefix: z
      .string()
      .regex(/^\+?[1-9]\d{0,14}$/, 'is no prefix: write the first digits of numbers in E.164')
      .transform((text) => text.replace('+', ''))
      .optional(),
    mccMnc: z
      .string()
      .regex(/^\d{3}(-?\d{2,3})?$/, 'is no MCC-MNC: write 310-410, or 310 for all networks of a country')
      .transform((text) => text.replace('-', ''))
      .optional(),
    price: z
      .string()
      .regex(/^\d{1,6}(\.\d{1,6})?$/, 'is no price: write one per segment, like 0.0075')
      .transform((text) => Math.round(Number(text) * micros)),
    validFrom: moment,
    validUntil: moment,
  })
  .refine(
    ({ prefix, mccMnc }) => (prefix === undefined) !== (mccMnc === undefined),
    'has to have a prefix or an mccMnc',
  )
  .refine(
    ({ validFrom, validUntil }) => !validFrom || !validUntil || validFrom < validUntil,
    'ends before it begins: see validFrom and validUntil',
  );

/**
 * Reads a carrier's price list: CSV with a line of names on top, of `prefix`, `mccMnc`, `price`, `validFrom` and `validUntil`. Each row has a
 * prefix or an MCC-MNC, and a price per segment; a row that says nothing of its validity holds from `from` on.
 * @throws PriceListInvalid with every problem found, by line
 */
export function readPriceList(csv: string, from: Date): PriceRow[] {
  const problems: string[] = [];
  const rows: PriceRow[] = [];
  for (const { record, info } of recordsOf(csv)) {
    const read = row.safeParse(record);
    if (read.success) {
      const { prefix, mccMnc, price, validFrom, validUntil } = read.data;
      const key = prefix ?? networkKey(mccMnc ?? '');
      rows.push({ key, micros: price, from: validFrom ?? from, ...(validUntil && { until: validUntil }) });
    } else {
      for (const { path, message } of read.error.issues) {
        problems.push(`line ${info.lines}: ${[...path, message].map(String).join(' ')}`);
      }
    }
    if (problems.length >= mostProblems) break;
  }
  if (rows.length > mostPriceRows) problems.push(`it has more than ${mostPriceRows} rows: import it in parts`);
  if (rows.length === 0 && problems.length === 0) problems.push('it has no row');
  if (problems.length > 0) throw new PriceListInvalid(problems);
  return rows;
}

function recordsOf(csv: string): { record: unknown; info: { lines: number } }[] {
  try {
    const cast = (cell: string) => (cell === '' ? undefined : cell);
    return parse(csv, { bom: true, columns: true, info: true, skip_empty_lines: true, trim: true, cast }) as never;
  } catch (error) {
    if (error instanceof CsvError) throw new PriceListInvalid([`it is no CSV: ${error.message}`]);
    throw error;
  }
}
