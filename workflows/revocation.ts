import { proxyActivities, sleep } from '@temporalio/workflow';
import type { OptOutActivities } from '../activities/interfaces.ts';
import type { ConsentInput } from './contract.ts';
import { heartbeatTimeout } from './heartbeat.ts';
import { msUntil } from './time.ts';

const { honourRevocation, confirmRevocation, readReview, closeReview } = proxyActivities<OptOutActivities>({
  startToCloseTimeout: '30 seconds',
  heartbeatTimeout,
  retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
});

/** A person has opted out by a text: first it holds, then it is confirmed. */
export async function revocationWorkflow({ consentId }: ConsentInput): Promise<void> {
  await honourRevocation({ consentId });
  await confirmRevocation({ consentId });
}

/** A text may mean an opt-out: a person has until the end of the law's clock to read it; after that it counts as one. */
export async function optOutReviewWorkflow({ consentId }: ConsentInput): Promise<void> {
  const { dueAt } = await readReview({ consentId });
  if (dueAt === undefined) return;
  await sleep(msUntil(dueAt) ?? 0);
  await closeReview({ consentId });
}
