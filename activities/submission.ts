import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { CarrierUnavailable } from '../carriers/errors.ts';
import type { MessageDocument } from '../store/messages.ts';
import { takeBackClaims } from './claims-taken-back.ts';
import { currentWorkflow } from './current-workflow.ts';
import { withoutErased } from './erased-texts.ts';
import { createInquiry } from './inquiry.ts';
import type { Outlook, SubmissionActivities } from './interfaces.ts';
import { canBeAsked, leastValidityMs, outlookOf } from './outlook.ts';
import { type Candidate, createPortions, type PortionDependencies } from './portion.ts';
import { isStale } from './stale-route.ts';
import { SubmissionDesk } from './submission-desk.ts';
import type { UsedUp } from './submission-limits.ts';

export interface SubmissionDependencies extends PortionDependencies {
  /** Where it is counted what this process has in hand. */
  readonly desk?: SubmissionDesk;
}

/** A submission runs this long at most, so that more urgent ones come between; what it has not claimed anybody may take (invariant 8). */
const longestRunMs = 2000;
/** Well within the heartbeat's time-out (workflows/messages.ts). */
const heartbeatMs = 1500;

/** Texts that may go soon wait for it: whoever admits them anew may have heard of the carrier so much later, and may have another clock. */
const worthMovingMs = 2000;

/** So many submissions to a carrier at a time stay for the next token of a sender: the others are for texts that can go. */
const mostStaying = 2;

/** Submits admitted texts, portion by portion; what can't go now says when it can. */
export function createSubmissionActivities(deps: SubmissionDependencies): SubmissionActivities {
  const { store, limits, breakers, desk = new SubmissionDesk(deps.carriers) } = deps;
  const portions = createPortions(deps);
  /** Submissions that stay for a token, by carrier. */
  const staying = new Map<string, number>();

  async function outlook(workflowId: string, stale: boolean, notBefore?: Date): Promise<Outlook> {
    const view = outlookOf(await store.messages.standingOf(workflowId), new Date(), canBeAsked(deps.carriers));
    if (stale) return { ...view, reviewDue: true };
    return notBefore && view.carriers.length > 0 ? { ...view, notBefore: notBefore.toISOString() } : view;
  }

  /** Texts whose day's limit is used up wait for the next day, if they are still valid then: what will expire is not kept for it. */
  async function putOff(tomorrow: ReadonlyMap<Candidate, UsedUp>): Promise<void> {
    const begins = new Map([...tomorrow].map(([{ message }, { endsAt }]) => [message._id, endsAt]));
    if (begins.size === 0) return;
    await store.messages.change([...begins.keys()], (message) => {
      const retryAt = begins.get(message._id);
      const at = new Date();
      // One that another carrier may send is decided about anew.
      if (message.status !== 'queued' || !retryAt || (message.route?.until && message.route.until <= at))
        return undefined;
      const code = 'daily-limit-reached';
      return message.expiresAt.getTime() - retryAt.getTime() < leastValidityMs
        ? { status: 'refused', failure: { code, class: 'refused', at }, finalAt: at }
        : { status: 'retrying', failure: { code, class: 'throttled', at }, retryAt };
    });
  }

  /** Texts that another carrier may send don't wait until one that is out of order may be probed. @returns whether there are any */
  async function moved(waiting: readonly Candidate[], carrierId: string): Promise<boolean> {
    if (!breakers.isOpen(carrierId, new Date(Date.now() + worthMovingMs))) return false;
    return rerouted(waiting, carrierId);
  }

  /**
   * Nor do they wait for the carrier's next day. One whose route was chosen when it was known already that the day is used up has no better one.
   * @returns whether there are any
   */
  async function movedToday(tomorrow: ReadonlyMap<Candidate, UsedUp>, carrierId: string): Promise<boolean> {
    const chosenBefore = [...tomorrow].filter(([{ message }, { since }]) => {
      const chosen = message.decisions?.at(-1);
      return chosen !== undefined && chosen.at < since;
    });
    return rerouted(
      chosenBefore.map(([candidate]) => candidate),
      carrierId,
    );
  }

  /** The routes of texts that another carrier may send are over: the next look at them is an admission. @returns whether there are any */
  async function rerouted(candidates: readonly Candidate[], carrierId: string): Promise<boolean> {
    const until = new Date();
    const texts = candidates
      .map(({ message }) => message)
      .filter(({ decisions }) =>
        decisions
          ?.at(-1)
          ?.candidates.some(
            ({ carrier, excluded }) =>
              carrier !== carrierId &&
              (excluded === undefined || excluded === 'breaker-open') &&
              !breakers.isOpen(carrier, until),
          ),
      );
    const ids = texts.map((message) => message._id);
    const ofCarrier = ({ status, route }: MessageDocument) => status === 'queued' && route?.carrier === carrierId;
    const changed = await store.messages.change(
      ids,
      (message) => (message.route && ofCarrier(message) ? { route: { ...message.route, until } } : undefined),
      texts,
    );
    return changed.length > 0;
  }

  const inquire = createInquiry(deps);

  return {
    submit: ({ carrier }) => withHeartbeat(() => desk.during(carrier, () => submitAll(carrier))),
    inquire: ({ carrier }) => withHeartbeat(() => inquire(carrier)),
  };

  async function submitAll(carrierId: string): Promise<Outlook> {
    const carrier = deps.carriers.get(carrierId);
    if (!carrier) {
      throw ApplicationFailure.nonRetryable(
        `No carrier «${carrierId}» is configured in this worker.`,
        'unknown-carrier',
      );
    }
    const { workflowId } = currentWorkflow();
    if (Context.current().info.attempt > 1) await takeBackClaims(store, workflowId, carrierId);
    const queued = await store.messages.queuedOf(workflowId);
    const versions = await store.numbers.versions(queued.flatMap((message) => message.route?.sender.key ?? []));
    const now = new Date();
    const due = queued
      .filter(
        (message) =>
          message.route?.carrier === carrierId && message.expiresAt.getTime() - now.getTime() >= leastValidityMs,
      )
      .sort((a, b) => a.acceptedAt.getTime() - b.acceptedAt.getTime());
    if (due.some((message) => isStale(message, (key) => versions.get(key), now))) return outlook(workflowId, true);
    const candidates = portions.candidates(await withoutErased(due, store), carrier);

    const recordings: Promise<unknown>[] = [];
    const tomorrow = new Map<Candidate, UsedUp>();
    const stopAt = performance.now() + longestRunMs;
    let rest: readonly Candidate[] = candidates;
    let notBefore: Date | undefined;
    /** Some of the texts go by another carrier: they are to be admitted anew. */
    let leaving = false;
    try {
      while (rest.length > 0 && performance.now() < stopAt && notBefore === undefined) {
        const leave = await limits.take(carrierId, rest, new Date());
        for (const [candidate, usedUp] of leave.tomorrow) tomorrow.set(candidate, usedUp);
        rest = rest.filter((candidate) => !leave.tomorrow.has(candidate));
        const allowed = breakers.allow(carrierId, leave.go.length, new Date());
        for (const candidate of leave.go.slice(allowed.texts)) limits.giveBack(carrierId, candidate);
        const go = leave.go.slice(0, allowed.texts);
        if (go.length > 0) {
          const { taken, recording } = await portions.submit(go, carrier);
          recordings.push(recording);
          rest = rest.filter((candidate) => !taken.has(candidate));
        } else if (leave.go.length > 0) notBefore = allowed.askAgainAt;
        else if (leave.held.length > 0 && !(await stayed(carrierId, leave.waitMs, stopAt))) {
          notBefore = limits.comeBack(carrierId, leave.held, new Date());
        }
      }
    } catch (error) {
      if (!(error instanceof CarrierUnavailable)) throw error;
      if (error.notConnected) {
        await breakers.unreachable(carrierId, new Date());
        leaving = await moved(rest, carrierId);
      }
      if (recordings.length === 0 && !leaving) throw ApplicationFailure.retryable(error.message, 'carrier-unavailable');
    } finally {
      await Promise.all(recordings);
    }
    leaving = (await movedToday(tomorrow, carrierId)) || leaving;
    await putOff(tomorrow);
    leaving ||= notBefore !== undefined && (await moved(rest, carrierId));
    return outlook(workflowId, leaving, notBefore);
  }

  /** Waits for the next token of a limit, when it comes before the run is over and not too many wait already. @returns whether it did */
  async function stayed(carrierId: string, waitMs: number, stopAt: number): Promise<boolean> {
    const others = staying.get(carrierId) ?? 0;
    if (others >= mostStaying || performance.now() + waitMs >= stopAt) return false;
    staying.set(carrierId, others + 1);
    try {
      await sleep(Math.ceil(waitMs));
      return true;
    } finally {
      staying.set(carrierId, (staying.get(carrierId) ?? 1) - 1);
    }
  }
}

/** Shows the engine that this process is alive, while a carrier takes its time to answer. */
async function withHeartbeat<T>(work: () => Promise<T>): Promise<T> {
  const context = Context.current();
  const beat = setInterval(() => context.heartbeat(), heartbeatMs);
  try {
    return await work();
  } finally {
    clearInterval(beat);
  }
}
