import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Carrier, PartAnswer, Submission } from '../carriers/carrier.ts';
import { CarrierUnavailable } from '../carriers/errors.ts';
import { type BreakerSample, carrierFailed } from '../domain/breaker.ts';
import type { Permission } from '../domain/consent-decision.ts';
import { classifyCode, type Vocabulary } from '../domain/delivery-codes.ts';
import { rulingsOf } from '../domain/delivery-rulings.ts';
import { applyAnswers } from '../domain/message-progress.ts';
import { userMessageReferences } from '../domain/user-message-reference.ts';
import { type DeliveryMeter, noMeter } from '../intake/delivery-meter.ts';
import type { Intake } from '../intake/intake.ts';
import { carrierRef } from '../intake/receipts.ts';
import type { MessageChange, MessageDocument } from '../store/messages.ts';
import type { Store } from '../store/store.ts';
import { randomId } from '../store/vault.ts';
import { currentWorkflow, isStale } from './admission.ts';
import type { BreakerBook } from './breaker-book.ts';
import { stoppedCampaigns } from './campaign-stops.ts';
import { takeBackClaims, withoutClaim } from './claims-taken-back.ts';
import { recipientErased, withoutErased } from './erased-texts.ts';
import { createInquiry } from './inquiry.ts';
import type { Outlook, SubmissionActivities } from './interfaces.ts';
import { canBeAsked, leastValidityMs, outlookOf } from './outlook.ts';
import { createPermissions, storedPermission } from './permission.ts';
import { SubmissionDesk } from './submission-desk.ts';
import type { LimitedText, SubmissionLimits, UsedUp } from './submission-limits.ts';

export interface SubmissionDependencies {
  readonly store: Store;
  readonly intake: Intake;
  readonly carriers: ReadonlyMap<string, Carrier>;
  readonly meter?: DeliveryMeter;
  /** Limits of senders, campaigns and days. */
  readonly limits: SubmissionLimits;
  /** Which carriers are out of order. */
  readonly breakers: BreakerBook;
  /** Where it is counted what this process has in hand. */
  readonly desk?: SubmissionDesk;
}

/** A submission runs this long at most, so that more urgent ones come between; what it has not claimed anybody may take (invariant 8). */
const longestRunMs = 2000;
/** A carrier that gives no room for this long is left; Temporal comes back to it. */
const longestWaitForRoomMs = 5000;
/** Well within the heartbeat's time-out (workflows/messages.ts). */
const heartbeatMs = 1500;
/** Between claim and write: a process that was frozen for longer must not write, for its texts may have been given up. */
const longestClaimMs = 5000;

/** Texts that may go soon wait for it: whoever admits them anew may have heard of the carrier so much later, and may have another clock. */
const worthMovingMs = 2000;

/** So many submissions to a carrier at a time stay for the next token of a sender: the others are for texts that can go. */
const mostStaying = 2;

/** What operators have said of a carrier's codes. */
type CodeReading = ReturnType<typeof rulingsOf>;

/** A text and the segments that it has at the carrier: their number depends on the carrier's alphabet. */
interface Candidate extends LimitedText {
  readonly message: MessageDocument;
  /** Its words, opened once; not used when its recipient has been erased by the time of the claim. */
  readonly text: string;
}

/**
 * Submits texts by claim (invariant 5): what is claimed is written once, and what is not answered is never written again. Only a claim under which
 * nobody can have written, nor can any more, is given up (store/claims.ts).
 */
export function createSubmissionActivities(deps: SubmissionDependencies): SubmissionActivities {
  const { store, limits, breakers, meter = noMeter, desk = new SubmissionDesk(deps.carriers) } = deps;
  const permissions = createPermissions(deps);
  /** Submissions that stay for a token, by carrier. */
  const staying = new Map<string, number>();

  async function outlook(workflowId: string, stale: boolean, notBefore?: Date): Promise<Outlook> {
    const view = outlookOf(await store.messages.standingOf(workflowId), new Date(), canBeAsked(deps.carriers));
    if (stale) return { ...view, reviewDue: true };
    return notBefore && view.carriers.length > 0 ? { ...view, notBefore: notBefore.toISOString() } : view;
  }

  /** Claims texts; those that may not leave, or not any more today, are given back or refused, not written. */
  async function claim(candidates: readonly MessageDocument[], carrier: Carrier, token: string) {
    const versions = await store.numbers.versions(candidates.flatMap((message) => message.route?.sender.key ?? []));
    const at = new Date();
    const current = candidates.filter(
      ({ route, expiresAt }) =>
        (route?.until === undefined || route.until > at) && expiresAt.getTime() - at.getTime() >= leastValidityMs,
    );
    const won = await store.messages.claim(current, versions, {
      token,
      carrier: carrier.settings.id,
      at,
      ...currentWorkflow(),
    });
    const [consents, numbers, stops] = await Promise.all([
      store.consents.ofSubjects(won.map((message) => message.toKey)),
      store.numbers.findMany(won.flatMap(({ fromKey, route }) => [fromKey, ...(route ? [route.sender.key] : [])])),
      store.campaignStops.open(),
      // Read lately, as a rule: this finds out who was erased meanwhile.
      store.subjectKeys.loadFor(won.map((message) => message.text)),
    ]);
    const permitted = await permissions.weigh(won, { numbers, consents });
    const isStopped = stoppedCampaigns(stops, deps.carriers, store.vault);
    const stopped = new Map<string, MessageChange>();
    for (const message of won) {
      const permission = permitted.get(message._id);
      const change = store.vault.isErased(message.text)
        ? refused(recipientErased, at)
        : permission && withoutLeave(message, permission, at);
      if (change) stopped.set(message._id, change);
      else if (isStopped(message, carrier.settings.id, message.route?.sender.key ?? message.fromKey)) {
        stopped.set(message._id, refused('campaign-stopped', at));
      }
    }
    if (stopped.size > 0) {
      await store.messages.change([...stopped.keys()], (message) => {
        const change = stopped.get(message._id);
        if (message.claimToken !== token || message.status !== 'claimed') return undefined;
        return change && { ...change, attempts: withoutClaim(message, token) };
      });
      await permissions.giveBack(
        won.filter((message) => stopped.has(message._id)),
        permitted,
      );
    }
    for (const { kind, acceptedAt, attempts } of won) {
      if (attempts.length === 1) meter.waited(kind, at.getTime() - acceptedAt.getTime());
    }
    return { texts: won.filter((message) => !stopped.has(message._id)), numbers, permitted };
  }

  function asSubmission(
    message: MessageDocument,
    candidate: Candidate | undefined,
    from: string,
    permission: Permission | undefined,
  ): Submission {
    const segments = candidate?.segments ?? message.segments;
    return {
      from,
      to: store.vault.open(message.to),
      text: candidate?.text ?? store.vault.open(message.text),
      validityMs: lastMoment(message, permission).getTime() - Date.now(),
      references: userMessageReferences(message._id, message.attempts.length, segments),
    };
  }

  /** Writes what the carrier answered, with the receipts that overtook the answers (invariant 6). */
  async function record(
    texts: readonly MessageDocument[],
    answers: ReadonlyMap<string, readonly PartAnswer[]>,
    carrier: Carrier,
    token: string,
    ruling: CodeReading,
  ): Promise<void> {
    const carrierId = carrier.settings.id;
    const refsOf = (parts: readonly PartAnswer[]) =>
      parts.flatMap((part) => (part.outcome === 'accepted' ? carrierRef(carrierId, part.carrierMessageId) : []));
    const change = (message: MessageDocument): MessageChange | undefined => {
      const parts = answers.get(message._id) ?? [];
      const context = { vocabulary: carrier.settings.codes, ruling, at: new Date(), random: Math.random() };
      const changed = applyAnswers(message, token, parts, context);
      return changed && { ...changed, carrierRefs: [...new Set([...(message.carrierRefs ?? []), ...refsOf(parts)])] };
    };
    await deps.intake.answered({ texts, change }, [...answers.values()].flatMap(refsOf));
    for (const parts of answers.values()) for (const { outcome } of parts) meter.answered(carrierId, outcome);
  }

  /** @param candidates texts that have leave to go @returns those that were taken, written or not */
  async function submitPortion(
    candidates: readonly Candidate[],
    carrier: Carrier,
  ): Promise<{ taken: ReadonlySet<Candidate>; recording: Promise<void> }> {
    const carrierId = carrier.settings.id;
    const wanted = candidates.reduce((sum, candidate) => sum + candidate.segments, 0);
    const atLeast = candidates[0]?.segments;
    const priority = Math.min(...candidates.map(({ message }) => message.priority));
    /** What has leave and is not written. */
    const unwritten = new Set(candidates);
    try {
      const reservation = await carrier.messaging.reserve({
        wanted,
        timeoutMs: longestWaitForRoomMs,
        atLeast,
        priority,
      });
      try {
        const portion = fitting(candidates, reservation.segments);
        const token = randomId('clm');
        const claimedAt = performance.now();
        const { texts, numbers, permitted } = await claim(
          portion.map(({ message }) => message),
          carrier,
          token,
        );
        const candidateOf = new Map(portion.map((candidate) => [candidate.message._id, candidate]));
        const senders = new Map<string, string>();
        const submissions = texts.map((message) => {
          const key = message.route?.viaStandby ? message.route.sender.key : message.fromKey;
          const standby = key === message.fromKey ? undefined : numbers.get(key)?.number;
          const from = senders.get(key) ?? store.vault.open(standby ?? message.from);
          senders.set(key, from);
          return asSubmission(message, candidateOf.get(message._id), from, permitted.get(message._id));
        });
        const isInTime = () => performance.now() - claimedAt < longestClaimMs;
        const mayWrite = texts.length > 0 && isInTime() && (await store.claims.write(token)) && isInTime();
        const writtenAt = performance.now();
        if (mayWrite) {
          for (const candidate of texts.flatMap((message) => candidateOf.get(message._id) ?? [])) {
            unwritten.delete(candidate);
            limits.spend(carrierId, candidate);
          }
        }
        const answers = mayWrite
          ? carrier.messaging.submit(submissions, reservation)
          : submissions.map(async ({ references }) => unsent(references.length));
        const spent = mayWrite ? candidateOf : new Map<string, Candidate>();
        const answersStored = deps.intake.submitting(carrierId);
        const recording = recordAll(texts, answers, writtenAt, carrier, token, spent).finally(answersStored);
        // Awaited by the caller, but later: until then a failure must not count as unhandled.
        recording.catch(() => undefined);
        return { taken: new Set(portion), recording };
      } finally {
        reservation.release();
      }
    } finally {
      for (const candidate of unwritten) limits.giveBack(carrierId, candidate);
      breakers.unwritten(carrierId, unwritten.size);
    }
  }

  async function recordAll(
    texts: readonly MessageDocument[],
    answers: readonly Promise<readonly PartAnswer[]>[],
    writtenAt: number,
    carrier: Carrier,
    token: string,
    spent: ReadonlyMap<string, Candidate>,
  ): Promise<void> {
    const { id, codes } = carrier.settings;
    const given = await Promise.all(
      answers.map(async (answer, index) => {
        const parts = await answer;
        const ms = performance.now() - writtenAt;
        const candidate = spent.get(texts[index]?._id ?? '');
        const unwritten = parts.length > 0 && parts.every(({ outcome }) => outcome === 'unsent');
        if (candidate && unwritten) limits.unsent(candidate);
        return { parts, ms };
      }),
    );
    const ruling = rulingsOf(await store.deliveryCodes.rulings(), codes, id);
    const samples = given.flatMap(({ parts, ms }): BreakerSample[] => {
      const failed = sampleOf(parts, codes, ruling);
      return failed === undefined ? [] : [{ failed, ms }];
    });
    breakers.unwritten(id, given.length - samples.length);
    await Promise.all([
      record(texts, new Map(texts.map(({ _id }, index) => [_id, given[index]?.parts ?? []])), carrier, token, ruling),
      breakers.seen(id, samples, new Date()),
    ]);
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
    const candidates = (await withoutErased(due, store)).map((message) => {
      const text = store.vault.open(message.text);
      const senderKey = message.route?.sender.key ?? message.fromKey;
      return { message, text, senderKey, segments: carrier.messaging.segments(text) };
    });

    const recordings: Promise<void>[] = [];
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
          const { taken, recording } = await submitPortion(go, carrier);
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

/** What becomes of a claimed text that may not leave: it is refused, or admitted anew, which stores it away. */
function withoutLeave(message: MessageDocument, permission: Permission, at: Date): MessageChange | undefined {
  if (permission.decision === 'send') return undefined;
  const stored = { permission: storedPermission(permission, at) };
  if (permission.decision === 'refuse') return { ...refused(permission.code, at), ...stored };
  // Its route is over: the next look at it is an admission.
  return { status: 'queued', ...stored, ...(message.route && { route: { ...message.route, until: at } }) };
}

function refused(code: string, at: Date): MessageChange {
  return { status: 'refused', failure: { code, class: 'refused', at }, finalAt: at };
}

/** A carrier must not deliver later: then the text has expired, or marketing may not arrive any more, by the hours of now. */
function lastMoment({ expiresAt }: MessageDocument, permission: Permission | undefined): Date {
  const deliverBy = permission?.decision === 'send' ? permission.deliverBy : undefined;
  return deliverBy && deliverBy < expiresAt ? deliverBy : expiresAt;
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

/** The first texts that fit into a number of segments, at least one. */
function fitting(candidates: readonly Candidate[], room: number): readonly Candidate[] {
  let used = 0;
  const tooMany = candidates.findIndex(({ segments }) => {
    used += segments;
    return used > room;
  });
  return candidates.slice(0, tooMany < 0 ? candidates.length : Math.max(1, tooMany));
}

/** Whether the answers to a text say that its carrier is out of order; undefined when they say nothing of it. */
function sampleOf(parts: readonly PartAnswer[], vocabulary: Vocabulary, ruling: CodeReading): boolean | undefined {
  const unsure = parts.find(({ outcome }) => outcome === 'ambiguous');
  const part = unsure ?? parts[0];
  if (!part) return undefined;
  const deliveryClass =
    part.outcome === 'rejected' ? classifyCode(vocabulary, part.code, undefined, ruling).class : undefined;
  return carrierFailed(part.outcome, deliveryClass);
}

function unsent(segments: number): PartAnswer[] {
  return Array.from({ length: segments }, () => ({
    outcome: 'unsent',
    reason: 'the sender was held up after its claim',
  }));
}
