import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Carrier, PartAnswer, Submission } from '../carriers/carrier.ts';
import { CarrierUnavailable } from '../carriers/errors.ts';
import type { Permission } from '../domain/consent-decision.ts';
import { rulingsOf } from '../domain/delivery-rulings.ts';
import { applyAnswers } from '../domain/message-progress.ts';
import { userMessageReferences } from '../domain/user-message-reference.ts';
import { type DeliveryMeter, noMeter } from '../intake/delivery-meter.ts';
import { keepFailures } from '../intake/failures.ts';
import type { Intake } from '../intake/intake.ts';
import { carrierRef, keepOptOuts } from '../intake/receipts.ts';
import type { MessageChange, MessageDocument } from '../store/messages.ts';
import type { Store } from '../store/store.ts';
import { randomId } from '../store/vault.ts';
import { currentWorkflow, isStale } from './admission.ts';
import { stoppedCampaigns } from './campaign-stops.ts';
import { recipientErased, withoutErased } from './erased-texts.ts';
import { createInquiry } from './inquiry.ts';
import type { Outlook, SubmissionActivities } from './interfaces.ts';
import { canBeAsked, outlookOf } from './outlook.ts';
import { createPermissions, storedPermission } from './permission.ts';

export interface SubmissionDependencies {
  readonly store: Store;
  readonly intake: Intake;
  readonly carriers: ReadonlyMap<string, Carrier>;
  readonly meter?: DeliveryMeter;
}

/** A submission runs this long at most, so that more urgent ones come between; what it has not claimed anybody may take (invariant 8). */
const longestRunMs = 2000;
/** A carrier that gives no room for this long is left; Temporal comes back to it. */
const longestWaitForRoomMs = 5000;
/** Well within the heartbeat's time-out (workflows/messages.ts). */
const heartbeatMs = 1500;
/** Between claim and write: a process that was frozen for longer must not write, for its texts may have been given up. */
const longestClaimMs = 5000;

/** A text and the segments that it has at the carrier: their number depends on the carrier's alphabet. */
interface Candidate {
  readonly message: MessageDocument;
  readonly segments: number;
}

/** Submits texts by claim (invariant 5): what is claimed is written once, and what is not answered is never written again. */
export function createSubmissionActivities(deps: SubmissionDependencies): SubmissionActivities {
  const { store, meter = noMeter } = deps;
  const permissions = createPermissions(deps);

  async function outlook(workflowId: string, stale: boolean): Promise<Outlook> {
    const view = outlookOf(await store.messages.standingOf(workflowId), new Date(), canBeAsked(deps.carriers));
    return stale ? { ...view, reviewDue: true } : view;
  }

  /** Claims texts; those that may not leave, or not any more today, are given back or refused, not written. */
  async function claim(candidates: readonly MessageDocument[], carrier: Carrier, token: string) {
    const versions = await store.numbers.versions(candidates.flatMap((message) => message.route?.sender.key ?? []));
    const at = new Date();
    const current = candidates.filter(({ route }) => route?.until === undefined || route.until > at);
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
        // Nothing was written under this claim: it is no attempt.
        return change && { ...change, attempts: message.attempts.filter((attempt) => attempt.token !== token) };
      });
    }
    for (const { kind, acceptedAt, attempts } of won) {
      if (attempts.length === 1) meter.waited(kind, at.getTime() - acceptedAt.getTime());
    }
    return { texts: won.filter((message) => !stopped.has(message._id)), numbers };
  }

  function asSubmission(
    message: MessageDocument,
    segments: number,
    standbyNumber: MessageDocument['from'] | undefined,
  ): Submission {
    return {
      from: store.vault.open(standbyNumber ?? message.from),
      to: store.vault.open(message.to),
      text: store.vault.open(message.text),
      validityMs: lastMoment(message).getTime() - Date.now(),
      references: userMessageReferences(message._id, message.attempts.length, segments),
    };
  }

  /** Writes what the carrier answered, then looks for receipts that came before (invariant 6). */
  async function record(
    texts: readonly MessageDocument[],
    answers: ReadonlyMap<string, readonly PartAnswer[]>,
    carrier: Carrier,
    token: string,
  ): Promise<void> {
    const carrierId = carrier.settings.id;
    const refs: string[] = [];
    const ruling = rulingsOf(await store.deliveryCodes.rulings(), carrier.settings.codes, carrierId);
    const changed = await store.messages.change(
      texts.map((message) => message._id),
      (message) => {
        const parts = answers.get(message._id) ?? [];
        const change = applyAnswers(message, token, parts, {
          vocabulary: carrier.settings.codes,
          ruling,
          at: new Date(),
          random: Math.random(),
        });
        const given = parts.flatMap((part) =>
          part.outcome === 'accepted' ? carrierRef(carrierId, part.carrierMessageId) : [],
        );
        refs.push(...given);
        return change && { ...change, carrierRefs: [...new Set([...(message.carrierRefs ?? []), ...given])] };
      },
      texts,
    );
    for (const parts of answers.values()) for (const { outcome } of parts) meter.answered(carrierId, outcome);
    for (const { attempts, failure } of changed) {
      const attempt = attempts.at(-1)?.failure;
      if (failure && attempt) meter.failed(carrierId, attempt.code, attempt.class);
    }
    await keepOptOuts(changed, store);
    await keepFailures(changed, deps);
    if (refs.length > 0) await deps.intake.takeEarlyReceipts(refs);
  }

  async function submitPortion(
    candidates: readonly Candidate[],
    carrier: Carrier,
  ): Promise<{ taken: number; recording: Promise<void> }> {
    const wanted = candidates.reduce((sum, candidate) => sum + candidate.segments, 0);
    const atLeast = candidates[0]?.segments;
    const reservation = await carrier.messaging.reserve(wanted, longestWaitForRoomMs, undefined, atLeast);
    try {
      const portion = fitting(candidates, reservation.segments);
      const token = randomId('clm');
      const claimedAt = performance.now();
      const { texts, numbers } = await claim(
        portion.map(({ message }) => message),
        carrier,
        token,
      );
      const segmentsOf = new Map(portion.map(({ message, segments }) => [message._id, segments]));
      const submissions = texts.map((message) =>
        asSubmission(
          message,
          segmentsOf.get(message._id) ?? message.segments,
          numbers.get(message.route?.viaStandby ? message.route.sender.key : '')?.number,
        ),
      );
      const answers =
        performance.now() - claimedAt < longestClaimMs
          ? carrier.messaging.submit(submissions, reservation)
          : submissions.map(async ({ references }) => unsent(references.length));
      const recording = Promise.all(answers).then((parts) =>
        record(texts, new Map(texts.map((message, index) => [message._id, parts[index] ?? []])), carrier, token),
      );
      // Awaited by the caller, but later: until then a failure must not count as unhandled.
      recording.catch(() => undefined);
      return { taken: portion.length, recording };
    } finally {
      reservation.release();
    }
  }

  const inquire = createInquiry(deps);

  return {
    submit: ({ carrier }) => withHeartbeat(() => submitAll(carrier)),
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
    const queued = await store.messages.ofWorkflow(workflowId, ['queued']);
    const versions = await store.numbers.versions(queued.flatMap((message) => message.route?.sender.key ?? []));
    const now = new Date();
    const due = queued
      .filter((message) => message.route?.carrier === carrierId && message.expiresAt > now)
      .sort((a, b) => a.acceptedAt.getTime() - b.acceptedAt.getTime());
    if (due.some((message) => isStale(message, (key) => versions.get(key), now))) return outlook(workflowId, true);
    const candidates = (await withoutErased(due, store)).map((message) => ({
      message,
      segments: carrier.messaging.segments(store.vault.open(message.text)),
    }));

    const recordings: Promise<void>[] = [];
    const stopAt = performance.now() + longestRunMs;
    let from = 0;
    try {
      while (from < candidates.length && performance.now() < stopAt) {
        const { taken, recording } = await submitPortion(candidates.slice(from), carrier);
        recordings.push(recording);
        from += taken;
      }
    } catch (error) {
      if (!(error instanceof CarrierUnavailable)) throw error;
      if (from === 0) throw ApplicationFailure.retryable(error.message, 'carrier-unavailable');
    } finally {
      await Promise.all(recordings);
    }
    return outlook(workflowId, false);
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

/** A carrier must not deliver later: then the text has expired, or marketing may not arrive any more. */
function lastMoment({ expiresAt, permission }: MessageDocument): Date {
  return permission?.deliverBy && permission.deliverBy < expiresAt ? permission.deliverBy : expiresAt;
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

function unsent(segments: number): PartAnswer[] {
  return Array.from({ length: segments }, () => ({
    outcome: 'unsent',
    reason: 'the sender was held up after its claim',
  }));
}
