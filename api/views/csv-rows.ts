import { stringify } from 'csv-stringify/sync';

/**
 * RFC 4180, row by row. A cell that a spreadsheet would take for a formula begins with an apostrophe; the column `phoneNumber` keeps its plus.
 * @param columns how the cell of each column is read from an entry
 */
export async function* csvRows<Entry>(
  entries: AsyncIterable<Entry>,
  columns: Readonly<Record<string, (entry: Entry) => string | number | undefined>>,
): AsyncIterable<string> {
  const row = (cells: readonly unknown[]) => stringify([[...cells]], { record_delimiter: 'windows' });
  yield row(Object.keys(columns));
  for await (const entry of entries) {
    yield row(
      Object.entries(columns).map(([column, read]) => {
        const cell = String(read(entry) ?? '');
        return column !== 'phoneNumber' && /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
      }),
    );
  }
}
