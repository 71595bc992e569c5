import { MongoServerError } from 'mongodb';
import { type DestinationStream, type Logger, pino } from 'pino';
import type { LogLevel } from './config.ts';

export type { Logger } from 'pino';

/** More digits in a row than any count or port has: a number. */
const numberLike = /\+?\d{7,}/g;

/**
 * The one logger of a process: JSON lines on stdout.
 * @param process named in every line
 * @param destination stdout unless told
 */
export function createLogger(level: LogLevel, process: string, destination?: DestinationStream): Logger {
  const options = { level, base: { process }, serializers: { err: describeError } };
  return destination ? pino(options, destination) : pino(options);
}

/**
 * An error as it may be logged (invariant 9). Errors of the database server repeat the document that they are about, so their
 * message stays out; in all others anything that looks like a number is blotted out.
 */
function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { type: typeof error };
  const code = (error as { code?: unknown }).code;
  return {
    type: error.name,
    ...((typeof code === 'string' || typeof code === 'number') && { code }),
    ...(!(error instanceof MongoServerError) && { message: error.message.replace(numberLike, '…') }),
    stack: framesOf(error),
    ...(error.cause instanceof Error && { cause: describeError(error.cause) }),
  };
}

/** The stack without its head, which repeats the message. */
function framesOf(error: Error): string {
  return (error.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .join('\n');
}
