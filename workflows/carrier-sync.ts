import { proxyActivities } from '@temporalio/workflow';
import type { CarrierSyncActivities } from '../activities/interfaces.ts';
import type { CarrierSyncInput } from './contract.ts';
import { heartbeatTimeout } from './heartbeat.ts';

const { syncCarrier } = proxyActivities<CarrierSyncActivities>({
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout,
  // The schedule comes round again: what fails now is taken then.
  retry: { maximumAttempts: 3 },
});

/** One pass of the net under lost webhooks: what changed at a carrier since the last one is told to the ports concerned. */
export async function carrierSyncWorkflow(input: CarrierSyncInput): Promise<number> {
  return syncCarrier({ carrier: input.carrier });
}
