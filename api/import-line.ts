import { wrongCells } from './lines-of.ts';
import { invalidRequest, Problem, parsedBy } from './problem.ts';
import { type ImportColumn, importColumns, type LineCode, neededColumns } from './schemas/port-import.ts';
import { type PortRequestBody, portRequest } from './schemas/ports.ts';

/** What a line says, as the request for a port of its one number; or what is wrong with it. */
export type ReadLine =
  | { readonly request: PortRequestBody }
  | {
      readonly code: LineCode;
      readonly errors: readonly { readonly column?: string; readonly message: string }[];
    };

/**
 * The columns of a file, from its heading.
 * @throws Problem `import-columns-wrong` that names what is unknown, doubled or missing
 */
export function columnsOf(heading: readonly string[]): readonly ImportColumn[] {
  const places = heading.map((name, index) => ({ name, position: index + 1 }));
  const unknown = places.filter(({ name }) => !Object.hasOwn(importColumns, name));
  const doubled = places.filter(({ name, position }) => heading.indexOf(name) !== position - 1);
  const missing = neededColumns.filter((name) => !heading.includes(name));
  const errors = [
    ...(missing.length > 0 ? [{ path: 'line 1', message: `Missing: ${missing.join(', ')}.` }] : []),
    ...(unknown.length > 0 ? [{ path: 'line 1', message: `Unknown: ${naming(unknown)}.` }] : []),
    ...(doubled.length > 0 ? [{ path: 'line 1', message: `There twice: ${naming(doubled)}.` }] : []),
  ];
  if (errors.length > 0) {
    const known = Object.keys(importColumns).join(', ');
    throw new Problem('import-columns-wrong', `The first line names the columns, of: ${known}.`, { errors });
  }
  return heading as readonly ImportColumn[];
}

/** Columns by their names, where these look like one; a file without a heading begins with somebody's data, which are not repeated. */
function naming(columns: readonly { readonly name: string; readonly position: number }[]): string {
  const isName = ({ name }: { readonly name: string }) => /^[A-Za-z]\w{0,39}$/.test(name);
  const names = columns.filter(isName).map(({ name }) => name);
  const positions = columns.filter((each) => !isName(each)).map(({ position }) => position);
  const others = positions.length > 0 ? [`the columns at position ${positions.join(', ')}`] : [];
  return [names.join(', '), ...others].filter(Boolean).join(', and ');
}

/** Reads a line by the very schema of POST /v1/ports, so that a file can say nothing else than a request. */
export function readLine(columns: readonly ImportColumn[], cells: readonly string[]): ReadLine {
  if (cells.length !== columns.length) {
    return {
      code: 'line-malformed',
      errors: [{ message: wrongCells(cells, columns) }],
    };
  }
  const parsed = parsedBy(portRequest, asRequest(columns, cells));
  if (parsed.success) return { request: parsed.data };
  const problem = invalidRequest(parsed.error);
  return {
    code: problem.code,
    errors: (problem.errors ?? []).map(({ path, message }) => {
      const column = Object.entries(importColumns).find(([, field]) => field === path)?.[0];
      return { ...(column !== undefined && { column }), message };
    }),
  };
}

function asRequest(columns: readonly ImportColumn[], cells: readonly string[]): unknown {
  const given = new Map(columns.map((column, index) => [column, cells[index] ?? '']));
  // Who signs the letter of authorisation is the subscriber, and the signature is the consent, unless the line says otherwise.
  const authorizedBy = given.get('authorizedBy') ?? '';
  if (!given.get('name')) given.set('name', authorizedBy);
  if (!given.get('consentAct')) {
    given.set('consentAct', 'signature');
    if (!given.get('consentName')) given.set('consentName', authorizedBy);
  }
  const request: Record<string, unknown> = {};
  for (const [column, cell] of given) {
    if (column === 'phoneNumber') request.phoneNumbers = [cell];
    // What is needed is missing by its own name, not by that of the object that it would be in.
    else if (cell !== '' || isNeeded(column)) setPath(request, importColumns[column].split('.'), cell || undefined);
  }
  return request;
}

const isNeeded = (column: ImportColumn) => (neededColumns as readonly ImportColumn[]).includes(column);

function setPath(target: Record<string, unknown>, [name = '', ...rest]: string[], value: string | undefined): void {
  if (rest.length === 0) {
    target[name] = value;
    return;
  }
  const inner = (target[name] ?? {}) as Record<string, unknown>;
  target[name] = inner;
  setPath(inner, rest, value);
}
