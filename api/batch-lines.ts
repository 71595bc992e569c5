import type { Hash } from 'node:crypto';
import { pipeline, type Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { bytesOf, linesOf, wrongCells } from './lines-of.ts';
import { Problem } from './problem.ts';
import { batchLimits } from './schemas/message-batches.ts';
import { messageRequest } from './schemas/messages.ts';

/** A line of a bulk: what it says, as POST /v1/messages would be given it, or what is wrong with the line itself. */
export type BatchLine =
  | { readonly line: number; readonly request: unknown }
  | { readonly line: number; readonly malformed: string };

/** Fields of a text that are columns of a CSV file; metadata has a column for each entry. */
const columns = Object.keys(messageRequest.shape).filter((name) => name !== 'metadata');
const needed = ['from', 'to', 'text', 'kind'];
const metadataColumn = /^metadata\.(.{1,64})$/;

/**
 * Reads a bulk as it comes in, and keeps nothing of it.
 * @param hash gets every byte
 * @throws Problem for what concerns the whole file
 */
export async function* batchLines(source: Readable, mediaType: string, hash: Hash): AsyncGenerator<BatchLine> {
  let count = 0;
  for await (const line of mediaType.includes('csv') ? csvLines(source, hash) : jsonLines(source, hash)) {
    count = Math.max(count + 1, line.line);
    if (count > batchLimits.lines) {
      throw new Problem('message-batch-too-long', `Send at most ${batchLimits.lines} lines at once; nothing was sent.`);
    }
    yield line;
  }
}

async function* jsonLines(source: Readable, hash: Hash): AsyncGenerator<BatchLine> {
  let line = 0;
  for await (const text of linesOf(source, hash, batchLimits)) {
    line += 1;
    if (text === undefined) yield { line, malformed: 'The line is not UTF-8: save the file as UTF-8.' };
    else if (text.trim() !== '') yield readJson(line, line === 1 ? text.replace(/^\uFEFF/, '') : text);
  }
}

function readJson(line: number, text: string): BatchLine {
  try {
    return { line, request: JSON.parse(text) };
  } catch {
    return {
      line,
      malformed: 'The line is not one JSON object: check quotes and commas, and that it is not too long.',
    };
  }
}

/** Lines are counted as a spreadsheet does: one for each record, the heading is the first. */
async function* csvLines(source: Readable, hash: Hash): AsyncGenerator<BatchLine> {
  const parser = parse({ bom: true, relax_column_count: true, max_record_size: batchLimits.longestLine });
  // Its errors come out of the parser.
  pipeline(bytesOf(source, hash, batchLimits.bytes), parser, () => undefined);
  let line = 0;
  let heading: readonly string[] | undefined;
  try {
    for await (const cells of parser as AsyncIterable<string[]>) {
      line += 1;
      if (cells.every((cell) => cell.trim() === '')) continue;
      if (heading) yield readCells(line, heading, cells);
      else heading = headingOf(cells);
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new Problem(
      'message-batch-unreadable',
      `Near line ${parser.info.lines} the file is no CSV: look for quotes that are not doubled or not closed. Nothing was sent.`,
    );
  }
}

/** @throws Problem `message-batch-unreadable` that names what is unknown, doubled or missing, but repeats no cell of somebody's data */
function headingOf(cells: readonly string[]): readonly string[] {
  const heading = cells.map((cell) => cell.trim());
  const known = (name: string) => columns.includes(name) || metadataColumn.test(name);
  const positions = heading.flatMap((name, index) =>
    known(name) && heading.indexOf(name) === index ? [] : [String(index + 1)],
  );
  const missing = needed.filter((name) => !heading.includes(name));
  if (positions.length === 0 && missing.length === 0) return heading;
  const errors = [
    ...(missing.length > 0 ? [{ path: 'line 1', message: `Missing: ${missing.join(', ')}.` }] : []),
    ...(positions.length > 0
      ? [{ path: 'line 1', message: `Unknown or doubled: the columns at position ${positions.join(', ')}.` }]
      : []),
  ];
  const names = [...columns, 'metadata.NAME'].join(', ');
  throw new Problem('message-batch-unreadable', `The first line names the columns, of: ${names}.`, { errors });
}

function readCells(line: number, heading: readonly string[], cells: readonly string[]): BatchLine {
  if (cells.length !== heading.length) {
    return { line, malformed: wrongCells(cells, heading) };
  }
  if (cells.some((cell) => cell.includes('\uFFFD'))) {
    return { line, malformed: 'The line is not UTF-8: save the file as UTF-8.' };
  }
  const request: Record<string, unknown> = {};
  const metadata: Record<string, string> = {};
  heading.forEach((name, index) => {
    const cell = cells[index] ?? '';
    if (cell === '') return;
    const entry = metadataColumn.exec(name)?.[1];
    if (entry === undefined) request[name] = cellValue(name, cell);
    else metadata[entry] = cell;
  });
  return { line, request: Object.keys(metadata).length > 0 ? { ...request, metadata } : request };
}

/** A cell is text; what it can't be read as is for the schema to refuse. */
function cellValue(column: string, cell: string): unknown {
  if (column === 'validitySeconds' && /^\d{1,9}$/.test(cell)) return Number(cell);
  if (column === 'allowDuplicate' && (cell === 'true' || cell === 'false')) return cell === 'true';
  return cell;
}
