import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

const ROTATE_ABOVE_BYTES = 50 * 1024 * 1024;
const TAIL_BYTES = 4096;
/** pino's level of an error. */
const ERROR = 50;

/** Makes room for a log: its folder, and a large one from earlier is kept aside as `<file>.1`. */
export function prepareLog(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  if (existsSync(file) && statSync(file).size > ROTATE_ABOVE_BYTES) renameSync(file, `${file}.1`);
}

/** `: ` and the last line of a log that says something, for a message about why a process ended; empty when there is none. */
export function lastLogLine(file: string): string {
  const lines = readFrom(file, -TAIL_BYTES)
    .text.split('\n')
    .map(sentence)
    .filter((line) => line !== '');
  const last = lines.at(-1);
  return last ? `: ${last.slice(0, 300)}` : '';
}

/**
 * Calls `onError` with the message of each error that is appended to a log of JSON lines from now on.
 * @returns ends the following.
 */
export function followErrors(file: string, onError: (message: string) => void): () => void {
  let offset = existsSync(file) ? statSync(file).size : 0;
  let rest = '';
  const timer = setInterval(() => {
    const { text, end } = readFrom(file, offset);
    offset = end;
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (levelOf(line) >= ERROR) onError(sentence(line));
  }, 500);
  timer.unref();
  return () => clearInterval(timer);
}

function levelOf(line: string): number {
  return Number(/"level":(\d+)/.exec(line)?.[1] ?? 0);
}

/** What a log line says: the message of a JSON line, else the line. Node's own last words about an uncaught error are no help. */
function sentence(line: string): string {
  if (/^\s+at |^Node\.js v|^\s*[}{]?$/.test(line)) return '';
  const message = /"(?:msg|message)":("(?:[^"\\]|\\.)*")/.exec(line)?.[1];
  return message ? (JSON.parse(message) as string) : line.trim();
}

function readFrom(file: string, offset: number): { text: string; end: number } {
  if (!existsSync(file)) return { text: '', end: 0 };
  const descriptor = openSync(file, 'r');
  try {
    const size = fstatSync(descriptor).size;
    const start = offset < 0 ? Math.max(0, size + offset) : Math.min(offset, size);
    const bytes = Buffer.alloc(size - start);
    const read = readSync(descriptor, bytes, 0, bytes.length, start);
    return { text: bytes.toString('utf8', 0, read), end: start + read };
  } finally {
    closeSync(descriptor);
  }
}
