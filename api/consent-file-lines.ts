import { pipeline, type Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { wrongCells } from './lines-of.ts';
import { Problem } from './problem.ts';

/** What a line says, or why it says nothing. */
export type FileLine =
  | { readonly line: number; readonly row: unknown }
  | { readonly line: number; readonly malformed: string };

/** Characters; what is longer is no line of consents. */
const longestLine = 262_144;

/**
 * Reads a file of consents as it comes in, and keeps nothing of it. A column of a CSV file is a field, `evidence.act` is one inside
 * another; an empty cell is no field, and `kinds` are words. The column
 * `evidence` holds as JSON what has no column of its own.
 * @throws Problem `consent-file-unreadable` for what concerns the whole file
 */
export function consentFileLines(source: Readable, mediaType: string): AsyncGenerator<FileLine> {
  return mediaType.includes('csv') ? csvLines(source) : jsonLines(source);
}

async function* jsonLines(source: Readable): AsyncGenerator<FileLine> {
  let line = 0;
  let rest = '';
  let overlong = false;
  const read = function* (text: string): Generator<FileLine> {
    line += 1;
    if (overlong || text.length > longestLine)
      yield { line, malformed: `The line is longer than ${longestLine} characters.` };
    else if (text.trim() !== '') yield readJson(line, text);
    overlong = false;
  };
  for await (const chunk of source.setEncoding('utf8') as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const text of lines) yield* read(text);
    if (rest.length > longestLine) {
      overlong = true;
      rest = '';
    }
  }
  if (rest !== '' || overlong) yield* read(rest);
}

function readJson(line: number, text: string): FileLine {
  try {
    return { line, row: JSON.parse(text.replace(/^\uFEFF/, '')) };
  } catch {
    return { line, malformed: 'The line is not one JSON object: check quotes and commas.' };
  }
}

async function* csvLines(source: Readable): AsyncGenerator<FileLine> {
  const parser = parse({ bom: true, relax_column_count: true, max_record_size: longestLine, trim: true });
  // Its errors come out of the parser.
  pipeline(source, parser, () => undefined);
  let heading: readonly string[] | undefined;
  let line = 0;
  try {
    for await (const cells of parser as AsyncIterable<string[]>) {
      line += 1;
      if (!heading) {
        heading = cells;
        if (!heading.includes('phoneNumber'))
          throw unreadable('The first line has to name the columns, phoneNumber among them.');
      } else if (cells.length !== heading.length) {
        yield { line, malformed: wrongCells(cells, heading) };
      } else yield readCells(line, heading, cells);
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw unreadable(
      `Near line ${parser.info.lines} the file is no CSV: look for quotes that are not doubled or not closed. What stands before is on record; send the mended file again.`,
    );
  }
}

function unreadable(detail: string): Problem {
  return new Problem('consent-file-unreadable', detail);
}

function readCells(line: number, heading: readonly string[], cells: readonly string[]): FileLine {
  const cellsByColumn = heading.flatMap((column, index): [string, string][] => {
    const cell = cells[index] ?? '';
    return cell === '' ? [] : [[column, cell]];
  });
  // The columns of the evidence are put into what is given of it as JSON.
  const whole = cellsByColumn.find(([column]) => column === 'evidence')?.[1];
  const row = fields();
  if (whole !== undefined) {
    const evidence = readJson(line, whole);
    if ('malformed' in evidence) return { line, malformed: 'The cell `evidence` is not one JSON object.' };
    row.evidence = evidence.row;
  }
  for (const [column, cell] of cellsByColumn) {
    if (column === 'evidence') continue;
    const path = column.split('.');
    const name = path.pop() ?? column;
    let at = row;
    for (const step of path) {
      at[step] ??= fields();
      if (typeof at[step] !== 'object') return { line, malformed: `The column ${column} is inside of no other.` };
      at = at[step] as Record<string, unknown>;
    }
    at[name] = column === 'kinds' ? cell.split(/[\s;|]+/) : cell;
  }
  return { line, row };
}

/** Whatever a column is called, it is a field of this object and of no other. */
const fields = (): Record<string, unknown> => Object.create(null);
