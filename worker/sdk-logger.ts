import { DefaultLogger } from '@temporalio/worker';
import type { Logger } from '../config/logger.ts';

/** Said at the start of each worker that only submits to a carrier: none of those is meant to have workflows. */
const meant = 'No workflows registered, not polling for workflow tasks';

/** Puts the warnings and errors of Temporal's SDK into a process's own log. */
export function sdkLogger(logger: Pick<Logger, 'debug' | 'warn' | 'error'>): DefaultLogger {
  return new DefaultLogger('WARN', ({ level, message, meta }) => {
    const { error, ...fields } = meta ?? {};
    const as = message === meant ? 'debug' : level === 'ERROR' ? 'error' : 'warn';
    logger[as]({ ...fields, ...(error !== undefined && { err: error }) }, message);
  });
}
