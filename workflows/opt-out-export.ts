import { ActivityFailure, isCancellation, log, proxyActivities } from '@temporalio/workflow';
import type { OptOutMoveActivities } from '../activities/interfaces.ts';
import { heartbeatTimeout } from './heartbeat.ts';

const { exportOptOuts } = proxyActivities<Pick<OptOutMoveActivities, 'exportOptOuts'>>({
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout,
  retry: { initialInterval: '1 second', maximumInterval: '1 minute', maximumAttempts: 8 },
});

/**
 * Takes the opt-outs at the losing carrier into the ledger before it lets the texts go. What cannot be read by then is missed, and found
 * by the verification.
 * @param portId of the port, or of the removal of texts
 */
export async function exportBeforeTheMove(portId: string): Promise<void> {
  try {
    await exportOptOuts({ portId });
  } catch (error) {
    if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
    log.warn('the opt-outs at the losing carrier could not be read: marketing will wait', { portId, error });
  }
}
