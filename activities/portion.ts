import type { Carrier, PartAnswer, Submission } from '../carriers/carrier.ts';
import { type BreakerSample, carrierFailed } from '../domain/breaker.ts';
import type { Permission } from '../domain/consent-decision.ts';
import { classifyCode, type Vocabulary } from '../domain/delivery-codes.ts';
import { rulingsOf } from '../domain/delivery-rulings.ts';
import { applyAnswers } from '../domain/message-progress.ts';
import { userMessageReferences } from '../domain/user-message-reference.ts';
import { type DeliveryMeter, noMeter } from '../intake/delivery-meter.ts';
import type { Intake } from '../intake/intake.ts';
import { carrierRef } from '../intake/receipts.ts';
import type { Claim, MessageChange, MessageDocument } from '../store/messages.ts';
import type { Store } from '../store/store.ts';
import { randomId } from '../store/vault.ts';
import type { BreakerBook } from './breaker-book.ts';
import { stoppedCampaigns } from './campaign-stops.ts';
import { withoutClaim } from './claims-taken-back.ts';
import { currentWorkflow } from './current-workflow.ts';
import { recipientErased } from './erased-texts.ts';
import { leastValidityMs } from './outlook.ts';
import { createPermissions, storedPermission } from './permission.ts';
import { isStale } from './stale-route.ts';
import type { LimitedText, SubmissionLimits } from './submission-limits.ts';

export interface PortionDependencies {
  readonly store: Store;
  readonly intake: Intake;
  readonly carriers: ReadonlyMap<string, Carrier>;
  readonly meter?: DeliveryMeter;
  /** Limits of senders, campaigns and days. */
  readonly limits: SubmissionLimits;
  /** Which carriers are out of order. */
  readonly breakers: BreakerBook;
}

/** A text and the segments that it has at the carrier: their number depends on the carrier's alphabet. */
export interface Candidate extends LimitedText {
  readonly message: MessageDocument;
  /** Its words, opened once; not used when its recipient has been erased by the time of the claim. */
  readonly text: string;
}

/** Writes a claim on texts. @returns those that were won, as they now are */
export type MakeClaim = (texts: readonly MessageDocument[], claim: Claim) => Promise<readonly MessageDocument[]>;

interface HowToSubmit {
  /** Those that are queued in the store, if not given. */
  readonly make?: MakeClaim;
  /** How long room at the carrier is waited for. */
  readonly timeoutMs?: number;
}

/** What has become of texts that had leave to go. */
export interface Taken {
  /** They were to be claimed, and written unless something stood against it. */
  readonly taken: ReadonlySet<Candidate>;
  /**
   * Resolves when the answers are stored: to the texts that were claimed, as they then are. A failure of it need not be handled where it is not
   * awaited.
   */
  readonly recording: Promise<readonly MessageDocument[]>;
}

/** Brings texts to their carrier, as many at a time as it has room for. */
export interface Portions {
  /** Opens texts whose keys are in memory. */
  candidates(messages: readonly MessageDocument[], carrier: Carrier): Candidate[];
  /**
   * Waits for room, claims as many of the texts as it is for, and writes what was won and may go.
   * @param candidates texts that have leave of limits and breaker; that of those that are not written is given back
   * @throws CarrierUnavailable when there is no room in time: then nothing has been claimed
   */
  submit(candidates: readonly Candidate[], carrier: Carrier, how?: HowToSubmit): Promise<Taken>;
}

/** A carrier that gives no room for this long is left; Temporal comes back to it. */
const longestWaitForRoomMs = 5000;
/** Between claim and write: a process that was frozen for longer must not write, for its texts may have been given up. */
const longestClaimMs = 5000;

/** What operators have said of a carrier's codes. */
type CodeReading = ReturnType<typeof rulingsOf>;

/**
 * Submits texts by claim (invariant 5): what is claimed is written once, and what is not answered is never written again. Only a claim under which
 * nobody can have written, nor can any more, is given up (store/claims.ts).
 */
export function createPortions(deps: PortionDependencies): Portions {
  const { store, limits, breakers, meter = noMeter } = deps;
  const permissions = createPermissions(deps);

  /** What is queued is claimed under the version of its sender that is current now (invariant 5). */
  const claimQueued: MakeClaim = async (candidates, claim) => {
    const versions = await store.numbers.versions(candidates.flatMap((message) => message.route?.sender.key ?? []));
    const current = candidates.filter(({ route }) => route?.until === undefined || route.until > claim.at);
    return store.messages.claim(current, versions, claim);
  };

  /** Claims texts; those that may not leave, or not any more today, are given back or refused, not written. */
  async function claim(candidates: readonly MessageDocument[], carrier: Carrier, token: string, make: MakeClaim) {
    const at = new Date();
    const valid = candidates.filter(({ expiresAt }) => expiresAt.getTime() - at.getTime() >= leastValidityMs);
    const won = await make(valid, { token, carrier: carrier.settings.id, at, ...currentWorkflow() });
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
      } else if (isStale(message, (key) => numbers.get(key)?.version, at)) {
        stopped.set(message._id, toBeAdmitted(message, at));
      }
    }
    let kept: readonly MessageDocument[] = [];
    if (stopped.size > 0) {
      kept = await store.messages.change([...stopped.keys()], (message) => {
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
    return { texts: won.filter((message) => !stopped.has(message._id)), kept, numbers, permitted };
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
  ): Promise<readonly MessageDocument[]> {
    const carrierId = carrier.settings.id;
    const refsOf = (parts: readonly PartAnswer[]) =>
      parts.flatMap((part) => (part.outcome === 'accepted' ? carrierRef(carrierId, part.carrierMessageId) : []));
    const change = (message: MessageDocument): MessageChange | undefined => {
      const parts = answers.get(message._id) ?? [];
      const context = { vocabulary: carrier.settings.codes, ruling, at: new Date(), random: Math.random() };
      const changed = applyAnswers(message, token, parts, context);
      return changed && { ...changed, carrierRefs: [...new Set([...(message.carrierRefs ?? []), ...refsOf(parts)])] };
    };
    const changed = await deps.intake.answered({ texts, change }, [...answers.values()].flatMap(refsOf));
    for (const parts of answers.values()) for (const { outcome } of parts) meter.answered(carrierId, outcome);
    return changed;
  }

  async function submit(
    candidates: readonly Candidate[],
    carrier: Carrier,
    { make = claimQueued, timeoutMs = longestWaitForRoomMs }: HowToSubmit = {},
  ): Promise<Taken> {
    const carrierId = carrier.settings.id;
    const wanted = candidates.reduce((sum, candidate) => sum + candidate.segments, 0);
    const atLeast = candidates[0]?.segments;
    const priority = Math.min(...candidates.map(({ message }) => message.priority));
    /** What has leave and is not written. */
    const unwritten = new Set(candidates);
    try {
      const reservation = await carrier.messaging.reserve({
        wanted,
        timeoutMs,
        atLeast,
        priority,
      });
      try {
        const portion = fitting(candidates, reservation.segments);
        const token = randomId('clm');
        const claimedAt = performance.now();
        const { texts, kept, numbers, permitted } = await claim(
          portion.map(({ message }) => message),
          carrier,
          token,
          make,
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
        const recording = recordAll(texts, answers, writtenAt, carrier, token, spent)
          .then((recorded) => [...recorded, ...kept])
          .finally(answersStored);
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
  ): Promise<readonly MessageDocument[]> {
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
    const [changed] = await Promise.all([
      record(texts, new Map(texts.map(({ _id }, index) => [_id, given[index]?.parts ?? []])), carrier, token, ruling),
      breakers.seen(id, samples, new Date()),
    ]);
    const ids = new Set(changed.map(({ _id }) => _id));
    return [...changed, ...texts.filter(({ _id }) => !ids.has(_id))];
  }

  return {
    submit,
    candidates: (messages, carrier) =>
      messages.map((message) => {
        const text = store.vault.open(message.text);
        const senderKey = message.route?.sender.key ?? message.fromKey;
        return { message, text, senderKey, segments: carrier.messaging.segments(text) };
      }),
  };
}

/** What becomes of a claimed text that may not leave: it is refused, or admitted anew, which stores it away. */
function withoutLeave(message: MessageDocument, permission: Permission, at: Date): MessageChange | undefined {
  if (permission.decision === 'send') return undefined;
  const stored = { permission: storedPermission(permission, at) };
  if (permission.decision === 'refuse') return { ...refused(permission.code, at), ...stored };
  return { ...toBeAdmitted(message, at), ...stored };
}

/** Its route is over: the next look at it is an admission. */
function toBeAdmitted({ route }: MessageDocument, at: Date): MessageChange {
  return { status: 'queued', ...(route && { route: { ...route, until: at } }) };
}

function refused(code: string, at: Date): MessageChange {
  return { status: 'refused', failure: { code, class: 'refused', at }, finalAt: at };
}

/** A carrier must not deliver later: then the text has expired, or marketing may not arrive any more, by the hours of now. */
function lastMoment({ expiresAt }: MessageDocument, permission: Permission | undefined): Date {
  const deliverBy = permission?.decision === 'send' ? permission.deliverBy : undefined;
  return deliverBy && deliverBy < expiresAt ? deliverBy : expiresAt;
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
