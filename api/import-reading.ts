import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { CsvError, parse } from 'csv-parse/sync';
import { contentHash } from '../store/vault.ts';
import { columnsOf, readLine } from './import-line.ts';
import { linesOf } from './lines-of.ts';
import { Problem } from './problem.ts';
import { type ImportColumn, type ImportLine, importLimits } from './schemas/port-import.ts';
import type { PortRequestBody } from './schemas/ports.ts';

/** Lines of one order: the same subscriber, carriers, plan, whatever the columns say besides the number. */
export interface ImportedOrder {
  /** Of the file; with the import's id it is the order's identity. */
  readonly firstLine: number;
  /** What its lines have in common; each line has one number. */
  readonly request: PortRequestBody;
  readonly lines: { readonly line: number; readonly phoneNumber: string }[];
}

export interface ImportedFile {
  /** SHA-256 of its bytes. */
  readonly hash: string;
  readonly orders: readonly ImportedOrder[];
  readonly refused: readonly ImportLine[];
}

/** Bytes; a port has some hundred, and what is longer is cut off and fits no field. */
const longestLine = 16_384;
/** Other requests have their turn after so many lines. */
const linesPerTurn = 200;

/**
 * Reads a file of ports as it comes in. What it keeps is bounded by the limits; what it can't read is one line's problem: a quote that is
 * never closed ends with its line, because no cell of a port has a line break in it.
 * @throws Problem for what concerns the whole file: its columns, its length
 */
export async function readImport(source: Readable): Promise<ImportedFile> {
  const hash = createHash('sha256');
  const file = new FileInReading();
  let line = 0;
  try {
    for await (const text of linesOf(source, hash, { longestLine, bytes: importLimits.bytes })) {
      line += 1;
      if (text === undefined) file.refuseEncoding(line);
      else if (text.trim() !== '') file.take(line, cellsOf(text));
      if (line % linesPerTurn === 0) await nextTurn();
    }
  } catch (error) {
    // What is still coming is let through, so that the answer finds its way.
    source.resume();
    throw error;
  }
  return file.end(hash.digest('hex'));
}

/** The cells of one line (RFC 4180); undefined when it is none. */
function cellsOf(text: string): string[] | undefined {
  try {
    const [cells] = parse(text, { trim: true, relax_column_count: true }) as string[][];
    return cells;
  } catch (error) {
    if (error instanceof CsvError) return undefined;
    throw error;
  }
}

/** Collects the lines of a file by the order that they belong to. */
class FileInReading {
  length = 0;
  private columns: readonly ImportColumn[] | undefined;
  private readonly orders = new Map<string, ImportedOrder>();
  private readonly refused: ImportLine[] = [];
  private readonly seen = new Set<string>();

  /** @param cells undefined when the line cannot be read */
  take(line: number, cells: readonly string[] | undefined): void {
    if (this.columns === undefined) {
      this.columns = columnsOf(cells ?? []);
      return;
    }
    this.count();
    if (cells === undefined) {
      const message = 'The line cannot be read: look for quotes that are not doubled or not closed.';
      this.refused.push({ line, status: 'refused', code: 'line-malformed', errors: [{ message }] });
      return;
    }
    const phoneNumber = cells[this.columns.indexOf('phoneNumber')];
    const read = readLine(this.columns, cells);
    const refuse = (refusal: Pick<ImportLine, 'code' | 'errors'>) =>
      this.refused.push({ line, ...(phoneNumber && { phoneNumber }), status: 'refused', ...refusal });
    if ('code' in read) {
      refuse({ code: read.code, errors: [...read.errors] });
      return;
    }
    const [number = ''] = read.request.phoneNumbers;
    if (this.seen.has(number)) {
      refuse({ code: 'number-repeated', errors: [{ column: 'phoneNumber', message: 'An earlier line has it.' }] });
      return;
    }
    this.seen.add(number);
    const key = contentHash({ ...read.request, phoneNumbers: [] });
    const order = this.orders.get(key);
    if (order) {
      order.lines.push({ line, phoneNumber: number });
    } else if (this.orders.size < importLimits.orders) {
      this.orders.set(key, { firstLine: line, request: read.request, lines: [{ line, phoneNumber: number }] });
    } else {
      const message = `A file makes at most ${importLimits.orders} ports: send this line in another one.`;
      refuse({ code: 'too-many-orders', errors: [{ message }] });
    }
  }

  /** @throws Problem when it is the heading: the rest will be no better */
  refuseEncoding(line: number): void {
    if (this.columns === undefined) {
      throw new Problem(
        'import-columns-wrong',
        'The first line is not UTF-8: save the file as UTF-8, and send it again.',
      );
    }
    this.count();
    const message = 'The line is not UTF-8: save the file as UTF-8, and send it again.';
    this.refused.push({ line, status: 'refused', code: 'line-malformed', errors: [{ message }] });
  }

  end(hash: string): ImportedFile {
    // A file without a heading has none of the columns that are needed.
    if (this.columns === undefined) columnsOf([]);
    return { hash, orders: [...this.orders.values()], refused: this.refused };
  }

  private count(): void {
    this.length += 1;
    if (this.length > importLimits.lines) {
      throw new Problem('import-too-long', `Send at most ${importLimits.lines} lines at once; nothing was ordered.`);
    }
  }
}
