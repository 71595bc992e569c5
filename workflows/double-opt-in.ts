import { condition, proxyActivities, setHandler } from '@temporalio/workflow';
import type { DoubleOptInActivities } from '../activities/interfaces.ts';
import { type ConsentInput, consentConfirmedSignal } from './contract.ts';
import { heartbeatTimeout } from './heartbeat.ts';
import { msUntil } from './time.ts';

const { askForConsent, closeRequest } = proxyActivities<DoubleOptInActivities>({
  startToCloseTimeout: '30 seconds',
  heartbeatTimeout,
  retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
});

/** A consent counts when the person has confirmed it: they are asked by a text, and have some time to say yes. */
export async function doubleOptInWorkflow({ consentId }: ConsentInput): Promise<void> {
  const state = { confirmed: false };
  setHandler(consentConfirmedSignal, () => {
    state.confirmed = true;
  });
  const { until } = await askForConsent({ consentId });
  if (until === undefined) return;
  await condition(() => state.confirmed, msUntil(until) ?? 0, { summary: "the person's yes" });
  // The ledger has the answer, also when the signal was lost.
  await closeRequest({ consentId });
}
