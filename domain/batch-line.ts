/** A bulk has so many lines at most, its heading and empty ones counted. */
export const mostBatchLines = 1_000_000;

const digits = 7;

/** `bat_` and 128 bits; its texts have the same bits and their line, so that no look-up leads from one to the other. */
const batchForm = /^bat_([0-9a-f]{32})$/;
const textForm = /^msg_([0-9a-f]{32})_(\d{7})$/;

/**
 * The id of the text of a line. In the order of the lines, so that a bulk is inserted at one place of the index; computed, so that nobody
 * has to search for the texts of a bulk.
 * @throws Error when it is no id of a bulk
 */
export function idOfLine(batchId: string, line: number): string {
  return `msg_${bitsOf(batchId)}_${String(line).padStart(digits, '0')}`;
}

/** The bulk and the line of a text; undefined for one that came alone. */
export function lineOfId(messageId: string): { readonly batchId: string; readonly line: number } | undefined {
  const [, bits, line] = textForm.exec(messageId) ?? [];
  return bits === undefined || line === undefined ? undefined : { batchId: `bat_${bits}`, line: Number(line) };
}

/** Lines that follow each other, the first and the last of them. */
export type LineRun = readonly [first: number, last: number];

/** Ascending lines as runs: as small for a thousand lines without a gap as for one. */
export function runsOf(lines: readonly number[]): LineRun[] {
  const runs: [number, number][] = [];
  for (const line of lines) {
    const run = runs.at(-1);
    if (run && run[1] === line - 1) run[1] = line;
    else runs.push([line, line]);
  }
  return runs;
}

/** The ids of the texts of these lines. */
export function idsOfRuns(batchId: string, runs: readonly LineRun[]): string[] {
  return runs.flatMap(([first, last]) =>
    Array.from({ length: last - first + 1 }, (_, index) => idOfLine(batchId, first + index)),
  );
}

function bitsOf(batchId: string): string {
  const bits = batchForm.exec(batchId)?.[1];
  if (bits === undefined) throw new Error(`«${batchId}» is no id of a bulk of texts; such an id begins with bat_.`);
  return bits;
}
