import { proxyActivities } from '@temporalio/workflow';
import type { ConsentLedgerActivities } from '../activities/interfaces.ts';

const { noteExpired, verifyLedger } = proxyActivities<ConsentLedgerActivities>({
  startToCloseTimeout: '6 hours',
  heartbeatTimeout: '5 minutes',
  // The schedule comes round again: what fails now is done then.
  retry: { maximumAttempts: 3 },
});

/** One pass over the consents that were given for a time. @returns how many have run out since the last pass */
export async function consentExpiryWorkflow(): Promise<number> {
  return noteExpired();
}

/** One proof of the whole consent ledger (invariant 10). @returns how many persons' chains are not whole */
export async function ledgerVerificationWorkflow(): Promise<number> {
  const { broken } = await verifyLedger();
  return broken;
}
