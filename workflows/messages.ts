import {
  ActivityFailure,
  condition,
  continueAsNew,
  isCancellation,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
} from '@temporalio/workflow';
import type { AdmissionActivities, Outlook, SubmissionActivities } from '../activities/interfaces.ts';
import { carrierTaskQueue, failuresSignal, type MessagesInput, settledSignal, urgentTaskQueue } from './contract.ts';
import { isLong } from './long-history.ts';
import { msUntil } from './time.ts';

// Local: a decision costs one event instead of three, and may be made twice. Submitting is never done here (invariant 5).
const { admit, review } = proxyLocalActivities<AdmissionActivities>({
  startToCloseTimeout: '15 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '30 seconds' },
});

// Of many recipients, and never in admission itself, which ends within 2 s. Texts don't wait for a database: what it does not say is marked.
const { verifyRecipients } = proxyActivities<AdmissionActivities>({
  startToCloseTimeout: '10 seconds',
  scheduleToCloseTimeout: '15 seconds',
  heartbeatTimeout: '5 seconds',
  retry: { initialInterval: '1 second', maximumAttempts: 2 },
  summary: 'look-ups of recipients',
});

const whileSubmitting = {
  // A carrier's answer may take 10 s; what is claimed by then is ambiguous and the next try does not touch it.
  startToCloseTimeout: '45 seconds',
  // A worker that was killed is noticed soon: texts don't wait out the time for a carrier's answer.
  heartbeatTimeout: '5 seconds',
  retry: { initialInterval: '1 second', backoffCoefficient: 1.6, maximumInterval: '20 seconds' },
} as const;

// On the workflows' own task queue, and so handed over by the engine with its answer to the task that asks for it.
const { admitAndSubmit } = proxyActivities<AdmissionActivities>({ ...whileSubmitting, summary: 'admit and submit' });

function submissionTo(
  carrier: string,
  { kind, sender, validUntil }: Pick<MessagesInput, 'kind'> & Pick<Outlook, 'sender' | 'validUntil'>,
) {
  return proxyActivities<SubmissionActivities>({
    ...whileSubmitting,
    // Never behind a bulk.
    taskQueue: kind === 'otp' ? urgentTaskQueue(carrier) : carrierTaskQueue(carrier),
    // Its priority is the workflow's own; within one, senders take turns.
    ...(sender !== undefined && { priority: { fairnessKey: sender } }),
    // A carrier that is in nobody's configuration any more is polled by nobody: its texts expire all the same.
    ...(validUntil !== undefined && { scheduleToStartTimeout: msUntil(validUntil) }),
    summary: `submit to ${carrier}`,
  });
}

function inquiryTo(carrier: string) {
  return proxyActivities<Pick<SubmissionActivities, 'inquire'>>({
    taskQueue: carrierTaskQueue(carrier),
    heartbeatTimeout: '5 seconds',
    // Whoever holds the carrier's sessions may be gone, and other texts may be due meanwhile: these go on waiting for their receipts.
    scheduleToCloseTimeout: '20 seconds',
    retry: { maximumAttempts: 2 },
    summary: `ask ${carrier} about silent texts`,
  });
}

/** After questions that nobody could ask, they are due again not sooner than this. */
const inquiryPauseMs = 30_000;

/**
 * Carries some texts of one kind from acceptance to a final state. The texts are in the store; this workflow decides when something
 * happens to them. It ends when none of them is with it any more: each is final, or held and with a hold workflow.
 */
export async function messagesWorkflow(input: MessagesInput): Promise<void> {
  let settled = false;
  let failures = false;
  setHandler(settledSignal, () => {
    settled = true;
  });
  setHandler(failuresSignal, () => {
    failures = true;
  });

  let askAgainAt: string | undefined;
  let outlook = input.atOnce ? await admitAndSubmit(input) : await admit(input);
  while (outlook.open > 0 && !settled) {
    // Texts are valid for three days: those of a slow sender, or of a carrier that is away, are tried every minute. What is left is adopted anew.
    if (isLong()) await continueAsNew<typeof messagesWorkflow>(input);
    if (outlook.lookUpsDue) {
      outlook = await reviewLookedUp();
      continue;
    }
    const { reviewDue, carriers, inquiries, notBefore, nextAt } = outlook;
    if (!reviewDue && carriers.length > 0 && notBefore === undefined) {
      outlook = await submitToAll(outlook, input);
      continue;
    }
    if (!reviewDue && inquiries && (askAgainAt === undefined || Date.parse(askAgainAt) <= Date.now())) {
      const asked = await inquireAll(inquiries);
      askAgainAt = asked ? undefined : new Date(Date.now() + inquiryPauseMs).toISOString();
      outlook = await review();
      continue;
    }
    if (!reviewDue) {
      const moments = [notBefore, inquiries && askAgainAt, nextAt].filter((at) => at !== undefined);
      const until = moments.length > 0 ? moments.reduce(earlier) : undefined;
      await condition(() => settled || failures, msUntil(until), {
        summary: 'receipts, the next retry, or leave to send',
      });
    }
    if (settled) break;
    failures = false;
    outlook = await review();
  }
}

/** What is found out comes like a receipt; that a carrier couldn't be asked changes nothing. @returns whether all could be asked */
async function inquireAll(carriers: readonly string[]): Promise<boolean> {
  try {
    await Promise.all(carriers.map((carrier) => inquiryTo(carrier).inquire({ carrier })));
    return true;
  } catch (error) {
    if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
    return false;
  }
}

async function reviewLookedUp(): Promise<Outlook> {
  try {
    await verifyRecipients();
  } catch (error) {
    if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
  }
  return review({ lookedUp: true });
}

async function submitToAll(outlook: Outlook, { kind }: MessagesInput): Promise<Outlook> {
  const { carriers, sender, validUntil } = outlook;
  const toSubmit = {
    kind,
    ...(sender !== undefined && { sender }),
    ...(validUntil !== undefined && { validUntil }),
  };
  const outlooks = await Promise.all(
    carriers.map((carrier) => submissionTo(carrier, toSubmit).submit({ carrier }).catch(notBegun)),
  );
  // Each one's outlook was true when that one ended; with several the truth is looked up once more.
  if (outlooks.length === 1 && outlooks[0]) return outlooks[0];
  const looked = await review();
  const waiting = new Map(carriers.map((carrier, index) => [carrier, outlooks[index]?.notBefore]));
  const free = looked.carriers.filter((carrier) => waiting.get(carrier) === undefined);
  if (free.length > 0 || looked.carriers.length === 0) return { ...looked, carriers: free };
  const notBefore = looked.carriers.flatMap((carrier) => waiting.get(carrier) ?? []).reduce(earlier);
  return { ...looked, notBefore };
}

/** Nobody has begun to submit before all texts had expired: what becomes of them is looked up. */
function notBegun(error: unknown): undefined {
  if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
}

/** The earlier of two moments, RFC 3339 UTC. */
function earlier(one: string, other: string): string {
  return one < other ? one : other;
}
