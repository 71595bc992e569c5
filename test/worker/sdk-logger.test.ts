import { expect, test } from 'vitest';
import { sdkLogger } from '../../worker/sdk-logger.ts';

test('what the SDK warns of stands in the log, but for what is meant to be so', () => {
  const lines: unknown[][] = [];
  const as = (level: string) => (fields: object, message: string) => void lines.push([level, fields, message]);
  const logger = sdkLogger({ debug: as('debug'), warn: as('warn'), error: as('error') } as never);
  const error = new Error('broken');
  logger.warn('Workflow task failed', { taskQueue: 'portsms', error });
  logger.error('Worker failed', { error });
  logger.warn('No workflows registered, not polling for workflow tasks', { taskQueue: 'carrier-alpha' });
  logger.info('Worker state changed');
  expect(lines).toEqual([
    ['warn', { taskQueue: 'portsms', err: error }, 'Workflow task failed'],
    ['error', { err: error }, 'Worker failed'],
    ['debug', { taskQueue: 'carrier-alpha' }, 'No workflows registered, not polling for workflow tasks'],
  ]);
});
