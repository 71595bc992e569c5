import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import type { Activities } from '../../../activities/interfaces.ts';
import { consentConfirmedSignal, mainTaskQueue, workflowTypes } from '../../../workflows/contract.ts';
import { type Story, waits } from './story.ts';

const day = 24 * 3600_000;
const nothing = async () => {};

/** A process of the consent ledger, from its start until `act` leaves it. */
function ofConsent(
  name: string,
  type: string,
  activities: (inMs: (ms: number) => string) => Partial<Activities>,
  input: object,
  act: (handle: WorkflowHandle) => Promise<unknown> = (handle) => handle.result(),
): Story {
  return async (engine) => {
    const now = await engine.env.currentTimeMs();
    const inMs = (ms: number) => new Date(now + ms).toISOString();
    return engine.withActivities(activities(inMs), async () => {
      const handle = await engine.env.client.workflow.start(type, {
        workflowId: `${name}/${randomUUID()}`,
        taskQueue: mainTaskQueue,
        args: [input],
      });
      await act(handle);
      return { [name]: handle };
    });
  };
}

const consent = { consentId: 'con_1' };
const { revocation, optOutReview, doubleOptIn, optOutMove, consentExpiry, ledgerVerification } = workflowTypes;
const asks = (inMs: (ms: number) => string) => ({
  askForConsent: async () => ({ until: inMs(3 * day) }),
  closeRequest: nothing,
});

const honoured = ofConsent(
  'revocation',
  revocation,
  () => ({ honourRevocation: nothing, confirmRevocation: nothing }),
  consent,
);
const unread = ofConsent(
  'opt-out-unread',
  optOutReview,
  (inMs) => ({ readReview: async () => ({ dueAt: inMs(14 * day) }), closeReview: nothing }),
  consent,
);
const toBeRead = ofConsent(
  'opt-out-to-be-read',
  optOutReview,
  (inMs) => ({ readReview: async () => ({ dueAt: inMs(14 * day) }) }),
  consent,
  waits,
);
const confirmed = ofConsent('double-opt-in-confirmed', doubleOptIn, asks, consent, async (handle) => {
  await waits(handle);
  await handle.signal(consentConfirmedSignal);
  await handle.result();
});
const unanswered = ofConsent('double-opt-in-unanswered', doubleOptIn, asks, consent);
const asked = ofConsent('double-opt-in-asked', doubleOptIn, asks, consent, waits);
const left = [2, 1, 0];
const moved = ofConsent(
  'opt-outs-moved',
  optOutMove,
  () => ({ exportOptOuts: nothing, takeOverOptOuts: async () => ({ left: left.shift() ?? 0 }) }),
  { portId: 'port_1' },
);
const moving = ofConsent(
  'opt-outs-moving',
  optOutMove,
  () => ({ exportOptOuts: nothing, takeOverOptOuts: async () => ({ left: 1 }) }),
  { portId: 'port_1' },
  waits,
);
const expiry = ofConsent('consent-expiry', consentExpiry, () => ({ noteExpired: async () => 3 }), {});
const verification = ofConsent(
  'ledger-verification',
  ledgerVerification,
  () => ({ verifyLedger: async () => ({ subjects: 2, events: 5, broken: 0 }) }),
  {},
);

export const consentStories: readonly Story[] = [
  honoured,
  unread,
  toBeRead,
  confirmed,
  unanswered,
  asked,
  moved,
  moving,
  expiry,
  verification,
];
