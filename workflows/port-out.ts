import type { RetryPolicy } from '@temporalio/common';
import {
  ActivityFailure,
  ApplicationFailure,
  allHandlersFinished,
  condition,
  continueAsNew,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { PortOutActivities } from '../activities/interfaces.ts';
import {
  canDecide,
  isFinalPortOut,
  needsCheck,
  type PortOutState,
  portOutWaiting,
} from '../domain/lifecycle/port-out.ts';
import {
  authorizePortOutUpdate,
  type PortOutInput,
  portOutNewsSignal,
  portOutStateQuery,
  rejectPortOutUpdate,
} from './contract.ts';
import { heartbeatTimeout } from './heartbeat.ts';
import { PortOutRecord } from './port-out-record.ts';
import { asRefusal } from './refusal.ts';
import { msUntil, nowIso } from './time.ts';

const retry: RetryPolicy = {
  initialInterval: '1 second',
  maximumInterval: '1 minute',
  nonRetryableErrorTypes: ['carrier-refused'],
};
const { readPortOut, followNumbers } = proxyActivities<PortOutActivities>({
  startToCloseTimeout: '60 seconds',
  heartbeatTimeout,
  retry,
});
/** Given up for now after some minutes: the clock runs meanwhile, and what is late has to be seen. */
const { checkPortOut, answerPortOut } = proxyActivities<PortOutActivities>({
  startToCloseTimeout: '60 seconds',
  heartbeatTimeout,
  scheduleToCloseTimeout: '4 minutes',
  retry,
});
/** A courtesy: nothing waits for it. */
const { announceReview } = proxyActivities<PortOutActivities>({
  startToCloseTimeout: '60 seconds',
  heartbeatTimeout,
  retry: { maximumAttempts: 1 },
});

/**
 * Another carrier asks for numbers of ours. The owner is told at once; what the owner's data prove or disprove is answered by itself, the
 * rest by a person, and when nobody decides the default is answered before the carrier takes silence for approval. Then the carrier is
 * followed until the numbers have left, or stay. Webhooks only say that it is time to read.
 */
export async function portOutWorkflow(input: PortOutInput): Promise<void> {
  const { portOutId, carrier, carrierPortOutId } = input;
  const reference = { portOutId, carrier, carrierPortOutId };
  const portOut = new PortOutRecord(input);
  let news = false;

  // ------------------------------------------------------------------------------------------------ what people and carriers say
  setHandler(portOutStateQuery, () => portOut.seen);
  setHandler(portOutNewsSignal, ({ eventId }) => {
    // The first one is the request itself.
    if (portOut.seen) portOut.step('carrier', 'port-out.news', 'The carrier says that the port-out changed.', eventId);
    news = true;
  });
  setHandler(authorizePortOutUpdate, () => portOut.apply({ type: 'decided', answer: { decision: 'authorize' } }), {
    validator: () => refuseUnlessOpen(portOut.seen, 'port-out-not-authorizable'),
  });
  setHandler(
    rejectPortOutUpdate,
    ({ code }) => portOut.apply({ type: 'decided', answer: { decision: 'reject', code } }),
    {
      validator: ({ code }) => {
        refuseUnlessOpen(portOut.seen, 'port-out-not-rejectable');
        if (!portOut.seen?.eligible.includes(code)) {
          throw ApplicationFailure.nonRetryable(
            'The carrier does not take this code for this port-out.',
            'rejection-not-eligible',
          );
        }
      },
    },
  );

  // ------------------------------------------------------------------------------------------------ the request
  let followed = input.state ? '' : 'stays';
  if (!portOut.seen) {
    portOut.read(await readPortOut(reference));
    news = false;
    await portOut.project();
  }

  // ------------------------------------------------------------------------------------------------ the answer, and what becomes of it
  while (!isFinalPortOut(portOut.state.status)) {
    if (needsCheck(portOut.state)) await check();
    if (portOut.state.status === 'answering') await answer();
    const { status } = portOut.state;
    await followTheNumbers();
    await portOut.project();
    // A person may have decided meanwhile.
    if (portOut.state.status !== status) continue;
    if (isFinalPortOut(portOut.state.status)) break;
    if (workflowInfo().continueAsNewSuggested) {
      await condition(allHandlersFinished);
      await continueAsNew<typeof portOutWorkflow>({ ...reference, ...portOut.carried });
    }

    const { dueAt } = portOut.state;
    const woken = await condition(() => news || portOut.state.status !== status, msUntil(dueAt), {
      summary: portOutWaiting(portOut.state)?.what,
    });
    // A person has decided: that is answered first.
    if (portOut.state.status !== status) continue;
    news = false;
    await look();
    if (!woken) portOut.apply({ type: 'due' });
  }
  await followTheNumbers();
  await portOut.project();
  await condition(allHandlersFinished);

  async function look(): Promise<void> {
    try {
      portOut.read(await readPortOut(reference));
    } catch (error) {
      const problem = asRefusal(error);
      if (!problem) throw error;
      portOut.step('carrier', 'port-out.unreadable', `The carrier does not show the port-out: ${problem.code}.`);
    }
  }

  async function check(): Promise<void> {
    try {
      portOut.apply({ type: 'checked', ...(await checkPortOut(reference)) });
    } catch (error) {
      if (!(error instanceof ActivityFailure)) throw error;
      portOut.apply({ type: 'delayed' });
      return;
    }
    if (!canDecide(portOut.state)) return;
    // The owner first.
    await portOut.project();
    try {
      if (await announceReview(reference)) {
        portOut.step('portsms', 'port-out.announced', 'The carrier was told that a person decides.');
      }
    } catch (error) {
      if (!(error instanceof ActivityFailure)) throw error;
    }
  }

  async function answer(): Promise<void> {
    const given = portOut.state.answer;
    if (!given) return;
    const { by, ...rest } = given;
    await portOut.project();
    try {
      portOut.read(await answerPortOut({ ...reference, answer: rest, by }));
    } catch (error) {
      const problem = asRefusal(error);
      if (problem) portOut.apply({ type: 'answer-refused', problem });
      else if (error instanceof ActivityFailure) {
        portOut.apply({ type: 'delayed' });
      } else throw error;
    }
  }

  /** Texts over the numbers follow the port-out; asked only when something changed. */
  async function followTheNumbers(): Promise<void> {
    const { focAt } = portOut.state;
    const stage = stageOf(portOut.state);
    const wanted = stage === 'stays' ? stage : `${stage} ${focAt}`;
    if (followed === wanted) return;
    const numbers = await followNumbers({ ...reference, stage, ...(focAt && { focAt }) });
    followed = wanted;
    if (numbers > 0) portOut.step('portsms', `numbers.${stage}`, `${stageInWords[stage]} Numbers: ${numbers}.`);
  }
}

const stageInWords = {
  stays: 'The numbers stay.',
  dated: 'The date is noted: from then on no text goes by the carrier that loses the numbers.',
  leaving: 'The date has come: texts over the numbers wait.',
  gone: 'The numbers have left: no text goes over them any more.',
} as const;

function stageOf({ status, focAt }: PortOutState): keyof typeof stageInWords {
  if (status === 'ported') return 'gone';
  if (status !== 'authorized' || focAt === undefined) return 'stays';
  return nowIso() >= focAt ? 'leaving' : 'dated';
}

function refuseUnlessOpen(state: PortOutState | undefined, type: string): void {
  if (state && canDecide(state)) return;
  throw ApplicationFailure.nonRetryable(`This port-out is ${state?.status ?? 'being read'}.`, type);
}
